"""Rating a table, one return a row, in numpy: `engine.rate` for many returns at once, the same to the bit."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pfexcel.engine.bulk_inputs import BlockInputs, Codes, Mask, Numbers, Rows, TableReader, Texts, blocks, groups
from pfexcel.model import Category
from pfexcel.periods import Period
from pfexcel.rules import targets as language
from pfexcel.rules.edition import Domain, Edition, Indicator, Ladder, Measure, Rulebook
from pfexcel.rules.load import load_edition
from pfexcel.rules.rounding import round_measures

Columns: TypeAlias = dict[str, tuple[str, ...]]
"""Columns of a result in order, each with the texts it may hold; none for a column of numbers."""

Points: TypeAlias = "tuple[Numbers, Mask | None]"
"""The scores of an indicator, NaN where unknown, and where there was no such activity (None: nowhere)."""


def rate_table(
    edition: str | os.PathLike[str] | Edition,
    trust_type: str | None,
    frame: pd.DataFrame,
    period: str | Period | None = None,
) -> pd.DataFrame:
    """Rate a table, one return a row, exactly as `rate` rates each row.

    Args:
        edition: an edition, its id, or the path of a TOML file of your own.
        trust_type: `acute`, `ambulance` or `mental-health`; None takes it from the column `trust_type` (blank: acute).
        frame: a column an entry, named and counted as in `rate`: money in GBP thousand, shares as fractions, yes/no as
            `Yes`, `No` or bool. A column may also be named as an indicator or `ID_score`; any other is ignored.
        period: `2011-12-Q3`; None takes it from the column `period`. Without one the days indicators need their value.

    Returns:
        A table with the index of `frame`. First each domain's `ID_score` (1.00 to 3.00) or `ID_label`, `ID_category`
        (or `ID_rag`) and, for a scored domain with over-riding rules, `ID_uncapped_category`; then each indicator's
        `ID_value`, `ID_score` and `ID_weighted`. Numbers are floats, NaN where `rate` has None. Categories, labels and
        RAGs are categoricals of strings, missing where a row's trust type lacks the domain. There are no findings:
        `rate` gives those of one row.

    Raises:
        ValueError: for an edition, trust type or period that is unknown, a period outside the edition, or two columns
            of one name.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraphs 3.3 to 3.5.

    >>> frame = pd.DataFrame({"ytd_ebitda": [6, 2, None], "ytd_income": 100}, index=["RXK", "RR1", "RJE"])
    >>> table = rate_table("2011-12", "acute", frame)
    >>> table["ytd_ebitda_margin_score"].tolist()
    [3.0, 2.0, nan]
    >>> table.loc["RXK", "finance_category"]
    'Not assessed'
    """
    edition = load_edition(edition)
    found = list(groups(edition, trust_type, frame, period))
    types = {rulebook.trust_type for rulebook, _, _ in found}
    results = _Results([edition.rulebook(name) for name in edition.trust_types if name in types], len(frame))
    for rulebook, when, where in found:
        reader = TableReader(rulebook, frame)
        days = when.days_elapsed if when else None
        for rows, size in blocks(len(frame), where):
            with np.errstate(all="ignore"):
                results.put(rows, BlockRater(rulebook, reader.read(rows, size, days)).rate())
    return results.table(frame.index)


class _Results:
    """The columns of the result as they fill; what a block of rows does not have is missing."""

    def __init__(self, rulebooks: Sequence[Rulebook], count: int) -> None:
        self.columns: Columns = {}
        for columns in (_domain_columns, _indicator_columns):
            for rulebook in rulebooks:
                self.columns |= {k: texts for k, texts in columns(rulebook).items() if k not in self.columns}
        numbers = [name for name, texts in self.columns.items() if not texts]
        self.filled: dict[str, NDArray[Any]] = dict(zip(numbers, np.empty((len(numbers), count)), strict=True))
        for name in self.columns.keys() - self.filled.keys():
            self.filled[name] = np.empty(count, dtype=np.int8)

    def put(self, rows: Rows, block: Mapping[str, NDArray[Any]]) -> None:
        for name, column in self.filled.items():
            column[rows] = block.get(name, -1 if self.columns[name] else np.nan)

    def table(self, index: pd.Index) -> pd.DataFrame:
        data: dict[str, Any] = dict(self.filled)
        for name, texts in self.columns.items():
            if texts:
                data[name] = pd.Categorical.from_codes(self.filled[name], dtype=pd.CategoricalDtype(list(texts)))
        return pd.DataFrame({name: data[name] for name in self.columns}, index=index, copy=False)


def _domain_columns(rulebook: Rulebook) -> Columns:
    found: Columns = {}
    for domain in rulebook.domains.values():
        grades = (*domain.scale.names, Category.NOT_ASSESSED.value)
        if domain.indicators:
            found[f"{domain.id}_score"] = ()
        if domain.labels is not None:
            found[f"{domain.id}_label"] = _labels(domain.labels)
        found[_category(domain)] = grades
        if domain.indicators and domain.over_riding:
            found[f"{domain.id}_uncapped_category"] = grades
    return found


def _indicator_columns(rulebook: Rulebook) -> Columns:
    return {f"{name}_{what}": () for name in rulebook.indicators for what in ("value", "score", "weighted")}


def _category(domain: Domain) -> str:
    return f"{domain.id}_rag" if domain.scale.id == "rag" else f"{domain.id}_category"


def _labels(ladder: Ladder) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(str(step.label) for step in ladder.steps), Category.NOT_ASSESSED.value]))


class BlockRater:
    """Rates the domains of a block of returns in order, step for step as `engine.rate` rates one."""

    def __init__(self, rulebook: Rulebook, inputs: BlockInputs) -> None:
        self.rulebook = rulebook
        self.inputs = inputs
        self.nothing: Numbers = np.full(inputs.size, np.nan)
        self.measured: dict[Any, Numbers] = {}
        self.done: dict[str, Texts] = {}
        self.results: dict[str, NDArray[Any]] = {}
        self.points: dict[str, Points] = {}
        self.caps: dict[str, tuple[Codes, Mask]] = {}

    def rate(self) -> dict[str, NDArray[Any]]:
        """The results by column: floats, NaN where unknown, and places among a column's texts."""
        for domain in self.rulebook.domains.values():
            self.domain(domain)
        return self.results

    def domain(self, domain: Domain) -> None:
        scale = domain.scale
        if domain.indicators:
            uncapped = self.scored(domain)
        elif domain.labels is not None:
            uncapped = self.labelled(domain, domain.labels)
        elif domain.declared is not None:
            uncapped = self.named(domain.declared, {}).placed(scale.ranks)
        else:
            uncapped = _lowest([self.done[name].placed(scale.ranks) for name in domain.lowest_of], scale.stands)
        ranks = self.after_rules(domain, uncapped)
        self.done[domain.id] = Texts(ranks, scale.names)
        self.results[_category(domain)] = _known_or_last(ranks, len(scale.names))
        self.results[f"{domain.id}_uncapped_category"] = _known_or_last(uncapped, len(scale.names))

    # --- indicators and scores ---

    def scored(self, domain: Domain) -> Codes:
        for indicator in domain.indicators.values():
            if indicator.id in self.inputs.absent:
                continue
            score, _ = self.points[indicator.id] = self.indicator(indicator)
            self.results[f"{indicator.id}_weighted"] = indicator.weight * score / domain.per
        weights = {indicator.id: indicator.weight for indicator in domain.indicators.values()}
        score = weighted_score(domain, weights, self.points, self.inputs.size)
        self.results[f"{domain.id}_score"] = score
        assert domain.bands is not None
        return banded(domain, domain.bands, score)

    def indicator(self, indicator: Indicator) -> Points:
        inputs, name = self.inputs, indicator.id
        measured = {n: self.measure(indicator.measures[n]) for n in indicator.ladder.names}
        value = measured["value"] if "value" in measured else self.measure(indicator.value)
        if name in inputs.measures:
            given = inputs.measures[name]
            value = measured["value"] = np.where(np.isnan(given), value, given)
        scores = np.array([*(step.score for step in indicator.ladder.steps), np.nan], dtype=np.float64)
        score = scores[_first_true(indicator.ladder, list(measured.values()))]
        if name in inputs.scores:
            given = inputs.scores[name]
            score = np.where(np.isnan(given), score, given)
        for refused in (name, f"{name}_score"):
            if refused in inputs.refused:
                score = np.where(inputs.refused[refused], np.nan, score)
        gone = self.no_activity(indicator, np.isnan(score))
        self.results[f"{name}_value"] = value if gone is None else np.where(gone, np.nan, value)
        self.results[f"{name}_score"] = score
        return score, gone

    def measure(self, measure: Measure) -> Numbers:
        """NaN where an entry is missing, where it divides by 0 and where it leaves the numbers."""
        key = (measure.expression, *measure.limits.items())
        if key not in self.measured:
            arguments = [self.inputs.values[name] for name in measure.fields]
            if any(argument is None for argument in arguments):
                return self.nothing
            found = measure.vector(*arguments)
            infinite = np.isinf(found)
            self.measured[key] = np.where(infinite, np.nan, found) if infinite.any() else found
        return self.measured[key]

    def no_activity(self, indicator: Indicator, unscored: Mask) -> Mask | None:
        if indicator.not_applicable is None or not unscored.any():
            return None
        names = indicator.not_applicable.names
        arguments = [self.measure(measure) for measure in indicator.activity]
        gone = language.function(indicator.not_applicable, names, {}, vector=True)(*arguments)
        gone = gone & unscored & ~_unknown(arguments)
        return gone if gone.any() else None

    # --- labels and over-riding rules ---

    def labelled(self, domain: Domain, ladder: Ladder) -> Codes:
        place = _first_true(ladder, [self.named(name, domain.measures) for name in ladder.names])
        names = _labels(ladder)
        labels = [names.index(str(step.label)) for step in ladder.steps]
        self.results[f"{domain.id}_label"] = np.array([*labels, len(names) - 1], dtype=np.int8)[place]
        return _ranks(domain, ladder)[place]

    def named(self, name: str, measures: Mapping[str, Measure]) -> Any:
        """What a condition's name stands for: a measure, the category of a domain, or a choice entered."""
        if name in measures:
            return self.measure(measures[name])
        if name.endswith("_category"):
            return self.done[name.removesuffix("_category")]
        return self.inputs.values[name]

    def after_rules(self, domain: Domain, uncapped: Codes) -> Codes:
        """The ranks after the over-riding rules, as `engine.combine.capped` tells one."""
        self.caps[domain.id] = self.capping(domain)
        return capped_ranks(domain, uncapped, *self.caps[domain.id])

    def capping(self, domain: Domain) -> tuple[Codes, Mask]:
        """The worst rank that an over-riding rule sets, and where one cannot be judged."""
        cap = np.zeros(self.inputs.size, dtype=np.int8)
        unsure = np.zeros(self.inputs.size, dtype=np.bool_)
        for rule in domain.over_riding:
            arguments = [self.named(name, rule.measures) for name in rule.names]
            unknown = _unknown(arguments)
            if not rule.unknown_applies_not:
                unsure = unsure | unknown
            if rule.best is not None:
                best = np.int8(domain.scale.ranks[rule.best])
            else:
                best = self.named(str(rule.best_is), {}).placed(domain.scale.ranks)
            cap = np.maximum(cap, best * (rule.vector(*arguments) & ~unknown))
        return cap, unsure


