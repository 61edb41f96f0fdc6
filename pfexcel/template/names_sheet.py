"""The Names sheet: every indicator and entry that a header may name, with its label."""

from __future__ import annotations

from typing import Any

from pfexcel.template.headers import Header, entries, indicators
from pfexcel.template.page import Book, Page

WIDTHS = [34, 64, 12, 60, 32]
HEADER = 3
NAMES = "Names"


def add_names(book: Book) -> None:
    """Write the Names sheet: the indicators first, so that a drop-down list can offer them."""
    page, words = Page(book, "names", WIDTHS, "mid_grey"), book.words["names"]
    known = {(one.name, one.label) for one in indicators().values()}
    listed = [*indicators().values(), *(one for one in entries().values() if (one.name, one.label) not in known)]
    columns, last = words["columns"], HEADER + len(listed)
    look = {"name": NAMES, "style": None, "columns": [{"header": text} for text in columns]}
    page.raw.add_table(HEADER, 0, last, len(columns) - 1, look)
    page.header(HEADER, columns)
    for row, one in enumerate(listed, start=HEADER + 1):
        kind = words["indicator"] if one.scores else words["entry"]
        texts = (one.name, one.label, kind, _given(one, words), ", ".join(one.trust_types))
        for column, text in enumerate(texts):
            page.text(row, column, text, "row")
    page.raw.freeze_panes(HEADER + 1, 1)
    page.printing(last, book.words["footer"], repeat=(HEADER, HEADER))


def range_of_indicators(book: Book) -> str:
    """Where the labels of the indicators stand."""
    first = HEADER + 2
    return f"'{book.sheet_name('names')}'!$B${first}:$B${first + len(indicators()) - 1}"


def given_as(book: Book, label: str) -> str:
    """How the indicator of a label is given, in words."""
    return next(_given(one, book.words["names"]) for one in indicators().values() if one.label == label)


def _given(one: Header, words: dict[str, Any]) -> str:
    unit = words["units"].get(one.unit.id) or ", ".join(one.choices) or one.unit.words
    if not one.scores:
        return unit
    scores = ", ".join(f"{score:g}" for score in one.scores)
    return words["value" if one.valued else "score"].format(unit=unit, scores=scores, name=one.name)
