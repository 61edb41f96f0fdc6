"""One trust's results as records of a publication: from its ratings and stages over the periods, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pfexcel.engine.escalation import Stage
from pfexcel.engine.needs import need_words
from pfexcel.engine.words import show_score
from pfexcel.model import DomainRating, IndicatorRating, Rating
from pfexcel.periods import Period
from pfexcel.publish.movements import DomainPeriod, movement
from pfexcel.publish.publication import (
    NOT_ASSESSED,
    AppliedRule,
    DomainResult,
    HistoryPoint,
    IndicatorPoint,
    IndicatorResult,
    Standing,
    StepResult,
)
from pfexcel.rules.edition import Domain, Rulebook
from pfexcel.workbook.history import due_words


@dataclass(frozen=True)
class TrustPeriod:
    """One trust in one period: how its return rates, None without one, and the stage of each domain that escalates."""

    period: Period
    rating: Rating | None
    stages: Mapping[str, Stage]


def domain_results(rulebook: Rulebook, history: Sequence[TrustPeriod]) -> Iterator[DomainResult]:
    """The domains of a trust type in the edition's order; the last of the history is the period published."""
    for domain in rulebook.domains.values():
        yield _domain(domain, [_of(domain, one) for one in history])


def _of(domain: Domain, one: TrustPeriod) -> DomainPeriod:
    """A domain in a period, or, in an edition before, the domain whose count it continues."""
    named = domain.id
    if one.rating is not None and named not in one.rating.domains and domain.continues:
        named = domain.continues
    return DomainPeriod(one.period, named, one.rating, one.stages.get(domain.id), domain.bands is not None)


def _domain(domain: Domain, history: Sequence[DomainPeriod]) -> DomainResult:
    now = history[-1]
    before = history[-2] if len(history) > 1 else None
    rated = now.rated
    shown = rated is not None and rated.score is not None and domain.bands is not None
    return DomainResult(
        domain=domain.id,
        title=domain.title,
        score=now.score,
        score_words=show_score(rated.score, domain.bands) if shown else "",  # pyright: ignore
        label=(rated.label or "") if rated else "",
        category=now.category,
        before_rules=str(rated.uncapped_category) if rated else NOT_ASSESSED,
        rules=tuple(_rules(rated)),
        standing=_standing(now.stage) if now.stage is not None else None,
        missing=tuple(_missing(now.rating, rated)),
        movement=movement(domain, before, now),
        history=tuple(
            HistoryPoint(one.period.text, one.category, "" if one.stage is None else str(one.stage.category), one.score)
            for one in history
        ),
    )


def _rules(rated: DomainRating | None) -> Iterator[AppliedRule]:
    for rule in rated.caps if rated else ():
        yield AppliedRule(rule.label, str(rule.best), rule.binding, rule.provenance, rule.reference)


def _missing(rating: Rating | None, rated: DomainRating | None) -> Iterator[str]:
    if rating is None or rated is None:
        return
    fields, indicators = rating.rulebook.fields, rating.rulebook.indicators
    for name in rated.missing:
        named = fields.get(name) or indicators.get(name)
        yield named.label if named else name


def _standing(stage: Stage) -> Standing:
    return Standing(
        in_force=str(stage.category),
        consecutive=stage.consecutive,
        lead=stage.lead,
        change=stage.change,
        escalated=stage.workings.level > max(stage.workings.reported, stage.workings.held),
        step=stage.step,
        detail=stage.detail,
        next_step=stage.next_step,
        due=stage.due,
        due_words=due_words(stage.due).removeprefix(", "),
        reference=stage.reference,
    )


def indicator_results(
    rating: Rating, before: Rating | None, history: Sequence[TrustPeriod] = ()
) -> Iterator[IndicatorResult]:
    """The indicators of a rating in the edition's order, last period's value and score beside them, and all periods."""
    earlier = _indicators(before)
    periods = [(one.period.text, _indicators(one.rating)) for one in history]
    for domain in rating.rulebook.domains.values():
        for indicator in domain.indicators.values():
            own, old = rating.domains[domain.id].indicators[indicator.id], earlier.get(indicator.id)
            show = indicator.value.unit.show
            yield IndicatorResult(
                id=indicator.id,
                value=own.value,
                value_words="" if own.value is None else show(own.value),
                score=own.score,
                weighted=own.weighted,
                state=own.state,
                need=need_words(indicator, own.score).rstrip(". "),
                value_before_words="" if old is None or old.value is None else show(old.value),
                score_before=None if old is None else old.score,
                history=tuple(_point(period, known.get(indicator.id), show) for period, known in periods),
            )


def _indicators(rating: Rating | None) -> dict[str, IndicatorRating]:
    return {} if rating is None else {i.id: i for d in rating.domains.values() for i in d.indicators.values()}


def _point(period: str, own: IndicatorRating | None, show: Callable[[float], str]) -> IndicatorPoint:
    if own is None:
        return IndicatorPoint(period, None, "", None)
    return IndicatorPoint(period, own.value, "" if own.value is None else show(own.value), own.score)


def step_results(rating: Rating) -> Iterator[StepResult]:
    """The value and result of each step of the explanation, in the order of `Rules.steps`."""
    for step in rating.steps:
        yield StepResult(step.value, step.result)
