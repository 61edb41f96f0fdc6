"""What an edition loads into: plain frozen records, with their expressions compiled on first use."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from pfexcel.rules import targets as language
from pfexcel.rules.expression import Expression
from pfexcel.rules.rounding import round_measure
from pfexcel.rules.unit import Unit


@dataclass(frozen=True)
class Mark:
    """Where a number or a rule comes from: `printed`, `inferred` or `reconstructed`, and its reference."""

    provenance: str
    ref: str


@dataclass(frozen=True)
class Scale:
    """Categories or ratings, best first; one at `stands_from` or worse stands although data are missing."""

    id: str
    names: tuple[str, ...]
    stands_from: str

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The place of each name, 0 for the best."""
        return {name: rank for rank, name in enumerate(self.names)}

    @cached_property
    def stands(self) -> int:
        return self.ranks[self.stands_from]


@dataclass(frozen=True)
class Field:
    """One entry of a return: its name, label, unit, bounds and section."""

    name: str
    label: str
    unit: Unit
    section: str
    guidance: str = ""
    above: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    not_above: str | None = None
    optional: bool = False
    rated: bool = True

    @property
    def range(self) -> tuple[float, float]:
        """The smallest and the largest number that keep the bounds; none where the entry is no number."""
        if self.unit.kind != "number":
            return math.inf, -math.inf
        least = -sys.float_info.max if self.minimum is None else self.minimum
        least = least if self.above is None else max(least, math.nextafter(self.above, math.inf))
        return least, sys.float_info.max if self.maximum is None else self.maximum


@dataclass(frozen=True)
class Limit:
    """A named number of a rule, with its unit, label and mark."""

    name: str
    value: float
    unit: Unit
    label: str
    mark: Mark


@dataclass(frozen=True)
class Measure:
    """A figure worked out of entries; `fields` are the entries it needs, `function` takes them in that order."""

    name: str
    label: str
    unit: Unit
    expression: Expression
    fields: tuple[str, ...]
    limits: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def function(self) -> Callable[..., float]:
        return language.function(self.expression, self.fields, self.limits)

    @cached_property
    def vector(self) -> Callable[..., Any]:
        return language.function(self.expression, self.fields, self.limits, vector=True)

    @staticmethod
    def rounded(value: float) -> float:
        """A value given directly, rounded as one worked out is."""
        return round_measure(value)


@dataclass(frozen=True)
class Step:
    """One line of a ladder of conditions: what results (`score`, `category` or `label`) when the condition holds."""

    when: Expression | None
    score: float | None = None
    category: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Ladder:
    """Conditions tried in order; the first that holds decides. `names` are what all of them compare."""

    steps: tuple[Step, ...]
    names: tuple[str, ...]
    limits: Mapping[str, Limit]
    mark: Mark

    @property
    def values(self) -> dict[str, float]:
        return {name: limit.value for name, limit in self.limits.items()}

    @cached_property
    def first_true(self) -> Callable[..., int]:
        return language.first_true([step.when for step in self.steps], self.names, self.values)

    @cached_property
    def vectors(self) -> tuple[Callable[..., Any] | None, ...]:
        return tuple(
            None if step.when is None else language.function(step.when, self.names, self.values, vector=True)
            for step in self.steps
        )


@dataclass(frozen=True)
class Indicator:
    """One scored line of a domain for one trust type."""

    id: str
    label: str
    domain: str
    sub_domain: str | None
    weight: float
    weight_mark: Mark
    measures: Mapping[str, Measure]
    ladder: Ladder
    fields: tuple[str, ...]
    not_applicable: Expression | None = None

    @property
    def value(self) -> Measure:
        return self.measures["value"]

    @property
    def limits(self) -> Mapping[str, Limit]:
        return self.ladder.limits

    @cached_property
    def one_measure(self) -> bool:
        """May it be given by its own name in place of its inputs?"""
        return self.ladder.names == ("value",) and self.id not in self.fields

    @cached_property
    def scores(self) -> tuple[float, ...]:
        return tuple(dict.fromkeys(step.score for step in self.ladder.steps if step.score is not None))

    @cached_property
    def rated(self) -> Callable[[Mapping[str, Any]], tuple[float, float]]:
        """Value and score from the entries, in one go; it raises where one is missing or nothing finite comes out."""
        wanted = {name: self.measures[name] for name in dict.fromkeys(("value", *self.ladder.names))}
        return language.scored(
            {name: (measure.expression, measure.limits) for name, measure in wanted.items()},
            [step.when for step in self.ladder.steps],
            [step.score for step in self.ladder.steps if step.score is not None],
            self.ladder.values,
        )

    @cached_property
    def activity(self) -> tuple[Measure, ...]:
        """The measures that tell whether there was any activity at all."""
        return tuple(self.measures[n] for n in self.not_applicable.names) if self.not_applicable else ()

    @cached_property
    def is_not_applicable(self) -> Callable[..., bool]:
        assert self.not_applicable is not None
        return language.function(self.not_applicable, self.not_applicable.names, {})


