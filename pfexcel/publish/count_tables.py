"""Tables of numbers of trusts by domain and category: England, SHAs, trust types, RAG ratings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pfexcel.publish.counting import count
from pfexcel.publish.publication import NOT_RATED, Counts, Publication
from pfexcel.publish.rule_texts import DomainText
from pfexcel.publish.tables import TFA, Cell, Column, Table, column, columns_of, domains_of, table


def _framework(publication: Publication) -> list[DomainText]:
    """The domains that are rated by category; the RAG rating of agreements has tables of its own."""
    return [text for text in domains_of(publication).values() if text.id != TFA]


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
    columns = [*columns_of("domain", "basis"), *_count_columns(publication, ids), column("in_scope")]
    return table(publication, "categories", columns, _count_rows(publication.counts, ids, texts))


def categories_by_sha(publication: Publication) -> Table:
    """Each SHA by domain and category."""
    texts, ids = domains_of(publication), [text.id for text in _framework(publication)]
    columns = [*columns_of("sha_code", "sha", "domain", "basis"), *_count_columns(publication, ids), column("in_scope")]
    rows = ((sha.code, sha.name, *row) for sha in publication.shas for row in _count_rows(sha.counts, ids, texts))
    return table(publication, "categories_by_sha", columns, rows)


def categories_by_type(publication: Publication) -> Table:
    """Each trust type by the domains it has and their categories."""
    texts, ids = domains_of(publication), [text.id for text in _framework(publication)]
    columns = [*columns_of("trust_type", "domain", "basis"), *_count_columns(publication, ids)]
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
    columns = [*columns_of("area", "domain", "basis"), *_count_columns(publication, [TFA]), column("in_scope")]
    areas = [("England", publication.counts), *((sha.name, sha.counts) for sha in publication.shas)]
    rows = ((name, *row) for name, counts in areas for row in _count_rows(counts, [TFA], texts))
    return table(publication, "rag_numbers", columns, rows).without(["domain"])
