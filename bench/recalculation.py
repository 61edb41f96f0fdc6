"""Recalculation: LibreOffice over every formula of one SHA's workbook, and over as many sums of two cells."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from xlsxwriter import Workbook

import pfexcel
from bench.office import recalculation_times
from bench.timing import Compared
from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.samples import sample_values

PERIOD, SHA = "2011-12-Q3", "Q34"
ROUNDS, ROWS = 7, 1000


def run() -> Iterator[Compared]:
    """Recalculate West Midlands' workbook, filled in; nothing where there is no LibreOffice."""
    if shutil.which("soffice") is None:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = _filled(folder)
        number = _formulas(ours)
        theirs = _sums(folder / "sums.xlsx", number)
        times = recalculation_times(ours, theirs, folder, ROUNDS)
    yield Compared(
        f"LibreOffice recalculating one SHA's workbook, {number:,} formulas",
        "as many sums of two cells",
        sorted(own for own, _ in times)[len(times) // 2],
        sorted(other for _, other in times)[len(times) // 2],
        tuple(own / max(other, 0.001) for own, other in times),
    )


def _filled(folder: Path) -> Path:
    edition, period = pfexcel.load_edition(PERIOD[:7]), Period.parse(PERIOD)
    trusts = in_scope(period.last_day, edition.trust_types, SHA)
    values = {t.ods_code: sample_values(edition.rulebook(t.trust_type), t.ods_code, period) for t in trusts}
    return pfexcel.build_returns(edition, period, folder, SHA, values=values).files[0]


def _formulas(path: Path) -> int:
    sheets = openpyxl.load_workbook(path).worksheets
    return sum(cell.data_type == "f" for sheet in sheets for row in sheet.iter_rows() for cell in row)


def _sums(path: Path, number: int) -> Path:
    book = Workbook(path)
    sheet = book.add_worksheet()
    for index in range(number):
        row, column = index % ROWS, index // ROWS
        sheet.write_number(row, 2 * column, index)
        sheet.write_formula(row, 2 * column + 1, f"=SUM(A1,A{row + 1})")
    book.close()
    return path