def weighted_score(domain: Domain, weights: Mapping[str, float], points: Mapping[str, Points], size: int) -> Numbers:
    """The score of a domain from those of its indicators, NaN where too little of the weight is known."""
    total: Any = np.zeros(size)
    known: Any = 0.0
    applicable: Any = 0.0
    for name in domain.indicators:
        weight = weights[name]
        if name not in points:
            applicable = applicable + weight
            continue
        score, gone = points[name]
        has = ~np.isnan(score)
        complete = has.all()
        total = total + (weight * score if complete else np.where(has, weight * score, 0.0))
        known = known + (weight if complete else weight * has)
        applicable = applicable + (weight if gone is None else weight * ~gone)
    enough = (known > 0) & (round_measures(known) >= round_measures(domain.weight_needed * applicable))
    return np.where(enough, round_measures(total / np.asarray(known)), np.nan)


def banded(domain: Domain, bands: Ladder, score: Numbers) -> Codes:
    """The rank that each score gives, -1 where there is none."""
    return _ranks(domain, bands)[_first_true(bands, [score])]


def capped_ranks(domain: Domain, uncapped: Codes, cap: Codes, unsure: Mask) -> Codes:
    """The ranks after the over-riding rules."""
    unknown = (unsure | (uncapped < 0)) & (cap < domain.scale.stands)
    return np.where(unknown, np.int8(-1), np.maximum(cap, uncapped))


