"""What a category hangs on: the categories of a table by other weights and limits than the edition's.

The figures are read and scored once. A scenario of weights reuses every score; one of limits scores its own indicators
anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from pfexcel.engine.bulk import BlockRater, Points, banded, capped_ranks, weighted_score
from pfexcel.engine.bulk_inputs import Numbers, Rows, TableReader, blocks, groups
from pfexcel.model import Category
from pfexcel.periods import Period
from pfexcel.rules.edition import Domain, Edition, Ladder, Rulebook
from pfexcel.rules.load import load_edition

SHARE = 0.1
EDITION = "as in the edition"


@dataclass(frozen=True)
class Scenario:
    """Other numbers than the edition's: weights by indicator, limits by `indicator.limit`, bands by `domain.limit`."""

    weights: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Sensitivity:
    """The scores and categories of each return (rows) in each scenario (columns, `as in the edition` first)."""

    domain: str
    scores: pd.DataFrame
    categories: pd.DataFrame

    @property
    def changed(self) -> pd.DataFrame:
        """Where a scenario changes the category."""
        return self.categories.ne(self.categories[EDITION], axis=0).drop(columns=EDITION)

    def hangs_on(self, row: Any) -> list[str]:
        """The scenarios that change the category of one return, by its label in the index."""
        changed = self.changed.loc[row]
        return [str(name) for name in changed.index[changed]]

    def summary(self) -> pd.DataFrame:
        """One row a scenario: how many returns change category, and how many are in each."""
        counts = self.categories.apply(lambda column: column.value_counts()).T.fillna(0).astype(int)
        counts.insert(0, "changed", self.changed.sum().reindex(counts.index, fill_value=0))
        return counts


def sensitivity(
    edition: str | os.PathLike[str] | Edition,
    trust_type: str | None,
    frame: pd.DataFrame,
    period: str | Period | None = None,
    domain: str = "finance",
    scenarios: Mapping[str, Scenario] | None = None,
) -> Sensitivity:
    """Which indicators, limits and weights the categories of a table hang on.

    Args:
        edition, trust_type, frame, period: as for `rate_table`.
        domain: a domain with a score: `finance`, `ipm`, `ue`.
        scenarios: by name; None tries each number of the domain alone: every indicator left out, and every weight and
            limit a tenth more and a tenth less.

    Returns:
        A Sensitivity: scores and categories by return and scenario. Over-riding rules apply as in the edition.

    Raises:
        ValueError: for a domain without a score, and for an indicator or a limit that no trust type of the table has.

    >>> frame = pd.DataFrame({f"{name}_score": [3, 2] for name in load_edition("2011-12").rulebook("acute").indicators})
    >>> heavy = {"debtor days alone": Scenario(weights={"debtor_days": 1e6})}
    >>> sensitivity("2011-12", "acute", frame, scenarios=heavy).scores["debtor days alone"].round(2).tolist()
    [3.0, 2.0]
    """
    edition = load_edition(edition)
    found = list(groups(edition, trust_type, frame, period))
    rulebooks = [rulebook for rulebook, _, _ in found]
    if any(domain not in rulebook.domains or not rulebook.domains[domain].indicators for rulebook in rulebooks):
        raise ValueError(f"edition {edition.id} has no score of {domain!r}; use one of {_scored(rulebooks)}")
    if scenarios is None:
        scenarios = {name: one for rulebook in rulebooks for name, one in one_at_a_time(rulebook.domains[domain])}
    _check(scenarios, [rulebook.domains[domain] for rulebook in rulebooks])
    tried = {EDITION: Scenario(), **scenarios}
    scores = np.empty((len(tried), len(frame)))
    ranks = np.empty((len(tried), len(frame)), dtype=np.int8)
    for rulebook, when, where in found:
        reader = TableReader(rulebook, frame)
        for rows, size in blocks(len(frame), where):
            with np.errstate(all="ignore"):
                rater = BlockRater(rulebook, reader.read(rows, size, when.days_elapsed if when else None))
                rater.rate()
                _fill(rater, rulebook.domains[domain], tried, rows, scores, ranks)
    names = [*rulebooks[0].domains[domain].scale.names, Category.NOT_ASSESSED.value]
    kinds = pd.CategoricalDtype(names)
    categories = {
        name: pd.Categorical.from_codes(np.where(row < 0, len(names) - 1, row), dtype=kinds)
        for name, row in zip(tried, ranks, strict=True)
    }
    return Sensitivity(
        domain,
        pd.DataFrame(dict(zip(tried, scores, strict=True)), index=frame.index),
        pd.DataFrame(categories, index=frame.index),
    )


