"""xlwings as on Windows, on any system: its own converters, `CallUDF` and VBA generator, over modules stood in."""

import ctypes
import importlib
import io
import sys
from datetime import date, datetime, time
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

from pfexcel.functions import CellError

FUNCTIONS = "udfs.excel.functions"
ERRORS = {
    "#NULL!": 2000,
    "#DIV/0!": 2007,
    "#VALUE!": 2015,
    "#REF!": 2023,
    "#NAME?": 2029,
    "#NUM!": 2036,
    "#N/A": 2042,
}
"""The number of each error of Excel, as CVErr takes it; COM adds the constant below."""

_COM_ERROR = -2146828288
_STOOD_IN = (
    "pythoncom pywintypes win32api win32con win32event win32gui win32process win32timezone win32com win32com.client "
    "win32com.server win32com.server.dispatcher win32com.server.policy win32com.server.util"
)


class ComTime(datetime):
    """A date as pywin32 hands it over."""


class _StoodIn(ModuleType):
    """A module of Windows in which every name is there and does nothing."""

    __file__ = "stood in"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock(name=f"{self.__name__}.{name}")


def com_error(number: int) -> int:
    """An error of a cell as COM carries it, by its number in Excel."""
    return _COM_ERROR + number


def as_com(given: Any) -> Any:
    """An argument as COM hands it to Python: rows as tuples, numbers as floats, errors as codes, dates as its own."""
    if isinstance(given, (list, tuple)):
        return tuple(as_com(each) for each in given)
    if isinstance(given, CellError):
        return com_error(ERRORS[given.code])
    if isinstance(given, str) and given in ERRORS:
        return com_error(ERRORS[given])
    if isinstance(given, bool) or given is None:
        return given
    if isinstance(given, int):
        return float(given)
    if isinstance(given, date):
        moment = given if isinstance(given, datetime) else datetime.combine(given, time())
        return ComTime.fromtimestamp(moment.timestamp())
    return given


def called(name: str, *arguments: Any) -> Any:
    """What Excel gets from Python for a call: through xlwings' own server object, its converters and its `CallUDF`."""
    return served(name, as_com(arguments))


def served(name: str, arguments: tuple[Any, ...]) -> Any:
    """What Python answers to arguments as COM carries them."""
    server, _ = xlwings_on_windows()
    return server.XLPython().CallUDF(FUNCTIONS, name, arguments)


def answered(found: Any) -> Any:
    """An answer as the registry gives it: a text that is an error's is that error, a single row is a block."""
    if not isinstance(found, (list, tuple)):
        return CellError(found, "") if found in ERRORS else found
    rows = found if isinstance(found[0], (list, tuple)) else [found]
    return [[answered(cell) for cell in row] for row in rows]


def generated_vba(book: str) -> str:
    """The VBA that xlwings' own generator writes for the functions, in a workbook of this name."""
    _, udfs = xlwings_on_windows()
    text = io.StringIO()
    udfs.generate_vba_wrapper(FUNCTIONS, sys.modules[FUNCTIONS], text, SimpleNamespace(Name=book))
    return text.getvalue()


@cache
def xlwings_on_windows() -> tuple[ModuleType, ModuleType]:
    """xlwings' server and its module for functions, with ours imported under them."""
    modules: dict[str, Any] = {name: _StoodIn(name) for name in _STOOD_IN.split()}
    modules["pywintypes"].TimeType = ComTime
    modules["pywintypes"].com_error = type("com_error", (Exception,), {})
    modules["win32com.server.util"].unwrap = mock.Mock(side_effect=TypeError("no object of Python"))
    for name in ("CDispatch", "CoClassBaseClass", "DispatchBaseClass"):
        setattr(modules["win32com.client"], name, type(name, (), {}))
    for name, module in modules.items():
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(modules[parent], own, module)
    libraries = {name: mock.MagicMock() for name in ("windll", "oledll", "PyDLL")}
    sys.modules.update(modules)
    with mock.patch.multiple(ctypes, create=True, **libraries):
        import xlwings

        windows, server, udfs = (
            importlib.import_module(f"xlwings.{name}") for name in ("_xlwindows", "com_server", "udfs")
        )
        xlwings.engines.add(xlwings.Engine(impl=windows.engine))
        with mock.patch.multiple(xlwings, func=udfs.xlfunc, arg=udfs.xlarg):
            sys.modules.pop(FUNCTIONS, None)  # it may have been imported where xlwings runs no functions
            importlib.import_module(FUNCTIONS)
    for name in modules:
        del sys.modules[name]
    return server, udfs
