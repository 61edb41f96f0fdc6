"""What fills the tables: numbers of trusts, ratings, movements, interventions, data quality, indicators, history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pfexcel.publish.counting import count
from pfexcel.publish.publication import (
    NOT_RATED,
    Counts,
    DomainResult,
    Publication,
    ShaEntry,
    TrustEntry,
)
from pfexcel.publish.rule_texts import DomainText
from pfexcel.publish.tables import Cell, Column, Table, column, or_missing, shorthand, table

CSV_ONLY = ("indicator_id", "value", "unit")  # a column of figures of many units is for programs
WHO = ("sha", "ods_code", "trust")
TFA = "tfa"


def all_tables(publication: Publication) -> list[Table]:
    """Every table that has rows, in the order of the workbook."""
    made = (make(publication) for make in MAKERS)
    return [one for one in made if one.rows]


def _columns(*names: str) -> list[Column]:
    return [column(name) for name in names]


def _who(sha: ShaEntry, trust: TrustEntry) -> tuple[Cell, ...]:
    return (sha.name, trust.ods_code, trust.name)


def _yes(value: bool) -> str:
    return "Yes" if value else "No"


def domains_of(publication: Publication) -> dict[str, DomainText]:
    """The domains of all trust types by id, in the edition's order."""
    return {text.id: text for rules in publication.rules for text in rules.domains}


def _framework(publication: Publication) -> list[DomainText]:
    """The domains that are rated by category; the RAG rating of agreements has tables of its own."""
    return [text for text in domains_of(publication).values() if text.id != TFA]


# --- numbers of trusts -----------------------------------------------------------------------------------------------


def _count_columns(publication: Publication, ids: Sequence[str]) -> list[Column]:
    counts = next(one for one in publication.counts.domains if one.domain in ids)
    names = [count.category for count in counts.reported]
    return [column("count_of", name.lower().replace(" ", "_").replace("/", "_"), title=name) for name in names]


def _count_rows(counts: Counts, ids: Sequence[str], texts: dict[str, DomainText]) -> Iterator[tuple[Cell, ...]]:
    for one in counts.domains:
        if one.domain in ids:
            for basis, numbers in (("Reported", one.reported), ("In force", one.in_force)):
                if numbers:
                    own = [number.trusts for number in numbers]
                    yield (texts[one.domain].title, basis, *own, counts.in_scope)


def categories(publication: Publication) -> Table:
    """England by domain and category."""
    texts, ids = domains_of(publication), [text.id for text in _framework(publication)]
    columns = [*_columns("domain", "basis"), *_count_columns(publication, ids), column("in_scope")]
    return table(publication, "categories", columns, _count_rows(publication.counts, ids, texts))


def categories_by_sha(publication: Publication) -> Table:
    """Each SHA by domain and category."""
    texts, ids = domains_of(publication), [text.id for text in _framework(publication)]
    columns = [*_columns("sha_code", "sha", "domain", "basis"), *_count_columns(publication, ids), column("in_scope")]
    rows = ((sha.code, sha.name, *row) for sha in publication.shas for row in _count_rows(sha.counts, ids, texts))
    return table(publication, "categories_by_sha", columns, rows)


def categories_by_type(publication: Publication) -> Table:
    """Each trust type by the domains it has and their categories."""
    texts, ids = domains_of(publication), [text.id for text in _framework(publication)]
    columns = [*_columns("trust_type", "domain", "basis"), *_count_columns(publication, ids)]
    index = next(i for i, one in enumerate(columns) if one.heading == NOT_RATED)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for rules in publication.rules:
            own = [trust for _, trust in publication.trusts if trust.trust_type == rules.trust_type]
            for row in _count_rows(count(own, [rules]), ids, texts) if own else ():
                yield (rules.trust_type, *row)

    made = table(publication, "categories_by_type", [*columns, column("in_scope")], rows())
    return made.without([columns[index].name])


def rag_numbers(publication: Publication) -> Table:
    """England and each SHA by RAG rating."""
    texts = domains_of(publication)
    if TFA not in texts:
        return table(publication, "rag_numbers", [], [])
    columns = [*_columns("area", "domain", "basis"), *_count_columns(publication, [TFA]), column("in_scope")]
    areas = [("England", publication.counts), *((sha.name, sha.counts) for sha in publication.shas)]
    rows = ((name, *row) for name, counts in areas for row in _count_rows(counts, [TFA], texts))
    return table(publication, "rag_numbers", columns, rows).without(["domain"])


# --- ratings ---------------------------------------------------------------------------------------------------------


def _pick(text: DomainText, name: str, find: Callable[[DomainResult], Cell | None]) -> _Picked:
    return column(f"{name}_of", f"{text.id}_{name}", title=text.title), text.id, find


_Picked = tuple[Column, str, Callable[[DomainResult], Cell | None]]


def _picked_rows(publication: Publication, picked: Sequence[_Picked]) -> Iterator[tuple[Cell, ...]]:
    for sha, trust in publication.trusts:
        own = {one.domain: one for one in trust.domains}
        cells = (
            or_missing(find(own[name])) if name in own else shorthand("not_applicable") for _, name, find in picked
        )
        yield (*_who(sha, trust), trust.trust_type, *cells, *_given(trust))


