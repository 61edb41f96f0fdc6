"""The worksheet functions in LibreOffice Calc: what the extension hands to LibreOffice's own Python.

The core stands beside this file in `pythonpath`; `methods.json` says which function a method is. The file itself keeps
to what Python 3.8 understands, so that an old LibreOffice gets a sentence and no traceback.
"""

# pyright: reportMissingImports=false
import json
import os
import struct
import sys
import time

import uno
import unohelper
from com.sun.star.sheet import ResultEvent, XVolatileResult
from org.pfexcel import XPfFunctions

HERE = os.path.dirname(os.path.abspath(__file__))
OLDEST = (3, 10)
CODES = {
    "#NULL!": 521,
    "#DIV/0!": 532,
    "#VALUE!": 519,
    "#REF!": 524,
    "#NAME?": 525,
    "#NUM!": 503,
    "#N/A": 32767,
}
NAMES = {code: name for name, code in CODES.items()}
BIG, KEPT, SECONDS = 100000, 16, 0.1
BOOLEAN = 99  # of the number formats of a language, which LibreOffice numbers in blocks of thousands


def load_core():
    """The registry's `call` and `CellError`."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST:
        return stand_in(f"pfexcel needs Python 3.10, this LibreOffice has {version}: use LibreOffice 25.2 or newer")
    sys.path.insert(0, os.path.join(HERE, "pythonpath"))
    try:
        from pfexcel.functions import CellError, call
    except Exception as error:
        return stand_in(f"pfexcel does not start in Python {version} ({error}): install the extension again")
    report("")
    return call, CellError


def stand_in(problem):
    """What stands in for the core where it cannot be had: functions that answer in words say why, others #VALUE!."""

    class CellError(Exception):
        def __init__(self, code="#VALUE!", sentence=problem):
            super().__init__(sentence)
            self.code = code

    def call(name, *arguments):
        return problem if name in ("PF_CHECK", "PF_VERSION") else CellError()

    report(problem)
    return call, CellError


def report(problem):
    """Tell `pfexcel functions doctor`, which names a file for it, about this Python."""
    if os.environ.get("PFEXCEL_REPORT"):
        with open(os.environ["PFEXCEL_REPORT"], "w", encoding="utf-8") as file:
            json.dump({"python": sys.version.split()[0], "problem": problem}, file)


call, CellError = load_core()
with open(os.path.join(HERE, "methods.json"), encoding="utf-8") as names:
    METHODS = json.load(names)


# --- from cells to arguments -----------------------------------------------------------------------------------------


def read_range(cells):
    """A range of cells as rows, errors and logical values as such, and how many empty rows were left out at its end."""
    left_out, address = 0, cells.getRangeAddress()
    rows = address.EndRow - address.StartRow + 1
    if rows * (address.EndColumn - address.StartColumn + 1) > BIG:
        cursor = cells.getSpreadsheet().createCursor()
        cursor.gotoEndOfUsedArea(False)
        used = min(max(cursor.getRangeAddress().EndRow - address.StartRow + 2, 1), rows)
        left_out = rows - used
        cells = cells.getCellRangeByPosition(0, 0, address.EndColumn - address.StartColumn, used - 1)
    block = cells.getDataArray()
    block = with_errors(cells, block) if any(None in row for row in block) else block
    return with_logicals(cells, block), left_out


def with_errors(cells, block):
    """Calc leaves the cells of errors void; each is asked which one it holds."""

    def error(row, column):
        code = cells.getCellByPosition(column, row).getError()
        return CellError(NAMES.get(code, "#VALUE!"), "a cell holds this error")

    return tuple(
        tuple(error(at, column) if cell is None else cell for column, cell in enumerate(row)) if None in row else row
        for at, row in enumerate(block)
    )


def with_logicals(cells, block):
    """Calc keeps TRUE as 1, and tells by the number format; that of a formula's result only the cell itself knows."""
    found = {(row, at) for row, line in enumerate(block) for at, cell in enumerate(line) if cell in (0.0, 1.0)}
    if not found:
        return block
    formulas, by_format = cells.getFormulaArray(), formatted_as_logical(cells)

    def is_logical(row, at):
        if formulas[row][at][:1] != "=":
            return (row, at) in by_format
        return cells.getCellByPosition(at, row).NumberFormat % 5000 == BOOLEAN

    found = {place for place in found if is_logical(*place)}
    if not found:
        return block
    return tuple(
        tuple(cell == 1 if (row, at) in found else cell for at, cell in enumerate(line))
        for row, line in enumerate(block)
    )


