"""How a rating came about: the steps in order, each with its result, rule, reference and provenance.

The same steps stand in `Rating.explain()`, in `pfexcel explain` and on the Rating sheet, which works out the results by
formula and takes everything else from `grounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pfexcel.engine.rate import measured
from pfexcel.engine.words import best_words, label_words, ladder_words, scoring_words, show_score, weakest
from pfexcel.model import DomainRating, Rating
from pfexcel.rules.edition import Domain, Indicator, Mark, OverRidingRule, Rulebook

MISSING = "missing, not scored"
NO_ACTIVITY = "no such activity, left out"
APPLIES_NOT = "does not apply"
UNKNOWN = "cannot be judged"


@dataclass(frozen=True)
class Ground:
    """What of a step does not hang on figures: what is rated (`subject` within `domain`), its rule and mark."""

    domain: Domain
    subject: Indicator | OverRidingRule | None
    final: bool
    step: str
    rule: str
    mark: Mark


@dataclass(frozen=True)
class TraceStep:
    """One step: what is rated, on what value, with what result, by which rule, and where that rule comes from."""

    step: str
    value: str
    result: str
    rule: str
    provenance: str
    reference: str

    def __str__(self) -> str:
        value = f" {self.value}:" if self.value else ""
        rule = f" ({self.rule})" if self.rule else ""
        return f"{self.step}:{value} {self.result}{rule} [{self.provenance}: {self.reference}]"


def trace(rating: Rating) -> tuple[TraceStep, ...]:
    """The steps of a rating, domain by domain in the order in which they are rated."""
    edition = rating.rulebook.edition
    return tuple(
        TraceStep(g.step, _value(rating, g), _result(rating, g), g.rule, g.mark.provenance, edition.cite(g.mark))
        for g in grounds(rating.rulebook)
    )


@lru_cache(maxsize=64)
def grounds(rulebook: Rulebook) -> tuple[Ground, ...]:
    """The steps that any rating by a rulebook takes, in order."""
    found: list[Ground] = []
    for domain in rulebook.domains.values():
        for indicator in domain.indicators.values():
            rule = f"weight {indicator.weight:g}; {scoring_words(indicator)}"
            found.append(Ground(domain, indicator, False, indicator.label, rule, weakest(indicator)))
        mark = domain.bands.mark if domain.bands is not None else domain.mark
        before = ", before over-riding rules" if domain.over_riding else ""
        found.append(Ground(domain, None, False, f"{domain.title}{before}", _domain_rule(rulebook, domain), mark))
        for rule in domain.over_riding:
            limits = "".join(f"; {limit.label}: {limit.unit.show(limit.value)}" for limit in rule.limits.values())
            best = f"best possible: {best_words(rulebook, rule)}{limits}"
            found.append(Ground(domain, rule, False, f"{domain.title}, over-riding: {rule.label}", best, rule.mark))
        if domain.over_riding:
            found.append(Ground(domain, None, True, f"{domain.title}, in the end", "", domain.mark))
    return tuple(found)


def _domain_rule(rulebook: Rulebook, domain: Domain) -> str:
    if domain.bands is not None:
        return ladder_words(domain.bands, {"score": "the score"})
    if domain.labels is not None:
        return label_words(rulebook, domain)
    if domain.declared is not None:
        return f"as entered in {rulebook.fields[domain.declared].label!r}"
    return f"the lowest of {', '.join(rulebook.domains[name].title for name in domain.lowest_of)}"


def _value(rating: Rating, ground: Ground) -> str:
    rated = rating.domains[ground.domain.id]
    if isinstance(ground.subject, Indicator):
        return _indicator_value(rating, ground.subject, rated)
    if isinstance(ground.subject, OverRidingRule):
        measures = ground.subject.measures.values()
        return ", ".join(f"{m.label} {m.unit.show(measured(m, rating.inputs.values))}" for m in measures)
    if ground.subject is None and not ground.final and rated.score is not None and ground.domain.bands is not None:
        return f"score {show_score(rated.score, ground.domain.bands)}"
    return ""


def _indicator_value(rating: Rating, indicator: Indicator, rated: DomainRating) -> str:
    own = rated.indicators[indicator.id]
    if own.value is None:
        return ""
    further = [indicator.measures[n] for n in indicator.ladder.names if n != "value"]
    shown = [f"{m.label} {m.unit.show(measured(m, rating.inputs.values))}" for m in further]
    return ", ".join([indicator.value.unit.show(own.value), *shown])


def _result(rating: Rating, ground: Ground) -> str:
    domain = ground.domain
    rated = rating.domains[domain.id]
    if isinstance(ground.subject, Indicator):
        own = rated.indicators[ground.subject.id]
        if own.score is None:
            return NO_ACTIVITY if own.state == "no activity" else MISSING
        return f"score {own.score:g}{' as given' if own.id in rating.inputs.scores else ''}"
    if isinstance(ground.subject, OverRidingRule):
        return rule_result(rating, domain, ground.subject)
    if ground.final:
        return str(rated.category)
    if domain.labels is not None and rated.label != str(rated.uncapped_category):
        return f"{rated.label}: {rated.uncapped_category}"
    return str(rated.uncapped_category)


def rule_result(rating: Rating, domain: Domain, rule: OverRidingRule) -> str:
    """What became of an over-riding rule: it applies (and decides), does not apply, or cannot be judged."""
    held = next((cap for cap in rating.domains[domain.id].caps if cap.id == rule.id), None)
    if held is not None:
        return f"applies{' and decides' if held.binding else ''}: {held.best}"
    return UNKNOWN if rule.id in rating.unknown_rules else APPLIES_NOT
