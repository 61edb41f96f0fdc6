"""The seal: everything locked in a workbook in one canonical description, and its digest.

The description is read from the file's XML and says the same before and after a program saved the file: Excel,
LibreOffice and openpyxl write one content in many ways. Figures in unlocked cells, cached results, widths, fonts and
print settings are no part of it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pfexcel.workbook.layout import address, column_letter
from pfexcel.workbook.parts import (
    Styles,
    canonical,
    defined_names,
    is_true,
    link,
    namespace,
    number,
    plain,
    properties,
    relations,
    rich,
    shared_strings,
    unpack,
)
from pfexcel.workbook.plain_cells import PlainCell, PlainSheet, plain_cells, unescaped

FORM = 1  # of the description: another form gives another digest
PROPERTY = "pfexcel_seal"
ENTRIES = "entries"
MOST_OF_A_RANGE = 1_000
LEAST_OF_A_KEY = 16

Description = dict[str, Any]

_PERMISSIONS = ("formatCells", "insertColumns", "insertRows", "insertHyperlinks", "deleteColumns", "deleteRows", "sort")
_LEFT_FREE = ("objects", "scenarios")  # these are free unless the file says otherwise
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def describe(
    source: str | os.PathLike[str] | Mapping[str, bytes], plain: Mapping[str, PlainSheet | None] | None = None
) -> Description:
    """Describe everything locked in a workbook.

    Args:
        source: an .xlsx file, or its parts; one from outside has passed `preflight.inspect` before.
        plain: what `plain_cells` made of its sheets, by part, where that is at hand.

    Returns:
        Plain data: `properties`, `structure` (is it locked?), `names`, and `sheets` in their order, each with its
        name, state, protection, locked cells, unlocked cells and their formats, data validations and links. Two
        things are for comparing only and not sealed: the lock of the structure, which LibreOffice leaves out when it
        saves, and a sheet's `entries`, what unlocked cells hold.

    Raises:
        ValueError, LookupError, ParseError: where the file is not what a spreadsheet program writes.
    """
    parts = source if isinstance(source, Mapping) else unpack(Path(source).read_bytes())
    workbook = ElementTree.fromstring(parts["xl/workbook.xml"])
    targets = relations(parts, "xl/workbook.xml")
    styles, strings, known = Styles(parts.get("xl/styles.xml")), shared_strings(parts), _Canonical()
    sheets = []
    for entry in workbook.iterfind("{*}sheets/{*}sheet"):
        target = targets[link(entry)]
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        sheet = {"name": entry.get("name", ""), "state": entry.get("state", "visible"), "kind": part.split("/")[1]}
        if sheet["kind"] == "worksheets":
            cells = plain_cells(parts[part]) if plain is None else plain[part]
            sheet |= _Sheet(parts[part], cells, styles, strings, known, relations(parts, part)).read()
        sheets.append(sheet)
    lock = workbook.find("{*}workbookProtection")
    return {
        "form": FORM,
        "properties": properties(parts),
        "structure": lock is not None and is_true(lock.get("lockStructure")),
        "sheets": sheets,
        "names": defined_names(workbook, [sheet["name"] for sheet in sheets]),
    }


def digest(description: Description, key: bytes | None = None) -> str:
    """The digest of what is sealed: SHA-256, or HMAC-SHA-256 where a key is given."""
    sealed = {
        **{name: value for name, value in description.items() if name != "structure"},
        "sheets": [{k: v for k, v in sheet.items() if k != ENTRIES} for sheet in description["sheets"]],
        "properties": {name: value for name, value in description["properties"].items() if name != PROPERTY},
    }
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest() if key else hashlib.sha256(text).hexdigest()


def seal(description: Description, key: bytes | None = None) -> str:
    """The seal as it stands in the document's properties: how it was made, and the digest."""
    return f"{'hmac-sha256' if key else 'sha256'}:{digest(description, key)}"


def read_key(path: Path) -> bytes:
    """The key in a file: its bytes without white space around them.

    Raises:
        ValueError: for a key that is short enough to be found by trying.
    """
    key = path.read_bytes().strip()
    if len(key) < LEAST_OF_A_KEY:
        raise ValueError(f"{path} holds {len(key)} bytes; a key has {LEAST_OF_A_KEY} or more")
    return key


class _Canonical(dict[str, str]):
    """Formulas in their canonical form, each worked out once: sheets repeat each other."""

    def __missing__(self, formula: str) -> str:
        self[formula] = found = f"={canonical(formula)}"
        return found


