"""Formulas with the worksheet functions over blocks of cells, worked out by LibreOffice Calc with the extension.

A test puts blocks of cells into a book, asks formulas over them, and runs LibreOffice once for all.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from pfexcel.functions import Cell, CellError, Grid
from tests.hosts import soffice, soffice_profile
from udfs.libreoffice.extension import build_extension

ANSWERS_AT = 400


@dataclass(frozen=True)
class Block:
    """Where a block of cells stands in the sheet, rows and columns counted from 0."""

    top: int
    left: int
    rows: int
    columns: int

    @property
    def address(self) -> str:
        return self.part()

    def row(self, number: int) -> str:
        return self.part(number, number)

    def column(self, number: int) -> str:
        return xl_range(self.top, self.left + number, self.top + self.rows - 1, self.left + number)

    def part(self, first: int = 0, last: int | None = None) -> str:
        """The address of some rows."""
        last = self.rows - 1 if last is None else last
        return xl_range(self.top + first, self.left, self.top + last, self.left + self.columns - 1)

    def cell(self, row: int, column: int) -> str:
        return xl_rowcol_to_cell(self.top + row, self.left + column)


@dataclass
class Asked:
    """A formula in a cell, or as an array formula in a block of cells; `answer` holds its cells once it is run."""

    formula: str
    place: Block
    array: bool
    answer: Grid = field(default_factory=list)

    @property
    def cell(self) -> Cell:
        """The first cell of the answer."""
        return self.answer[0][0]


class CalcBook:
    """A sheet with blocks of cells under each other, and the formulas beside them."""

    def __init__(self) -> None:
        self.blocks: list[tuple[Block, Sequence[Sequence[Cell]]]] = []
        self.asked: list[Asked] = []
        self._height = self._asked_height = 0

    def block(self, cells: Sequence[Sequence[Cell]], alone_at: int | None = None) -> Block:
        """Put a block of cells into the sheet: under those before, or at the top of columns of its own."""
        top, left = (self._height, 0) if alone_at is None else (0, alone_at)
        block = Block(top, left, len(cells), max(map(len, cells)))
        if alone_at is None:
            self._height += block.rows + 1
        self.blocks.append((block, cells))
        return block

    def ask(self, formula: str) -> Asked:
        """Ask a formula in one cell."""
        return self._ask(formula, 1, 1, array=False)

    def ask_block(self, formula: str, like: Sequence[Sequence[Any]]) -> Asked:
        """Ask an array formula in as many cells as a block has."""
        return self._ask(formula, len(like), len(like[0]), array=True)

    def _ask(self, formula: str, rows: int, columns: int, array: bool) -> Asked:
        asked = Asked(f"={formula.removeprefix('=')}", Block(self._asked_height, ANSWERS_AT, rows, columns), array)
        self._asked_height += rows
        self.asked.append(asked)
        return asked

    def run(self, folder: Path) -> None:
        """Work all formulas out in LibreOffice, in a profile of its own with the extension in it."""
        self._write(folder / "asked.xlsx")
        with zipfile.ZipFile(BytesIO(build_extension())) as extension:
            extension.extractall(folder / "bundled" / "pfexcel")
        bundled = f"-env:BUNDLED_EXTENSIONS={(folder / 'bundled').resolve().as_uri()}"
        export = "xlsx:Calc MS Excel 2007 XML"
        arguments = ("--convert-to", export, "--outdir", str(folder / "out"), str(folder / "asked.xlsx"))
        soffice(bundled, *arguments, profile=soffice_profile(folder / "profile"), timeout=3600)
        self._read(folder / "out" / "asked.xlsx")

    def _write(self, path: Path) -> None:
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
            sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
            for block, cells in self.blocks:
                for at, row in enumerate(cells, block.top):
                    for column, cell in enumerate(row, block.left):
                        if isinstance(cell, CellError):
                            sheet.write_formula(at, column, f"={cell.code}")
                        elif isinstance(cell, str):
                            sheet.write_string(at, column, cell)
                        elif cell is not None:
                            sheet.write(at, column, cell, day if isinstance(cell, date) else None)
            for one in self.asked:
                if one.array:
                    sheet.write_array_formula(one.place.address, f"{{{one.formula}}}")
                else:
                    sheet.write_formula(one.place.cell(0, 0), one.formula)

    def _read(self, path: Path) -> None:
        book = openpyxl.load_workbook(path, data_only=True, read_only=True)
        width = max(one.place.columns for one in self.asked)
        rows = book.worksheets[0].iter_rows(1, self._asked_height, ANSWERS_AT + 1, ANSWERS_AT + width)
        for one in self.asked:
            one.answer = [[_cell(cell) for cell in next(rows)[: one.place.columns]] for _ in range(one.place.rows)]
        book.close()


def _cell(cell: Any) -> Cell:
    """A cell as LibreOffice saved it."""
    if cell.data_type == "e":
        return CellError(cell.value, "")
    return float(cell.value) if type(cell.value) is int else cell.value


def as_calc_shows(answer: Cell | Grid) -> Grid:
    """What a sheet shows of an answer: numbers with 15 digits; errors among texts, in an array, by their names."""
    rows = answer if isinstance(answer, list) else [[answer]]
    cells = [cell for row in rows for cell in row]
    by_name = len(cells) > 1 and any(isinstance(cell, str) for cell in cells)
    return [[_shown(cell, by_name) for cell in row] for row in rows]


def _shown(cell: Cell, by_name: bool) -> Cell:
    if isinstance(cell, CellError):
        return cell.code if by_name else cell
    if isinstance(cell, str):
        return cell or None
    return cell if cell is None or isinstance(cell, bool) else float(f"{cell:.15g}")
