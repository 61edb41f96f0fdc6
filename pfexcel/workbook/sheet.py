"""One sheet as it is written: cells by style, links, heights of rows, printing and protection."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pfexcel.workbook import printing
from pfexcel.workbook.layout import address
from pfexcel.workbook.prepared import PreparedWorksheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

_PROTECTION = {
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_columns": True,
    "format_rows": True,
    "autofilter": True,
    "sort": False,
}


class Sheet:
    """A worksheet with the theme's styles; text from outside is written as text, whatever it begins with."""

    def __init__(self, workbook: Workbook, styles: Styles, name: str, widths: Sequence[float], colour: str) -> None:
        self.workbook = workbook
        self.styles = styles
        self.name = name
        self.raw: Worksheet = workbook.add_worksheet(name, PreparedWorksheet)
        for column, width in enumerate(widths):
            self.raw.set_column(column, column, width, styles.get("text"))
        self.last_column = len(widths) - 1
        self.widths = list(widths)
        self.heights: dict[int, float] = {}
        self._needed: dict[int, float] = {}
        self.raw.set_zoom(styles.theme["view"]["zoom"])
        self.raw.hide_gridlines(2)
        self.raw.set_tab_color(styles.colour(colour))
        self.raw.protect("", _PROTECTION)

    def text(self, row: int, column: int, text: str, style: str = "text") -> None:
        self.raw.write_string(row, column, text, self.styles.get(style))
        self._measure(row, column, text, style)

    def number(self, row: int, column: int, value: float, style: str = "row_number", number: str = "") -> None:
        self.raw.write_number(row, column, value, self.styles.get(style, number))

    def blank(self, row: int, column: int, style: str) -> None:
        self.raw.write_blank(row, column, None, self.styles.get(style))

    def formula(
        self,
        row: int,
        column: int,
        formula: str,
        value: Any,
        style: str = "row",
        number: str = "",
        longest: str = "",
    ) -> None:
        """A native formula with its cached value (None is the empty text); `longest` is a text to have room for."""
        cached: Any = "" if value is None else value
        self.raw.write_formula(row, column, formula, self.styles.get(style, number), cached)
        self._measure(row, column, max(longest, str(cached), key=len), style)

    def link(self, row: int, column: int, sheet: str, text: str, cell: str = "A1", style: str = "link") -> None:
        """A link to a cell of this workbook."""
        self.raw.write_url(
            row,
            column,
            f"internal:'{sheet}'!{cell}",
            self.styles.get(style),
            text,
            template("return")["document"]["link"].format(sheet=sheet),
        )

    def band(self, row: int, text: str, style: str = "heading") -> None:
        """A text across the whole width of the sheet, without merging."""
        self.text(row, 0, text, style)
        for column in range(1, self.last_column + 1):
            self.blank(row, column, style)

    def header(self, row: int, texts: list[str], numbers: Collection[int] = ()) -> None:
        """The header row of a table; `numbers` are the columns of figures."""
        for column, text in enumerate(texts):
            self.text(row, column, text, "header_number" if column in numbers else "header")

    def title(self, title: str, subtitle: str, links: Sequence[str]) -> None:
        """The first three rows: what this is, of whom and when, and links to other sheets.

        A link to a trust's sheet says its kind alone.
        """
        self.text(0, 0, title, "title")
        self.height(0, 26.25)
        self.height(1, 21)
        self.text(1, 0, subtitle, "subtitle")
        for column, sheet in enumerate(links):
            self.link(2, column, sheet, sheet.rpartition(" ")[2])

    def colour_words(self, first: tuple[int, int], last: tuple[int, int], words: list[str]) -> None:
        """Colour the cells of a range by the words they say."""
        for word in words:
            self.raw.conditional_format(
                *first,
                *last,
                {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": self.styles.condition(word)},
            )

    def bars(self, first: tuple[int, int], last: tuple[int, int], most: float) -> None:
        """Draw a bar behind the figures of a range, from 0 to `most`."""
        bar = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": most, "bar_solid": True}
        colour = {"bar_color": self.styles.colour("pale_blue"), "data_bar_2010": True}
        self.raw.conditional_format(*first, *last, {"type": "data_bar", **bar, **colour})

    def precise_score(self, row: int, column: int, limits: Sequence[str]) -> None:
        """Show a score with four decimals where two would hide on which side of a limit it lies."""
        cell = address(row, column)
        sides = [
            f"AND(ROUND({cell},2)<={limit},{limit}<{cell}),AND({cell}<{limit},{limit}<=ROUND({cell},2))"
            for limit in limits
        ]
        criteria = f"=AND(ISNUMBER({cell}),OR({','.join(sides)}))"
        four = self.styles.number_only("0.0000")
        self.raw.conditional_format(row, column, row, column, {"type": "formula", "criteria": criteria, "format": four})

    def name_cell(self, name: str, row: int, column: int) -> None:
        """Give a cell a name of this sheet's own."""
        self.workbook.define_name(f"'{self.name}'!{name}", f"='{self.name}'!{address(row, column, fixed=True)}")

    def height(self, row: int, points: float) -> None:
        """Give a row a height of its own rather than the one its texts need."""
        self.heights[row] = points

    def _measure(self, row: int, column: int, text: str, style: str) -> None:
        look = self.styles.theme["styles"][style]
        size, lines = look.get("font_size", self.styles.theme["font"]["font_size"]), 1
        if look.get("text_wrap") and column <= self.last_column:
            lines = printing.lines_of(text, self.widths[column], size, look.get("bold", False))
        self._needed[row] = max(self._needed.get(row, printing.PLAIN), printing.height(lines, size))

    def printing(
        self,
        last_row: int,
        footer: str,
        landscape: bool = True,
        repeat: tuple[int, int] | None = None,
        last_column: int | None = None,
        blocks: Sequence[int] = (),
    ) -> None:
        """A4, one page wide, with the sheet's name and page numbers; every row as tall as its texts need.

        Args:
            last_row: the last row that is printed.
            footer: what stands on the left under each page.
            landscape: the longer side of the paper across.
            repeat: the first and last of the rows that every page repeats.
            last_column: the last column that is printed; all of them, if None.
            blocks: the first row of each table: none is torn that a page has room for.
        """
        last_column = self.last_column if last_column is None else last_column
        heights = self._needed | self.heights
        for row in range(max(last_row, *heights) + 1):
            self.raw.set_row(row, heights.setdefault(row, printing.PLAIN))
        self.raw.set_paper(9)
        if landscape:
            self.raw.set_landscape()
        self.raw.fit_to_pages(1, 0)
        self.raw.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        self.raw.print_area(0, 0, last_row, last_column)
        page = template("return")["document"]["page"].format(page="&P", pages="&N")
        self.raw.set_footer(f"&L&8{footer.replace('&', '&&')}&C&8&A&R&8{page}")
        repeated = 0.0
        if repeat is not None:
            self.raw.repeat_rows(*repeat)
            repeated = sum(heights[row] for row in range(repeat[0], repeat[1] + 1))
        room = printing.room_of(self.widths[: last_column + 1], landscape)
        if blocks:
            self.raw.set_h_pagebreaks(printing.page_breaks(heights, blocks, last_row, room, repeated))
