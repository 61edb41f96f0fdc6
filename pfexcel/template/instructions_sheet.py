"""The Instructions sheet: what the functions are, how to install them, and what to do where something is wrong."""

from __future__ import annotations

from pfexcel.template.page import Book, Page

WIDTHS = [30, 112]
FIRST = 4


def add_instructions(book: Book) -> None:
    """Write the Instructions sheet, with links to the others."""
    page = Page(book, "instructions", WIDTHS, "blue")
    page.status()
    row, blocks = FIRST, []
    for part in book.words["instructions"]:
        blocks.append(row)
        page.band(row, part["heading"])
        for label, text in part["lines"]:
            row += 1
            page.text(row, 0, label, "guide_heading")
            page.text(row, 1, text.format(room=book.words["room"]), "guide_text")
        row += 2
    blocks.append(row)
    page.band(row, book.words["contents"])
    for sheet in book.words["sheets"].values():
        if "holds" in sheet:
            row += 1
            page.link(row, 0, sheet["name"], sheet["name"], style="row_link")
            page.text(row, 1, sheet["holds"], "guide_text")
    page.printing(row, book.words["footer"], landscape=False, blocks=blocks)
