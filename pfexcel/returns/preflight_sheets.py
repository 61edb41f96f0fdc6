"""One pass over a sheet's XML, by the rules of XML and not by how Excel happens to write it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from string import ascii_uppercase, digits
from typing import NoReturn
from xml.parsers import expat

from pfexcel.workbook.plain_cells import PlainSheet, plain_cells, unescaped

_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass
class SheetScan:
    """What one pass over a sheet's XML finds: how far its cells reach, its error cells and its formulas.

    `longest` is the length of its longest cell in bytes or letters, which is more than that of its text. `plain` is
    what `plain_cells` made of the sheet.
    """

    rows: int = 0
    columns: int = 0
    longest: int = 0
    plain: PlainSheet | None = field(default=None, repr=False)
    errors: dict[str, str] = field(default_factory=dict)
    formulas: set[str] = field(default_factory=set)


def scan_sheet(content: bytes) -> SheetScan:
    """Go through a sheet's XML once; ValueError or ExpatError where it is no sheet that Excel would open."""
    plain = plain_cells(content)
    if plain is None:
        return _scan(content)
    cells, rest = plain
    _parser().Parse(rest, True)
    places = [cell[1] for cell in cells]
    return SheetScan(
        rows=max(map(int, {place.lstrip(ascii_uppercase) for place in places}), default=0),
        columns=max(map(_column, {place.rstrip(digits) for place in places}), default=0),
        longest=max((len(cell[0]) for cell in cells), default=0),
        plain=plain,
        errors={cell[1]: unescaped(cell[5]) for cell in cells if cell[3] == "e" and cell[5]},
        formulas={cell[1] for cell in cells if cell[4]},
    )


def _scan(content: bytes) -> SheetScan:
    found = SheetScan(longest=max(map(len, content.split(b"<"))))
    row = column = 0
    cell = kind = ""
    parser = _parser()

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
    parser.Parse(content, True)
    return found


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> NoReturn:
    raise ValueError("a document type, which no sheet needs")


def _place(cell: str) -> tuple[int, int]:
    match = _ADDRESS.fullmatch(cell)
    if match is None:
        raise ValueError(f"{cell!r} is no address of a cell")
    return int(match[2]), _column(match[1])


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column
