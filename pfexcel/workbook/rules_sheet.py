"""The Rules sheet: every limit, weight and category that the formulas read, each with its provenance and reference."""

from __future__ import annotations

from typing import Any

from pfexcel.workbook.job import Job
from pfexcel.workbook.layout import RuleNumber, rules_layout, sheet_name
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

WIDTHS = [13, 31, 44, 38, 17, 13, 14, 58]


def add_rules_sheet(workbook: Any, styles: Styles, job: Job) -> None:
    """Write the Rules sheet of the job's edition; days elapsed are those of its period."""
    layout = rules_layout(job.edition)
    sheet = Sheet(workbook, styles, sheet_name("rules"), WIDTHS, "mid_grey")
    words = template("return")["rules"]
    subtitle = words["subtitle"].format(edition=job.edition.title, period=job.period.label)
    sheet.title(words["title"], subtitle, [sheet_name("cover")])
    sheet.header(layout.HEADER, words["columns"], {layout.VALUE})
    for number in layout.numbers:
        _write_number(sheet, layout.rows[number.key], number, job)
    last = layout.HEADER + len(layout.numbers)
    sheet.raw.autofilter(layout.HEADER, 0, last, len(WIDTHS) - 1)
    sheet.raw.freeze_panes(layout.HEADER + 1, 0)
    sheet.printing(last, job.subtitle, repeat=(layout.HEADER, layout.HEADER))


def _write_number(sheet: Sheet, row: int, number: RuleNumber, job: Job) -> None:
    for column, text in enumerate((number.trust_type, number.domain, number.rule, number.name)):
        sheet.text(row, column, text, "row_wrapped")
    value = job.period.days_elapsed if number.key == ("context", "days_elapsed") else number.value
    if isinstance(value, str):
        sheet.text(row, 4, value, "row_wrapped")
    else:
        sheet.number(row, 4, value, "row_number", number.unit.cell if number.unit else "")
    sheet.text(row, 5, number.unit.words if number.unit else "", "row")
    sheet.text(row, 6, number.mark.provenance if number.mark else "", "row")
    sheet.text(row, 7, rules_layout(job.edition).cite(number), "row_wrapped")
