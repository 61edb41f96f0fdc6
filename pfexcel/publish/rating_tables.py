"""Tables of what each trust is rated: ratings, scores by domain, movements, interventions, over-riding rules, RAG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pfexcel.engine.escalation import NONE
from pfexcel.publish.publication import DomainResult, Publication, TrustEntry
from pfexcel.publish.rule_texts import DomainText
from pfexcel.publish.tables import (
    TFA,
    WHO,
    Cell,
    Column,
    Table,
    column,
    columns_of,
    domains_of,
    given,
    or_missing,
    score_cell,
    shorthand,
    table,
    who,
    yes,
)


def _pick(text: DomainText, name: str, find: Callable[[DomainResult], Cell | None]) -> _Picked:
    return column(f"{name}_of", f"{text.id}_{name}", title=text.title), text.id, find


_Picked = tuple[Column, str, Callable[[DomainResult], Cell | None]]


def _picked_rows(publication: Publication, picked: Sequence[_Picked]) -> Iterator[tuple[Cell, ...]]:
    for sha, trust in publication.trusts:
        own = {one.domain: one for one in trust.domains}
        cells = (
            or_missing(find(own[name])) if name in own else shorthand("not_applicable") for _, name, find in picked
        )
        yield (*who(sha, trust), trust.trust_type, *cells, *given(trust))


def ratings(publication: Publication) -> Table:
    """Each trust's ratings: of the domains that escalate score, category, category in force and movement."""
    picked: list[_Picked] = []
    for text in domains_of(publication).values():
        if text.lowest is not None:
            picked.append(_pick(text, "score", lambda one, text=text: score_cell(text, one.score)))
        if text.escalates:
            picked.append(_pick(text, "category", lambda one: one.category))
            picked.append(_pick(text, "in_force", lambda one: one.stands))
            picked.append(_pick(text, "movement", lambda one: one.movement.direction))
    columns = [*columns_of(*WHO, "trust_type"), *(one for one, _, _ in picked)]
    given = columns_of("lead_commissioner", "action_plan_date")
    return table(publication, "ratings", [*columns, *given], _picked_rows(publication, picked))


def domain_scores(publication: Publication) -> Table:
    """Each trust's score, label and category in every domain, and the points of each sub-domain."""
    picked: list[_Picked] = []
    labelled = {one.domain for _, _, one in publication.results if one.label}
    for text in domains_of(publication).values():
        if text.lowest is not None:
            picked.append(_pick(text, "score", lambda one, text=text: score_cell(text, one.score)))
        if text.id in labelled:
            picked.append(_pick(text, "label", lambda one: one.label))
        picked.append(_pick(text, "category", lambda one: one.category))
    parts = _sub_domains(publication)
    columns = [*columns_of(*WHO, "trust_type"), *(one for one, _, _ in picked)]
    points = [column("points_of", f"points_{name}", title=label) for name, label in parts.items()]
    rows = (
        (*row[: len(columns)], *_points(publication, trust, parts))
        for row, (_, trust) in zip(_picked_rows(publication, picked), publication.trusts, strict=True)
    )
    return table(publication, "domain_scores", [*columns, *points], rows)


def _sub_domains(publication: Publication) -> dict[str, str]:
    """The sub-domains by a name for a CSV column."""
    labels = dict.fromkeys(i.sub_domain for rules in publication.rules for i in rules.indicators if i.sub_domain)
    return {label.lower().replace(" ", "_"): label for label in labels}


def _points(publication: Publication, trust: TrustEntry, parts: dict[str, str]) -> Iterator[Cell]:
    own = list(publication.indicators(trust))
    for label in parts.values():
        weighted = [result.weighted for text, result in own if text.sub_domain == label]
        known = [points for points in weighted if points is not None]
        yield round(sum(known), 10) if known and len(known) == len(weighted) else shorthand("missing")


def movements(publication: Publication) -> Table:
    """The ratings (domains that escalate) that became better or worse, and why."""
    columns = columns_of(*WHO, "domain", "direction", "before", "now", "score_before", "score_now", "reason")
    texts = domains_of(publication)
    rows = (
        (
            *who(sha, trust),
            one.title,
            one.movement.direction,
            one.movement.before,
            one.stands,
            score_cell(texts[one.domain], one.movement.score_before),
            score_cell(texts[one.domain], one.score),
            one.movement.reason,
        )
        for sha, trust, one in publication.movements
        if one.standing is not None
    )
    return table(publication, "movements", columns, rows)


def interventions(publication: Publication) -> Table:
    """Where somebody leads an intervention, what is done and what comes next."""
    names = ("domain", "in_force", "category", "consecutive", "escalated", "lead", "step", "next_step", "due", "change")
    columns = columns_of(*WHO, *names, "lead_commissioner", "action_plan_date")

    def rows() -> Iterator[tuple[Cell, ...]]:
        for sha, trust, one in publication.interventions:
            now = one.standing
            assert now is not None
            next_step = now.next_step or NONE, or_missing(now.due)
            levels = one.title, now.in_force, one.category, now.consecutive, yes(now.escalated)
            yield (
                *who(sha, trust),
                *levels,
                now.lead,
                now.step,
                *next_step,
                f"{now.change[:1].upper()}{now.change[1:]}",
                *given(trust),
            )

    return table(publication, "interventions", columns, rows())


def over_riding_rules(publication: Publication) -> Table:
    """The over-riding rules that apply to each trust."""
    columns = columns_of(*WHO, "domain", "rule", "best", "decides", "reference")
    rows = (
        (*who(sha, trust), one.title, rule.label, rule.best, yes(rule.decides), rule.reference)
        for sha, trust, one in publication.results
        for rule in one.rules
    )
    return table(publication, "over_riding_rules", columns, rows)


def rag(publication: Publication) -> Table:
    """Each trust's RAG rating, the month before's, and what is done."""
    names = ("before", "now", "direction", "consecutive", "lead", "step", "next_step", "reason")
    columns = columns_of(*WHO, "trust_type", *names)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for sha, trust in publication.trusts:
            one = trust.domain(TFA)
            if one is not None and one.standing is not None:
                now = one.standing
                moved = or_missing(one.movement.before), now.in_force, one.movement.direction, now.consecutive
                done = now.lead, now.step, now.next_step or NONE, one.movement.reason
                yield (*who(sha, trust), trust.trust_type, *moved, *done)

    return table(publication, "rag", columns, rows())
