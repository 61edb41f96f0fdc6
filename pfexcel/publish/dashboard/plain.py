"""What the dashboard shows without JavaScript: the numbers of the nation, and each trust's ratings by SHA."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from pfexcel.publish.publication import NOT_RATED, DomainCounts, Publication, ShaEntry
from pfexcel.workbook.templates import template


def plain_tables(publication: Publication) -> str:
    """Headings and tables as HTML."""
    words = template("dashboard")["plain"]
    counts = publication.counts
    return "\n".join(
        (
            f"<h1>{escape(words['heading'].format(period=publication.period.words))}</h1>",
            f"<p>{escape(words['text'])}</p>",
            f"<p>{escape(words['trusts'].format(**vars(counts)))}</p>",
            *(_counts(domain) for domain in counts.domains),
            *(_sha(sha, counts.domains) for sha in publication.shas),
        )
    )


def _counts(domain: DomainCounts) -> str:
    words = template("dashboard")["plain"]
    heads = [words["category"], *([words["in_force"]] if domain.in_force else []), words["reported"]]
    columns = [counts for counts in (domain.in_force, domain.reported) if counts]
    rows = (
        [one.category, *(str(column[place].trusts) for column in columns)] for place, one in enumerate(domain.reported)
    )
    return _table(words["counts"].format(title=domain.title), heads, rows)


def _sha(sha: ShaEntry, domains: Iterable[DomainCounts]) -> str:
    words = template("dashboard")["plain"]
    caption = words["sha"].format(
        name=sha.name, code=sha.code, returned=sha.counts.returned, in_scope=sha.counts.in_scope
    )
    return _table(caption, [words["trust"], words["code"], *(one.title for one in domains)], _trusts(sha, domains))


def _trusts(sha: ShaEntry, domains: Iterable[DomainCounts]) -> Iterator[list[str]]:
    for trust in sha.trusts:
        results = (trust.domain(one.domain) for one in domains)
        yield [trust.name, trust.ods_code, *(NOT_RATED if own is None else own.stands for own in results)]


def _table(caption: str, heads: Iterable[str], rows: Iterable[list[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(one)}</td>" for one in rest)}</tr>'
        for first, *rest in rows
    )
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
