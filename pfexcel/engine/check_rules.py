"""The checks of `checks.toml` that have a condition, read and validated: see there how one is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from string import Formatter
from typing import Any

from pfexcel.catalogue import catalogue
from pfexcel.model import Severity
from pfexcel.rules.expression import Expression, ExpressionError, parse_condition, parse_measure

PREVIOUS = "previous"
GOOD_PRACTICE = "Good practice"
_FORMATTER = Formatter()
_PLAIN = {"severity", "message", "action", "reference", "row"}
_KEYS = _PLAIN | {"title", "when", "entry", "each", "measures", "limits", "needs"}


@dataclass(frozen=True)
class Number:
    """A limit of a check with its unit and why it is what it is."""

    value: float
    unit: str
    reason: str


@dataclass(frozen=True, eq=False)
class Check:
    """One check as the catalogue has it; `each` holds the further names of each of its rows."""

    id: str
    severity: Severity
    title: str
    when: Expression
    entries: tuple[str, ...]
    each: tuple[Mapping[str, str], ...]
    measures: Mapping[str, tuple[Expression, str]]
    limits: Mapping[str, Number]
    needs_previous: bool
    message: str
    action: str
    reference: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every name of its expressions that is neither a measure nor a limit of its own."""
        used = [*self.when.names, *(n for expression, _ in self.measures.values() for n in expression.names)]
        return tuple(dict.fromkeys(n for n in used if n not in self.measures and n not in self.limits))


@lru_cache(maxsize=1)
def load_checks() -> tuple[Check, ...]:
    """The checks of the catalogue that have a condition."""
    return read_checks(catalogue())


def read_checks(tables: Mapping[str, Mapping[str, Any]]) -> tuple[Check, ...]:
    """Read the checks of a catalogue; ValueError names everything in it that cannot be made sense of."""
    problems: list[str] = []
    found = []
    for name, table in tables.items():
        wrong = list(_problems(table))
        if "when" in table and not wrong:
            found.append(_check(name, table))
            wrong = list(_loose_ends(found[-1]))
        problems += [f"[{name}] {problem}" for problem in wrong]
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(found)


def _problems(table: Mapping[str, Any]) -> Iterable[str]:
    allowed = _KEYS if "when" in table else _PLAIN
    wanted = ("severity", "message", "action", *(("title", "entry") if "when" in table else ()))
    yield from (f"{key!r} is no key of a check" for key in table if key not in allowed)
    yield from (f"{key!r} is missing" for key in wanted if key not in table)
    if table.get("severity") not in {str(severity) for severity in Severity}:
        yield f"severity {table.get('severity')!r} is unknown"
    if any(need != PREVIOUS for need in table.get("needs", ())):
        yield f"needs {table['needs']!r}: {PREVIOUS!r} is all a check may need"
    for kind, keys in (("measures", {"is", "unit"}), ("limits", {"is", "unit", "reason"})):
        yield from (f"{kind}.{n} has not just {sorted(keys)}" for n, t in table.get(kind, {}).items() if set(t) != keys)
    texts = [(table.get("when", "0 > 0"), parse_condition)]
    texts += [(measure.get("is", "0"), parse_measure) for measure in table.get("measures", {}).values()]
    for text, parse in texts:
        try:
            parse(text)
        except ExpressionError as error:
            yield str(error)


def _check(name: str, table: Mapping[str, Any]) -> Check:
    entry = table["entry"]
    return Check(
        id=name,
        severity=Severity(table["severity"]),
        title=table["title"],
        when=parse_condition(table["when"]),
        entries=(entry,) if isinstance(entry, str) else tuple(entry),
        each=tuple(table.get("each", ())),
        measures={n: (parse_measure(m["is"]), m["unit"]) for n, m in table.get("measures", {}).items()},
        limits={n: Number(float(m["is"]), m["unit"], m["reason"]) for n, m in table.get("limits", {}).items()},
        needs_previous=PREVIOUS in table.get("needs", ()),
        message=table["message"],
        action=table["action"],
        reference=table.get("reference", GOOD_PRACTICE),
    )


def _loose_ends(check: Check) -> Iterable[str]:
    """Limits that nothing uses, rows with other names than the first, and measures of measures."""
    used = {n for expression, _ in check.measures.values() for n in expression.names} | set(check.when.names)
    yield from (f"limit {name!r} is used nowhere" for name in check.limits if name not in used)
    yield from (f"row {row} has other names than the first" for row in check.each if row.keys() != check.each[0].keys())
    for name, (expression, _) in check.measures.items():
        if set(expression.names) & check.measures.keys():
            yield f"measure {name!r} is made from another measure"
    names = {*check.names, *check.measures, *check.limits, *check.entries, *(n for row in check.each for n in row)}
    said = {field for text in (check.message, check.title) for _, field, *_ in _FORMATTER.parse(text) if field}
    said = {field.removesuffix("_label").removesuffix("_lower") for field in said}
    yield from (f"{{{name}}} stands for nothing" for name in sorted(said - names))