@dataclass(frozen=True)
class OverRidingRule:
    """A rule that sets the best category possible: a fixed one (`best`) or the one an entry declares (`best_is`)."""

    id: str
    label: str
    measures: Mapping[str, Measure]
    limits: Mapping[str, Limit]
    when: Expression
    best: str | None
    best_is: str | None
    unknown_applies_not: bool
    mark: Mark

    @cached_property
    def condition(self) -> Callable[..., bool]:
        values = {name: limit.value for name, limit in self.limits.items()}
        return language.function(self.when, self.names, values)

    @cached_property
    def holds(self) -> Callable[[Mapping[str, Any]], bool] | None:
        """Does it hold, from the entries in one go? It raises where one is missing; None if it looks at categories."""
        if any(name.endswith("_category") for name in self.names):
            return None
        values = {name: limit.value for name, limit in self.limits.items()}
        measures = {name: (self.measures[name].expression, self.measures[name].limits) for name in self.measures}
        return language.holds(measures, self.when, values, [name for name in self.names if name not in measures])

    @cached_property
    def vector(self) -> Callable[..., Any]:
        values = {name: limit.value for name, limit in self.limits.items()}
        return language.function(self.when, self.names, values, vector=True)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the condition compares: measures, choice entries, categories."""
        return tuple(name for name in self.when.names if name not in self.limits)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The entries it needs."""
        found = [f for measure in self.measures.values() for f in measure.fields]
        found += [n for n in self.names if n not in self.measures and not n.endswith("_category")]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class SubDomain:
    """A named part of a domain with the weight its indicators add up to."""

    id: str
    label: str
    weight: float
    mark: Mark


@dataclass(frozen=True)
class Domain:
    """What gets a category. Exactly one of `indicators`, `labels`, `lowest_of` and `declared` says how."""

    id: str
    title: str
    mark: Mark
    scale: Scale
    over_riding: tuple[OverRidingRule, ...] = ()
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    sub_domains: Mapping[str, SubDomain] = field(default_factory=dict)
    bands: Ladder | None = None
    percent_weights: bool = False
    weight_needed: float = 0.0
    total_weight: float = 0.0
    missing_is: str = "error"
    labels: Ladder | None = None
    measures: Mapping[str, Measure] = field(default_factory=dict)
    lowest_of: tuple[str, ...] = ()
    declared: str | None = None
    ladder: str | None = None
    continues: str | None = None

    @cached_property
    def declares(self) -> str | None:
        """The entry by which a category of this domain is declared, if there is one."""
        return next((rule.best_is for rule in self.over_riding if rule.best_is is not None), None)

    @cached_property
    def hangs_on(self) -> tuple[str, ...]:
        """The domains whose categories its own is worked out from."""
        compared = [name for rule in self.over_riding for name in rule.names if name.endswith("_category")]
        return (*self.lowest_of, *(name.removesuffix("_category") for name in compared))

    @cached_property
    def per(self) -> float:
        """What a weighted score is divided by: 100 where weights are percent."""
        return 100.0 if self.percent_weights else 1.0

    @cached_property
    def label_fields(self) -> tuple[str, ...]:
        """The entries a domain of labels needs."""
        if self.labels is None:
            return ()
        found = [f for measure in self.measures.values() for f in measure.fields]
        found += [n for n in self.labels.names if n not in self.measures]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Section:
    """A part of the Return sheet."""

    id: str
    title: str
    guidance: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Rulebook:
    """An edition for one trust type: all that rating, workbook, functions and words are derived from."""

    edition: Edition
    trust_type: str
    sections: tuple[Section, ...]
    fields: Mapping[str, Field]
    domains: Mapping[str, Domain]

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        return {i.id: i for domain in self.domains.values() for i in domain.indicators.values()}

    @cached_property
    def plan(self) -> tuple[tuple[str, Field, str | None, float, float, bool, tuple[str, ...]], ...]:
        """What reading an entry needs to know, by entry: name, itself, default, bounds, is it whole, its choices."""
        return tuple((e.name, e, e.unit.default, *e.range, e.unit.whole, e.unit.choices) for e in self.fields.values())

    @cached_property
    def parts(self) -> tuple[tuple[Field, Field], ...]:
        """The entries that must not be above another, each with that other."""
        return tuple((e, self.fields[e.not_above]) for e in self.fields.values() if e.not_above is not None)

    @cached_property
    def scored(self) -> tuple[Domain, ...]:
        return tuple(domain for domain in self.domains.values() if domain.indicators)


@dataclass(frozen=True, eq=False, repr=False)
class Edition:
    """A loaded edition: call `rulebook(trust_type)` for the rules of one type of trust."""

    id: str
    title: str
    frequency: str
    first_day: date
    last_day: date
    sources: Mapping[str, str]
    scales: Mapping[str, Scale]
    units: Mapping[str, Unit]
    context: Mapping[str, Field]
    rulebooks: Mapping[str, Rulebook]
    digest: str
    origin: str

    @property
    def trust_types(self) -> tuple[str, ...]:
        return tuple(self.rulebooks)

    def rulebook(self, trust_type: str) -> Rulebook:
        """The rules for `trust_type`; ValueError where the edition does not rate that type."""
        try:
            return self.rulebooks[trust_type]
        except KeyError:
            known = ", ".join(self.rulebooks)
            raise ValueError(
                f"edition {self.id} has no rules for trust type {trust_type!r}; it rates {known}"
            ) from None

    def cite(self, mark: Mark) -> str:
        """The reference in full: the document's title and the paragraph.

        A reference is a key of `sources`, then, where there is one, the paragraph: `IG11 3.5`. A source that is not
        divided into paragraphs says by `{}` where the number goes: `Notes on the sources, section {}`.
        """
        key, _, paragraph = mark.ref.partition(" ")
        source = self.sources[key]
        if "{}" in source:
            return source.format(paragraph)
        return f"{source}, paragraph {paragraph}" if paragraph else source
