"""What a rating function is asked: a table of returns, and by which edition and for which trust type to rate them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from pfexcel.engine.inputs import is_blank
from pfexcel.engine.rate import DEFAULT_TYPE, rate_by
from pfexcel.functions.cells import Cell, CellError, Grid, answer, error_in, refused, text
from pfexcel.functions.entries import Wanted
from pfexcel.functions.fields import columns, is_known, plain, read_table, unknown_headers
from pfexcel.model import Finding, Rating
from pfexcel.periods import period_of
from pfexcel.rules.edition import Rulebook
from pfexcel.rules.load import load_edition, shipped_editions

DEFAULT_EDITION = "2011-12"
FIRST_DAY = date(1899, 12, 30)


class _Plan(NamedTuple):
    """Where the figures that are wanted of a return stand, and which domains to rate by them (None: all)."""

    rulebook: Rulebook
    places: tuple[tuple[str, int], ...]
    domains: frozenset[str] | None


class Asked:
    """The returns of a table as they are to be rated, one by one.

    Raises:
        CellError: #VALUE! for blocks that do not fit, for headers that mean nothing, and for an unknown trust type.
        ValueError: for an edition that is unknown or cannot be loaded.
    """

    def __init__(self, fields: Any, values: Any, trust_type: Any, edition: Any) -> None:
        self.table = read_table(fields, values)
        self.edition = load_edition(edition_named(edition))
        self.rulebooks = [self.edition.rulebook(name) for name in self.edition.trust_types]
        named = text(trust_type, "trust_type", "")
        self.trust_type = self._matched_type(named) if named else None
        self.type_at = self.table.column("trust_type")
        self.period_at = self.table.column("period")
        self.plans: dict[str, _Plan] = {}
        self.without_figures: dict[tuple[str, str], Rating] = {}
        if not is_known(self.edition, self.table.headers):
            raise refused("none of the headers in fields is the name or the label of an entry or an indicator")

    def each(self, wanted: Callable[[Rulebook], Wanted], of: Callable[[Rating], Cell]) -> Cell | Grid:
        """An answer for each return, or the error in its place; only the entries wanted are looked at."""

        def one(cells: Sequence[Cell]) -> Cell:
            try:
                rating = self.rated(cells, wanted)
                unusable = unusable_figure(rating)
                return of(rating) if unusable is None else refused(said(unusable))
            except CellError as error:
                return error
            except ValueError as error:
                return refused(str(error))

        return answer(self.table.lined_up([one(cells) for cells in self.table.returns]))

    def rated(self, cells: Sequence[Cell], wanted: Callable[[Rulebook], Wanted] | None = None) -> Rating:
        """How a return rates on what is wanted; without `wanted` on all, and names that mean nothing are reported.

        Raises:
            CellError: an error among these cells.
            ValueError: for a trust type or period that is unknown.
        """
        kind = self.trust_type or self._own_type(cells)
        plan = self.plans.get(kind)
        if plan is None:
            plan = self.plans[kind] = self._plan(kind, wanted)
        given = {name: cells[at] for name, at in plan.places}
        period = None if self.period_at is None else cells[self.period_at]
        for cell in (*given.values(), period):
            if type(cell) is not float and cell is not None:
                error = error_in(cell)
                if error is not None:
                    raise error
        when = None if period is None or is_blank(period) else period_of(self.edition, period)
        if not all(map(is_blank, given.values())):
            return rate_by(plan.rulebook, given, when, plan.domains)
        key = (kind, str(period))
        if key not in self.without_figures:
            self.without_figures[key] = rate_by(plan.rulebook, {}, when, plan.domains)
        return self.without_figures[key]

    def _plan(self, kind: str, wanted: Callable[[Rulebook], Wanted] | None) -> _Plan:
        rulebook = self.edition.rulebook(kind)
        places = columns(rulebook, self.table.headers)
        if wanted is None:
            unknown = unknown_headers(rulebook, self.table.headers)
            others = [(str(header), at) for at, header in enumerate(self.table.headers) if header in unknown]
            return _Plan(rulebook, (*places.items(), *others), None)
        names, domains = wanted(rulebook)
        return _Plan(rulebook, tuple((name, at) for name, at in places.items() if name in names), domains)

    def _own_type(self, cells: Sequence[Cell]) -> str:
        cell = None if self.type_at is None else cells[self.type_at]
        error = error_in(cell)
        if error is not None:
            raise error
        return DEFAULT_TYPE if is_blank(cell) else self._matched_type(str(cell))

    def _matched_type(self, named: str) -> str:
        for name in self.edition.trust_types:
            if plain(name) == plain(named):
                return name
        raise refused(f"trust type {named!r} is unknown; use one of {', '.join(self.edition.trust_types)}")


def unusable_figure(rating: Rating) -> Finding | None:
    """The first finding about a figure that cannot be used, and would count as missing."""
    return next((found for found in rating.findings if found.field in rating.inputs.refused), None)


def said(found: Finding) -> str:
    """A finding as one text: what is wrong and what to do."""
    return f"{found.message.rstrip('.')}. {found.action.rstrip('.')}."


def edition_named(argument: Any) -> str:
    """The edition that an argument means; a spreadsheet may have taken `2011-12` for a day in December 2011.

    >>> edition_named(None), edition_named(40878.0), edition_named("my rules.toml")
    ('2011-12', '2011-12', 'my rules.toml')
    """
    cell = argument
    if isinstance(cell, (list, tuple)) and len(cell) == 1:
        cell = cell[0][0] if isinstance(cell[0], (list, tuple)) and len(cell[0]) == 1 else cell[0]
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and 0 < cell < 1e6:
        cell = FIRST_DAY + timedelta(days=int(cell))
    if isinstance(cell, date) and f"{cell:%Y-%m}" in shipped_editions():
        return f"{cell:%Y-%m}"
    return text(argument, "edition", DEFAULT_EDITION)
