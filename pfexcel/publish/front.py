"""What stands before and around the tables: cover, notes with their numbers, legends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pfexcel import __version__
from pfexcel.publish.all_tables import ADVANCE_LEAVES_OUT, LONG
from pfexcel.publish.publication import Publication, ShaEntry
from pfexcel.publish.tables import Table, numbered_notes, words

FINGERPRINT = 16
HEADINGS = ("Introductory information", "About these data", "Contact")  # those that gptables writes on a cover


@dataclass(frozen=True)
class Front:
    """The words around the tables of a publication; `numbers` are those of the notes, `notes` their texts in order."""

    title: str
    intro: tuple[str, ...]
    about: tuple[str, ...]
    contact: tuple[str, ...]
    numbers: dict[str, int]
    notes: tuple[tuple[int, str], ...]

    cover_sheet = property(lambda _: words()["cover"]["sheet"])
    contents_sheet = property(lambda _: words()["contents"]["sheet"])
    notes_sheet = property(lambda _: words()["notes_sheet"]["sheet"])

    def instructions(self, table: Table) -> str:
        """What the sheet of a table holds."""
        noted = any(table.title_notes) or any(column.note for column in table.columns)
        return f"{words()['one_table']}{' ' + words()['noted'] if noted else ''}"

    def listed(self, tables: Sequence[Table]) -> list[tuple[str, str]]:
        """The worksheets after the contents, each with what it shows."""
        notes = [(self.notes_sheet, words()["notes_sheet"]["listed"])] if self.notes else []
        return [*notes, *((one.sheet, one.title) for one in tables)]

    def legend(self, table: Table) -> Iterator[str]:
        """The shorthand that a table uses, each with its meaning."""
        used = {cell for row in table.rows for cell in row if isinstance(cell, str)}
        for kind, sign in words()["shorthand"].items():
            if sign in used:
                yield words()["legend"][kind].format(sign=sign)


def front_matter(publication: Publication, tables: Sequence[Table], advance: ShaEntry | None = None) -> Front:
    """The words around the tables of a publication, or of the advance copy of one SHA."""
    cover = words()["cover"]
    fill = {
        "title": publication.title,
        "published": day(publication.published),
        "revision": publication.revision,
        "in_scope": publication.counts.in_scope,
        "returned": publication.counts.returned,
        "edition": publication.edition_title,
        "rulebook": publication.rulebook_digest[:FINGERPRINT],
        "register": publication.register_digest[:FINGERPRINT],
        "periods": ", ".join(period.text for period in publication.periods),
        "version": __version__,
        "period": publication.period.words,
        "sheet": words()["tables"]["revisions"]["sheet"],
        "sha": advance.name if advance else "",
    }
    intro = [text.format(**fill) for text in cover["intro"]]
    if advance is not None:
        intro.insert(0, cover["advance"].format(**fill))
    if publication.notice:
        intro.insert(0, publication.notice)
    if publication.revision > 1:
        shown = any(one.id == "revisions" for one in tables)
        intro.append(cover["revised" if shown else "revised_elsewhere"].format(**fill))
    apart = {*(ADVANCE_LEAVES_OUT if advance else LONG), *(one.id for one in tables)}
    empty = [own["sheet"] for name, own in words()["tables"].items() if name not in apart]
    about = [*(text.format(**fill) for text in cover["about"]), *publication.notes]
    if empty:
        about.append(cover["left_out"].format(tables=", ".join(empty)))
    title = words()["advance_title"].format(**fill) if advance else publication.title
    numbers = numbered_notes(tables)
    notes = tuple((number, words()["notes"][name]) for name, number in numbers.items())
    return Front(title, tuple(intro), tuple(about), tuple(cover["contact"]), numbers, notes)


def day(when: date) -> str:
    """A day in words.

    >>> day(date(2012, 5, 1))
    '1 May 2012'
    """
    return f"{when.day} {when:%B %Y}"
