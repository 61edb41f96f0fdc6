"""The files for Excel: the add-in, and a workbook turned into one with macros."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pfexcel
from pfexcel.functions import FUNCTIONS
from udfs.excel.vba import sources

ADD_IN = "pfexcel.xlam"
XLWINGS = "0.37.8"
"""The xlwings that files are made for unless another is named; the extra `excel` installs it."""

VERSION, XLWINGS_VERSION = "pfexcel version", "xlwings version"
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_KINDS = {
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ".xlam": "application/vnd.ms-excel.addin.macroEnabled.main+xml",
}
_TYPES = "[Content_Types].xml"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def write_add_in(path: Path, xlwings_version: str = XLWINGS) -> Path:
    """Write the add-in, the same to the byte for the same version of xlwings.

    Raises:
        ValueError: where the library that writes macros is not installed.
    """
    return _replace(path, with_macros(_add_in_workbook(xlwings_version), ".xlam", xlwings_version))


def write_macro_workbook(workbook: Path, path: Path, xlwings_version: str = XLWINGS) -> Path:
    """Write a workbook with the functions in it as macros; its sheets stay as they are.

    Raises:
        ValueError: where the library that writes macros is not installed.
    """
    return _replace(path, with_macros(workbook.read_bytes(), ".xlsm", xlwings_version))


def with_macros(workbook: bytes, kind: str, xlwings_version: str) -> bytes:
    """The content of an .xlsx file as that of an .xlsm or .xlam file with the macros."""
    try:
        from pyopenvba import ExcelFile
    except ImportError:
        raise ValueError('pyOpenVBA, which writes macros, is not installed; pip install "pfexcel[excel]"') from None

    modules = sources(xlwings_version)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book.xlsm"
        path.write_bytes(_stored(workbook, _MAIN, _KINDS[".xlsm"]))
        with ExcelFile(path) as book:
            project = book.add_vba_project()
            for name, source in modules.items():
                if name in project.module_names():
                    project.get_module(name).body = source
                else:
                    project.add_module(name, source)
            book.save()
        return _stored(path.read_bytes(), _KINDS[".xlsm"], _KINDS[kind])


def versions(add_in: Path) -> dict[str, str]:
    """The versions that an add-in says it is made for: `VERSION` and `XLWINGS_VERSION`; empty where it says none."""
    try:
        with zipfile.ZipFile(add_in) as archive:
            properties = ElementTree.fromstring(archive.read("docProps/custom.xml"))
    except (OSError, KeyError, zipfile.BadZipFile, ElementTree.ParseError):
        return {}
    return {one.get("name", ""): "".join(one.itertext()) for one in properties}


def _add_in_workbook(xlwings_version: str) -> bytes:
    """What an add-in is apart from its macros: one sheet that nobody sees, and what Excel's list of add-ins shows."""
    from xlsxwriter import Workbook

    content = io.BytesIO()
    book = Workbook(content, {"in_memory": True})
    made_for = f"Version {pfexcel.__version__}, for xlwings {xlwings_version}."
    book.set_properties(
        {
            "title": "pfexcel",
            "comments": f"The NHS Performance Framework's ratings as functions: {', '.join(FUNCTIONS)}. {made_for}",
            "author": "pfexcel",
            "created": datetime(*_FIRST_DAY),
        }
    )
    book.set_custom_property(VERSION, pfexcel.__version__, "text")
    book.set_custom_property(XLWINGS_VERSION, xlwings_version, "text")
    book.add_worksheet("pfexcel").write_string("A1", f"The functions of pfexcel. {made_for}")
    book.close()
    return content.getvalue()


def _stored(content: bytes, kind: str, new_kind: str) -> bytes:
    """A package of another kind, its parts not compressed: no two builds of zlib need to agree."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == _TYPES:
                part = part.replace(kind.encode(), new_kind.encode())
            info = zipfile.ZipInfo(name, _FIRST_DAY)
            info.create_system = 0
            new.writestr(info, part)
    return out.getvalue()


def _replace(path: Path, content: bytes) -> Path:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path
