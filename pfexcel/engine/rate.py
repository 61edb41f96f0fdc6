"""Rating one return, in plain Python."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from math import isfinite
from typing import Any

from pfexcel.catalogue import finding
from pfexcel.engine.combine import capped, lowest
from pfexcel.engine.inputs import Inputs, is_blank, read_inputs
from pfexcel.model import GRADES, Cap, Category, DomainRating, Finding, IndicatorRating, Rag, Rating
from pfexcel.periods import Period, period_of
from pfexcel.rules.edition import Domain, Edition, Indicator, Measure, OverRidingRule, Rulebook
from pfexcel.rules.load import load_edition
from pfexcel.rules.rounding import round_measure

DEFAULT_TYPE = "acute"


def rate(
    edition: str | os.PathLike[str] | Edition,
    trust_type: str | None,
    values: Mapping[str, Any],
    period: str | Period | None = None,
) -> Rating:
    """Rate one return by an edition's rules.

    Args:
        edition: an edition, its id, or the path of a TOML file of your own.
        trust_type: `acute`, `ambulance` or `mental-health`; None takes it from `values["trust_type"]`.
        values: figures by entry name. Money in GBP thousand, shares as fractions, yes/no as `Yes`, `No` or bool. An
            indicator may be given by its own name or as `ID_score` in place of its inputs. Blank (None, "", NaN) is
            missing.
        period: `2011-12-Q3`; None takes it from `values["period"]`. Without one the days indicators need their own
            value.

    Returns:
        A Rating. Bad input is in its `findings`, never an exception.

    Raises:
        ValueError: for an edition, trust type or period that is unknown, or a period outside the edition.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraphs 3.3 to 3.5.

    >>> rating = rate("2011-12", "acute", {"ytd_ebitda": 6, "ytd_income": 100}, period="2011-12-Q3")
    >>> rating.finance.indicators["ytd_ebitda_margin"].score
    3.0
    >>> rating.finance.category.value
    'Not assessed'
    """
    edition = load_edition(edition)
    if trust_type is None:
        trust_type = DEFAULT_TYPE if is_blank(values.get("trust_type")) else str(values["trust_type"])
    if period is None and not is_blank(values.get("period")):
        period = values["period"]
    rulebook = edition.rulebook(trust_type)
    when = period_of(edition, period) if period is not None else None
    return rate_by(rulebook, values, when)


def rate_by(
    rulebook: Rulebook, values: Mapping[str, Any], when: Period | None, domains: Collection[str] | None = None
) -> Rating:
    """Rate one return by a rulebook; given `domains`, those alone (name all they hang on), without what is missing."""
    inputs = read_inputs(rulebook, values, {"days_elapsed": when.days_elapsed if when else None})
    rater = _Rater(rulebook, inputs)
    rated = {
        domain.id: rater.domain(domain) for domain in rulebook.domains.values() if not domains or domain.id in domains
    }
    if domains is None:
        rater.report_missing()
    return Rating(
        edition=rulebook.edition.id,
        trust_type=rulebook.trust_type,
        period=when.text if when else None,
        domains=rated,
        findings=tuple(inputs.findings),
        unknown_rules=frozenset(rater.unknown_rules),
        inputs=inputs,
        rulebook=rulebook,
    )


class _Rater:
    """Rates the domains of one return in order; a later domain sees the categories of those before."""

    def __init__(self, rulebook: Rulebook, inputs: Inputs) -> None:
        self.rulebook = rulebook
        self.edition = rulebook.edition
        self.inputs = inputs
        self.values = inputs.values
        self.plain = not (inputs.measures or inputs.scores or inputs.refused)
        self.findings: list[Finding] = inputs.findings
        self.missing: dict[str, str] = {}
        self.unknown_rules: set[str] = set()
        self.done: dict[str, DomainRating] = {}

    def domain(self, domain: Domain) -> DomainRating:
        missing: list[str] = []
        label = score = None
        indicators: dict[str, IndicatorRating] = {}
        if domain.indicators:
            indicators = self.indicators(domain, missing)
            score, uncapped = self.score(domain, indicators)
        elif domain.labels is not None:
            label, uncapped = self.label(domain, missing)
        elif domain.declared is not None:
            declared = self.named(domain.declared, {}, missing)
            uncapped = domain.scale.ranks.get(declared)
        else:
            parts = [self.done[name] for name in domain.lowest_of]
            uncapped = lowest((domain.scale.ranks.get(part.category) for part in parts), domain.scale.stands)
            for part in parts:
                if part.category is Category.NOT_ASSESSED:
                    missing += part.missing
        self.note_missing(domain, missing)
        rating = self.after_rules(domain, uncapped, missing)
        rating = DomainRating(
            id=domain.id,
            title=domain.title,
            category=rating[0],
            uncapped_category=_grade(domain, uncapped),
            score=score,
            label=label,
            caps=rating[1],
            missing=tuple(dict.fromkeys(missing)),
            indicators=indicators,
        )
        self.done[domain.id] = rating
        return rating

    # --- indicators ---

    def indicators(self, domain: Domain, missing: list[str]) -> dict[str, IndicatorRating]:
        found: dict[str, IndicatorRating] = {}
        values, per = self.values, domain.per
        for name, indicator in domain.indicators.items():
            if self.plain:
                try:
                    value, score = indicator.rated(values)
                except (TypeError, ValueError, ArithmeticError):
                    pass  # a figure is missing or nothing comes out of it; below it is found which
                else:
                    weight = indicator.weight
                    found[name] = IndicatorRating(name, indicator.label, weight, value, score, weight * score / per)
                    continue
            found[name] = self.indicator(domain, indicator, missing)
        return found

    def indicator(self, domain: Domain, indicator: Indicator, missing: list[str]) -> IndicatorRating:
        inputs, name = self.inputs, indicator.id
        ladder = indicator.ladder
        gaps: list[str] = []
        measured = {n: self.measure(indicator.measures[n], gaps) for n in ladder.names}
        value = measured["value"] if "value" in measured else self.measure(indicator.value, gaps)
        given = inputs.measures.get(name)
        if given is not None:
            if value is not None and value != given:
                show = indicator.value.unit.show
                self.note(
                    "measure-and-figures-disagree", name, show(given), label=indicator.label, computed=show(value)
                )
            value = measured["value"] = given
            gaps = []
        score = None
        if None not in measured.values():
            score = ladder.steps[ladder.first_true(*measured.values())].score
        given = inputs.scores.get(name)
        if given is not None:
            if score is not None and score != given:
                self.note(
                    "score-and-figures-disagree", name, f"{given:g}", label=indicator.label, computed=f"{score:g}"
                )
            score = given
            gaps = []
        if name in inputs.refused or f"{name}_score" in inputs.refused:
            score = None
            gaps = [name if name in inputs.refused else f"{name}_score"]
        if score is None:
            if indicator.not_applicable is not None and self.no_activity(indicator):
                self.note("no-activity", name, None, label=indicator.label)
                return IndicatorRating(name, indicator.label, indicator.weight, state="no activity")
            missing += gaps or self.divisors(indicator)
            return IndicatorRating(name, indicator.label, indicator.weight, value, state="missing")
        return IndicatorRating(
            name, indicator.label, indicator.weight, value, score, indicator.weight * score / domain.per
        )

    def measure(self, measure: Measure, gaps: list[str]) -> float | None:
        value = measured(measure, self.values)
        if value is None:
            gaps += [name for name in measure.fields if self.values[name] is None]
        return value

    def no_activity(self, indicator: Indicator) -> bool:
        arguments = [self.measure(measure, []) for measure in indicator.activity]
        return None not in arguments and indicator.is_not_applicable(*arguments)

    def divisors(self, indicator: Indicator) -> list[str]:
        """The entries to blame where all are there and still nothing comes out: that which is 0, or all."""
        zeros = [name for name in indicator.fields if self.values[name] == 0]
        if not zeros:
            self.note("figures-out-of-range", indicator.id, None, label=indicator.label)
            return list(indicator.fields)
        for name in zeros[-1:]:
            label = self.rulebook.fields[name].label
            self.note("cannot-be-worked-out", name, 0, label=indicator.label, divisor=label)
        return zeros[-1:]

    # --- scores and labels ---

    def score(self, domain: Domain, indicators: Mapping[str, IndicatorRating]) -> tuple[float | None, int | None]:
        total = known = applicable = 0.0
        for _, _, weight, _, points, _, state in indicators.values():
            if state != "no activity":
                applicable += weight
            if points is not None:
                known += weight
                total += weight * points
        if not known or round_measure(known) < round_measure(domain.weight_needed * applicable):
            return None, None
        score = round_measure(total / known)
        assert domain.bands is not None
        step = domain.bands.steps[domain.bands.first_true(score)]
        return score, domain.scale.ranks[str(step.category)]

    def label(self, domain: Domain, missing: list[str]) -> tuple[str, int | None]:
        assert domain.labels is not None
        arguments = [self.named(name, domain.measures, missing) for name in domain.labels.names]
        if None in arguments:
            return Category.NOT_ASSESSED.value, None
        step = domain.labels.steps[domain.labels.first_true(*arguments)]
        return str(step.label), domain.scale.ranks[str(step.category)]

    def named(self, name: str, measures: Mapping[str, Measure], missing: list[str]) -> Any:
        """What a condition's name stands for: a measure, the category of a domain, or an entry."""
        if name in measures:
            return self.measure(measures[name], missing)
        if name.endswith("_category"):
            category = self.done[name.removesuffix("_category")].category
            return None if category is Category.NOT_ASSESSED else category.value
        if self.values[name] is None:
            missing.append(name)
        return self.values[name]

    # --- over-riding rules ---

    def after_rules(
        self, domain: Domain, uncapped: int | None, missing: list[str]
    ) -> tuple[Category | Rag, tuple[Cap, ...]]:
        holding: list[tuple[OverRidingRule, int]] = []
        unknown = False
        for rule in domain.over_riding:
            gaps: list[str] = []
            holds = self.holds(rule, gaps)
            if holds is None:
                self.unknown_rules.add(rule.id)
                if rule.unknown_applies_not:
                    self.note("rule-not-applied", rule.id, None, label=rule.label)
                    continue
                unknown = True
                missing += gaps
                self.note_missing(domain, gaps)
            elif holds:
                best = domain.scale.ranks.get(rule.best or self.values[str(rule.best_is)])
                if best is not None:
                    holding.append((rule, best))
        rank = capped(uncapped, [best for _, best in holding], unknown, domain.scale.stands)
        caps = tuple(
            Cap(
                id=rule.id,
                label=rule.label,
                best=_grade(domain, best),
                binding=best == rank and (uncapped is None or best > uncapped),
                provenance=rule.mark.provenance,
                reference=self.edition.cite(rule.mark),
            )
            for rule, best in holding
        )
        return _grade(domain, rank), caps

    def holds(self, rule: OverRidingRule, gaps: list[str]) -> bool | None:
        if rule.holds is not None:
            try:
                return rule.holds(self.values)
            except (TypeError, ValueError, ArithmeticError):
                pass  # a figure is missing or nothing comes out of it; below it is found which
        arguments = [self.named(name, rule.measures, gaps) for name in rule.names]
        return None if None in arguments else rule.condition(*arguments)

    # --- findings ---

    def note(self, check: str, name: str, value: Any, **words: Any) -> None:
        self.findings.append(finding(check, field=name, value=value, **words))

    def note_missing(self, domain: Domain, names: list[str]) -> None:
        for name in names:
            if domain.missing_is == "error" or name not in self.missing:
                self.missing[name] = domain.missing_is

    def report_missing(self) -> None:
        """One finding for each entry that is missing and was not refused with a finding of its own."""
        for name, severity in self.missing.items():
            if name in self.inputs.refused or (name in self.values and self.values[name] is not None):
                continue
            entry = self.rulebook.fields.get(name)
            label = entry.label if entry else self.edition.context[name].label if name in self.edition.context else name
            self.note("entry-missing" if severity == "error" else "entry-missing-query", name, None, label=label)


def _grade(domain: Domain, rank: int | None) -> Category | Rag:
    return Category.NOT_ASSESSED if rank is None else GRADES[domain.scale.names[rank]]


def measured(measure: Measure, values: Mapping[str, Any]) -> float | None:
    """A measure of these entries, None where one is missing, it divides by 0 or it leaves the numbers."""
    arguments = [values[name] for name in measure.fields]
    if None in arguments:
        return None
    try:
        value = measure.function(*arguments)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return value if isfinite(value) else None
