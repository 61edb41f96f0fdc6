"""The Rating sheet: what the rating is, then why, then the workings. All by native formulas."""

from __future__ import annotations

from typing import Any

from pfexcel.workbook.cell import Cell
from pfexcel.workbook.formulas import NOT_ASSESSED, quoted
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import band_limits, rating_layout, sheet_name
from pfexcel.workbook.rating_cells import RETURN_SHEET, rating_cells, track_cells
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

WIDTHS = [46, 30, 15, 9, 9, 11, 84, 17, 17, 17, 17]


def add_rating_sheet(workbook: Any, styles: Styles, job: Job, trust_return: TrustReturn) -> None:
    """Write the Rating sheet of one trust, with the values that its figures give cached in every formula.

    Entries as used and workings, at its end, are for the screen and not printed.
    """
    layout, trust = rating_layout(trust_return.rulebook), trust_return.trust
    sheet = Sheet(workbook, styles, trust_return.rating_sheet, WIDTHS, "green")
    sheet.title(
        template("return")["rating"]["title"].format(code=trust.ods_code, name=trust.name),
        trust_return.subtitle,
        [trust_return.return_sheet, sheet_name("summary"), sheet_name("rules")],
    )
    return_sheet = quoted("return", trust.ods_code)
    for cell in rating_cells(trust_return.rulebook):
        _write(sheet, cell, return_sheet, trust_return.rating)
    for domain_id, cells in track_cells(trust_return.rulebook).items():
        for cell in cells:
            _write(sheet, cell, return_sheet, trust_return.tracks[domain_id])
    for name, (row, column) in layout.named_cells.items():
        sheet.name_cell(name, row, column)
    for domain in trust_return.rulebook.scored:
        for row, column in layout.score_cells(domain):
            sheet.precise_score(row, column, band_limits(trust_return.rulebook, domain))
        own = [layout.rows["indicator", name] for name in domain.indicators]
        best = max(max(indicator.scores) for indicator in domain.indicators.values())
        sheet.bars((own[0], layout.SCORE), (own[-1], layout.SCORE), best)
    states = template("return")["states"]
    categories = [name for scale in job.edition.scales.values() for name in scale.names]
    words = [*categories, NOT_ASSESSED, states["missing"], states["applies"]]
    sheet.colour_words((layout.RESULTS, layout.STATE), (layout.last_row, layout.STATE), words)
    sheet.raw.freeze_panes(layout.LINKS + 1, 1)
    headings = [row for key, row in layout.rows.items() if key[0] == "heading"]
    title = (layout.TITLE, layout.SUBTITLE)
    last = layout.rows["heading", "entries"] - 2
    sheet.printing(last, job.subtitle, repeat=title, last_column=layout.WORDS, blocks=[n for n in headings if n < last])


def _write(sheet: Sheet, cell: Cell, return_sheet: str, source: Any) -> None:
    """Write a text, a blank, a formula with its cached value, or a value that the generator knows."""
    row, column, content, style, number, value, longest = cell
    known = value(source) if value is not None else content
    if content.startswith("="):
        sheet.formula(row, column, content.replace(RETURN_SHEET, return_sheet), known, style, number, longest)
    elif isinstance(known, int | float):
        sheet.number(row, column, known, style, number)
    elif known:
        sheet.text(row, column, known, style)
    else:
        sheet.blank(row, column, style)
