"""The Reference sheet: every function with its arguments, answer, errors and an example, and what errors mean."""

from __future__ import annotations

from pfexcel.functions import FUNCTIONS, Function
from pfexcel.template.examples import Example, examples_of
from pfexcel.template.examples_sheet import moved_formula
from pfexcel.template.page import Book, Page
from pfexcel.template.sample import Formula

WIDTHS = [28, 104, 40]
FIRST = 4


def add_reference(book: Book) -> None:
    """Write the Reference sheet."""
    page, words = Page(book, "reference", WIDTHS, "mid_grey"), book.words["reference"]
    page.status()
    page.header(FIRST - 1, words["columns"])
    row, blocks = FIRST, []
    for function in FUNCTIONS.values():
        blocks.append(row)
        row = _add(page, function, row) + 1
    blocks.append(row)
    page.band(row, words["errors_title"])
    page.header(row + 1, words["errors_columns"])
    for down, error in enumerate(book.words["error"], start=row + 2):
        page.text(down, 0, error["shown"], "strong_wrapped")
        page.text(down, 1, error["why"], "row_wrapped")
        page.text(down, 2, error["action"], "row_wrapped")
    last = row + 1 + len(book.words["error"])
    page.raw.freeze_panes(FIRST, 1)
    page.printing(last, book.words["footer"], blocks=blocks)


def _add(page: Page, function: Function, row: int) -> int:
    words = page.book.words["reference"]
    page.band(row, function.name)
    lines = [(words["description"], function.description), (words["syntax"], f"={function.syntax}")]
    for argument in function.arguments:
        optional = f" ({words['optional']})" if argument.optional else ""
        lines.append((f"{argument.name}{optional}", argument.help))
    lines += [(words["answer"], f"{function.answer}."), (words["errors"], f"{function.errors}.")]
    for below, (label, text) in enumerate(lines, start=row + 1):
        page.text(below, 0, label, "strong_wrapped")
        page.text(below, 1, text, "row_wrapped")
        page.blank(below, 2, "row")
    last = row + len(lines) + 1
    _add_example(page, examples_of(function.name)[0], last)
    return last


def _add_example(page: Page, example: Example, row: int) -> None:
    words = page.book.words["reference"]
    text = moved_formula(example, page.book.sheet_name("examples"))
    page.text(row, 0, words["example"], "strong_wrapped")
    page.text(row, 1, f"{example.title}: {text}", "row_wrapped")
    first = f"=INDEX({text.removeprefix('=')},1,1)" if isinstance(example.answer, list) else text
    page.answer(row, 2, Formula(first, example.rows[0][0]), "derived")
