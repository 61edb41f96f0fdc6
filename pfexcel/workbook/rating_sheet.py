"""The Rating sheet: what the rating is, then why, then the workings. All by native formulas."""

from __future__ import annotations

from typing import Any

from pfexcel.workbook.formulas import quoted
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import rating_layout, sheet_name
from pfexcel.workbook.rating_cells import RETURN_SHEET, rating_cells
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

WIDTHS = [46, 25, 15, 9, 9, 11, 72]


def add_rating_sheet(workbook: Any, styles: Styles, job: Job, trust_return: TrustReturn) -> None:
    """Write the Rating sheet of one trust, with the values that its figures give cached in every formula."""
    layout, trust = rating_layout(trust_return.rulebook), trust_return.trust
    sheet = Sheet(workbook, styles, trust_return.rating_sheet, WIDTHS, "green")
    sheet.title(
        f"{trust.ods_code} rating: {trust.name}",
        f"{job.period.label}; {trust.trust_type} trust; {job.edition.title}",
        [(trust_return.return_sheet, "Return"), (sheet_name("summary"), "Summary"), (sheet_name("rules"), "Rules")],
    )
    return_sheet = quoted("return", trust.ods_code)
    for cell in rating_cells(trust_return.rulebook):
        if cell.value is not None:
            formula = cell.content.replace(RETURN_SHEET, return_sheet)
            sheet.formula(cell.row, cell.column, formula, cell.value(trust_return.rating), cell.style, cell.number)
        elif cell.content:
            sheet.text(cell.row, cell.column, cell.content, cell.style)
        else:
            sheet.blank(cell.row, cell.column, cell.style)
    for name, (row, column) in layout.named_cells.items():
        sheet.name_cell(name, row, column)
    states = template("return")["states"]
    categories = [name for scale in job.edition.scales.values() for name in scale.names]
    words = [*categories, "Not assessed", states["missing"], states["applies"]]
    sheet.colour_words((layout.RESULTS, layout.STATE), (layout.last_row, layout.STATE), words)
    sheet.raw.freeze_panes(layout.LINKS + 1, 1)
    sheet.printing(layout.last_row, job.subtitle)
