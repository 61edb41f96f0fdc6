"""The rules of Monitor's compliance framework as data: what is entered, scored and declared, and how it is rated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pfexcel.rules.build_fields import FieldBuilder, known
from pfexcel.rules.edition import Field, Indicator, Ladder, Limit, Mark, Measure, OverRidingRule, Scale, Step
from pfexcel.rules.expression import Expression
from pfexcel.rules.problems import EditionError, Problems
from pfexcel.rules.tables import NEEDED, Marks, TableReader, Texts, cite
from pfexcel.rules.unit import Unit
from pfexcel.shipped import read_shipped, shipped

SHIPPED = Path(__file__).parent / "monitor"


@dataclass(frozen=True)
class Meaning:
    """What a rating means, and what follows from it."""

    marks: Marks
    rating: str
    means: str
    follows: str


@dataclass(frozen=True)
class Criterion:
    """A group of indicators that the over-riding rules count."""

    id: str
    marks: Marks
    label: str


@dataclass(frozen=True)
class RiskFinding:
    """What may be declared, and the best rating possible with it."""

    marks: Marks
    id: str
    label: str
    best: str


@dataclass(frozen=True)
class RiskRules:
    """The rules of one risk rating. `counts`: the names over-riding rules have for how many criteria score what."""

    id: str
    title: str
    marks: Marks
    scale: Scale
    meanings: Mapping[str, Meaning]
    entries: Mapping[str, Field]
    criteria: Mapping[str, Criterion]
    indicators: Mapping[str, Indicator]
    criterion_bands: Ladder | None
    bands: Ladder | None
    counts: Mapping[str, int]
    over_riding: tuple[OverRidingRule, ...]
    findings: Mapping[str, RiskFinding]
    sources: Mapping[str, str]

    @cached_property
    def total_weight(self) -> float:
        return sum(indicator.weight for indicator in self.indicators.values())

    def cite(self, mark: Mark) -> str:
        """The reference in full: the document's title, then its paragraph, table or heading."""
        return cite(self.sources, mark)


def forms(kind: str) -> tuple[str, ...]:
    """The forms of a risk rating (`financial`, `governance`, `mandatory-services`) that the package ships.

    >>> forms("governance")
    ('2008', '2010')
    """
    return tuple(name.removeprefix(f"{kind}-") for name in shipped(SHIPPED) if name.startswith(f"{kind}-"))


def load_monitor(kind: str, form: str) -> RiskRules:
    """The rules of a risk rating, by kind and form.

    Raises:
        ValueError: for a form that there is not; it says which there are.

    Source: Developing the NHS Performance Regime (June 2008), paragraph 161 and table 8.

    >>> load_monitor("governance", "2010").scale.names
    ('Green', 'Amber/Green', 'Amber/Red', 'Red')
    """
    if form not in forms(kind):
        raise ValueError(f"form {form!r} of the {kind} risk rating is unknown; use one of {', '.join(forms(kind))}")
    return _shipped(f"{kind}-{form}")


@cache
def _shipped(name: str) -> RiskRules:
    return build_monitor(read_shipped(SHIPPED, name).tables, name)


def build_monitor(raw: Mapping[str, Any], origin: str) -> RiskRules:
    """Make the rules of a parsed file.

    Raises:
        EditionError: with every problem found, each with its key and what to do.
    """
    problems = Problems()
    rules = _Builder(dict(raw), problems).rules()
    if problems.found:
        raise EditionError(origin, list(dict.fromkeys(problems.found)))
    return rules


_UNIT = {"kind": (str, NEEDED), "words": (str, NEEDED), "percent": (bool, False), "decimals": (int, 0)}
_RULE = {"id": (str, NEEDED), "label": (str, NEEDED), "best": (str, NEEDED)}


