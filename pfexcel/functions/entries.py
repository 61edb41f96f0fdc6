"""Which entries an answer hangs on: a function looks at those of a return and at no others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pfexcel.functions.cells import unavailable
from pfexcel.functions.fields import plain
from pfexcel.rules.edition import Domain, Indicator, Rulebook


@lru_cache(maxsize=256)
def entries_of_score(rulebook: Rulebook, domain: str) -> frozenset[str]:
    """The names by which figures for the score of a domain may be given.

    Raises:
        CellError: #N/A where the rulebook has no such score.
    """
    found = _domain(rulebook, domain)
    return frozenset(name for indicator in found.indicators.values() for name in _of_indicator(indicator))


@lru_cache(maxsize=256)
def entries_of_category(rulebook: Rulebook, domain: str) -> frozenset[str]:
    """The names by which figures for the category of a domain may be given: its over-riding rules and parts included.

    Raises:
        CellError: #N/A where the rulebook has no such category.
    """
    return frozenset(_of_category(rulebook, _domain(rulebook, domain)))


@lru_cache(maxsize=256)
def entries_of_indicator(rulebook: Rulebook, label: str) -> frozenset[str]:
    """The names by which figures for an indicator may be given.

    Raises:
        CellError: #N/A where the rulebook has no such indicator.
    """
    found = indicator_named(rulebook, label)
    if found is None:
        raise unavailable(f"{label!r} is no indicator of {rulebook.trust_type} trusts in {rulebook.edition.id}")
    return frozenset(_of_indicator(found))


@lru_cache(maxsize=256)
def indicator_named(rulebook: Rulebook, label: str) -> Indicator | None:
    """The indicator of an id or a label, in any case, spaces and punctuation apart; None where there is none."""
    key = plain(label)
    by_id = {plain(name): indicator for name, indicator in rulebook.indicators.items()}
    by_label = {plain(indicator.label): indicator for indicator in rulebook.indicators.values()}
    return by_id.get(key) or by_label.get(key)


def _domain(rulebook: Rulebook, domain: str) -> Domain:
    if domain not in rulebook.domains:
        raise unavailable(f"edition {rulebook.edition.id} does not rate {domain} of {rulebook.trust_type} trusts")
    return rulebook.domains[domain]


def _of_indicator(indicator: Indicator) -> Iterator[str]:
    yield from indicator.fields
    yield indicator.id
    yield f"{indicator.id}_score"


def _of_category(rulebook: Rulebook, domain: Domain) -> Iterator[str]:
    for indicator in domain.indicators.values():
        yield from _of_indicator(indicator)
    yield from domain.label_fields
    if domain.declared is not None:
        yield domain.declared
    parts = list(domain.lowest_of)
    for rule in domain.over_riding:
        yield from rule.fields
        if rule.best_is is not None:
            yield rule.best_is
        parts += [name.removesuffix("_category") for name in rule.names if name.endswith("_category")]
    for part in parts:
        yield from _of_category(rulebook, rulebook.domains[part])
