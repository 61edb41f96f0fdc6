"""Checks of a return's figures against each other: what `checks.toml` says of them, and which of them hold.

A check is a condition in the language of the rulebook, under which its finding is made. Bound to a rulebook it gives
one `Bound` for each row of `each` whose entries the return has. The Python check and the native formula of the Checks
sheet (`workbook.check_rows`) are made from the same tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import isfinite
from typing import Any

from pfexcel.catalogue import finding
from pfexcel.engine.check_rules import Check, load_checks
from pfexcel.engine.inputs import is_blank, read_inputs
from pfexcel.model import Finding
from pfexcel.periods import Period
from pfexcel.rules import targets as language
from pfexcel.rules.edition import Field, Rulebook
from pfexcel.rules.rounding import round_measure
from pfexcel.rules.unit import Unit

LAST, COMMENT = "last_", "_comment"
MEASURES = "ipm"  # the domain whose entries `measures_compared` and `measures_same` count
CONTEXT = {
    "days_elapsed": ("days from 1 April to the end of the period", "days"),
    "share_of_year": ("part of the year that has passed", "share"),
    "year": ("year in which the financial year begins", "year"),
    "calendar_year": ("year of the period's last day", "year"),
    "first_period": ("first period of the year", "yes_no"),
}
COUNTED = {
    "measures_compared": ("figures of performance measures that last period has too", "count"),
    "measures_same": ("figures of performance measures that are the same as last period", "count"),
    "money_not_round": ("money figures that are no whole GBP million", "count"),
}


@dataclass(frozen=True)
class Source:
    """What a name of a check stands for: `kind` is figure, text, last, comment or context, `name` its entry or fact."""

    kind: str
    name: str
    unit: Unit


@dataclass(frozen=True)
class Figures:
    """What the checks of one return look at: usable values, values as entered, last period's, comments and facts."""

    values: Mapping[str, Any]
    entered: Mapping[str, Any]
    previous: Mapping[str, float]
    comments: Mapping[str, str]
    context: Mapping[str, Any]

    def of(self, source: Source) -> Any:
        """The value of a name: None where a figure is missing, "" where a text is."""
        match source.kind:
            case "figure":
                return self.values.get(source.name)
            case "last":
                return self.previous.get(source.name)
            case "text":
                return "" if is_blank(self.entered.get(source.name)) else "given"
            case "comment":
                return "" if is_blank(self.comments.get(source.name)) else "given"
        return self.context[source.name]


@dataclass(frozen=True, eq=False)
class Bound:
    """A check for one rulebook and one row of `each`: the entry it points to and what every name stands for."""

    check: Check
    rulebook: Rulebook
    entry: Field
    sources: Mapping[str, Source]

    @cached_property
    def title(self) -> str:
        return self.check.title.format_map(self._labels)

    @cached_property
    def _labels(self) -> dict[str, str]:
        fields = self.rulebook.fields
        labels = {n: fields[s.name].label for n, s in self.sources.items() if s.kind in ("figure", "text")}
        lowered = {f"{n}_lower": _lowered(label) for n, label in labels.items()}
        return {f"{n}_label": label for n, label in labels.items()} | lowered

    def unit(self, name: str) -> Unit:
        """The unit of a measure or a limit of the check."""
        check = self.check
        unit = check.measures[name][1] if name in check.measures else check.limits[name].unit
        return _unit(self.rulebook, unit)

    @cached_property
    def _functions(self) -> dict[str, tuple[tuple[str, ...], Callable[..., float]]]:
        found = {}
        for name, (expression, _) in self.check.measures.items():
            names = tuple(n for n in expression.names if n not in self.check.limits)
            found[name] = names, language.function(expression, names, self._limits)
        return found

    @cached_property
    def _condition(self) -> tuple[tuple[str, ...], Callable[..., bool]]:
        names = tuple(n for n in self.check.when.names if n not in self.check.limits)
        return names, language.function(self.check.when, names, self._limits)

    @cached_property
    def _limits(self) -> dict[str, float]:
        return {name: limit.value for name, limit in self.check.limits.items()}

    def known(self, figures: Figures) -> dict[str, Any] | None:
        """Every name and measure with its value; None where one is missing or cannot be worked out."""
        known = {name: figures.of(source) for name, source in self.sources.items()}
        if any(value is None for value in known.values()):
            return None
        for name, (names, function) in self._functions.items():
            try:
                known[name] = function(*(known[n] for n in names))
            except (ZeroDivisionError, OverflowError, ValueError):
                return None
            if not isfinite(known[name]):
                return None
        return known

    def fires(self, figures: Figures) -> bool | None:
        """Does the condition hold? None where a figure is missing."""
        known = self.known(figures)
        if known is None:
            return None
        names, condition = self._condition
        return condition(*(_rounded(known[name]) for name in names))

    def finding(self, figures: Figures) -> Finding:
        """The finding, its message with figures and units."""
        known = self.known(figures) or {}
        words = {name: _show(source.unit, known[name]) for name, source in self.sources.items()}
        words |= {name: _show(self.unit(name), known[name]) for name in self.check.measures}
        words |= {name: _show(self.unit(name), limit.value) for name, limit in self.check.limits.items()}
        value = figures.entered.get(self.entry.name)
        found = finding(self.check.id, field=self.entry.name, value=value, **words, **self._labels)
        return replace(found, reference=self.check.reference)


