"""Workbooks: making and reading one SHA's, against plain XlsxWriter and openpyxl doing the same cells."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from xlsxwriter import Workbook

import pfexcel
from bench.timing import Compared, compare


def run() -> Iterator[Compared]:
    """Make West Midlands' workbook, then read it back."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        [path] = pfexcel.build_returns("2011-12", "2011-12-Q3", out, sha="Q34").files
        cells = list(_cells(path))
        yield compare(
            "build_returns, one SHA",
            lambda: pfexcel.build_returns("2011-12", "2011-12-Q3", out, sha="Q34"),
            "plain XlsxWriter writing the same cells from a flat list",
            lambda: _write_plain(cells),
            rounds=3,
        )
        yield compare(
            "read_return, one SHA, with rating and findings",
            lambda: pfexcel.read_return(path),
            "openpyxl reading the same sheets",
            lambda: _read_plain(path),
            rounds=3,
        )


def _cells(path: Path) -> Iterator[tuple[str, int, int, object]]:
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield sheet.title, cell.row - 1, cell.column - 1, cell.value


def _write_plain(cells: list[tuple[str, int, int, object]]) -> None:
    book = Workbook(io.BytesIO(), {"in_memory": True})
    sheets = {}
    for name, row, column, value in cells:
        if name not in sheets:
            sheets[name] = book.add_worksheet(name)
        sheets[name].write(row, column, value)
    book.close()


def _read_plain(path: Path) -> int:
    wanted = re.compile(r"Return|Rating")
    book = openpyxl.load_workbook(path, data_only=True)
    found = sum(
        cell.value is not None
        for sheet in book
        if wanted.search(sheet.title)
        for row in sheet.iter_rows()
        for cell in row
    )
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    return found
