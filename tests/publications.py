"""Publications of sample figures, made straight from the rulebook: no workbook, no register.

As in life, something is amiss with a few returns: every 23rd trust in scope sent none for the last period, others came
late, unsigned, or with findings open.
"""

from datetime import date, timedelta
from functools import cache

import pfexcel
from pfexcel import organisations
from pfexcel.engine.escalation import Stage, escalate, quarter_ends
from pfexcel.model import Rating
from pfexcel.organisations import Trust, in_scope, shas
from pfexcel.periods import Period
from pfexcel.publish.counting import count
from pfexcel.publish.publication import (
    FORM,
    NOT_SIGNED_OFF,
    SIGNED_OFF,
    Change,
    OpenFinding,
    PeriodText,
    Publication,
    Revision,
    ShaEntry,
    TrustEntry,
)
from pfexcel.publish.results import TrustPeriod, domain_results, indicator_results, step_results
from pfexcel.publish.texts import rules_in_words
from pfexcel.rules.edition import Domain, Edition
from pfexcel.samples import sample_values

NO_RETURN_EVERY, LATE_EVERY, UNSIGNED_EVERY, FINDINGS_EVERY = 23, 17, 11, 7


def sample_publication(edition_id: str = "2011-12", last: int = 4) -> Publication:
    """A year of an edition through its `last` period, all trusts that the list of organisations has."""
    return _publication(edition_id, last, organisations.trusts())


@cache
def _publication(edition_id: str, last: int, known: tuple[Trust, ...]) -> Publication:
    edition = pfexcel.load_edition(edition_id)
    letter = "Q" if edition.frequency == "quarter" else "M"
    width = 1 if letter == "Q" else 2
    periods = [Period.parse(f"{edition_id}-{letter}{n:0{width}}") for n in range(1, last + 1)]
    now = periods[-1]
    trusts = [trust for trust in in_scope(now.last_day, edition.trust_types) if trust in known]
    rules = tuple(rules_in_words(edition.rulebook(kind)) for kind in edition.trust_types)
    entries = {trust.ods_code: _entry(edition, periods, trust, place) for place, trust in enumerate(trusts, start=1)}
    published = now.last_day + timedelta(days=50)
    return Publication(
        form=FORM,
        edition=edition.id,
        edition_title=edition.title,
        rulebook_digest=edition.digest,
        period=_text(now),
        periods=tuple(_text(period) for period in periods),
        title=f"NHS Performance Framework: {now.label}",
        notice="Sample figures: they say nothing of how any trust did.",
        notes=("Foundation trusts are outside the scope of the framework.",),
        published=published,
        revision=2,
        register_digest="5" * 64,
        rules=rules,
        counts=count(list(entries.values()), rules),
        shas=tuple(
            ShaEntry(sha.code, sha.name, sha.cluster, count(own, rules), own)
            for sha in shas().values()
            if (own := tuple(entries[trust.ods_code] for trust in trusts if trust.sha_code == sha.code))
        ),
        revisions=(
            Revision(1, published - timedelta(days=7), "4" * 64, ()),
            Revision(2, published, "5" * 64, (Change(trusts[0].ods_code, trusts[0].name, "Late", "no", "yes"),)),
        ),
    )


def _text(period: Period) -> PeriodText:
    return PeriodText(period.text, period.label, period.last_day)


def _entry(edition: Edition, periods: list[Period], trust: Trust, place: int) -> TrustEntry:
    rulebook = edition.rulebook(trust.trust_type)
    ratings: list[Rating | None] = [
        pfexcel.rate(edition, trust.trust_type, sample_values(rulebook, trust.ods_code, period), period=period.text)
        for period in periods
    ]
    if place % NO_RETURN_EVERY == 0:
        ratings[-1] = None
    stages = {domain.id: _stages(domain, periods, ratings) for domain in rulebook.domains.values() if domain.ladder}
    history = [
        TrustPeriod(period, rating, {name: own[index] for name, own in stages.items()})
        for index, (period, rating) in enumerate(zip(periods, ratings, strict=True))
    ]
    now = ratings[-1]
    findings = tuple(_findings(place)) if now else ()
    severities = [finding.severity for finding in findings]
    return TrustEntry(
        ods_code=trust.ods_code,
        name=trust.name,
        trust_type=trust.trust_type,
        returned=now is not None,
        received=periods[-1].last_day + timedelta(days=place % 30) if now else None,
        late=now is not None and place % LATE_EVERY == 0,
        signed_off="" if now is None else NOT_SIGNED_OFF if place % UNSIGNED_EVERY == 0 else SIGNED_OFF,
        last_return=periods[-1].text if now else periods[-2].text if periods[1:] else "",
        lead_commissioner=f"{trust.sha_name} Lead Commissioner" if place % 3 == 0 else "",
        action_plan_date=date(2012, 1, 1 + place % 28).isoformat() if place % 4 == 0 else "",
        note=trust.note,
        errors=severities.count("error"),
        queries=severities.count("query"),
        notes=0,
        findings=findings,
        domains=tuple(domain_results(rulebook, history)),
        indicators=tuple(indicator_results(now, ratings[-2] if ratings[1:] else None, history)) if now else (),
        steps=tuple(step_results(now)) if now else (),
    )


def _stages(domain: Domain, periods: list[Period], ratings: list[Rating | None]) -> list[Stage]:
    rated = [None if rating is None else rating.domains.get(domain.id) for rating in ratings]
    quarterly = domain.ladder == "framework" and periods[-1].frequency == "month"
    return escalate(
        [None if one is None else str(one.category) for one in rated],
        str(domain.ladder),
        counts=quarter_ends(periods) if quarterly else None,
    )


def _findings(place: int) -> list[OpenFinding]:
    if place % FINDINGS_EVERY:
        return []
    return [
        OpenFinding(
            "part-above-whole",
            "error",
            "Bills paid within target by value is above bills paid in all.",
            "Correct one of the two figures and send the return again.",
            "",
        ),
        OpenFinding("large-change", "query", "Debtors are 3 times last period's.", "Explain in the comment.", ""),
    ]
