"""Monitor's risk ratings of NHS foundation trusts: finance, governance and mandatory services."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from pfexcel.catalogue import finding
from pfexcel.engine.combine import capped
from pfexcel.engine.escalation import match_name, match_yes
from pfexcel.engine.inputs import accept, is_blank
from pfexcel.model import GRADES, Finding, IndicatorRating
from pfexcel.rules.edition import Indicator, Ladder, Mark, Step
from pfexcel.rules.monitor import RiskRules, load_monitor
from pfexcel.rules.rounding import round_measure
from pfexcel.rules.targets import words


@dataclass(frozen=True)
class RiskCap:
    """An over-riding rule or a declared finding that holds; `binding` where it made the rating worse."""

    id: str
    label: str
    best: str | int
    binding: bool
    provenance: str
    reference: str


@dataclass(frozen=True)
class RiskRating:
    """A risk rating, None where data are missing; `missing` names them, `caps` lists every rule that holds."""

    rating: str | int | None
    score: float | None
    uncapped_rating: str | int | None
    caps: tuple[RiskCap, ...]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]
    meaning: str
    lines: tuple[str, ...] = field(repr=False)

    def explain(self) -> list[str]:
        """The steps that led to the rating, each with its reference, as lines of text."""
        return list(self.lines)


@dataclass(frozen=True)
class CriterionRating:
    """A criterion of the financial risk rating: the weighted mean of its indicators, and its score."""

    id: str
    label: str
    mean: float | None
    score: int | None


@dataclass(frozen=True)
class FinancialRiskRating(RiskRating):
    """A financial risk rating from 5 to 1, with its indicators and criteria."""

    indicators: Mapping[str, IndicatorRating] = field(default_factory=dict)
    criteria: Mapping[str, CriterionRating] = field(default_factory=dict)


def financial_risk_rating(values: Mapping[str, Any], form: str = "2011") -> FinancialRiskRating:
    """Monitor's financial risk rating: the weighted average of five indicators, then the over-riding rules.

    Args:
        values: `ebitda_margin ebitda_achieved net_return_after_financing surplus_margin` as fractions,
            `liquidity_days`; `plan_late plan_incomplete pdc_unpaid borrowing_breach`, Yes, No or bool. Blank: missing.
        form: the form of the rating; there is one, `2011`.

    Returns:
        `.rating` 5 to 1, `.score`, `.caps`, `.indicators`, `.criteria`, `.missing`; bad input is in `.findings`. With
        anything missing the rating is None.

    Source: Oxford University Hospitals NHS Trust, financial risk rating sheet; Developing the NHS Performance Regime
    (June 2008), table 8.

    >>> figures = {"ebitda_margin": 0.081, "ebitda_achieved": 1.02, "net_return_after_financing": 0.024}
    >>> figures |= {"surplus_margin": 0.013, "liquidity_days": 31}
    >>> answers = {"plan_late": True, "plan_incomplete": False, "pdc_unpaid": False, "borrowing_breach": False}
    >>> rated = financial_risk_rating({**figures, **answers})
    >>> rated.score, rated.uncapped_rating, rated.rating, [cap.id for cap in rated.caps]
    (3.65, 4, 3, ['plan_late'])
    """
    return _Rater(load_monitor("financial", form), values).financial()


def governance_risk_rating(
    score: Any,
    form: str = "2010",
    repeated_half: Any = False,
    repeated_national: Any = False,
    declared: Any = None,
) -> RiskRating:
    """Monitor's governance risk rating: by the service performance score, then the over-riding rules and declarations.

    Args:
        score: the service performance score.
        form: `2010` (Green, Amber/Green, Amber/Red, Red) or `2008` (Green, Amber, Red).
        repeated_half: did the same target weighted 0.5 fail three quarters running? Yes, No or bool.
        repeated_national: did the same national requirement weighted 1.0 fail three quarters running?
        declared: a rating, the id of a finding of the form, several of them, or a table of ids and Yes or No.

    Returns:
        `.rating`, `.caps`, `.missing`; the rating is None without a score, unless a rule makes it Red.

    Raises:
        ValueError: for a form or a declaration that there is not; it says what there is.

    Source: Developing the NHS Performance Regime (June 2008), table 8.

    >>> str(governance_risk_rating(2.0).rating), governance_risk_rating(2.0, form="2008").rating
    ('Amber/Red', 'Amber')
    """
    given = {"score": score, "repeated_half": repeated_half, "repeated_national": repeated_national}
    return _Rater(load_monitor("governance", form), given, declared).by_score()


def mandatory_services_rating(declared: Any, form: str = "2008") -> RiskRating:
    """Monitor's mandatory services risk rating: the worst of what is declared, Green where nothing is.

    Args:
        declared: a rating, the id of a finding of table 8 (`self_certification reports_unresolved process_misused
            issue_unresolved grave_concern three_ambers`), several of them, or a table of ids and Yes or No.
        form: the form of the rating; there is one, `2008`.

    Raises:
        ValueError: for a declaration that there is not; it says what there is.

    Source: Developing the NHS Performance Regime (June 2008), table 8.

    >>> mandatory_services_rating(["self_certification", "three_ambers"]).rating.value
    'Red'
    """
    return _Rater(load_monitor("mandatory-services", form), {}, declared).by_score()


class _Holding(NamedTuple):
    id: str
    label: str
    best: int
    mark: Mark


class _Rater:
    """Rates one trust by one set of rules, noting the steps."""

    def __init__(self, rules: RiskRules, given: Mapping[str, Any], declared: Any = None) -> None:
        self.rules = rules
        self.lines: list[str] = []
        self.findings: list[Finding] = []
        self.values: dict[str, Any] = {}
        for name, entry in rules.entries.items():
            self.values[name], problem = accept(entry, given.get(name))
            if problem is not None:
                self.findings.append(problem)
        for name in given:
            if name not in rules.entries and not is_blank(given[name]):
                self.findings.append(finding("unknown-field", field=str(name), value=given[name], name=name, hint=""))
        self.missing = tuple(name for name, value in self.values.items() if value is None)
        self.declared = _declared(rules, declared)

    def financial(self) -> FinancialRiskRating:
        indicators = {name: self.indicator(indicator) for name, indicator in self.rules.indicators.items()}
        score = self.mean(indicators.values())
        criteria = {name: self.criterion(name, indicators) for name in self.rules.criteria}
        scores = [criterion.score for criterion in criteria.values()]
        counts = {name: None if None in scores else scores.count(of) for name, of in self.rules.counts.items()}
        rated = self.rate(score, {**self.values, **counts})
        whole = {key: _whole(getattr(rated, key)) for key in ("rating", "uncapped_rating")}
        caps = tuple(replace(cap, best=int(cap.best)) for cap in rated.caps)
        parts = {**vars(rated), **whole, "caps": caps}
        return FinancialRiskRating(**parts, indicators=indicators, criteria=criteria)

    def by_score(self) -> RiskRating:
        score = self.values.get("score")
        return self.rate(None if score is None else round_measure(score), self.values)

    def indicator(self, indicator: Indicator) -> IndicatorRating:
        value = self.values[indicator.id]
        if value is None:
            return IndicatorRating(indicator.id, indicator.label, indicator.weight, state="missing")
        value = indicator.value.rounded(value)
        step = indicator.ladder.steps[indicator.ladder.first_true(value)]
        assert step.score is not None
        shown = indicator.value.unit.show(value)
        limits = {name: limit.unit.show(limit.value) for name, limit in indicator.limits.items()}
        reason = _reason(step, "value", shown, limits)
        self.note(
            f"{indicator.label}: {reason}, scores {step.score:g}; weight {indicator.weight:g}%", indicator.weight_mark
        )
        weighted = indicator.weight * step.score / self.rules.total_weight
        return IndicatorRating(indicator.id, indicator.label, indicator.weight, value, step.score, weighted)

    @staticmethod
    def mean(indicators: Iterable[IndicatorRating]) -> float | None:
        total = weight = 0.0
        for rated in indicators:
            if rated.score is None:
                return None
            total += rated.weight * rated.score
            weight += rated.weight
        return round_measure(total / weight)

    def criterion(self, name: str, indicators: Mapping[str, IndicatorRating]) -> CriterionRating:
        criterion, bands = self.rules.criteria[name], self.rules.criterion_bands
        own = [rated for rated in indicators.values() if self.rules.indicators[rated.id].sub_domain == name]
        mean = self.mean(own)
        if mean is None or bands is None:
            return CriterionRating(name, criterion.label, None, None)
        score = bands.steps[bands.first_true(mean)].score
        assert score is not None
        self.note(f"Criterion {criterion.label}: mean {mean:g}, score {score:g}", bands.mark)
        return CriterionRating(name, criterion.label, mean, int(score))

    def rate(self, score: float | None, values: Mapping[str, Any]) -> RiskRating:
        """The rating of the score's band (the best where there are no bands), then what the rules that hold allow."""
        rules, scale = self.rules, self.rules.scale
        uncapped = 0 if rules.bands is None else self.band(score, rules.bands)
        holding: list[_Holding] = []
        unknown = False
        for rule in rules.over_riding:
            arguments = [values[name] for name in rule.names]
            if None in arguments:
                unknown = True
            elif rule.condition(*arguments):
                holding.append(_Holding(rule.id, rule.label, scale.ranks[str(rule.best)], rule.mark))
        holding += self.declared
        rank = capped(uncapped, [held.best for held in holding], unknown, scale.stands)
        caps = tuple(
            RiskCap(
                id=held.id,
                label=held.label,
                best=_grade(scale.names[held.best]),
                binding=held.best == rank and (uncapped is None or held.best > uncapped),
                provenance=held.mark.provenance,
                reference=rules.cite(held.mark),
            )
            for held in holding
        )
        for held, cap in zip(holding, caps, strict=True):
            self.note(f"{held.label}: at best {cap.best}{', binding' if cap.binding else ''}", held.mark)
        if not caps:
            self.lines.append("No over-riding rule holds, nothing is declared")
        if self.missing:
            self.lines.append(f"Missing: {', '.join(self.missing)}")
        meaning = None if rank is None else rules.meanings[scale.names[rank]]
        if meaning is None:
            self.lines.append("No rating: data are missing")
        else:
            self.note(f"Rating {meaning.rating}: {meaning.means}", meaning.marks.table)
        return RiskRating(
            rating=None if rank is None else _grade(scale.names[rank]),
            score=score,
            uncapped_rating=None if uncapped is None else _grade(scale.names[uncapped]),
            caps=caps,
            missing=self.missing,
            findings=tuple(self.findings),
            meaning=meaning.means if meaning else "",
            lines=tuple(self.lines),
        )

    def band(self, score: float | None, bands: Ladder) -> int | None:
        if score is None:
            return None
        step = bands.steps[bands.first_true(score)]
        limits = {name: f"{limit.value:g}" for name, limit in bands.limits.items()}
        compared = [bands.limits[name].mark for name in (step.when.names if step.when else ()) if name in limits]
        reason = _reason(step, "score", f"{score:g}", limits)
        self.note(f"Score: {reason}, {step.category}", [*compared, bands.mark][0])
        return self.rules.scale.ranks[str(step.category)]

    def note(self, line: str, mark: Mark) -> None:
        self.lines.append(f"{line} ({self.rules.cite(mark)}; {mark.provenance})")


