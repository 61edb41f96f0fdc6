"""Is a file safe to hand to a spreadsheet reader? Looks at every part of the zip and at the extents of its sheets.

The spreadsheet reader takes the whole process down where two cells lie far apart, so every sheet is parsed here first,
by the rules of XML and not by how Excel happens to write it.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree
from xml.parsers import expat

from pfexcel.catalogue import finding
from pfexcel.model import Finding

MOST_PARTS = 2_000
MOST_BYTES = 150_000_000
MOST_RATIO = 200
MOST_ROWS = 5_000
MOST_COLUMNS = 300

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass
class SheetScan:
    """What one pass over a sheet's XML finds: how far its cells reach, its error cells and its formulas."""

    rows: int = 0
    columns: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    formulas: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Package:
    """A workbook file that passed: its sheets by name with their parts, and its custom properties."""

    path: Path
    sheets: dict[str, str]
    properties: dict[str, str]
    sheet_bytes: dict[str, bytes] = field(repr=False, default_factory=dict)
    scans: dict[str, SheetScan] = field(repr=False, default_factory=dict)

    def error_cells(self, sheet: str) -> dict[str, str]:
        """The cells of a sheet that hold an error, such as #N/A, by address."""
        return self.scans[sheet].errors

    def formula_cells(self, sheet: str) -> set[str]:
        """The cells of a sheet that hold a formula."""
        return self.scans[sheet].formulas


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
    except (ElementTree.ParseError, expat.ExpatError, LookupError, StopIteration, ValueError):
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
    if len({part.filename.lower() for part in parts}) < len(parts):
        return finding("file-unreadable", value=path.name, why="it holds two parts of one name")
    contents = {part.filename: _content(archive, part) for part in parts}
    if any(_is_strange(name, content) for name, content in contents.items()):
        return finding("file-unreadable", value=path.name, why="it holds XML such as no spreadsheet program writes")
    relations = ElementTree.fromstring(contents["xl/_rels/workbook.xml.rels"]).findall(".//{*}Relationship")
    entries = ElementTree.fromstring(contents["xl/workbook.xml"]).findall(".//{*}sheet")
    names = [str(entry.get("name")) for entry in entries]
    targets = {relation.get("Id"): _part(str(relation.get("Target"))) for relation in relations}
    if len({name.lower() for name in names}) < len(names) or len(targets) < len(relations):
        return finding("file-unreadable", value=path.name, why="it holds two sheets of one name")
    sheets = {name: targets[_link(entry)] for name, entry in zip(names, entries, strict=True)}
    worksheets = {name: contents[part] for name, part in sheets.items() if part.startswith("xl/worksheets/")}
    scans = {name: scan_sheet(content) for name, content in worksheets.items()}
    for name, scan in scans.items():
        if scan.rows > MOST_ROWS or scan.columns > MOST_COLUMNS:
            why = f"sheet {name!r} reaches row {scan.rows:,}, column {scan.columns:,}"
            return finding("file-too-large", value=path.name, why=why)
    properties = _properties(contents.get("docProps/custom.xml"))
    return Package(path, {name: sheets[name] for name in worksheets}, properties, worksheets, scans)


def _content(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """A part's content; BadZipFile where it is damaged, or larger than it says: no more than that is ever unpacked."""
    with archive.open(part) as file:
        return file.read(part.file_size)


def _is_strange(name: str, content: bytes) -> bool:
    """Does a part declare a document type, with which entities begin, or is it in UTF-16, which could hide one?"""
    is_xml = name.lower().endswith((".xml", ".rels", ".vml"))
    return is_xml and (b"<!DOCTYPE" in content or b"\0" in content)


def _link(sheet: ElementTree.Element) -> str:
    """The id of a sheet's relation, in whichever of the two namespaces."""
    return next(value for name, value in sheet.attrib.items() if name.endswith("/relationships}id"))


def _part(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def scan_sheet(content: bytes) -> SheetScan:
    """Go through a sheet's XML once; ValueError or ExpatError where it is no sheet that Excel would open."""
    found = SheetScan()
    row = column = 0
    cell = kind = ""
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, cell, kind
        match name.rpartition(":")[2]:
            case "row":
                row, column = int(attributes.get("r", row + 1)), 0
            case "c":
                cell, kind = attributes.get("r", ""), attributes.get("t", "")
                row, column = _place(cell) if cell else (row, column + 1)
                found.rows, found.columns = max(found.rows, row), max(found.columns, column)
            case "f" if cell:
                found.formulas.add(cell)
            case "v" if cell and kind == "e":
                found.errors[cell] = ""
                parser.CharacterDataHandler = text

    def text(data: str) -> None:
        found.errors[cell] += data

    def end(name: str) -> None:
        nonlocal cell
        parser.CharacterDataHandler = None
        if name.rpartition(":")[2] == "c":
            cell = ""

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = _refuse
    parser.Parse(content, True)
    return found


def _refuse(*_: object) -> NoReturn:
    raise ValueError("a document type, which no sheet needs")


def _place(cell: str) -> tuple[int, int]:
    match = _ADDRESS.fullmatch(cell)
    if match is None:
        raise ValueError(f"{cell!r} is no address of a cell")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _properties(content: bytes | None) -> dict[str, str]:
    if content is None:
        return {}
    return {str(p.get("name")): "".join(p.itertext()) for p in ElementTree.fromstring(content) if p.get("name")}
