"""Is a file safe to hand to a spreadsheet reader? Looks at the zip's directory and the sheets' extents, opens nothing else."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from pfexcel.catalogue import finding
from pfexcel.model import Finding

MOST_PARTS = 2_000
MOST_BYTES = 150_000_000
MOST_RATIO = 200
MOST_ROWS = 5_000
MOST_COLUMNS = 300

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,4})(\d{1,8})"([^>]*?)(/?)>')
_ERROR = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*?\br="([A-Z]+\d+)")[^>]*?\bt="e"[^>]*>.*?<(?:\w+:)?v>([^<]*)<', re.S)
_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+\d+)"[^>]*>\s*<(?:\w+:)?f\b')


@dataclass(frozen=True)
class Package:
    """A workbook file that passed: its sheets by name with their parts, and its custom properties."""

    path: Path
    sheets: dict[str, str]
    properties: dict[str, str]
    sheet_bytes: dict[str, bytes] = field(repr=False, default_factory=dict)

    def error_cells(self, sheet: str) -> dict[str, str]:
        """The cells of a sheet that hold an error, such as #N/A, by address."""
        found = _ERROR.findall(self.sheet_bytes[sheet])
        return {cell.decode(): value.decode("utf-8", "replace") for cell, value in found}

    def formula_cells(self, sheet: str) -> set[str]:
        """The cells of a sheet that hold a formula."""
        return {cell.decode() for cell in _FORMULA.findall(self.sheet_bytes[sheet])}


def inspect(path: Path) -> Package | Finding:
    """Look a file over: the package where it can be read, else the finding that says why not."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
        if head == _OLE:
            return finding("file-protected", value=path.name)
        with zipfile.ZipFile(path) as archive:
            return _inspect_archive(path, archive)
    except FileNotFoundError:
        return finding("file-unreadable", value=path.name, why="there is no such file")
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError):
        return finding("file-unreadable", value=path.name, why="it is no whole .xlsx file")
    except (ElementTree.ParseError, KeyError, UnicodeDecodeError, ValueError):
        return finding("file-unreadable", value=path.name, why="its contents are not those of a workbook")
    except Exception as error:  # zlib.error and the like: a damaged file must not stop the others
        return finding("file-unreadable", value=path.name, why=f"it is damaged ({type(error).__name__})")


def _inspect_archive(path: Path, archive: zipfile.ZipFile) -> Package | Finding:
    parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if len(parts) > MOST_PARTS or size > MOST_BYTES or size / packed > MOST_RATIO:
        why = f"{len(parts)} parts, {size:,} bytes, {size / packed:.0f} times its packed size"
        return finding("file-too-large", value=path.name, why=why)
    relations = _xml(archive, "xl/_rels/workbook.xml.rels")
    targets = {r.get("Id"): _part(str(r.get("Target"))) for r in relations.iter(_RELATION)}
    workbook = _xml(archive, "xl/workbook.xml")
    sheets = {str(s.get("name")): targets[s.get(_LINK)] for s in workbook.iter(f"{_MAIN}sheet")}
    contents = {name: archive.read(part) for name, part in sheets.items() if part.startswith("xl/worksheets/")}
    for name, content in contents.items():
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            return finding("file-unreadable", value=path.name, why="it declares XML entities, which no workbook needs")
        extent = _extent(content)
        if extent[0] > MOST_ROWS or extent[1] > MOST_COLUMNS:
            why = f"sheet {name!r} reaches row {extent[0]:,}, column {extent[1]:,}"
            return finding("file-too-large", value=path.name, why=why)
    return Package(path, sheets, _properties(archive), contents)


def _part(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _xml(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    content = archive.read(part)
    if b"<!DOCTYPE" in content:
        raise ValueError("entities")
    return ElementTree.fromstring(content)


def _extent(content: bytes) -> tuple[int, int]:
    """The last row and column that any cell names, whatever the sheet says of its own size."""
    rows, columns = 0, set[bytes]()
    for letters, row, _, _ in _CELL.findall(content):
        rows = max(rows, int(row))
        columns.add(letters)
    return rows, max((_column(letters) for letters in columns), default=0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _properties(archive: zipfile.ZipFile) -> dict[str, str]:
    if "docProps/custom.xml" not in archive.namelist():
        return {}
    root = _xml(archive, "docProps/custom.xml")
    return {str(p.get("name")): "".join(p.itertext()) for p in root if p.get("name")}
