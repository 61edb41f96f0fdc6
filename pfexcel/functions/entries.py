"""Which entries an answer hangs on: a function looks at those of a return and at no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pfexcel.functions.cells import unavailable
from pfexcel.functions.fields import plain
from pfexcel.rules.edition import Domain, Indicator, Rulebook


class Wanted(NamedTuple):
    """What of a return an answer hangs on: entries by every name they may be given by, and domains."""

    names: frozenset[str]
    domains: frozenset[str]


@lru_cache(maxsize=256)
def entries_of_score(rulebook: Rulebook, domain: str) -> Wanted:
    """What the score of a domain hangs on.

    Raises:
        CellError: #N/A where the rulebook has no such score.
    """
    found = _domain(rulebook, domain)
    return Wanted(frozenset(_of_indicators(found.indicators.values())), frozenset([domain]))


@lru_cache(maxsize=256)
def entries_of_category(rulebook: Rulebook, domain: str) -> Wanted:
    """What the category of a domain hangs on: its over-riding rules and parts included.

    Raises:
        CellError: #N/A where the rulebook has no such category.
    """
    domains: dict[str, Domain] = {}
    waiting = [_domain(rulebook, domain)]
    while waiting:
        found = waiting.pop()
        domains[found.id] = found
        waiting += [rulebook.domains[name] for name in found.hangs_on if name not in domains]
    names = (name for found in domains.values() for name in _of_category(found))
    return Wanted(frozenset(names), frozenset(domains))


@lru_cache(maxsize=256)
def entries_of_indicator(rulebook: Rulebook, label: str) -> Wanted:
    """What an indicator hangs on.

    Raises:
        CellError: #N/A where the rulebook has no such indicator.
    """
    found = indicator_named(rulebook, label)
    if found is None:
        raise unavailable(f"{label!r} is no indicator of {rulebook.trust_type} trusts in {rulebook.edition.id}")
    return Wanted(frozenset(_of_indicators([found])), frozenset([found.domain]))


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


def _of_indicators(indicators: Iterable[Indicator]) -> Iterator[str]:
    for indicator in indicators:
        yield from indicator.fields
        yield indicator.id
        yield f"{indicator.id}_score"


def _of_category(domain: Domain) -> Iterator[str]:
    yield from _of_indicators(domain.indicators.values())
    yield from domain.label_fields
    if domain.declared is not None:
        yield domain.declared
    for rule in domain.over_riding:
        yield from rule.fields
        if rule.best_is is not None:
            yield rule.best_is