def _given(trust: TrustEntry) -> tuple[Cell, Cell]:
    return or_missing(trust.lead_commissioner), or_missing(trust.action_plan_date)


def ratings(publication: Publication) -> Table:
    """Each trust's ratings: of the domains that escalate score, category, category in force and movement."""
    picked: list[_Picked] = []
    for text in domains_of(publication).values():
        if text.lowest is not None:
            picked.append(_pick(text, "score", lambda one: one.score))
        if text.escalates:
            picked.append(_pick(text, "category", lambda one: one.category))
            picked.append(_pick(text, "in_force", lambda one: one.stands))
            picked.append(_pick(text, "movement", lambda one: one.movement.direction))
    columns = [*_columns(*WHO, "trust_type"), *(one for one, _, _ in picked)]
    given = _columns("lead_commissioner", "action_plan_date")
    return table(publication, "ratings", [*columns, *given], _picked_rows(publication, picked))


def domain_scores(publication: Publication) -> Table:
    """Each trust's score, label and category in every domain, and the points of each sub-domain."""
    picked: list[_Picked] = []
    labelled = {one.domain for _, _, one in publication.results if one.label}
    for text in domains_of(publication).values():
        if text.lowest is not None:
            picked.append(_pick(text, "score", lambda one: one.score))
        if text.id in labelled:
            picked.append(_pick(text, "label", lambda one: one.label))
        picked.append(_pick(text, "category", lambda one: one.category))
    parts = _sub_domains(publication)
    columns = [*_columns(*WHO, "trust_type"), *(one for one, _, _ in picked)]
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


# --- what moved and what is done -------------------------------------------------------------------------------------


def movements(publication: Publication) -> Table:
    """The domains that became better or worse, and why."""
    columns = _columns(*WHO, "domain", "direction", "before", "now", "score_before", "score_now", "reason")
    rows = (
        (
            *_who(sha, trust),
            one.title,
            one.movement.direction,
            one.movement.before,
            one.stands,
            _score(one, one.movement.score_before),
            _score(one, one.score),
            one.movement.reason,
        )
        for sha, trust, one in publication.movements
    )
    return table(publication, "movements", columns, rows)


def _score(one: DomainResult, score: float | None) -> Cell:
    """A score, or why there is none: a domain without a single score has none at all."""
    scored = one.score is not None or any(point.score is not None for point in one.history)
    return or_missing(score) if scored else shorthand("not_applicable")


def interventions(publication: Publication) -> Table:
    """Where somebody leads an intervention, what is done and what comes next."""
    names = ("domain", "in_force", "category", "consecutive", "escalated", "lead", "step", "next_step", "due", "reason")
    columns = _columns(*WHO, *names, "lead_commissioner", "action_plan_date")

    def rows() -> Iterator[tuple[Cell, ...]]:
        for sha, trust, one in publication.interventions:
            now = one.standing
            assert now is not None
            next_step = or_missing(now.next_step), or_missing(now.due)
            levels = one.title, now.in_force, one.category, now.consecutive, _yes(now.escalated)
            yield (
                *_who(sha, trust),
                *levels,
                now.lead,
                now.step,
                *next_step,
                f"{now.change[:1].upper()}{now.change[1:]}",
                *_given(trust),
            )

    return table(publication, "interventions", columns, rows())


def over_riding_rules(publication: Publication) -> Table:
    """The over-riding rules that apply to each trust."""
    columns = _columns(*WHO, "domain", "rule", "best", "decides", "reference")
    rows = (
        (*_who(sha, trust), one.title, rule.label, rule.best, _yes(rule.decides), rule.reference)
        for sha, trust, one in publication.results
        for rule in one.rules
    )
    return table(publication, "over_riding_rules", columns, rows)


def rag(publication: Publication) -> Table:
    """Each trust's RAG rating, the month before's, and what is done."""
    names = ("before", "now", "direction", "consecutive", "lead", "step", "next_step", "reason")
    columns = _columns(*WHO, "trust_type", *names)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for sha, trust in publication.trusts:
            one = trust.domain(TFA)
            if one is not None and one.standing is not None:
                now = one.standing
                moved = or_missing(one.movement.before), now.in_force, one.movement.direction, now.consecutive
                done = now.lead, now.step, or_missing(now.next_step), one.movement.reason
                yield (*_who(sha, trust), trust.trust_type, *moved, *done)

    return table(publication, "rag", columns, rows())


# --- the data --------------------------------------------------------------------------------------------------------


def data_quality(publication: Publication) -> Table:
    """Who has returned, when, how complete, with how many errors and queries open."""
    names = (
        "returned",
        "received",
        "late",
        "signed_off",
        "errors",
        "queries",
        "entries_missing",
        "last_return",
        "remark",
    )
    columns = _columns(*WHO, "trust_type", *names)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for sha, trust in publication.trusts:
            missing = {entry for one in trust.domains for entry in one.missing}
            there: tuple[Cell, ...] = (shorthand("missing"),) * 6
            if trust.returned:
                sent = or_missing(trust.received), _yes(trust.late), or_missing(trust.signed_off)
                there = (*sent, trust.errors, trust.queries, len(missing))
            state = "returned" if trust.returned else "not returned"
            yield (
                *_who(sha, trust),
                trust.trust_type,
                state,
                *there,
                or_missing(trust.last_return),
                trust.note or "none",
            )

    return table(publication, "data_quality", columns, rows())


