"""Printed pages: no table is torn that a page has room for, no heading stands alone, every text has its lines."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.utils.cell import range_boundaries
from pypdf import PdfReader

from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook import printing
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.dashboard_layout import DashboardLayout
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import rating_layout, return_layout
from pfexcel.workbook.printing import PLAIN, page_breaks
from tests import hosts
from tests.books import pretend_trust

LONG = "Robert Jones and Agnes Hunt Orthopaedic and District Hospital NHS Trust"


def job_of(period: str, number: int = 0) -> Job:
    """One trust of each type with sample figures; or `number` acute trusts."""
    of, edition = Period.parse(period), load_edition(period[:7])
    if number:
        trusts = [pretend_trust(f"P{n:02d}", "acute") for n in range(number)]
    else:
        trusts = list({trust.trust_type: trust for trust in in_scope(of.last_day, edition.trust_types, "Q34")}.values())
    returns = []
    for trust in trusts:
        rulebook = edition.rulebook(trust.trust_type)
        returns.append(TrustReturn(trust, rulebook, of, sample_values(rulebook, trust.ods_code, of)))
    return Job(edition, of, "Q34", "West Midlands", tuple(returns))


def headings(one: TrustReturn) -> Iterator[tuple[str, int, int]]:
    """The printed headings of a trust's sheets: the sheet, the row of a heading and that of the first line under it."""
    for row in return_layout(one.rulebook).section_rows.values():
        yield one.return_sheet, row, row + 2
    rows = rating_layout(one.rulebook).rows
    for key, row in rows.items():
        if key[0] == "heading" and row < rows["heading", "entries"]:
            yield one.rating_sheet, row, row + 2


@pytest.mark.host
@pytest.mark.parametrize("period", ["2009-10-Q3", "2011-12-Q3", "2012-13-M07"])
def test_no_heading_stands_alone_at_the_foot_of_a_page(period: str, tmp_path: Path) -> None:
    hosts.require_soffice()
    job = job_of(period)
    write_workbook(job, tmp_path / "book.xlsx")
    [pdf] = hosts.soffice_pdf([tmp_path / "book.xlsx"], tmp_path / "pdf")
    texts = ["".join(page.extract_text().split()) for page in PdfReader(pdf).pages]
    pages = hosts.pages_of_sheets(pdf)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    checked = [heading for one in job.returns for heading in headings(one)]
    assert len(checked) > 20
    for sheet, *rows in checked:
        title, line = ("".join(str(book[sheet].cell(row + 1, 1).value).split()) for row in rows)
        assert any(title in texts[page] and line in texts[page].split(title, 1)[1] for page in pages[sheet]), (
            sheet,
            rows,
        )


@pytest.mark.parametrize("number", [1, 14, 30, 45, 80])
def test_each_table_of_the_dashboard_is_on_one_page(number: int) -> None:
    layout = DashboardLayout(job_of("2011-12-Q3", number))
    room = printing.room_of(layout.widths, layout.landscape) * 4 / 3
    starts = [*layout.blocks, layout.last + 1]
    assert all(layout.tall(start, end - 1) <= room for start, end in pairwise(starts))
    assert layout.landscape == (number < 40)


def test_a_long_name_makes_room_in_every_row() -> None:
    """The order of the trusts follows the figures, so any row may have to hold it."""
    job = job_of("2011-12-Q3", 3)
    [first, *others] = job.returns
    long = replace(job, returns=(replace(first, trust=replace(first.trust, name=LONG)), *others))
    heights = [DashboardLayout(one).heights[DashboardLayout(one).first] for one in (job, long)]
    assert heights[0] < heights[1]


@pytest.mark.parametrize(
    ("starts", "last", "expected"),
    [
        ([0], 9, []),
        ([0], 25, []),  # longer than a page: it flows
        ([0, 6], 9, []),
        ([0, 6], 10, [6]),
        ([3, 6, 12], 14, [6]),  # 9 rows on the second page
        ([0, 4, 20], 25, [20]),  # a table of 16 rows begins where it stands
        ([0, 8, 20], 25, [8]),  # unless the page is nearly full
        ([0, 4, 17], 24, [17]),
    ],
)
def test_a_page_ends_before_a_table_that_it_has_no_room_for(starts: list[int], last: int, expected: list[int]) -> None:
    assert page_breaks({}, starts, last, 10 * PLAIN) == expected


def test_rows_that_every_page_repeats_take_room() -> None:
    assert page_breaks({}, [0, 8, 17], 17, 10 * PLAIN) == [8]
    assert page_breaks({}, [0, 8, 17], 17, 10 * PLAIN, repeated=PLAIN) == [8, 17]


def test_every_wrapped_text_has_room_in_its_row(tmp_path: Path) -> None:
    """In the columns that are printed; those beyond hold workings."""
    write_workbook(job_of("2011-12-Q3"), tmp_path / "book.xlsx")
    book, values = (openpyxl.load_workbook(tmp_path / "book.xlsx", data_only=only) for only in (False, True))
    wrapped = 0
    for sheet in book.worksheets:
        _, _, last, _ = range_boundaries(sheet.print_area.split("!")[1])
        for row in sheet.iter_rows(max_col=last):
            for cell in row:
                text = values[sheet.title][cell.coordinate].value
                if isinstance(cell, Cell) and cell.alignment.wrap_text and isinstance(text, str):
                    width = sheet.column_dimensions[cell.column_letter].width - 0.7109375  # what Excel adds to a width
                    lines = printing.lines_of(text, round(width), cell.font.sz, bool(cell.font.b))
                    wrapped += lines > 1
                    tall = sheet.row_dimensions[cell.row].height or 0
                    assert tall >= printing.height(lines, cell.font.sz), (sheet.title, cell.coordinate, text)
    assert wrapped > 100
