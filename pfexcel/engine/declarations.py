"""Categories declared by the SHA or the Department: who, when, and where they meet a history of periods."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pfexcel.engine.escalation import match_name
from pfexcel.model import GRADES
from pfexcel.periods import Period
from pfexcel.rules.ladder import EscalationLadder, load_ladder


@dataclass(frozen=True)
class Declaration:
    """A category declared for a domain of an organisation in a period: who, when, where it is written, what follows."""

    organisation: str
    domain: str
    period: str
    category: str
    declared_by: str
    declared_on: date | None
    reference: str
    follows: str = ""


def declared_in(
    declarations: Iterable[Declaration],
    periods: Sequence[str | Period],
    organisation: str,
    domain: str,
    ladder: str | os.PathLike[str] | EscalationLadder = "framework",
) -> dict[int, str]:
    """The `declared` of `escalate` for one domain of an organisation, over a history of `periods`, oldest first.

    A declaration counts in the first of the periods that ends with its own or later; one after all of them is left out.
    Of two in a period the worse stands; on a ladder where one declaration replaces another, the later.

    Raises:
        ValueError: for a declaration before the first of the periods.

    >>> made = Declaration("RXK", "finance", "2011-12-Q2", "Challenged", "Department", date(2011, 8, 1), "letter 12")
    >>> {i: str(name) for i, name in declared_in([made], ["2011-12-Q1", "2011-12-Q2"], "RXK", "finance").items()}
    {1: 'Challenged'}
    """
    rules = load_ladder(ladder)
    spans = [period if isinstance(period, Period) else Period.parse(period) for period in periods]
    worst_stands = rules.rules.declarations == "worsen"
    found: dict[int, str] = {}
    own = [made for made in declarations if made.organisation == organisation and made.domain == domain]
    for made in sorted(own, key=lambda made: made.declared_on or Period.parse(made.period).last_day):
        period = Period.parse(made.period)
        index = next((i for i, span in enumerate(spans) if span.last_day >= period.last_day), None)
        if index is None:
            continue
        if index == 0 and period.year * 12 + period.months_elapsed <= _months_before(spans[0]):
            raise ValueError(
                f"the declaration of {made.period} for {organisation} is older than the history, which begins with "
                f"{spans[0].text}; give the history from the declaration on"
            )
        name = match_name(made.category, rules.names, f"the category declared for {organisation} in {made.period}")
        if name is None:
            raise ValueError(f"the declaration of {made.period} for {organisation} names no category; name one")
        if not (worst_stands and index in found and rules.ranks[found[index]] > rules.ranks[name]):
            found[index] = GRADES.get(name, name)
    return found


def _months_before(period: Period) -> int:
    """The months from the year 0 to the period's first day."""
    return period.year * 12 + period.months_elapsed - (3 if period.frequency == "quarter" else 1)
