"""Is a file safe to hand to a spreadsheet reader? Looks at every part of the zip and at the extents of its sheets.

The spreadsheet reader takes the whole process down where two cells lie far apart, so every sheet is scanned here first
(`preflight_sheets`), and what no return workbook has is reported or refused (`preflight_parts`).
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from pfexcel.catalogue import finding
from pfexcel.model import Finding
from pfexcel.returns.preflight_parts import content_type, foreign, longest_text, named_encoding, reaches_outside
from pfexcel.returns.preflight_sheets import SheetScan, scan_sheet
from pfexcel.workbook.parts import link
from pfexcel.workbook.plain_cells import PlainSheet

MOST_FILE_BYTES = 50_000_000
MOST_PARTS = 2_000
MOST_SHEETS = 200
MOST_BYTES = 60_000_000
MOST_BYTES_OF_XML = 10_000_000
MOST_RATIO = 200
MOST_ROWS = 5_000
MOST_COLUMNS = 300
MOST_LETTERS = 32_767  # that a cell of Excel holds

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_OLE_NAMES = {"file-protected": "EncryptedPackage", "file-is-xls": "Workbook"}
_XML = (".xml", ".rels", ".vml")


@dataclass(frozen=True)
class Package:
    """A workbook file that passed: its sheets by name with their parts, and its custom properties.

    `parts` are those in XML; `findings` say what else is in the file that no return workbook has.
    """

    path: Path
    content: bytes = field(repr=False)
    parts: dict[str, bytes] = field(repr=False)
    sheets: dict[str, str]
    properties: dict[str, str]
    scans: dict[str, SheetScan] = field(repr=False, default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def plain(self) -> dict[str, PlainSheet | None]:
        """What `plain_cells` made of each sheet, by its part."""
        return {part: self.scans[name].plain for name, part in self.sheets.items()}

    def error_cells(self, sheet: str) -> dict[str, str]:
        """The cells of a sheet that hold an error, such as #N/A, by address."""
        return self.scans[sheet].errors

    def formula_cells(self, sheet: str) -> set[str]:
        """The cells of a sheet that hold a formula."""
        return self.scans[sheet].formulas


class _RefusedError(Exception):
    """A file is refused: the id of the finding, and why."""

    def __init__(self, check: str, why: str = "") -> None:
        super().__init__(check, why)
        self.check = check
        self.why = why


def inspect(path: Path, content: bytes | None = None) -> Package | Finding:
    """Look a file over: the package where it can be read, else the finding that says why not.

    Args:
        path: the file.
        content: its bytes where they are at hand; then `path` is only its name.
    """
    try:
        return _inspect(path, _read(path) if content is None else content)
    except _RefusedError as error:
        return finding(error.check, value=path.name, why=error.why)
    except OSError as error:
        return finding("file-unreadable", value=path.name, why=_said_by_system(error))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError):
        why = "it is no whole .xlsx file"
    except (ElementTree.ParseError, expat.ExpatError, LookupError, StopIteration, ValueError):
        why = "its contents are not those of a workbook"
    except MemoryError:
        raise
    except Exception as error:  # zlib.error and the like: a damaged file must not stop the others
        why = f"it is damaged ({type(error).__name__})"
    return finding("file-unreadable", value=path.name, why=why)


def _read(path: Path) -> bytes:
    if path.stat().st_size > MOST_FILE_BYTES:
        raise _RefusedError("file-too-large", f"{path.stat().st_size:,} bytes")
    return path.read_bytes()


def _said_by_system(error: OSError) -> str:
    known = {FileNotFoundError: "there is no such file", IsADirectoryError: "it is a folder"}
    known[PermissionError] = "it may not be opened (permission denied)"
    return known.get(type(error), f"the system says: {error.strerror or error}")


