"""Entries, readings and measures of an edition file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pfexcel.rules.edition import Field, Limit, Measure, Section
from pfexcel.rules.expression import FUNCTIONS, Expression, ExpressionError, parse_condition, parse_measure
from pfexcel.rules.problems import Problems
from pfexcel.rules.unit import Unit

LONGEST = 150
_INSTEAD = "Write arithmetic with names, 0, + - * /, abs min max sqrt; conditions with comparisons, and, or, not"


def known(verb: str, names: Iterable[str]) -> str:
    """What to do: use one of these names."""
    listed = ", ".join(names)
    return f"{verb} one of {listed}" if listed else "There is none: define one first"


@lru_cache(maxsize=2048)
def _read(text: str, condition: bool) -> Expression:
    """Parse an expression; many rows share a text, which is read once."""
    try:
        expression = parse_condition(text) if condition else parse_measure(text)
        if sum(isinstance(part, ast.expr) for part in ast.walk(expression.tree)) <= LONGEST:
            return expression
    except RecursionError:
        pass
    raise ExpressionError(f"'{text[:40]} ...' is too long; write it with at most {LONGEST} names and operations")


def limit_label(name: str, steps: Iterable[Mapping[str, Any]]) -> str:
    """A limit in words: its name, and the score whose condition uses it first.

    >>> limit_label("performing", [{"score": 3, "when": "value >= performing"}, {"score": 2}])
    'performing (limit for score 3)'
    """
    label = name.replace("_", " ")
    used = (step for step in steps if re.search(rf"\b{name}\b", step.get("when") or ""))
    step = next(used, None)
    return label if step is None else f"{label} (limit for score {step['score']:g})"


class FieldBuilder:
    """Reads sections, readings and measures; what it cannot make sense of goes into `problems`."""

    nothing = parse_condition("0 > 0")

    def __init__(self, raw: Mapping[str, Any], units: Mapping[str, Unit], problems: Problems) -> None:
        self.raw = raw
        self.units = units
        self.problems = problems
        self.readings: Mapping[str, Any] = raw.get("readings", {})
        self.context: dict[str, Field] = {}
        for name, table in raw.get("context", {}).items():
            with problems.at("context", name):
                self.context[name] = Field(name, table["label"], self.unit(table["unit"]), "context")

    def unit(self, name: str) -> Unit:
        if name not in self.units:
            self.problems.add(f"unit {name!r} is not defined", known("Use", self.units))
            return Unit(name, "number", name)
        return self.units[name]

    # --- entries ---

    def sections(self, trust_type: str, rows: Mapping[str, list[str]]) -> tuple[tuple[Section, ...], dict[str, Field]]:
        """The sections of a Return sheet for a type, and every entry by name."""
        fields: dict[str, Field] = {}
        sections = []
        for section_id, table in self.raw["sections"].items():
            if trust_type not in table.get("types", self.raw["edition"]["trust_types"]):
                continue
            with self.problems.at("sections", section_id):
                own: list[Field] = []
                if "measures_of" in table:
                    if table["measures_of"] not in rows:
                        self.problems.add("measures_of names no domain with rows", known("Use", rows), "measures_of")
                    for indicator_id in rows.get(table["measures_of"], ()):
                        own += self.indicator_fields(section_id, indicator_id)
                for name, entry in table.get("fields", {}).items():
                    if trust_type in entry.get("types", self.raw["edition"]["trust_types"]):
                        with self.problems.at("fields", name):
                            own.append(self.entry(section_id, name, entry))
                for entry in own:
                    if entry.name in fields:
                        self.problems.add(f"{entry.name!r} is an entry already", "Give each entry its own name")
                    fields[entry.name] = entry
                sections.append(Section(section_id, table["title"], table.get("guidance", ""), tuple(own)))
        for entry in fields.values():
            if entry.not_above is not None and entry.not_above not in fields:
                message = f"maximum {entry.not_above!r} of {entry.name} is no entry"
                self.problems.add(message, "Name an entry or a number", "sections", entry.section)
        return tuple(sections), fields

    def indicator_fields(self, section_id: str, indicator_id: str) -> list[Field]:
        table = self.raw["indicators"].get(indicator_id, {})
        words = {"id": indicator_id, **{k: v for k, v in table.items() if isinstance(v, str)}}
        found = []
        for pattern, entry in self.readings.get(table.get("reading"), {}).get("fields", {}).items():
            filled = {key: self.fill(value, words) for key, value in entry.items()}
            if guidance := table.get("guidance"):
                filled["guidance"] = guidance
            found.append(self.entry(section_id, self.fill(pattern, words), filled))
        return found

    def reading(self, indicator_id: str) -> Mapping[str, Any]:
        """The reading of an indicator; empty where it has none."""
        name = self.raw["indicators"][indicator_id].get("reading")
        if name is None:
            return {}
        if name not in self.readings:
            self.problems.add(f"reading {name!r} is not defined", known("Use", self.readings))
        return self.readings.get(name, {})

    def fill(self, value: Any, words: Mapping[str, str]) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return value.format_map(words)
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            self.problems.add(f"{value!r} cannot be filled in ({error})", "Give the indicator what the reading names")
            return value

    def entry(self, section_id: str, name: str, table: Mapping[str, Any]) -> Field:
        unit = self.unit(table["unit"])
        maximum = table.get("maximum", unit.maximum)
        self.check_name(name)
        if name in self.context:
            self.problems.add(f"{name!r} is known from the period already", "Choose another name")
        if name.endswith("_category"):
            self.problems.add(f"{name!r} is the name of a result", "Choose another name")
        return Field(
            name=name,
            label=table["label"],
            unit=unit,
            section=section_id,
            guidance=table.get("guidance", ""),
            above=table.get("above"),
            minimum=table.get("minimum", unit.minimum),
            maximum=None if isinstance(maximum, str) else maximum,
            not_above=maximum if isinstance(maximum, str) else None,
            optional=table.get("optional", False),
            rated=unit.kind in ("number", "choice"),
        )

    def check_name(self, name: str) -> None:
        if not re.fullmatch("[a-z][a-z0-9_]*", name):
            self.problems.add(f"{name!r} is no name", "Use small letters, digits and underscores")
        if name in (*FUNCTIONS, "rounded", "quotient"):
            self.problems.add(f"{name!r} is the name of a function", "Choose another name")

    # --- measures and conditions ---

    def parse(self, text: str, condition: bool = False) -> Expression | None:
        try:
            return _read(text, condition)
        except ExpressionError as error:
            self.problems.add(str(error), _INSTEAD)
            return None

    def condition(self, text: str | None, names: Mapping[str, str], limits: Mapping[str, Limit]) -> Expression | None:
        """Read a condition; `names` gives what it may compare beside the limits, and the kind of each."""
        expression = None if text is None else self.parse(text, condition=True)
        if expression is None:
            return None
        kinds = {**names, **dict.fromkeys(limits, "number")}
        for name in expression.names:
            if name not in kinds:
                self.problems.add(f"{text!r}: {name!r} is not defined", known("Use", kinds))
        for name in expression.flags:
            if kinds.get(name, "yes_no") != "yes_no":
                self.problems.add(f"{text!r}: {name!r} is no yes/no entry", "Compare it with something")
        for name, value in expression.texts:
            if kinds.get(name) == "number":
                self.problems.add(f"{text!r}: {name} is never {value!r}", "Compare it with a limit")
            elif name in kinds and value not in self.choices(name):
                self.problems.add(f"{text!r}: {name} is never {value!r}", known("Use", self.choices(name)))
        for name in expression.names:
            compared = sum(name in sides for sides in expression.comparisons)
            with_text = sum(name == left for left, _ in expression.texts)
            if kinds.get(name, "number") != "number" and compared > with_text:
                self.problems.add(f"{text!r}: {name!r} is no number", known("Compare it with", self.choices(name)))
        return expression

    def measures(
        self,
        tables: Mapping[str, Any],
        words: Mapping[str, str],
        fields: Mapping[str, Field],
        limits: Mapping[str, float],
    ) -> dict[str, Measure]:
        """Read measures; `words` fills in `{id}`, `limits` are the numbers they may name."""
        found: dict[str, Measure] = {}
        for name, table in tables.items():
            with self.problems.at("measures", name):
                self.check_name(name)
                if name in fields and name != words.get("id"):
                    self.problems.add(f"{name!r} is an entry too", "Call the measure something else")
                expression = self.parse(self.fill(table["is"], words))
                if expression is None:
                    continue
                unknown = [n for n in expression.names if n not in fields and n not in self.context and n not in limits]
                for missing in unknown:
                    self.problems.add(f"{missing!r} is not defined", "Use an entry, or a limit of this row")
                texts = [n for n in expression.names if n in fields and not fields[n].unit.is_number]
                for text in texts:
                    self.problems.add(f"{text!r} is no number", "Use an entry that is one")
                if unknown or texts:
                    continue
                found[name] = Measure(
                    name=name,
                    label=table.get("label", words.get("label", name)),
                    unit=self.unit(table["unit"]),
                    expression=expression,
                    fields=tuple(n for n in expression.names if n not in limits),
                    limits={n: float(limits[n]) for n in expression.names if n in limits},
                )
        return found

    def limit_units(
        self, steps: list[Mapping[str, Any]], measures: Mapping[str, Measure], limits: Mapping[str, float]
    ) -> dict[str, Unit]:
        """The unit of each limit: that of the measure a condition compares it with, else a plain number."""
        found = {name: self.units.get("ratio", Unit("ratio", "number", "")) for name in limits}
        for step in steps:
            try:
                sides = _read(step.get("when", ""), True).comparisons
            except ExpressionError:
                continue
            for side_by_side in sides:
                units = [measures[name].unit for name in side_by_side if name in measures]
                found.update({name: units[0] for name in side_by_side if name in limits and units})
        return found

    def kinds(self, fields: Mapping[str, Field], measures: Mapping[str, Measure]) -> dict[str, str]:
        """What a condition may compare: measures and choice entries, never bare figures (rounding has one place)."""
        choices = {f.name: f.unit.id if f.unit.id == "yes_no" else "choice" for f in fields.values() if f.unit.choices}
        return {**choices, **{name: "number" for name in measures}}

    def choices(self, name: str) -> tuple[str, ...]:
        """The texts an entry or a category may be compared with."""
        if name.endswith("_category"):
            return tuple(text for scale in self.raw["scales"].values() for text in scale["names"])
        for table in self.raw["sections"].values():
            if name in table.get("fields", {}):
                return self.units[table["fields"][name]["unit"]].choices
        return ()
