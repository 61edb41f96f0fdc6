"""What goes into a worksheet function and comes out: cells, blocks of cells, and errors that are values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from pfexcel.engine.inputs import is_blank

CODES = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
"""The errors that a cell can hold, in Excel and in LibreOffice."""

MOST_ROWS = 1_048_576
"""As many rows as a sheet has; a block with more is refused."""

Cell: TypeAlias = Any
"""A number, a text, a bool, a date, None for an empty cell, or a CellError."""

Grid: TypeAlias = "list[list[Cell]]"
"""A block of cells, row by row, all rows of one length."""


class CellError(Exception):
    """An error as a cell holds it: `code` is what the cell shows, `sentence` says what is wrong and what to do.

    Two are equal where their codes are.

    >>> CellError("#N/A", "ytd_income is missing")
    CellError('#N/A', 'ytd_income is missing')
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CellError) and other.code == self.code

    def __hash__(self) -> int:
        return hash(self.code)


def refused(sentence: str) -> CellError:
    """What a function answers where it cannot work with what it is given: #VALUE!."""
    return CellError("#VALUE!", sentence)


def unavailable(sentence: str) -> CellError:
    """What a function answers where there is nothing to answer: #N/A."""
    return CellError("#N/A", sentence)


def error_in(cell: Cell) -> CellError | None:
    """The error that a cell holds, as a value or as the text that a host hands over for it.

    >>> error_in("#div/0!").code, error_in("3")
    ('#DIV/0!', None)
    """
    if isinstance(cell, CellError):
        return cell
    if isinstance(cell, str) and cell[:1] == "#" and cell.strip().upper() in CODES:
        return CellError(cell.strip().upper(), "a cell holds this error")
    return None


def grid(argument: Any, name: str) -> Grid:
    """An argument as a block of cells: one cell, a list of cells (a row) or a list of rows.

    Raises:
        CellError: #VALUE! for an argument left out, for rows of different lengths, and for more than a sheet holds.
    """
    if argument is None:
        raise refused(f"{name} is missing; give a block of cells")
    if not _is_block(argument):
        return [[argument]]
    if len(argument) > MOST_ROWS or (argument and _is_block(argument[0]) and len(argument[0]) > MOST_ROWS):
        raise refused(f"{name} has more than {MOST_ROWS:,} rows or columns; give fewer at a time")
    rows = [list(row) for row in argument] if all(map(_is_block, argument)) else [list(argument)]
    if not rows or not rows[0]:
        raise refused(f"{name} is an empty block; give at least one cell")
    if any(len(row) != len(rows[0]) for row in rows):
        raise refused(f"{name} has rows of different lengths; give a block with straight edges")
    return rows


def text(argument: Any, name: str, default: str) -> str:
    """An argument that is one text; `default` where it is left out or blank.

    An empty cell arrives as 0 from some programs, so that 0 is blank too.

    Raises:
        CellError: the error of its cell; #VALUE! for a block of several cells.
    """
    if _is_block(argument):
        cells = [cell for row in grid(argument, name) for cell in row]
        if len(cells) != 1:
            raise refused(f"{name} is a block of {len(cells)} cells; give one cell")
        argument = cells[0]
    error = error_in(argument)
    if error is not None:
        raise error
    blank = is_blank(argument) or (argument == 0 and not isinstance(argument, (str, bool)))
    return default if blank else str(argument).strip()


def answer(cells: Grid) -> Cell | Grid:
    """A block as a function answers it: one cell alone is no block."""
    return cells[0][0] if len(cells) == 1 and len(cells[0]) == 1 else cells


def _is_block(argument: Any) -> bool:
    return isinstance(argument, Sequence) and not isinstance(argument, (str, bytes))
