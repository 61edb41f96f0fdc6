"""The declarations of major failings in returned workbooks: who declared what, when, where, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from pfexcel.engine.declarations import Declaration
from pfexcel.engine.inputs import is_blank
from pfexcel.periods import Period
from pfexcel.rules.edition import Rulebook
from pfexcel.rules.ladder import load_ladder

_DAY_ZERO = date(1899, 12, 30)  # day 0 of a spreadsheet's calendar


def declarations(
    code: str, rulebook: Rulebook, values: Mapping[str, Any], period: Period
) -> Iterator[tuple[str, Declaration]]:
    """The categories declared in one return: the entry that declares, and what it declares with what follows."""
    for domain in rulebook.domains.values():
        entry = domain.declares
        if entry is None:
            continue
        category = next((n for n in domain.scale.names if n.casefold() == str(values.get(entry)).casefold()), None)
        if category is None:
            continue
        declared = Declaration(
            organisation=code,
            domain=domain.id,
            period=period.text,
            category=category,
            declared_by=_text(values.get(f"{entry}_by")),
            declared_on=_day(values.get(f"{entry}_date")),
            reference=_text(values.get(f"{entry}_reference")),
            follows=_follows(domain.ladder, category),
        )
        yield entry, declared


def _follows(ladder: str | None, category: str) -> str:
    if ladder is None:
        return ""
    level = next(level for level in load_ladder(ladder).levels if level.category == category)
    step = level.steps[0]
    lead = next(iter(level.lead.values()))
    return f"{step.step[:1].upper()}{step.step[1:]}, led by: {lead}. {step.detail}".strip()


def _text(value: Any) -> str:
    return "" if is_blank(value) else str(value)


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return _DAY_ZERO + timedelta(days=int(value)) if isinstance(value, int | float) else None