def one_at_a_time(domain: Domain) -> Iterator[tuple[str, Scenario]]:
    """A scenario for each number of a domain: indicators left out, weights and limits a tenth more and less."""
    for name, indicator in domain.indicators.items():
        yield f"without {name}", Scenario(weights={name: 0.0})
        for words, factor in (("more", 1 + SHARE), ("less", 1 - SHARE)):
            yield f"weight of {name}, a tenth {words}", Scenario(weights={name: indicator.weight * factor})
    for name, limit in _limits(domain).items():
        for words, factor in (("more", 1 + SHARE), ("less", 1 - SHARE)):
            yield f"{name}, a tenth {words}", Scenario(limits={name: limit * factor})


def _fill(
    rater: BlockRater,
    domain: Domain,
    scenarios: Mapping[str, Scenario],
    rows: Rows,
    scores: Numbers,
    ranks: Any,
) -> None:
    """The scores and ranks of a block of rows in every scenario."""
    weights = {name: indicator.weight for name, indicator in domain.indicators.items()}
    assert domain.bands is not None
    for place, scenario in enumerate(scenarios.values()):
        own = {name: weight for name, weight in scenario.weights.items() if name in weights}
        score = weighted_score(domain, weights | own, _points(rater, domain, scenario), rater.inputs.size)
        bands = _with_limits(domain.bands, domain.id, scenario.limits)
        scores[place, rows] = score
        ranks[place, rows] = capped_ranks(domain, banded(domain, bands, score), *rater.caps[domain.id])


def _points(rater: BlockRater, domain: Domain, scenario: Scenario) -> Mapping[str, Points]:
    """The scores of the indicators, those anew whose limits are others."""
    named = {name.partition(".")[0] for name in scenario.limits} & domain.indicators.keys() & rater.points.keys()
    anew: dict[str, Points] = {}
    for name in named:
        indicator = domain.indicators[name]
        ladder = _with_limits(indicator.ladder, name, scenario.limits)
        anew[name] = rater.indicator(replace(indicator, ladder=ladder))
    return {**rater.points, **anew} if anew else rater.points


def _with_limits(ladder: Ladder, owner: str, limits: Mapping[str, float]) -> Ladder:
    own = {name.partition(".")[2]: value for name, value in limits.items() if name.partition(".")[0] == owner}
    if not own:
        return ladder
    changed = {name: replace(limit, value=float(own.get(name, limit.value))) for name, limit in ladder.limits.items()}
    return replace(ladder, limits=changed)


def _limits(domain: Domain) -> dict[str, float]:
    """The limits of a domain's indicators and bands by the names that scenarios give them."""
    assert domain.bands is not None
    found = {f"{i.id}.{name}": limit.value for i in domain.indicators.values() for name, limit in i.limits.items()}
    return found | {f"{domain.id}.{name}": limit.value for name, limit in domain.bands.limits.items()}


def _check(scenarios: Mapping[str, Scenario], domains: Sequence[Domain]) -> None:
    indicators = {name for domain in domains for name in domain.indicators}
    limits = {name for domain in domains for name in _limits(domain)}
    for name, scenario in scenarios.items():
        for kind, given, known in (("indicator", scenario.weights, indicators), ("limit", scenario.limits, limits)):
            unknown = [one for one in given if one not in known]
            if unknown:
                raise ValueError(
                    f"scenario {name!r}: {kind} {unknown[0]!r} is unknown; use one of {', '.join(sorted(known))}"
                )


def _scored(rulebooks: Sequence[Rulebook]) -> str:
    return ", ".join(dict.fromkeys(domain.id for rulebook in rulebooks for domain in rulebook.scored))