def _lowered(label: str) -> str:
    """A label within a sentence: a first word that is no abbreviation begins small."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _rounded(value: Any) -> Any:
    return round_measure(value) if isinstance(value, float) else value


def _show(unit: Unit, value: Any) -> str:
    return f"{value:.0f}" if unit.id == "year" else unit.show(value)


def _unit(rulebook: Rulebook, name: str) -> Unit:
    return rulebook.edition.units.get(name, Unit(name, "number", name))


# --- one return ------------------------------------------------------------------------------------------------------


def figures_of(
    rulebook: Rulebook,
    values: Mapping[str, Any],
    previous: Mapping[str, Any],
    comments: Mapping[str, str],
    period: Period,
) -> Figures:
    """What the checks look at, from values as entered; values that the engine refuses count as missing."""
    last = {n: float(v) for n, v in previous.items() if n in rulebook.fields and is_number(v)}
    usable = read_inputs(rulebook, {n: v for n, v in values.items() if n in rulebook.fields}, {}).values
    usable = {name: float(v) if is_number(v) else v for name, v in usable.items()}
    context = {
        "days_elapsed": float(period.days_elapsed),
        "share_of_year": period.months_elapsed / 12,
        "year": float(period.year),
        "calendar_year": float(period.last_day.year),
        "first_period": "Yes" if is_first(period) else "No",
        **_counted(rulebook, values, usable, last),
    }
    return Figures(usable, values, last, comments, context)


def is_number(value: Any) -> bool:
    """Is this a number that a cell can hold?"""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def is_first(period: Period) -> bool:
    """Is this the first period of its year, so that there is none before to compare with?"""
    return period.months_elapsed == (3 if period.frequency == "quarter" else 1)


def _counted(
    rulebook: Rulebook, entered: Mapping[str, Any], usable: Mapping[str, Any], last: Mapping[str, float]
) -> dict[str, float]:
    pairs = [(entered.get(name), last.get(name)) for name in measure_entries(rulebook)]
    compared = [(now, then) for now, then in pairs if then and not is_blank(now)]
    money = [usable[name] for name in money_entries(rulebook) if usable[name] is not None]
    return {
        "measures_compared": float(len(compared)),
        "measures_same": float(sum(now == then for now, then in compared)),
        "money_not_round": float(sum(round(value, -3) != value for value in money)),
    }


def measure_entries(rulebook: Rulebook) -> tuple[str, ...]:
    """The entries of the section of the performance measures."""
    domain = rulebook.domains.get(MEASURES)
    fields = [rulebook.fields[name] for i in domain.indicators.values() for name in i.fields] if domain else []
    return tuple(name for name, entry in rulebook.fields.items() if fields and entry.section == fields[0].section)


def money_entries(rulebook: Rulebook) -> tuple[str, ...]:
    """The entries in money."""
    return tuple(name for name, entry in rulebook.fields.items() if entry.unit.id == "money")


def applicable(rulebook: Rulebook, period: Period, with_previous: bool) -> tuple[Bound, ...]:
    """The checks to run on a return, those that need last period's figures only where there are any."""
    compared = with_previous and not is_first(period)
    return tuple(bound for bound in bind(rulebook) if compared or not bound.check.needs_previous)


# --- the catalogue ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def bind(rulebook: Rulebook) -> tuple[Bound, ...]:
    """Every check that a rulebook's entries allow, in the order of the catalogue."""
    found = [_bound(check, row, rulebook) for check in load_checks() for row in check.each or ({},)]
    return tuple(bound for bound in found if bound is not None)


def _bound(check: Check, row: Mapping[str, str], rulebook: Rulebook) -> Bound | None:
    entry = next((row.get(n, n) for n in check.entries if row.get(n, n) in rulebook.fields), None)
    sources = {name: _source(name, row, rulebook) for name in (*check.names, *row)}
    if entry is None or None in sources.values():
        return None
    return Bound(check, rulebook, rulebook.fields[entry], {n: s for n, s in sources.items() if s is not None})


def _source(name: str, row: Mapping[str, str], rulebook: Rulebook) -> Source | None:
    full = row.get(name, name)
    facts = CONTEXT | COUNTED
    if full in rulebook.fields:
        unit = rulebook.fields[full].unit
        return Source("text" if unit.kind in ("text", "date") else "figure", full, unit)
    if full in facts:
        return Source("context", full, _unit(rulebook, facts[full][1]))
    for kind, inner in (("last", name.removeprefix(LAST)), ("comment", name.removesuffix(COMMENT))):
        inner = row.get(inner, inner)
        if inner != full and inner in rulebook.fields:
            return Source(kind, inner, rulebook.fields[inner].unit)
    return None


def unknown_names(rulebooks: Iterable[Rulebook]) -> list[str]:
    """The checks, or rows of them, that none of these rulebooks can run: a name in them is misspelt."""
    bound = {(b.check.id, tuple(s.name for s in b.sources.values())) for book in rulebooks for b in bind(book)}
    ids = {name for name, _ in bound}
    lost = [check.id for check in load_checks() if check.id not in ids]
    for check in load_checks():
        for row in check.each:
            if not any(name == check.id and set(row.values()) <= set(names) for name, names in bound):
                lost.append(f"{check.id}: {', '.join(row.values())}")
    return lost
