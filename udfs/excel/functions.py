"""The worksheet functions as xlwings calls them for Excel: one for each of the registry, with its help.

Excel's own wrappers (`vba`) ask for them by this module's name. A block of cells arrives with two dimensions and its
errors as texts; an error in an answer leaves as its text, of which the wrapper makes Excel's own error.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import xlwings

from pfexcel.functions import FUNCTIONS, Argument, Cell, CellError, Function, Grid, call

CATEGORY = "pfexcel"
LONGEST_TEXT = 32_767
"""As many characters as a cell of Excel holds."""


def worksheet_function(function: Function) -> Callable[..., Cell | Grid]:
    """A function of the registry for xlwings: its arguments and help, and Excel's cells in place of ours."""

    def run(*blocks: Any) -> Cell | Grid:
        return _shown(call(function.name, *map(_given, blocks)))

    run.__name__ = function.name
    run.__doc__ = function.description
    run.__annotations__ = {}  # xlwings would take them for how to convert cells
    run.__signature__ = Signature([_parameter(argument) for argument in function.arguments])  # type: ignore[attr-defined]
    for argument in function.arguments:
        run = xlwings.arg(argument.name, doc=argument.help, ndim=2, err_to_str=True)(run)
    return xlwings.func(category=CATEGORY)(run)


def _parameter(argument: Argument) -> Parameter:
    default = None if argument.optional else Parameter.empty
    return Parameter(argument.name, Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _given(block: list[list[Cell]] | None) -> Cell | Grid:
    """An argument for the registry; a block of one cell is that cell, since an empty cell and none are one to Excel."""
    if block is None:
        return None
    cells = [[_cell(cell) for cell in row] for row in block]
    return cells[0][0] if len(cells) == len(cells[0]) == 1 else cells


def _cell(cell: Cell) -> Cell:
    """A number of Excel is a float; an int is the code of an error that xlwings does not know (#SPILL!, #CALC!)."""
    return CellError("#VALUE!", "a cell holds an error") if type(cell) is int else cell


def _shown(answer: Cell | Grid) -> Cell | Grid:
    if isinstance(answer, list):
        return [[_shown(cell) for cell in row] for row in answer]
    if isinstance(answer, CellError):
        return answer.code
    return answer[:LONGEST_TEXT] if isinstance(answer, str) else answer


for _function in FUNCTIONS.values():
    globals()[_function.name] = worksheet_function(_function)
