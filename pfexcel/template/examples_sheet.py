"""The Examples sheet: every worked example, alive."""

from __future__ import annotations

from pfexcel.template.examples import Example, examples
from pfexcel.template.formulas import moved
from pfexcel.template.page import Book, Page
from pfexcel.template.sample import Formula

WIDTHS = [11, 42, *[16.5] * 12]
FIRST, INDENT = 4, 1


def add_examples(book: Book) -> None:
    """Write the Examples sheet."""
    page = Page(book, "examples", WIDTHS, "mid_grey")
    page.status()
    places = places_of_examples()
    for example in examples():
        _add(page, example, places[example])
    last = max(_end(example, row) for example, row in places.items())
    page.raw.freeze_panes(FIRST - 1, 0)
    page.printing(last, book.words["footer"], blocks=list(places.values()))


def places_of_examples() -> dict[Example, int]:
    """The row in which each example begins."""
    places, row = {}, FIRST
    for example in examples():
        places[example] = row
        row = _end(example, row) + 2
    return places


def moved_formula(example: Example, sheet: str = "") -> str:
    """The formula of an example where it stands on the Examples sheet, or as another sheet writes it."""
    return moved(example.formula, places_of_examples()[example] + 1, INDENT, sheet)


def _end(example: Example, row: int) -> int:
    return row + len(example.cells) + 1 + len(example.rows)


def _add(page: Page, example: Example, row: int) -> None:
    words = page.book.words["examples"]
    page.band(row, f"{example.function}: {example.title}")
    if example.cells:
        page.text(row + 1, 0, words["cells"], "hint")
    for down, cells in enumerate(example.cells, start=row + 1):
        for across, cell in enumerate(cells, start=INDENT):
            page.put(down, across, cell, "entry" if isinstance(cell, (int, float)) else "entry_wrapped")
    below = row + 1 + len(example.cells)
    text = moved_formula(example)
    page.text(below, 0, words["formula"], "hint")
    page.text(below, INDENT, text, "note")
    page.text(below + 1, 0, words["answer"], "hint")
    if isinstance(example.answer, list):
        styles = [*["row_wrapped"] * (len(example.answer[0]) - 1), "row"]
        page.array(below + 1, INDENT, text, example.answer, styles)
    else:
        page.answer(below + 1, INDENT, Formula(text, example.answer), "derived")
