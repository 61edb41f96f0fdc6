"""The rules of a trust type in words, as a publication carries them: taken from the rulebook, said by the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pfexcel.engine.needs import band_above, next_limits
from pfexcel.engine.trace import grounds
from pfexcel.engine.words import scoring_words, weakest
from pfexcel.publish.rule_texts import BandLimit, DomainText, IndicatorText, Rules, ScoreLimit, StepText
from pfexcel.rules.edition import Domain, Indicator, Rulebook


def rules_in_words(rulebook: Rulebook) -> Rules:
    """The domains, indicators and steps of the explanation of one trust type.

    >>> from pfexcel.rules.load import load_edition
    >>> finance = rules_in_words(load_edition("2011-12").rulebook("acute")).domains[0]
    >>> finance.title, finance.lowest, finance.best, [limit.label for limit in finance.limits]
    ('Finance', 1.0, 3.0, ['Performing: above 2.4', 'Performance under review: from 2.1'])
    """
    steps = grounds(rulebook)
    said = {ground.domain.id: ground.rule for ground in steps if ground.subject is None and not ground.final}
    cite = rulebook.edition.cite
    return Rules(
        trust_type=rulebook.trust_type,
        domains=tuple(_domain(rulebook, domain, said[domain.id]) for domain in rulebook.domains.values()),
        indicators=tuple(
            _indicator(rulebook, domain, indicator)
            for domain in rulebook.domains.values()
            for indicator in domain.indicators.values()
        ),
        steps=tuple(
            StepText(
                domain=ground.domain.id,
                indicator=ground.subject.id if isinstance(ground.subject, Indicator) else "",
                step=ground.step,
                rule=ground.rule,
                provenance=ground.mark.provenance,
                reference=cite(ground.mark),
            )
            for ground in steps
        ),
    )


def _domain(rulebook: Rulebook, domain: Domain, rule: str) -> DomainText:
    mark = domain.bands.mark if domain.bands is not None else domain.mark
    return DomainText(
        id=domain.id,
        title=domain.title,
        categories=domain.scale.names,
        rule=rule,
        escalates=domain.ladder is not None,
        provenance=mark.provenance,
        reference=rulebook.edition.cite(mark),
        lowest=_extreme(domain, min),
        best=_extreme(domain, max),
        limits=tuple(band_limits(domain)),
    )


def _extreme(domain: Domain, pick: Callable[[Iterable[float]], float]) -> float | None:
    own = domain.indicators.values()
    if not own:
        return None
    return round(sum(i.weight * pick(i.scores) for i in own) / sum(i.weight for i in own), 10)


def band_limits(domain: Domain) -> list[BandLimit]:
    """The scores at which a domain's category changes, best first; none for a domain without a score."""
    if domain.bands is None:
        return []
    found = []
    for place in range(1, len(domain.bands.steps)):
        better, limit, before, _ = band_above(domain, place)
        worse = str(domain.bands.steps[place].category)
        found.append(BandLimit(f"{better}: {'above' if before else 'from'} {limit:g}", limit, better, worse))
    return found


def _indicator(rulebook: Rulebook, domain: Domain, indicator: Indicator) -> IndicatorText:
    sub_domain = domain.sub_domains.get(indicator.sub_domain or "")
    mark = weakest(indicator)
    return IndicatorText(
        id=indicator.id,
        label=indicator.label,
        domain=domain.id,
        sub_domain=sub_domain.label if sub_domain else "",
        weight=indicator.weight,
        unit=indicator.value.unit.words,
        scores=tuple(sorted(indicator.scores, reverse=True)),
        scoring=scoring_words(indicator),
        provenance=mark.provenance,
        reference=rulebook.edition.cite(mark),
        limits=tuple(ScoreLimit(*after) for after in next_limits(indicator).values()),
    )
