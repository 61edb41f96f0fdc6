"""What would change a score: for an indicator of one measure, the value it needs for the next score."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from pfexcel.rules.edition import Domain, Indicator

_STEP = 1e-9  # the least a measure can differ by after rounding, and more


class Next(NamedTuple):
    """The next better score, the limit it needs, and the same in words."""

    score: float
    limit: float
    words: str


def next_scores(indicator: Indicator) -> dict[float, tuple[float, str]]:
    """For each score, the next one and what the value must be for it: `{2.0: (3.0, "at least 95%")}`.

    Empty for an indicator whose score hangs on more than its value, or does not only rise or only fall with it:
    for those the rule in words says it.

    >>> from pfexcel.rules.load import load_edition
    >>> next_scores(load_edition("2011-12").rulebook("acute").indicators["ae_4h"])
    {0.0: (2.0, 'at least 94%'), 2.0: (3.0, 'at least 95%')}
    """
    return {score: (after.score, after.words) for score, after in next_limits(indicator).items()}


def next_limits(indicator: Indicator) -> dict[float, Next]:
    """For each score, the next one with its limit, worst first; empty where `next_scores` is.

    >>> from pfexcel.rules.load import load_edition
    >>> next_limits(load_edition("2011-12").rulebook("acute").indicators["ae_4h"])[0.0]
    Next(score=2.0, limit=0.94, words='at least 94%')
    """
    ladder = indicator.ladder
    if ladder.names != ("value",):
        return {}
    limits = [value for value in ladder.values.values()]
    points = sorted({round(point, 9) for point in (0.0, *limits, *(-v for v in limits), *_sums(indicator))})
    tried = [(at, score(indicator, at)) for point in points for at in (point - _STEP, point, point + _STEP)]
    scores = [found for _, found in tried]
    if scores == sorted(scores):
        return _needed(indicator, tried, "at least", "above")
    if scores == sorted(scores, reverse=True):
        return _needed(indicator, tried[::-1], "at most", "below")
    return {}


def need_words(indicator: Indicator, score: float | None) -> str:
    """What the next score needs, in a few words; empty at the best score, or where only the rule says it."""
    if score is None or score not in (needs := next_scores(indicator)):
        return ""
    better, needed = needs[score]
    return f"For {better:g}: {needed}. "


def points_missing(domain: Domain, score: float | None, category: str) -> str:
    """How many points a score lacks for the next better category; empty for the best, or without a score.

    >>> from pfexcel.rules.load import load_edition
    >>> finance = load_edition("2011-12").rulebook("acute").domains["finance"]
    >>> points_missing(finance, 2.25, "Performance under review")
    'More than 0.15 points missing for Performing'
    """
    place = domain.scale.ranks.get(category)
    if score is None or not place:
        return ""
    step = band_above(domain, place)
    better, limit, before, _ = step
    gap = round(limit - score, GAP_DECIMALS)
    return f"{before}{gap:g} points missing for {better}" if gap else f"{LEAST_GAP} points missing for {better}"


GAP_DECIMALS = 4
LEAST_GAP = "Less than 0.0001"  # of a score at the limit that it has to be above, or that near to one


def band_above(domain: Domain, place: int) -> tuple[str, float, str, str]:
    """The category above a place (0 for the best), its limit by value and name, and the words before the points."""
    assert domain.bands is not None
    step = domain.bands.steps[place - 1]
    assert step.when is not None
    name = next(name for name in step.when.names if name in domain.bands.limits)
    strict = ">=" not in step.when.text
    return str(step.category), domain.bands.limits[name].value, "More than " if strict else "", name


def score(indicator: Indicator, value: float) -> float:
    """The score of a value of an indicator of one measure."""
    found = indicator.ladder.steps[indicator.ladder.first_true(value)].score
    assert found is not None
    return found


def _sums(indicator: Indicator) -> list[float]:
    """The sums and differences of limits, which a condition may compare with."""
    limits = list(indicator.ladder.values.values())
    return [a - b for a in limits for b in limits if a != b]


def _needed(indicator: Indicator, tried: list[tuple[float, float]], inclusive: str, beyond: str) -> dict[float, Next]:
    """Walk from the worst value to the best: where the score changes stands what the next one needs."""
    show = indicator.value.unit.show
    found: dict[float, Next] = {}
    for (_, worse), (at, better) in pairwise(tried):
        if worse != better and worse not in found:
            limit = round(at, 8)
            words = f"{inclusive if abs(at - limit) < _STEP / 2 else beyond} {show(limit)}"
            found[worse] = Next(better, limit, words)
    return found
