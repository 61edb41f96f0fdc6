"""What moved since the last period, and why, in words: read off two ratings and two stages, never worked out anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pfexcel.engine.escalation import Stage
from pfexcel.engine.words import show_score
from pfexcel.model import Category, DomainRating, Rating
from pfexcel.periods import Period
from pfexcel.publish.publication import BETTER, NOT_ASSESSED, NOT_COMPARED, SAME, WORSE, Movement
from pfexcel.rules.edition import Domain

MOST_NAMED = 3  # indicators, rules or entries named in a reason; the others are counted


@dataclass(frozen=True)
class DomainPeriod:
    """One domain of one trust in one period: the rating (None without a return) and where it stands on its ladder.

    `scored` is false where the domain has no score, though the one whose count it continues may have had one.
    """

    period: Period
    domain: str
    rating: Rating | None
    stage: Stage | None
    scored: bool = True

    @property
    def rated(self) -> DomainRating | None:
        return None if self.rating is None else self.rating.domains.get(self.domain)

    @property
    def category(self) -> str:
        """What the period's return is rated; Not assessed without one."""
        return NOT_ASSESSED if self.rated is None else str(self.rated.category)

    @property
    def stands(self) -> str:
        """The category in force, or the one reported in a domain without escalation."""
        return self.category if self.stage is None else str(self.stage.category)

    @property
    def score(self) -> float | None:
        return self.rated.score if self.rated is not None and self.scored else None


def movement(domain: Domain, before: DomainPeriod | None, now: DomainPeriod) -> Movement:
    """How a domain moved since the period before; `before` is None in the first period of the register."""
    if before is None:
        return Movement(NOT_COMPARED, "", None, _sentence(["no earlier period", *_held(now)]))
    ranks = domain.scale.ranks
    old, new = ranks.get(before.stands), ranks.get(now.stands)
    direction = NOT_COMPARED
    if old is not None and new is not None:
        direction = SAME if old == new else WORSE if new > old else BETTER
    said = [*_held(now), *_counted(before, now), *_returns(before, now)]
    if before.period.edition_id != now.period.edition_id:
        said.append(f"first period by the rules of {now.period.edition_id}")
    if before.rated is not None and now.rated is not None:
        said += _reported(domain, before.rated, now.rated)
        said += _parts(domain, before, now)
    return Movement(direction, before.stands, before.score, _sentence(said or ["no change"]))


def _held(now: DomainPeriod) -> Iterator[str]:
    """What made the category in force other than the one reported."""
    stage = now.stage
    if stage is not None and now.rated is not None and str(stage.category) != now.category:
        yield stage.change


def _counted(before: DomainPeriod, now: DomainPeriod) -> Iterator[str]:
    """A report as before that did not count then: in a month that ends no quarter, or against a declaration."""
    if now.stage is not None and before.category == now.category == now.stands != before.stands:
        yield f"reported {now.category} as in {before.period.text}, and now it counts"


def _returns(before: DomainPeriod, now: DomainPeriod) -> Iterator[str]:
    if now.rated is None:
        yield f"no return for {now.period.text}"
        if now.stage is not None and now.stands != NOT_ASSESSED:
            yield f"{now.stands} is kept"
    elif before.rated is None:
        yield f"no return for {before.period.text}"


def _reported(domain: Domain, before: DomainRating, now: DomainRating) -> Iterator[str]:
    """What of the rating itself changed: category, label, score with its indicators, over-riding rules."""
    if now.category is Category.NOT_ASSESSED and now.missing:
        yield f"{len(now.missing)} {'entry' if len(now.missing) == 1 else 'entries'} missing"
    if now.category != before.category:
        yield f"reported {now.category}, was {before.category}"
    if now.label != before.label:
        yield f"{domain.title} {now.label}, was {before.label}"
    if now.score is not None and before.score is not None and now.score != before.score and domain.bands is not None:
        moved = _listed(_indicators(before, now))
        scores = f"score {show_score(now.score, domain.bands)}, was {show_score(before.score, domain.bands)}"
        yield f"{scores} ({moved})" if moved else scores
    old, new = ({rule.id: rule for rule in rated.caps} for rated in (before, now))
    for said, rules in (("now applies", new.keys() - old.keys()), ("no longer applies", old.keys() - new.keys())):
        names = [{**old, **new}[name].label for name in (*new, *old) if name in rules]
        if names:
            yield f"over-riding rule that {said}: {_listed(list(dict.fromkeys(names)))}"


def _parts(domain: Domain, before: DomainPeriod, now: DomainPeriod) -> Iterator[str]:
    """Which of the domains that a domain is the lowest of changed their category."""
    for name in domain.lowest_of:
        old, new = (one.rating.domains.get(name) if one.rating else None for one in (before, now))
        if old is not None and new is not None and old.category != new.category:
            yield f"{new.title} {new.category}, was {old.category}"


def _indicators(before: DomainRating, now: DomainRating) -> list[str]:
    """The indicators whose scores changed, those that moved the score as it moved first, the greatest change first."""
    assert before.score is not None
    assert now.score is not None
    up = 1 if now.score > before.score else -1
    changes = []
    for name, new in now.indicators.items():
        old = before.indicators.get(name)
        if old is None or old.score == new.score or old.score is None or new.score is None:
            continue
        weighed = (new.weighted or 0) - (old.weighted or 0)
        changes.append((-weighed * up, f"{new.label} {new.score:g}, was {old.score:g}"))
    return [said for _, said in sorted(changes, key=lambda change: change[0])]


def _listed(names: list[str]) -> str:
    """The first few names, the others counted.

    >>> _listed(["a", "b", "c", "d", "e"])
    'a; b; c; and 2 more'
    """
    rest = len(names) - MOST_NAMED
    return "; ".join([*names[:MOST_NAMED], *([f"and {rest} more"] if rest > 0 else [])])


def _sentence(parts: list[str]) -> str:
    return ". ".join(f"{part[:1].upper()}{part[1:]}" for part in dict.fromkeys(parts))
