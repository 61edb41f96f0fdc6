"""A sheet of the template workbook: not protected, with arrays whose cells hold the answers of the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.workbook import Workbook

from pfexcel.functions import Cell, CellError, Grid, call
from pfexcel.model import Category, Rag
from pfexcel.template.sample import Formula, Table, history, trusts_by_column, trusts_by_row
from pfexcel.workbook.layout import address
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

CATEGORIES = tuple(category.value for category in Category)
RATINGS = tuple(rating.value for rating in Rag)
STATUS = 2
_MAKERS = {"#N/A": "=NA()", "#DIV/0!": "=1/0", "#NUM!": "=SQRT(-1)", "#VALUE!": '=VALUE("x")'}


@dataclass
class Book:
    """The template workbook while it is written."""

    workbook: Workbook
    styles: Styles
    words: dict[str, Any] = field(default_factory=lambda: template("functions"))
    by_row: Table = field(default_factory=trusts_by_row)
    by_column: Table = field(default_factory=trusts_by_column)
    history: Table = field(default_factory=history)
    pages: list[Page] = field(default_factory=list)

    def sheet_name(self, kind: str) -> str:
        return self.words["sheets"][kind]["name"]


class Page(Sheet):
    """A sheet of the template workbook.

    `errors` are the cells that hold an error as the answer of an array, which XlsxWriter cannot write.
    """

    def __init__(self, book: Book, kind: str, widths: Sequence[float], colour: str) -> None:
        words = book.words["sheets"][kind]
        super().__init__(book.workbook, book.styles, words["name"], widths, colour)
        self.raw.protect_options = {}
        self.book = book
        self.errors: dict[tuple[int, int], str] = {}
        book.pages.append(self)
        self.text(0, 0, words["title"], "title")
        self.height(0, 26)
        self.text(1, 0, words["subtitle"], "subtitle")
        self.height(1, 21)

    def status(self, row: int = STATUS, column: int = 0) -> None:
        """The version of the functions, or that they are not installed."""
        missing = self.book.words["not_installed"]
        self.formula(row, column, f'=IFERROR(PF_VERSION(),"{missing}")', call("PF_VERSION"), "text")

    def put(self, row: int, column: int, cell: Cell, style: str, number: str = "") -> None:
        """A cell that a user typed."""
        if cell is None:
            self.blank(row, column, style)
        elif isinstance(cell, CellError):
            self.formula(row, column, _MAKERS[cell.code], cell.code, style)
        elif isinstance(cell, str):
            self.raw.write_string(row, column, cell, self.styles.get(style, number))
            self.make_room(row, column, [[cell]], style)
        else:
            self.number(row, column, cell, style, number)

    def answer(self, row: int, column: int, made: Formula, style: str = "row", number: str = "") -> None:
        """A formula in one cell with its answer."""
        value = made.answer.code if isinstance(made.answer, CellError) else made.answer
        self.formula(row, column, made.text, value, style, number)

    def array(
        self,
        row: int,
        column: int,
        text: str,
        answers: Grid,
        style: str | Sequence[str] = "row",
        number: str = "",
        heading: str = "",
    ) -> None:
        """An array formula over as many cells as `answers` has, which hold them until it is calculated again.

        `style` is one style, or one for each column; `heading` that of the first row, where it is another.
        """
        last = (row + len(answers) - 1, column + len(answers[0]) - 1)
        each = [style] * len(answers[0]) if isinstance(style, str) else style
        for down, cells in enumerate(answers):
            for across, cell in enumerate(cells):
                place, own = (row + down, column + across), heading if heading and not down else each[across]
                look = self.styles.get(own, number)
                if isinstance(cell, CellError):
                    self.errors[place] = cell.code
                if down or across:
                    self.raw.write(*place, _stored(cell), look)
                else:
                    self.raw.write_array_formula(*place, *last, text, look, _stored(cell))
                self.make_room(*place, [[cell]], own)

    def make_room(self, row: int, column: int, cells: Grid, style: str) -> None:
        """Make rows as tall as these texts need."""
        for down, texts in enumerate(cells):
            for across, text in enumerate(texts):
                self._measure(row + down, column + across, str(_stored(text)), style)

    def lines(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Draw a line below each row of a range whose first cell says something; earlier looks win in LibreOffice."""
        said = f'=${address(*first)}<>""'
        look = self.styles.condition("filled")
        self.raw.conditional_format(*first, *last, {"type": "formula", "criteria": said, "format": look})

    def drop_down(self, first: tuple[int, int], last: tuple[int, int], choices: str | Sequence[str]) -> None:
        """Offer choices, of a list or of a range; another value is questioned and not refused."""
        said = {"error_type": "warning", "error_title": self.name, "error_message": "This is not one of the list."}
        self.raw.data_validation(
            *first,
            *last,
            {"validate": "list", "source": choices if isinstance(choices, str) else list(choices), **said},
        )


def _stored(cell: Cell) -> Any:
    return cell.code if isinstance(cell, CellError) else "" if cell is None else cell
