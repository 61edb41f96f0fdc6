"""The Names sheet: every indicator and entry that a header may name, with its label."""

from __future__ import annotations

from typing import Any

from pfexcel.template.headers import Header, entries, indicators
from pfexcel.template.page import Book, Page

WIDTHS = [34, 64, 12, 60, 32]
LABEL, GIVEN = 1, 3
HEADER = 3


def add_names(book: Book) -> None:
    """Write the Names sheet: the indicators first, so that a drop-down list can offer them."""
    page, words = Page(book, "names", WIDTHS, "mid_grey"), book.words["names"]
    known = {(one.name, one.label) for one in indicators().values()}
    listed = [*indicators().values(), *(one for one in entries().values() if (one.name, one.label) not in known)]
    columns, last = words["columns"], HEADER + len(listed)
    look = {"name": "Names", "style": None, "columns": [{"header": text} for text in columns]}
    page.raw.add_table(HEADER, 0, last, len(columns) - 1, look)
    page.header(HEADER, columns)
    for row, one in enumerate(listed, start=HEADER + 1):
        kind = words["indicator"] if one.scores else words["entry"]
        texts = (one.name, one.label, kind, _given(one, words), ", ".join(one.trust_types))
        for column, text in enumerate(texts):
            page.text(row, column, text, "row")
    page.raw.freeze_panes(HEADER + 1, 1)
    page.printing(last, book.words["footer"], repeat=(HEADER, HEADER))


def range_of_indicators(book: Book, column: int = LABEL) -> str:
    """Where the labels of the indicators stand, or another column of theirs."""
    letter, first = "ABCDE"[column], HEADER + 2
    return f"'{book.sheet_name('names')}'!${letter}${first}:${letter}${first + len(indicators()) - 1}"


def _given(one: Header, words: dict[str, Any]) -> str:
    unit = words["units"].get(one.unit.id) or ", ".join(one.choices) or one.unit.words
    if not one.scores:
        return unit
    scores = ", ".join(f"{score:g}" for score in one.scores)
    return words["value" if one.valued else "score"].format(unit=unit, scores=scores, name=one.name)