def _reason(step: Step, name: str, shown: str, limits: Mapping[str, str]) -> str:
    """The condition that decided, in words with its numbers."""

    def say(part: ast.expr) -> str:
        return {name: shown, **limits}[part.id] if isinstance(part, ast.Name) else ast.unparse(part)

    return f"{shown} is below every limit" if step.when is None else words(step.when, say)


def _whole(rating: Any) -> int | None:
    return None if rating is None else int(rating)


def _grade(name: str) -> str:
    return GRADES.get(name, name)


def _declared(rules: RiskRules, declared: Any) -> list[_Holding]:
    """What holds by declaration: findings by their id, and ratings."""
    if isinstance(declared, Mapping):
        texts = [name for name, value in declared.items() if match_yes(value, f"declared[{name!r}]")]
    else:
        texts = [declared] if isinstance(declared, str) or is_blank(declared) else list(declared)
    ranks, found = rules.scale.ranks, {}
    for text in texts:
        name = match_name(text, [*rules.findings, *ranks], "declared")
        if name is not None and name in rules.findings:
            one = rules.findings[name]
            found[name] = _Holding(one.id, one.label, ranks[one.best], one.marks.table)
        elif name is not None:
            found[name] = _Holding("declared", f"{name} declared", ranks[name], rules.marks.table)
    return list(found.values())
