"""Random returns and returns at every limit, made from a rulebook's own entries, measures and limits.

Nothing of an edition is typed in here: a figure that is to meet a limit is found by solving the measure for one of its entries.
Figures are decimals as a trust would enter them: money with up to three decimals, counts whole.
"""

from __future__ import annotations

import ast
import copy
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pfexcel.engine.inputs import measure_entry
from pfexcel.engine.rate import rate
from pfexcel.periods import Period
from pfexcel.rules.edition import Domain, Edition, Field, Indicator, Measure, Rulebook
from pfexcel.rules.expression import Expression

Return = dict[str, Any]
Figures = Mapping[str, Any]

_KINDS = ("at", "under", "over")


def sample_period(edition: Edition) -> str:
    """The last period of an edition: figures that meet a limit meet it in this one."""
    year = f"{edition.first_day.year}-{edition.last_day.year % 100:02d}"
    return f"{year}-Q4" if edition.frequency == "quarter" else f"{year}-M12"


def good_return(rulebook: Rulebook) -> Return:
    """A complete return with the best score of every indicator and the best category of every domain."""
    return dict(_workshop(rulebook).good)


def random_returns(
    rulebook: Rulebook, count: int, seed: int, dirty: bool = False, overrides: bool = False
) -> list[Return]:
    """`count` random returns, the same ones for the same seed.

    Some are complete, some nearly empty, in the others about one entry in twelve is missing. Many figures lie at a limit or next to
    it. `dirty`: entries that must be refused; `overrides`: measures and scores given by an indicator's name.
    """
    workshop = _workshop(rulebook)
    chance = random.Random(f"{seed} {rulebook.edition.id} {rulebook.trust_type}")
    return [workshop.random_return(chance, dirty, overrides) for _ in range(count)]


def limit_returns(rulebook: Rulebook) -> Iterator[tuple[str, Return]]:
    """Complete returns, each named, with one measure at, just under or just over what a condition compares it with.

    Also every choice of every choice entry, and for each scored domain the scores nearest to each limit of its bands.
    """
    workshop = _workshop(rulebook)
    for group in workshop.conditions:
        yield from workshop.at_limits(group)
    for entry in rulebook.fields.values():
        for choice in entry.unit.choices:
            yield f"{entry.name} {choice}", {**workshop.good, entry.name: choice}
    for domain in rulebook.scored:
        for name, scores in _scores_at_bands(domain):
            yield f"{domain.id} score {name}", {**workshop.good, **scores}