class _Builder:
    def __init__(self, raw: dict[str, Any], problems: Problems) -> None:
        self.problems = problems
        tables = dict.fromkeys(("units", "entries", "criteria", "indicators", "counts"), (dict, {}))
        parts = dict.fromkeys(("scoring", "criterion_bands", "bands"), (dict, None))
        lists = dict.fromkeys(("over_riding", "findings"), (list, []))
        self.raw = TableReader(problems, ()).take(
            raw, rating=(dict, NEEDED), sources=(Texts, NEEDED), ratings=(list, NEEDED), **tables, **parts, **lists
        )
        self.read = TableReader(problems, self.raw["sources"])
        self.units = {name: self.unit(name, table) for name, table in self.raw["units"].items()}
        self.fields = FieldBuilder({"context": {}}, self.units, problems)

    def rules(self) -> RiskRules:
        with self.problems.at("rating"):
            shape = {"id": (str, NEEDED), "title": (str, NEEDED), "stands_from": (str, NEEDED)}
            head = self.read.marked(self.raw["rating"], **shape, total_weight=(float, 0))
        meanings = [self.meaning(number, table) for number, table in enumerate(self.raw["ratings"], 1)]
        names = tuple(meaning.rating for meaning in meanings)
        with self.problems.at("rating"):
            self.read.one_of(head["stands_from"], names, "stands_from")
        entries = {name: self.entry(name, table) for name, table in self.raw["entries"].items()}
        criteria = {name: self.criterion(name, table) for name, table in self.raw["criteria"].items()}
        indicators = {name: self.indicator(name, line, entries) for name, line in self.raw["indicators"].items()}
        total = sum(indicator.weight for indicator in indicators.values())
        if abs(total - head["total_weight"]) > 1e-9:
            message = f"the weights add up to {total:g}, not {head['total_weight']:g}"
            self.problems.add(message, "Change a weight, or the total if it is meant", "rating", "total_weight")
        with self.problems.at("counts"):
            counts = self.read.take(self.raw["counts"], **dict.fromkeys(self.raw["counts"], (int, NEEDED)))
        flags = {name: "yes_no" for name, entry in entries.items() if entry.unit.choices}
        numbers = dict.fromkeys(counts, "number")
        findings = [self.finding(number, table, names) for number, table in enumerate(self.raw["findings"], 1)]
        return RiskRules(
            id=head["id"],
            title=head["title"],
            marks=head["marks"],
            scale=Scale(head["id"], names, head["stands_from"]),
            meanings={meaning.rating: meaning for meaning in meanings},
            entries=entries,
            criteria=criteria,
            indicators=indicators,
            criterion_bands=self.bands("criterion_bands", "score", "mean", names),
            bands=self.bands("bands", "rating", "score", names),
            counts=counts,
            over_riding=tuple(
                self.rule(number, table, {**flags, **numbers}, names)
                for number, table in enumerate(self.raw["over_riding"], 1)
            ),
            findings={finding.id: finding for finding in findings},
            sources=self.raw["sources"],
        )

    def unit(self, name: str, table: Any) -> Unit:
        with self.problems.at("units", name):
            taken = self.read.take(table, **_UNIT, choices=(tuple, ()), minimum=(float, None))
            return Unit(id=name, **taken)

    def meaning(self, number: int, table: Any) -> Meaning:
        with self.problems.at("ratings", str(number)):
            shape = {"rating": (str, NEEDED), "means": (str, NEEDED), "follows": (str, "")}
            return Meaning(**self.read.marked(table, **shape))

    def entry(self, name: str, table: Any) -> Field:
        with self.problems.at("entries", name):
            return self.fields.entry("", name, self.read.take(table, label=(str, NEEDED), unit=(str, NEEDED)))

    def criterion(self, name: str, table: Any) -> Criterion:
        with self.problems.at("criteria", name):
            return Criterion(id=name, **self.read.marked(table, label=(str, NEEDED)))

    def indicator(self, name: str, table: Any, entries: Mapping[str, Field]) -> Indicator:
        scoring = self.raw["scoring"] or {}
        keys = table if isinstance(table, dict) else {}
        names = [key for key in keys if key not in ("criterion", "weight", "ref", "provenance", "marks")]
        with self.problems.at("indicators", name):
            shape = {"criterion": (str, NEEDED), "weight": (float, NEEDED), **dict.fromkeys(names, (float, NEEDED))}
            taken = self.read.marked(table, **shape)
            self.read.one_of(taken["criterion"], self.raw["criteria"], "criterion")
            self.read.one_of(name, entries, "(name)")
            unit = entries[name].unit if name in entries else Unit("score", "number", "")
            marks = taken["marks"]
            limits = {key: Limit(key, float(taken[key]), unit, key, marks.of(key)) for key in names}
            with self.problems.at("scoring"):
                mark = self.read.marked(scoring, lines=(list, NEEDED))["marks"].table
                ladder = self.ladder(scoring.get("lines", []), "score", "value", limits, mark)
            value = Measure("value", entries[name].label if name in entries else name, unit, self.named(name), (name,))
            return Indicator(
                id=name,
                label=value.label,
                domain=self.raw["rating"].get("id", ""),
                sub_domain=taken["criterion"],
                weight=float(taken["weight"]),
                weight_mark=marks.of("weight"),
                measures={"value": value},
                ladder=ladder,
                fields=(name,),
            )

    def named(self, name: str) -> Expression:
        return self.fields.parse(name) or self.fields.nothing

    def bands(self, part: str, result: str, compared: str, names: tuple[str, ...]) -> Ladder | None:
        if self.raw[part] is None:
            return None
        with self.problems.at(part):
            taken = self.read.marked(self.raw[part], limits=(dict, {}), lines=(list, NEEDED))
            limits = self.limits(taken["limits"], taken["marks"])
            ladder = self.ladder(taken["lines"], result, compared, limits, taken["marks"].table)
            for step in ladder.steps:
                if step.category is not None:
                    self.read.one_of(step.category, names, "lines")
            return ladder

    def limits(self, numbers: Mapping[str, Any], marks: Marks) -> dict[str, Limit]:
        with self.problems.at("limits"):
            taken = self.read.take(numbers, **dict.fromkeys(numbers, (float, NEEDED)))
        unit = self.units.get("score", Unit("score", "number", ""))
        return {name: Limit(name, float(value), unit, name, marks.of(name)) for name, value in taken.items()}

    def ladder(self, lines: list[Any], result: str, compared: str, limits: Mapping[str, Limit], mark: Mark) -> Ladder:
        """Ordered conditions over `compared`; each line gives a `result`, a score or a rating."""
        shape = {result: (int if result == "score" else str, NEEDED), "when": (str, None)}
        steps = []
        for number, line in enumerate(lines, 1):
            with self.problems.at(str(number)):
                taken = self.read.take(line, **shape)
                if (taken["when"] is None) != (number == len(lines)):
                    action = "Give every line but the last a `when`, so that always exactly one result comes out"
                    self.problems.add("a line lacks its condition, or the last one has one", action)
                when = self.condition(taken["when"], {compared: "number"}, limits)
                score = float(taken["score"]) if result == "score" else None
                steps.append(Step(when, score, taken.get("rating")))
        return Ladder(tuple(steps), (compared,), limits, mark)

    def condition(self, text: str | None, names: Mapping[str, str], limits: Mapping[str, Limit]) -> Expression | None:
        expression = None if text is None else self.fields.parse(text, condition=True)
        for name in expression.names if expression else ():
            if name not in names and name not in limits:
                self.problems.add(f"{text!r}: {name!r} is not defined", known("Use", [*names, *limits]), "when")
        for name in expression.flags if expression else ():
            if names.get(name, "yes_no") != "yes_no":
                self.problems.add(f"{text!r}: {name!r} is no yes/no entry", "Compare it with something", "when")
        return expression

    def rule(self, number: int, table: Any, names: Mapping[str, str], ratings: tuple[str, ...]) -> OverRidingRule:
        with self.problems.at("over_riding", str(number)):
            taken = self.read.marked(table, **_RULE, when=(str, NEEDED), limits=(dict, {}))
            self.read.one_of(taken["best"], ratings, "best")
            limits = self.limits(taken["limits"], taken["marks"])
            return OverRidingRule(
                id=taken["id"],
                label=taken["label"],
                measures={},
                limits=limits,
                when=self.condition(taken["when"], names, limits) or self.fields.nothing,
                best=taken["best"],
                best_is=None,
                unknown_applies_not=False,
                mark=taken["marks"].table,
            )

    def finding(self, number: int, table: Any, ratings: tuple[str, ...]) -> RiskFinding:
        with self.problems.at("findings", str(number)):
            finding = RiskFinding(**self.read.marked(table, **_RULE))
            self.read.one_of(finding.best, ratings, "best")
            return finding