def _first_true(ladder: Ladder, arguments: Sequence[Any]) -> Codes:
    """The place of the first step whose condition holds, -1 where something to compare is unknown."""
    unknown = _unknown(arguments)
    place = np.zeros(unknown.shape, dtype=np.int8)
    passed = np.ones(unknown.shape, dtype=np.bool_)
    for condition in ladder.vectors:
        if condition is not None:
            passed = passed & ~condition(*arguments)
            place += passed
    return np.where(unknown, np.int8(-1), place)


def _unknown(arguments: Sequence[Any]) -> Mask:
    """Where one of these is missing."""
    masks = [a.codes < 0 if isinstance(a, Texts) else np.isnan(a) for a in arguments]
    return functools.reduce(np.logical_or, masks or [np.zeros((), dtype=np.bool_)])


def _lowest(parts: Sequence[Codes], stands: int) -> Codes:
    """The rank of the worst part, as `engine.combine.lowest` tells it of one return."""
    worst = np.maximum.reduce(parts)
    return np.where((np.minimum.reduce(parts) < 0) & (worst < stands), np.int8(-1), worst)


def _ranks(domain: Domain, ladder: Ladder) -> Codes:
    """The rank that each step leads to, and -1 for unknown."""
    return np.array([*(domain.scale.ranks[str(step.category)] for step in ladder.steps), -1], dtype=np.int8)


def _known_or_last(ranks: Codes, last: int) -> Codes:
    return np.where(ranks < 0, np.int8(last), ranks)
