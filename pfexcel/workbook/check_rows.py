"""The rows of the Checks sheet that compare figures with each other: the checks of `checks.toml` as native formulas.

What a formula reads: entries from the Rating sheet's copy of them, or by INDEX where there is none there; last period's
figures from their column, which is locked; facts of the period and limits from the block under the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pfexcel.engine.checks import (
    CONTEXT,
    Bound,
    Figures,
    Source,
    applicable,
    figures_of,
    is_number,
    measure_entries,
    money_entries,
)
from pfexcel.model import Severity
from pfexcel.rules import targets as language
from pfexcel.rules.rounding import DECIMALS
from pfexcel.workbook.formulas import RatingFormulas, quoted
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, return_layout
from pfexcel.workbook.templates import template


def severities() -> dict[str, str]:
    """The words of the Check column of these rows, each with the severity that stands beside it."""
    words = template("return")["checks"]
    return {words["error"]: "error", words["query"]: "query", words["explained"]: "note", words["note"]: "note"}


def is_left(word: str) -> bool:
    """Does this word of the Check column leave something to do?"""
    return severities().get(word, "note") != "note"


@lru_cache(maxsize=256)
def check_rows(one: TrustReturn) -> tuple[Bound, ...]:
    """The checks that have a row for a trust, in order."""
    compared = any(is_number(one.previous.get(name)) for name in one.rulebook.fields)
    return applicable(one.rulebook, one.period, compared)


@lru_cache(maxsize=256)
def check_words(one: TrustReturn) -> tuple[str, ...]:
    """What the Check column says in each of these rows, of the figures to begin with."""
    figures = figures_of(one.rulebook, one.values, one.previous, {}, one.period)
    return tuple(_word(bound, figures) for bound in check_rows(one))


def _word(bound: Bound, figures: Figures) -> str:
    fires = bound.fires(figures)
    if fires is None:
        return ""
    words = template("return")
    return words["checks"][bound.check.severity] if fires else words["status"]["ok"]


def open_counts(one: TrustReturn) -> Counter[str]:
    """How many of these rows leave something to do, by severity."""
    return Counter(severities()[word] for word in check_words(one) if is_left(word))


@dataclass(frozen=True)
class Fact:
    """A line of the block under the table: a fact of the period or a limit of a check."""

    label: str
    value: float | str
    unit: str
    number: str
    reason: str


def facts_of(job: Job) -> dict[tuple[str, str], Fact]:
    """The facts and limits that the formulas of a workbook refer to, by check ("" for the period) and name."""
    found: dict[tuple[str, str], Fact] = {}
    words = template("return")["checks"]
    for one in job.returns:
        units = one.rulebook.edition.units
        context = figures_of(one.rulebook, {}, {}, {}, one.period).context
        for name, (label, unit) in CONTEXT.items():
            plain = unit in ("yes_no", "year")
            shown = ("", "0") if plain else (units[unit].words, units[unit].cell)
            found["", name] = Fact(words["period"].format(fact=label), context[name], *shown, words["calendar"])
        for bound in check_rows(one):
            for name, limit in bound.check.limits.items():
                label, unit = words["limit"].format(check=bound.check.id, limit=name), bound.unit(name)
                found[bound.check.id, name] = Fact(label, limit.value, unit.words, unit.cell, limit.reason)
    return found


class CheckFormulas:
    """The formulas of one trust's rows; `places` gives the cell of each fact."""

    def __init__(self, one: TrustReturn, places: Mapping[tuple[str, str], str]) -> None:
        self.one = one
        self.places = places
        self.layout = return_layout(one.rulebook)
        self.sheet = quoted("return", one.trust.ods_code)
        self.rating = RatingFormulas(one.rulebook, self.sheet)
        self.copied = set(self.rating.layout.rated_fields)

    def check(self, bound: Bound) -> str:
        """What the Check column says: OK, what to do, or nothing where a figure is missing."""
        numbers, choices = self._needed(bound)
        words = template("return")["checks"]
        fired = f'"{words[bound.check.severity]}"'
        if bound.check.severity is Severity.QUERY:
            fired = f'IF({self.comment(bound.entry.name)}<>"","{words["explained"]}",{fired})'
        ok = template("return")["status"]["ok"]
        decided = f'IFERROR(IF({self._condition(bound)},{fired},"{ok}"),"")'
        return f"={RatingFormulas.known(numbers, choices, decided)}"

    def comment(self, name: str) -> str:
        """The Comment cell of an entry, read by its row."""
        return self._indexed(self.layout.COMMENT, name)

    def _condition(self, bound: Bound) -> str:
        check = bound.check
        limits = {name: self.places[check.id, name] for name in check.limits}
        cells = {name: self._cell(source) for name, source in bound.sources.items()}
        compared = {n: _rounded(cell) if _is_number(bound.sources[n]) else cell for n, cell in cells.items()}
        for name, (expression, _) in check.measures.items():
            if name in check.when.names:
                compared[name] = _rounded(language.excel(expression, cells | limits))
        return language.excel(check.when, compared | limits)

    def _needed(self, bound: Bound) -> tuple[Sequence[str], Sequence[str]]:
        """The cells of the numbers, and of the choices, that must be there."""
        own = {s: self._cell(s) for s in bound.sources.values() if s.kind in ("figure", "last")}
        numbers = [cell for source, cell in own.items() if source.unit.is_number]
        return numbers, [cell for source, cell in own.items() if not source.unit.is_number]

    def _cell(self, source: Source) -> str:
        match source.kind:
            case "figure" if source.name in self.copied:
                return f"{quoted('rating', self.one.trust.ods_code)}!{self.rating.at_entry(source.name)}"
            case "figure":
                return self.rating.entry(source.name).removeprefix("=")
            case "last":
                return f"{self.sheet}!{address(self.layout.entry_rows[source.name], self.layout.LAST)}"
            case "text":
                return self.rating.figure(source.name)
            case "comment":
                return self.comment(source.name)
        return self.places.get(("", source.name)) or self._counted[source.name]

    @cached_property
    def _counted(self) -> dict[str, str]:
        """The formulas of the facts that are counted over many entries."""
        rulebook = self.one.rulebook
        now, last = (self._measures(column) for column in (self.layout.FIGURE, self.layout.LAST))
        both = f'({now}<>"")*({last}<>"")*({last}<>0)'
        money = [self._cell(Source("figure", name, rulebook.fields[name].unit)) for name in money_entries(rulebook)]
        return {
            "measures_compared": f"SUMPRODUCT({both})",
            "measures_same": f"SUMPRODUCT({both}*({now}={last}))",
            "money_not_round": "+".join(f"IFERROR((ROUND({cell},-3)<>{cell})*1,0)" for cell in money),
        }

    def _measures(self, column: int) -> str:
        """A column over the performance measures, from the locked row above them to the locked row below."""
        rows = [self.layout.entry_rows[name] for name in measure_entries(self.one.rulebook)]
        first, last = address(min(rows) - 1, column, fixed=True), address(max(rows) + 1, column, fixed=True)
        return f"{self.sheet}!{first}:{last}"

    def _indexed(self, column: int, name: str) -> str:
        top, bottom = address(0, column, fixed=True), address(self.layout.last_row, column, fixed=True)
        return f"INDEX({self.sheet}!{top}:{bottom},{self.layout.entry_rows[name] + 1})"


def _is_number(source: Source) -> bool:
    return source.kind in ("figure", "last", "context") and source.unit.is_number


def _rounded(formula: str) -> str:
    return f"ROUND({formula},{DECIMALS})"
