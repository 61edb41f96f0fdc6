"""The Dashboard as it is written: its sheet, layout and workings, and how tables and charts take from them."""

from __future__ import annotations

from typing import Any

from pfexcel.workbook import checks_sheet
from pfexcel.workbook.dashboard_layout import DashboardLayout
from pfexcel.workbook.dashboard_workings import Workings
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, sheet_name
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

Range = list[str | int]  # sheet, first row and column, last row and column

EDGE = 6  # pixels between a chart and its neighbours
_WORKING_WIDTH = 12


class Page:
    """The Dashboard of a job; `ordered` has the rows of the table of trusts, each with the trust that stands there."""

    def __init__(self, workbook: Any, styles: Styles, job: Job) -> None:
        self.job, self.styles = job, styles
        self.words: dict[str, str] = template("return")["dashboard"]
        self.layout = DashboardLayout(job)
        self.workings = Workings(self.layout)
        self.ordered = list(enumerate(self.workings.ordered, start=self.layout.first))
        self.left = {one.trust.ods_code: checks_sheet.to_do(one).total() for one in job.returns}
        self.end = self.layout.first + len(job.returns) - 1
        self.sheet = Sheet(workbook, styles, sheet_name("dashboard"), self.layout.widths, "dark_blue")

    def take(self, row: int, column: int, key: str, one: TrustReturn, style: str = "row", number: str = "") -> None:
        """Take a figure of the trust that stands in `row` of the table of trusts.

        A trust that a domain is not for has a blank cell in the Summary, which INDEX would make 0.
        """
        source = self.workings.source(key)
        index = f"INDEX({source.cells},{address(row, self.layout.near)})"
        formula = f'=IF({index}="","",{index})' if source.gaps else f"={index}"
        self.sheet.formula(row, column, formula, source.value(one), style, number)

    def cells(self, *corners: int) -> Range:
        """A range as charts take it, by first row and column, last row and column."""
        return [self.sheet.name, *corners]

    def line(self, key: str) -> Range:
        """A line of a chart by trust, in order, with the cell before and after."""
        column = self.layout.near_columns[key]
        return self.cells(self.layout.first - 1, column, self.end + 1, column)

    def insert(self, chart: Any, row: int, offset: int, size: tuple[int, int], words: str) -> None:
        """Place a chart, `offset` pixels from the left, with its alternative text."""
        chart.set_size({"width": size[0], "height": size[1]})
        place = {"x_offset": offset, "y_offset": EDGE, "object_position": 1, "description": words}
        self.sheet.raw.insert_chart(row, 0, chart, place)

    # --- beyond the printed columns ---

    def write_workings(self) -> None:
        """The trusts in the workbook's order, with their place by need of attention."""
        layout, columns = self.layout, self.workings.columns
        self._head(layout.far, self.words["workings"], [column.heading for column in columns.values()])
        for row, one in enumerate(self.job.returns, start=layout.first):
            for number, (_, formula, value, shown) in enumerate(columns.values(), start=layout.far):
                if formula is None:
                    self.sheet.number(row, number, value(one), "row_number", shown)
                else:
                    self.sheet.formula(row, number, formula(one), value(one), "row_number", shown)

    def write_lines(self) -> None:
        """The lines of charts and trends, in order of need of attention.

        The limits have a cell more above and below, so that they run from side to side of a chart.
        """
        layout, near = self.layout, self.layout.near_columns
        self._head(layout.near, self.words["lines"], list(near))
        positions = self.workings.source("position").cells
        for row, one in self.ordered:
            line = f"=MATCH({address(row, layout.ORDER)},{positions},0)"
            self.sheet.formula(row, layout.near, line, self.job.returns.index(one) + 1, "row_number", "0")
            for key, column in near.items():
                if column != layout.near:
                    self.take(row, column, key, one, "row_number")
        for key in (key for domain in layout.charted for key in layout.limits(domain)):
            value = self.workings.source(key).value
            for row, beside, number in ((layout.first - 1, layout.first, 0), (self.end + 1, self.end, -1)):
                formula = f"={address(beside, near[key])}"
                self.sheet.formula(row, near[key], formula, value(self.workings.ordered[number]), "row_number", "0.00")

    def _head(self, column: int, title: str, headings: list[str]) -> None:
        self.sheet.text(self.layout.attention, column, title, "subtitle")
        for number, heading in enumerate(headings, start=column):
            self.sheet.raw.set_column(number, number, _WORKING_WIDTH, self.styles.get("text"))
            self.sheet.text(self.layout.attention + 2, number, heading, "header_number")
