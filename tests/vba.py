"""Excel with the macros of a built file, run by pyOpenVBA's interpreter; behind them xlwings' own server.

The interpreter calls no library of Windows and connects no events: `pf_python`, which starts Python, is stood in for,
and a test raises the events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pyopenvba import ExcelFile
from pyopenvba.apps.excel import Application, ExcelApplication, Workbook
from pyopenvba.exceptions import VBARuntimeError
from pyopenvba.interpreter import EMPTY, VBAArray, VBADate, VBAErrorValue, VBAObject, method
from pyopenvba.interpreter._objects import MemberSpec

from pfexcel.functions import Cell, CellError, Grid
from tests.windows import ERRORS, FUNCTIONS, ComTime, com_error, served

NOON = datetime(2012, 1, 31, 12)
_CODES = {number: code for code, number in ERRORS.items()}
_CONNECTION = """
Public Function PfPython() As Object
    Set PfPython = StoodIn.Connected()
End Function

Public Sub PfDisconnect()
    StoodIn.Disconnect
End Sub
"""


class PythonServer(VBAObject):
    """xlwings' server as the macros see it; `failing` is the text of an error that it raises in place of an answer."""

    calls = 0
    failing = ""

    @method
    def Connected(self) -> object:  # noqa: N802
        return self

    @method
    def Disconnect(self) -> object:  # noqa: N802
        return EMPTY

    @method
    def CallUDF(self, module: object, name: object, arguments: object) -> object:  # noqa: N802
        self.calls += 1
        if self.failing:
            raise VBARuntimeError(-2147467259, self.failing)
        assert module == FUNCTIONS
        return _from_com(served(str(name), tuple(_to_com(arguments))))


class Excel:
    """An instance of Excel at noon, with one empty sheet and the macros of a file.

    `edited` puts one text in place of another in the macros. `described` holds the help that was shown, `due` the
    macros that are to run, `links` the files that the workbook has links to.
    """

    def __init__(self, file: Path, edited: tuple[str, str] = ("", "")) -> None:
        self.python = PythonServer()
        self.described: dict[str, dict[str, Any]] = {}
        self.due: list[str] = []
        self.links: list[object] = []
        self.app = ExcelApplication()
        self.book = self.app.add_workbook()
        self.add_in = file.suffix == ".xlam"
        self.at(NOON)
        resolve = self.app.interpreter.host.global_object
        self.app.interpreter.host.global_object = lambda name: self.python if name == "stoodin" else resolve(name)
        self._stand_in()
        with ExcelFile(file) as book:
            modules = {**book.vba_modules(), "pf_python": _CONNECTION}
        for name, source in modules.items():
            if name == "ThisWorkbook":
                self.app.add_module(source.replace("WithEvents ", ""), name=name, kind="document")
            elif name.startswith("pf_"):
                self.app.add_module(source.replace(*edited) if edited[0] else source, name=name)

    def _stand_in(self) -> None:
        """What pyOpenVBA's Excel does not have; its classes get it once, each instance of Excel answers for itself."""
        self.app.application.test = self.book.test = self  # type: ignore[attr-defined]
        help_for = ("Macro", "Description", "Category", "ArgumentDescriptions")
        methods: list[tuple[type[VBAObject], str, tuple[str, ...], Callable[..., Any]]] = [
            (Application, "OnTime", ("When", "Macro"), lambda app, _, macro: app.test.due.append(macro)),
            (Application, "MacroOptions", help_for, lambda app, *given: app.test._describe(*given)),
            (Workbook, "LinkSources", ("Type",), lambda book, _: book.test._links()),
            (Workbook, "ChangeLink", ("Name", "NewName", "Type"), lambda book, *given: book.test._change(*given[:2])),
        ]
        for owner, name, parameters, answer in methods:
            owner.vba_add_member(MemberSpec(name, "method", answer, parameters=parameters))
        Workbook.vba_add_member(MemberSpec("IsAddin", "property", lambda book: book.test.add_in, _set_add_in))

    def _describe(self, macro: str, description: str, category: str, arguments: object) -> object:
        if self.add_in:
            raise VBARuntimeError(1004, "Cannot edit a macro on a hidden workbook.")
        helps = _to_com(arguments) if isinstance(arguments, VBAArray) else []
        self.described[macro.rpartition("!")[2]] = {"help": description, "category": category, "arguments": helps}
        return EMPTY

    def _links(self) -> object:
        return VBAArray([(1, len(self.links))], items=list(self.links)) if self.links else EMPTY

    def _change(self, old: str, new: str) -> object:
        self.links[self.links.index(old)] = new
        return EMPTY

    def at(self, moment: datetime) -> None:
        """Let the time be this."""
        self.app.freeze_clock(moment)

    def event(self, name: str, *arguments: Any) -> None:
        """Raise an event that the workbook's own module handles."""
        self.app.interpreter.run(f"ThisWorkbook.{name}", list(arguments))

    def put(self, corner: str, cells: Sequence[Sequence[Cell]]) -> Any:
        """Write cells to the sheet, this one at their corner; returns their range."""
        area = self.range(corner).vba_get("Resize", [len(cells), len(cells[0])])
        area.vba_set("Value", _block(cells))
        return area

    def range(self, address: str) -> Any:
        """A range of the sheet."""
        return self.app.sheet(1).sheet.vba_get("Range", [address])

    def call(self, name: str, *arguments: Any) -> Cell | Grid:
        """What a cell shows; an argument is a value, a range, or rows of values as another function answers them."""
        given = [_block(each) if isinstance(each, list) else _value(each) for each in arguments]
        return _shown(self.app.interpreter.run(name, given))


def _set_add_in(book: Any, on: bool) -> None:
    book.test.add_in = on


def _value(cell: Any) -> Any:
    if cell is None:
        return EMPTY
    if isinstance(cell, CellError):
        return VBAErrorValue(ERRORS[cell.code])
    if isinstance(cell, date):
        return VBADate(float((cell - date(1899, 12, 30)).days))
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _block(cells: Sequence[Sequence[Cell]]) -> VBAArray:
    return _array([[_value(cell) for cell in row] for row in cells], first=1)


def _array(rows: Sequence[Sequence[Any]], first: int = 0) -> VBAArray:
    bounds = [(first, first + len(rows) - 1), (first, first + len(rows[0]) - 1)]
    return VBAArray(bounds, items=[cell for column in zip(*rows, strict=True) for cell in column])


def _to_com(value: Any) -> Any:
    if isinstance(value, VBAArray):
        if value.dimensions == 1:
            return tuple(_to_com(each) for each in value.elements())
        rows, columns = (upper - lower + 1 for lower, upper in value.bounds)
        return tuple(
            tuple(_to_com(value.items[row + rows * column]) for column in range(columns)) for row in range(rows)
        )
    if isinstance(value, VBAErrorValue):
        return com_error(value.number)
    if isinstance(value, VBADate):
        return ComTime.fromtimestamp(value.to_datetime().timestamp())
    return None if value is EMPTY else value


def _from_com(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return _array(value) if isinstance(value[0], list) else VBAArray([(0, len(value) - 1)], items=list(value))


def _shown(value: Any) -> Cell | Grid:
    if isinstance(value, VBAErrorValue):
        return CellError(_CODES[value.number], "")
    if not isinstance(value, VBAArray):
        return None if value is EMPTY else value
    if value.dimensions == 1:
        return [[_shown(each) for each in value.elements()]]
    rows, columns = (upper - lower + 1 for lower, upper in value.bounds)
    return [[_shown(value.items[row + rows * column]) for column in range(columns)] for row in range(rows)]