def formatted_as_logical(cells):
    """The places of a range, from 0, whose number format shows TRUE and FALSE."""
    places = set()
    if cells.NumberFormat == 0:
        return places
    first, groups = cells.getRangeAddress(), cells.getUniqueCellFormatRanges()
    for group in map(groups.getByIndex, range(groups.getCount())):
        if group.NumberFormat is not None and group.NumberFormat % 5000 == BOOLEAN:
            for a in group.getRangeAddresses():
                columns = range(a.StartColumn - first.StartColumn, a.EndColumn - first.StartColumn + 1)
                for row in range(a.StartRow - first.StartRow, a.EndRow - first.StartRow + 1):
                    places.update((row, at) for at in columns)
    return places


# --- from answers to cells -------------------------------------------------------------------------------------------


class Block(unohelper.Base, XVolatileResult):
    """An answer of several cells.

    Python's bridge gives Calc a block of texts and numbers whose texts equal no other text; a listener is given one of
    texts alone, or of numbers alone, which is sound. Calc asks for it while it computes the formula, and no more.
    """

    def __init__(self, rows):
        numbers = not any(cell is None or isinstance(cell, str) for row in rows for cell in row)
        one = as_scalar if numbers else as_text
        self.value = uno.Any("[][]double" if numbers else "[][]string", tuple(tuple(map(one, row)) for row in rows))

    def addResultListener(self, listener):  # noqa: N802
        event = ResultEvent()
        event.Value = self.value
        listener.modified(event)

    def removeResultListener(self, listener):  # noqa: N802
        pass


def as_scalar(cell):
    """One cell for Calc: an error is a number that is none, with the error's own code in it."""
    if isinstance(cell, CellError):
        return struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | CODES[cell.code]))[0]
    return "" if cell is None else float(cell) if isinstance(cell, int) else cell


def as_text(cell):
    """One cell among texts: an error goes by its name, which the functions still take for that error."""
    if isinstance(cell, CellError):
        return cell.code
    return "" if cell is None else cell if isinstance(cell, str) else f"{cell:.15g}"


# --- a call ----------------------------------------------------------------------------------------------------------

_answers, _last = {}, 0.0


def answer(name, given):
    """What a function answers to what Calc hands over; equal calls within a calculation are worked out once."""
    global _last
    arguments, left_out, height = [], 0, 0
    for argument in given:
        if hasattr(argument, "getDataArray"):
            argument, spare = read_range(argument)
            if spare:
                left_out, height = spare, len(argument)
        arguments.append(argument)
    while arguments and arguments[-1] is None:
        arguments.pop()
    if time.monotonic() - _last > SECONDS or len(_answers) >= KEPT:
        _answers.clear()
    key = (name, left_out, repr(arguments) if is_mixed(arguments) else tuple(arguments))
    if key not in _answers:
        found = call(name, *arguments)
        if isinstance(found, list):
            found = Block(found + found[-1:] * left_out if len(found) == height else found)
        else:
            found = as_scalar(found)
        _answers[key] = found
    _last = time.monotonic()
    return _answers[key]


def is_mixed(arguments):
    """Is there a logical value, which would pass for the number it equals?"""
    rows = (row for block in arguments if isinstance(block, tuple) for row in block)
    return any(isinstance(cell, bool) for row in rows for cell in row)


class Functions(unohelper.Base, XPfFunctions):
    """Calc's view of the functions: one method each, found by its name."""

    def __init__(self, context, *arguments):
        pass

    def __getattr__(self, method):
        if method not in METHODS:
            raise AttributeError(method)
        return lambda *given: answer(METHODS[method], given)


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816
g_ImplementationHelper.addImplementation(
    Functions, "org.pfexcel.Functions", ("org.pfexcel.Functions", "com.sun.star.sheet.AddIn")
)