class _Sheet:
    """Reads one worksheet's XML."""

    def __init__(
        self,
        content: bytes,
        plain: PlainSheet | None,
        styles: Styles,
        strings: list[str],
        known: _Canonical,
        targets: Mapping[str, str],
    ) -> None:
        self.plain = plain
        self.root = ElementTree.fromstring(self.plain[1] if self.plain else content)
        self.space = namespace(self.root)
        self.styles = styles
        self.strings = strings
        self.known = known
        self.targets = targets
        self.cells: dict[str, str] = {}
        self.entries: dict[str, str] = {}
        self.unlocked: set[str] = set()
        self.formats: dict[str, str] = {}
        self.shared: dict[str, tuple[str, str]] = {}

    def all(self, group: str, name: str) -> Iterator[Element]:
        return self.root.iterfind(f"{self.space}{group}/{self.space}{name}")

    def read(self) -> dict[str, Any]:
        for column in self.all("cols", "col"):
            if column.get("style") in self.styles.unlocked:
                first, last = (column_letter(int(column.get(end, "1")) - 1) for end in ("min", "max"))
                self.unlocked.add(f"{first}:{last}")
        if self.plain is not None:
            self.read_cells(self.plain[0])
        else:
            self.read_rows()
        return {
            **self.protection(),
            "cells": self.cells,
            "unlocked": sorted(self.unlocked),
            "formats": self.formats,
            "validations": self.validations(),
            "links": self.links(),
            ENTRIES: self.entries,
        }

    def read_cells(self, cells: list[PlainCell]) -> None:
        for _, place, style, kind, formula, value, own in cells:
            content = ""
            if formula:
                content = self.known[unescaped(formula)]
            elif value or own:
                content = self.constant(kind, unescaped(value)) if value else _quoted(plain(unescaped(own)))
            self.keep(place, style or "0", content)

    def read_rows(self) -> None:
        formula_tag, row_number = f"{self.space}f", 0
        for row in self.all("sheetData", "row"):
            row_number, before = int(row.get("r") or row_number + 1), ""
            if is_true(row.get("customFormat")) and row.get("s") in self.styles.unlocked:
                self.unlocked.add(f"{row_number}:{row_number}")
            for cell in row:
                before = place = cell.get("r") or address(row_number - 1, _column(before) + 1)
                content = ""
                if len(cell):
                    formula = cell.find(formula_tag)
                    content = self.constant_of(cell) if formula is None else self.formula(formula, place)
                self.keep(place, cell.get("s", "0"), content)

    def keep(self, place: str, style: str, content: str) -> None:
        into = self.cells
        if style in self.styles.unlocked:
            into = self.entries
            self.unlocked.add(place)
            self.formats[place] = self.styles.look(style)
        if content:
            into[place] = f"{into[place]} and {content}" if place in into else content

    def constant_of(self, cell: Element) -> str:
        kind, value = cell.get("t", ""), cell.findtext(f"{self.space}v", "")
        if kind == "inlineStr":
            return _quoted(rich(cell.find(f"{self.space}is")))
        return self.constant(kind, value) if value else ""

    def constant(self, kind: str, value: str) -> str:
        """A number as it is, a text after an apostrophe."""
        if kind == "s":
            return _quoted(self.strings[int(value)])
        if kind in ("", "n"):
            return number(value)
        if kind == "b":
            return "TRUE" if is_true(value) else "FALSE"
        return value if kind == "e" else _quoted(plain(value))

    def formula(self, formula: Element, place: str) -> str:
        kind, text = formula.get("t", "normal"), formula.text or ""
        if kind == "normal":
            return self.known[text]
        if kind == "shared":
            index = formula.get("si", "")
            if text:
                self.shared[index] = text, place
            elif index in self.shared:
                from openpyxl.formula.translate import Translator

                text, origin = self.shared[index]
                text = Translator(f"={text}", origin).translate_formula(place).removeprefix("=")
            return self.known[text]
        return f"{{={canonical(text)}}} {kind} {formula.get('ref', '')}"

    def protection(self) -> dict[str, Any]:
        found = self.root.find(f"{self.space}sheetProtection")
        if found is None or not is_true(found.get("sheet")):
            return {"protected": False, "permitted": []}
        permitted = [name for name in _PERMISSIONS if not is_true(found.get(name, "1"))]
        return {"protected": True, "permitted": permitted + [n for n in _LEFT_FREE if not is_true(found.get(n))]}

    def validations(self) -> dict[str, str]:
        rules: dict[str, str] = {}
        for rule in self.all("dataValidations", "dataValidation"):
            said = _validation(rule, self.space)
            for place in _cells(rule.get("sqref", "")):
                rules[place] = f"{rules[place]} and {said}" if place in rules else said
        return rules

    def links(self) -> dict[str, str]:
        return {
            place: self.targets.get(link(found), "") or canonical(found.get("location", ""))
            for found in self.all("hyperlinks", "hyperlink")
            for place in _cells(found.get("ref", ""))
        }


def _quoted(text: str) -> str:
    return f"'{text}" if text else ""


def _validation(rule: Element, space: str) -> str:
    """What may be typed, and what Excel says, in one line."""
    kind, operator = rule.get("type", "none"), rule.get("operator", "between")
    first, second = (_operand(rule.findtext(f"{space}formula{place}", "")) for place in (1, 2))
    limits = [first] if kind in ("list", "custom") else [operator, first]
    if len(limits) == 2 and operator in ("between", "notBetween"):
        limits.append(second)
    refuses = is_true(rule.get("showErrorMessage")) and rule.get("errorStyle", "stop") == "stop"
    words = [kind, *limits, "" if is_true(rule.get("allowBlank")) else "not blank", "" if refuses else "not refused"]
    said = " ".join(word for word in words if word)
    return said + "".join(f"; {name}: {plain(rule.get(name, ''))}" for name in ("error", "prompt"))


def _operand(text: str) -> str:
    return number(text) if re.fullmatch(r"-?[\d.]+(?:[Ee][+-]?\d+)?", text.strip()) else canonical(text)


def _cells(ranges: str) -> Iterator[str]:
    """The cells of ranges; a range too large to be one of entries as it is."""
    for one in ranges.split():
        if ":" not in one:
            yield one
            continue
        ends = [_PLACE.fullmatch(end) for end in one.split(":")]
        first, last = ends[0], ends[-1]
        if first is None or last is None:
            yield one
            continue
        columns = range(_column(first[1]), _column(last[1]) + 1)
        rows = range(int(first[2]) - 1, int(last[2]))
        if len(columns) * len(rows) > MOST_OF_A_RANGE:
            yield one
        else:
            yield from (address(row, column) for row in rows for column in columns)


def _column(place: str) -> int:
    """The column of a cell, counted from 0; before the first cell of a row, one before the first column."""
    column = 0
    for letter in place:
        if letter.isalpha():
            column = column * 26 + ord(letter) - 64
    return column - 1
