"""Numbers of trusts by domain and category, for the nation, an SHA or a trust type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pfexcel.publish.publication import (
    NOT_ASSESSED,
    NOT_RATED,
    SIGNED_OFF,
    Count,
    Counts,
    DomainCounts,
    Rules,
    TrustEntry,
)


def count(trusts: Sequence[TrustEntry], rules: Sequence[Rules]) -> Counts:
    """Count trusts by every domain that some trust type of `rules` has; each domain adds up to all of them."""
    return Counts(
        in_scope=len(trusts),
        returned=sum(trust.returned for trust in trusts),
        late=sum(trust.late for trust in trusts),
        signed_off=sum(trust.signed_off == SIGNED_OFF for trust in trusts),
        errors=sum(trust.errors for trust in trusts),
        queries=sum(trust.queries for trust in trusts),
        domains=tuple(_domains(trusts, rules)),
    )


def _domains(trusts: Sequence[TrustEntry], rules: Sequence[Rules]) -> Iterable[DomainCounts]:
    texts = {text.id: text for one in rules for text in one.domains}
    for name, text in texts.items():
        own = [trust.domain(name) for trust in trusts]
        names = (*text.categories, NOT_ASSESSED, NOT_RATED)
        reported = Counter(NOT_RATED if one is None else one.category for one in own)
        in_force = Counter(NOT_RATED if one is None else one.stands for one in own)
        yield DomainCounts(
            domain=name,
            title=text.title,
            reported=tuple(Count(category, reported[category]) for category in names),
            in_force=tuple(Count(category, in_force[category]) for category in names) if text.escalates else (),
        )