def not_returned(publication: Publication) -> Table:
    """The trusts without a return, and the categories in force meanwhile."""
    texts = [text for text in domains_of(publication).values() if text.escalates]
    in_force = [column("in_force_of", f"{text.id}_in_force", title=text.title) for text in texts]
    columns = [*_columns(*WHO, "trust_type", "last_return"), *in_force, column("remark")]

    def rows() -> Iterator[tuple[Cell, ...]]:
        for sha, trust in publication.missing:
            own = {one.domain: one.stands for one in trust.domains}
            stands = [own.get(text.id, shorthand("not_applicable")) for text in texts]
            last = or_missing(trust.last_return)
            yield (*_who(sha, trust), trust.trust_type, last, *stands, trust.note or "none")

    return table(publication, "not_returned", columns, rows())


def findings(publication: Publication) -> Table:
    """The errors and queries that are open."""
    columns = _columns(*WHO, "severity", "message", "action")
    rows = (
        (*_who(sha, trust), found.severity, found.message, found.action)
        for sha, trust in publication.trusts
        for found in trust.findings
    )
    return table(publication, "findings", columns, rows)


def indicators(publication: Publication) -> Table:
    """Each indicator of each trust: value, score, weighted score, last period's, and what the next score needs."""
    which = ("domain", "sub_domain", "indicator_id", "indicator", "weight")
    names = ("value", "unit", "value_words", "score", "weighted", "value_before", "indicator_score_before", "need")
    columns = _columns("ods_code", "trust", *which, *names)

    def rows() -> Iterator[tuple[Cell, ...]]:
        titles = {name: text.title for name, text in domains_of(publication).items()}
        for _, trust in publication.trusts:
            for text, own in publication.indicators(trust):
                none = shorthand("not_applicable" if own.state == "no activity" else "missing")
                found = (own.value, text.unit, own.value_words, own.score, own.weighted)
                best = own.score is not None and own.score == max(text.scores)
                yield (
                    trust.ods_code,
                    trust.name,
                    titles[text.domain],
                    text.sub_domain or shorthand("not_applicable"),
                    text.id,
                    text.label,
                    text.weight,
                    *(none if one is None or one == "" else one for one in found),
                    or_missing(own.value_before_words),
                    or_missing(own.score_before),
                    shorthand("not_applicable") if best else or_missing(own.need),
                )

    return table(publication, "indicators", columns, rows())


def history(publication: Publication) -> Table:
    """Each domain of each trust over the periods."""
    columns = _columns("ods_code", "trust", "domain", "period", "category", "in_force", "domain_score")
    rows = (
        (
            trust.ods_code,
            trust.name,
            one.title,
            point.period,
            point.category,
            point.in_force or shorthand("not_applicable"),
            _score(one, point.score),
        )
        for _, trust, one in publication.results
        for point in one.history
    )
    return table(publication, "history", columns, rows)


def rules(publication: Publication) -> Table:
    """Every rule in words with its source, trust type by trust type."""
    columns = _columns("trust_type", "step_number", "domain", "rated", "rule_words", "provenance", "reference")
    titles = {name: text.title for name, text in domains_of(publication).items()}
    rows = (
        (
            own.trust_type,
            number,
            titles[text.domain],
            text.step,
            text.rule or shorthand("not_applicable"),
            text.provenance,
            text.reference,
        )
        for own in publication.rules
        for number, text in enumerate(own.steps, start=1)
    )
    return table(publication, "rules", columns, rows)


def explanations(publication: Publication) -> Table:
    """How each rating came about: the value and the result of every step."""
    columns = _columns("ods_code", "step_number", "rated", "step_value", "step_result")
    rows = (
        (trust.ods_code, number, text.step, own.value or shorthand("not_applicable"), own.result)
        for _, trust in publication.trusts
        for number, (text, own) in enumerate(publication.explanation(trust), start=1)
    )
    return table(publication, "explanations", columns, rows)


def revisions(publication: Publication) -> Table:
    """What each revision after the first changed, by trust, from, to."""
    columns = _columns("revision", "published", "ods_code", "trust", "what", "changed_from", "changed_to")
    rows = (
        (one.number, one.published, change.ods_code, change.trust, change.what, change.before, change.after)
        for one in publication.revisions
        for change in one.changes
    )
    return table(publication, "revisions", columns, rows)


MAKERS = (
    categories,
    categories_by_sha,
    categories_by_type,
    ratings,
    domain_scores,
    movements,
    interventions,
    over_riding_rules,
    rag_numbers,
    rag,
    data_quality,
    not_returned,
    findings,
    indicators,
    history,
    rules,
    explanations,
    revisions,
)
