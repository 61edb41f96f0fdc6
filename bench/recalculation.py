"""Recalculation: LibreOffice over every formula of one SHA's workbook, and over as many sums of two cells.

A macro in the profile of LibreOffice times `calculateAll`, a hard recalculation, in the office's own process.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
from xlsxwriter import Workbook

import pfexcel
from bench.timing import Compared
from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.samples import sample_values
from tests.hosts import soffice, soffice_profile

PERIOD, SHA = "2011-12-Q3", "Q34"
ROUNDS, ROWS = 7, 1000
_MACRO = """Sub Measure(ours, theirs, out, rounds)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  one = StarDesktop.loadComponentFromURL(ours, "_blank", 0, hidden())
  other = StarDesktop.loadComponentFromURL(theirs, "_blank", 0, hidden())
  one.calculateAll()
  other.calculateAll()
  Open ConvertFromURL(out) For Output As #1
  For i = 1 To rounds
    start = GetSystemTicks()
    one.calculateAll()
    middle = GetSystemTicks()
    other.calculateAll()
    Print #1, middle - start; " "; GetSystemTicks() - middle
  Next
  Close #1
  one.close(True)
  other.close(True)
  StarDesktop.terminate()
End Sub
"""


def run() -> Iterator[Compared]:
    """Recalculate West Midlands' workbook, filled in; nothing where there is no LibreOffice."""
    if shutil.which("soffice") is None:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = _filled(folder)
        number = _formulas(ours)
        theirs = _sums(folder / "sums.xlsx", number)
        profile, out = _profile(folder / "profile"), folder / "times.txt"
        places = ",".join(f'"{path.as_uri()}"' for path in (ours, theirs, out))
        soffice(f"macro:///Standard.Bench.Measure({places},{ROUNDS})", profile=profile)
        times = [tuple(float(part) / 1000 for part in line.split()) for line in out.read_text().splitlines()]
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


def _profile(folder: Path) -> Path:
    """A profile with the macro in its standard library, which LibreOffice puts there when it first starts."""
    soffice("--terminate_after_init", profile=soffice_profile(folder))
    basic = folder / "user" / "basic"
    listed = '<library:library library:name="Standard" library:link="false"/>'
    flags = 'library:name="Standard" library:readonly="false" library:passwordprotected="false"'
    own = '<library:element library:name="Bench"/>'
    for kind, element in (("script", own), ("dialog", "")):
        _write_xml(basic / f"{kind}.xlc", "library", "libraries", "", listed)
        _write_xml(basic / "Standard" / f"{kind}.xlb", "library", "library", flags, element)
    module = 'script:name="Bench" script:language="StarBasic"'
    _write_xml(basic / "Standard" / "Bench.xba", "script", "module", module, escape(_MACRO))
    return folder


def _write_xml(path: Path, space: str, element: str, attributes: str, content: str) -> None:
    opened = f'<{space}:{element} xmlns:{space}="http://openoffice.org/2000/{space}" {attributes}>'
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{opened}{content}</{space}:{element}>\n'
    path.write_text(text, encoding="utf-8")
