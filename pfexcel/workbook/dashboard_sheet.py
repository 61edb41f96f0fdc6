"""The Dashboard: how many trusts stand where, which need attention first, and how they got there.

All by native formulas over the Summary, the Checks, the Rating sheets and the Rules.
"""

from __future__ import annotations

from typing import Any

from pfexcel.workbook.dashboard_glance import write_glance, write_scores
from pfexcel.workbook.dashboard_page import Page
from pfexcel.workbook.dashboard_trusts import write_attention, write_history
from pfexcel.workbook.formulas import NOT_ASSESSED
from pfexcel.workbook.job import Job
from pfexcel.workbook.layout import sheet_name
from pfexcel.workbook.style import Styles


def add_dashboard(workbook: Any, styles: Styles, job: Job) -> None:
    """Write the Dashboard: counts, charts of scores, the trusts in order of need of attention, and their history."""
    page = Page(workbook, styles, job)
    sheet, layout = page.sheet, page.layout
    sheet.title(page.words["title"], job.subtitle, [])
    for column, kind in ((layout.ORDER, "cover"), (layout.NAME, "summary"), (layout.WORST, "checks")):
        sheet.link(2, column, sheet_name(kind), sheet_name(kind))
    for row, height in layout.heights.items():
        sheet.height(row, height)
    page.write_workings()
    page.write_lines()
    write_glance(page)
    write_scores(page)
    write_attention(page)
    write_history(page)
    words = [name for scale, _ in layout.groups for name in scale.names]
    sheet.colour_words((layout.GLANCE, 0), (layout.last, layout.to_do), [*words, NOT_ASSESSED])
    sheet.raw.freeze_panes(3, 0)
    sheet.printing(layout.last, job.subtitle, layout.landscape, blocks=layout.blocks)