def _inspect(path: Path, content: bytes) -> Package:
    _check_kind(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        _check_sizes(entries)
        parts = {entry.filename: _part(archive, entry) for entry in entries if _is_xml(entry.filename)}
    names = [entry.filename for entry in entries]
    _check_parts(names, parts)
    sheets = _sheets(parts)
    scans = {name: scan_sheet(parts[part]) for name, part in sheets.items()}
    for name, scan in scans.items():
        if scan.rows > MOST_ROWS or scan.columns > MOST_COLUMNS:
            raise _RefusedError("file-too-large", f"sheet {name!r} reaches row {scan.rows:,}, column {scan.columns:,}")
        _check_letters(scan.longest)
    properties = _properties(parts.get("docProps/custom.xml"))
    return Package(path, content, parts, sheets, properties, scans, tuple(foreign(path.name, names, parts)))


def _check_kind(content: bytes) -> None:
    """Is it a file of another kind?"""
    if not content:
        raise _RefusedError("file-empty")
    if len(content) > MOST_FILE_BYTES:
        raise _RefusedError("file-too-large", f"{len(content):,} bytes")
    if content.startswith(_OLE):
        held = (check for check, name in _OLE_NAMES.items() if name.encode("utf-16-le") in content)
        raise _RefusedError(next(held, "file-protected"))


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MOST_PARTS or size > MOST_BYTES or size / packed > MOST_RATIO:
        why = f"{len(entries)} parts, {size:,} bytes, {size / packed:.0f} times its packed size"
        raise _RefusedError("file-too-large", why)
    for entry in entries:
        if _is_xml(entry.filename) and entry.file_size > MOST_BYTES_OF_XML:
            raise _RefusedError("file-too-large", f"its part {entry.filename} has {entry.file_size:,} bytes")


def _is_xml(name: str) -> bool:
    return name.lower().endswith(_XML)


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A part's content; BadZipFile where it is damaged, or larger than it says: no more than that is ever unpacked."""
    with archive.open(entry) as file:
        return file.read(entry.file_size)


def _check_parts(names: list[str], parts: dict[str, bytes]) -> None:
    if len({name.lower() for name in names}) < len(names):
        raise _RefusedError("file-unreadable", "it holds two parts of one name")
    outside = next((name for name in names if reaches_outside(name)), None)
    if outside is not None:
        raise _RefusedError("file-unsafe", f"it has a part that would lie outside its folder ({outside[:60]!r})")
    for name, content in parts.items():
        if b"<!DOCTYPE" in content:
            raise _RefusedError("file-unsafe", f"its part {name} declares a document type, which can hold entities")
        encoding = named_encoding(content)
        if encoding != "utf-8":
            raise _RefusedError("file-unreadable", f"its part {name} is in {encoding}, not in UTF-8")
    if content_type(parts["[Content_Types].xml"], "xl/workbook.xml") is None:
        raise _RefusedError("file-unreadable", "it says of itself that it is no workbook")
    _check_letters(longest_text(parts.get("xl/sharedStrings.xml", b"")))


def _check_letters(longest: int) -> None:
    if longest > 4 * MOST_LETTERS:  # in bytes, of which a letter may have four
        raise _RefusedError("file-too-large", f"a cell holds a text of {longest:,} bytes")


def _sheets(parts: dict[str, bytes]) -> dict[str, str]:
    """The worksheets by name, with their parts."""
    relations = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"]).findall(".//{*}Relationship")
    entries = ElementTree.fromstring(parts["xl/workbook.xml"]).findall(".//{*}sheet")
    names = [str(entry.get("name")) for entry in entries]
    targets = {relation.get("Id", ""): _target(str(relation.get("Target"))) for relation in relations}
    if len(names) > MOST_SHEETS:
        raise _RefusedError("file-too-large", f"{len(names)} sheets")
    if len({name.lower() for name in names}) < len(names) or len(targets) < len(relations):
        raise _RefusedError("file-unreadable", "it holds two sheets of one name")
    found = {name: targets[link(entry)] for name, entry in zip(names, entries, strict=True)}
    return {name: part for name, part in found.items() if part.startswith("xl/worksheets/")}


def _target(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _properties(content: bytes | None) -> dict[str, str]:
    if content is None:
        return {}
    return {str(p.get("name")): "".join(p.itertext()) for p in ElementTree.fromstring(content) if p.get("name")}
