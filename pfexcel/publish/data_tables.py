"""Tables of the data: returns received, what is open, indicators, history, rules, explanations, revisions."""

from __future__ import annotations

from collections.abc import Iterator

from pfexcel.publish.publication import Publication
from pfexcel.publish.tables import (
    WHO,
    Cell,
    Table,
    column,
    columns_of,
    domains_of,
    or_missing,
    score_cell,
    shorthand,
    table,
    who,
    yes,
)


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
    columns = columns_of(*WHO, "trust_type", *names)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for sha, trust in publication.trusts:
            missing = {entry for one in trust.domains for entry in one.missing}
            there: tuple[Cell, ...] = (shorthand("missing"),) * 6
            if trust.returned:
                sent = or_missing(trust.received), yes(trust.late), or_missing(trust.signed_off)
                there = (*sent, trust.errors, trust.queries, len(missing))
            state = "returned" if trust.returned else "not returned"
            yield (
                *who(sha, trust),
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
    columns = [*columns_of(*WHO, "trust_type", "last_return"), *in_force, column("remark")]

    def rows() -> Iterator[tuple[Cell, ...]]:
        for sha, trust in publication.missing:
            own = {one.domain: one.stands for one in trust.domains}
            stands = [own.get(text.id, shorthand("not_applicable")) for text in texts]
            last = or_missing(trust.last_return)
            yield (*who(sha, trust), trust.trust_type, last, *stands, trust.note or "none")

    return table(publication, "not_returned", columns, rows())


def findings(publication: Publication) -> Table:
    """The errors and queries that are open."""
    columns = columns_of(*WHO, "severity", "message", "action")
    rows = (
        (*who(sha, trust), found.severity, found.message, found.action)
        for sha, trust in publication.trusts
        for found in trust.findings
    )
    return table(publication, "findings", columns, rows)


def indicators(publication: Publication) -> Table:
    """Each indicator of each trust: value, score, weighted score, last period's, and what the next score needs."""
    which = ("domain", "sub_domain", "indicator_id", "indicator", "weight")
    names = ("value", "unit", "value_words", "score", "weighted", "value_before", "indicator_score_before", "need")
    columns = columns_of("ods_code", "trust", *which, *names)

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
    columns = columns_of("ods_code", "trust", "domain", "period", "category", "in_force", "domain_score")
    texts = domains_of(publication)
    rows = (
        (
            trust.ods_code,
            trust.name,
            one.title,
            point.period,
            point.category,
            point.in_force or shorthand("not_applicable"),
            score_cell(texts[one.domain], point.score),
        )
        for _, trust, one in publication.results
        for point in one.history
    )
    return table(publication, "history", columns, rows)


def rules(publication: Publication) -> Table:
    """Every rule in words with its source, trust type by trust type."""
    columns = columns_of("trust_type", "step_number", "domain", "rated", "rule_words", "provenance", "reference")
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
    columns = columns_of("ods_code", "step_number", "rated", "step_value", "step_result")
    rows = (
        (trust.ods_code, number, text.step, own.value or shorthand("not_applicable"), own.result)
        for _, trust in publication.trusts
        for number, (text, own) in enumerate(publication.explanation(trust), start=1)
    )
    return table(publication, "explanations", columns, rows)


def revisions(publication: Publication) -> Table:
    """What each revision after the first changed, by trust, from, to."""
    columns = columns_of("revision", "published", "ods_code", "trust", "what", "changed_from", "changed_to")
    rows = (
        (one.number, one.published, change.ods_code, change.trust, change.what, change.before, change.after)
        for one in publication.revisions
        for change in one.changes
    )
    return table(publication, "revisions", columns, rows)
