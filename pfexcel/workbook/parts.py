"""The parts of an .xlsx file: packing and unpacking it, and what its parts beside the sheets say."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

Parts = dict[str, bytes]

_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip can hold, as XlsxWriter has it
_FORMATS = {0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 49: "@"}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")
_BARE_SHEET = re.compile(r"(?<![\w.'\]#])([A-Za-z_][\w.]*)!")
_ONE_CELL = re.compile(r"(\$?[A-Z]{1,3}\$?\d+):\1(?!\d)")
_BARE_LOGICAL = re.compile(r"(?<![\w.!])(TRUE|FALSE)(?![\w.(!])")
_SUSPECT = re.compile(r"[^']!|:|TRUE|FALSE|\d[.E]")
_NUMBER = re.compile(r"(?<![\w.$:!#])\d+(?:\.\d*)?(?:E[+-]?\d+)?(?![\w.(:!])")


def unpack(content: bytes) -> Parts:
    """The parts of a file by name, in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(parts: Mapping[str, bytes]) -> bytes:
    """A file of these parts: the same parts give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, _BEGINNING)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o600 << 16
            archive.writestr(info, content)
    return packed.getvalue()


# --- formulas, texts and numbers -------------------------------------------------------------------------------------


def canonical(formula: str) -> str:
    """A formula as no program would write it otherwise.

    Sheets stand in quotes, a range of one cell is that cell, logical values are functions, numbers have 15 digits.

    >>> canonical("SUM(Rules!$E$12:$E$12,0.50)+IF('RXK Return'!B4=TRUE,1E3,\\"TRUE\\")")
    'SUM(\\'Rules\\'!$E$12,0.5)+IF(\\'RXK Return\\'!B4=TRUE(),1000,"TRUE")'
    """
    formula = formula.strip()
    if _SUSPECT.search(formula) is None:
        return formula
    if '"' not in formula and "'" not in formula:
        return _outside(formula)
    return "".join(part if part[:1] in ('"', "'") else _outside(part) for part in _QUOTED.split(formula))


def _outside(formula: str) -> str:
    """The same for a stretch of a formula that holds no text and no sheet in quotes."""
    if "!" in formula:
        formula = _BARE_SHEET.sub(r"'\1'!", formula)
    if ":" in formula:
        formula = _ONE_CELL.sub(r"\1", formula)
    if "TRUE" in formula or "FALSE" in formula:
        formula = _BARE_LOGICAL.sub(r"\1()", formula)
    return _NUMBER.sub(lambda m: number(m[0]), formula) if "." in formula or "E" in formula else formula


def number(text: str) -> str:
    """A number with 15 digits, as LibreOffice keeps it; anything else as it is."""
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text


def plain(text: str) -> str:
    """A text with its characters written out (`_x000D_`) and one kind of line end."""
    text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text
    return text.replace("\r\n", "\n").replace("\r", "\n")


def rich(item: Element | None) -> str:
    """A text without its fonts, and without how it is pronounced."""
    if item is None:
        return ""
    tag = f"{namespace(item)}t"
    return plain("".join(part.findtext(tag, "") for part in item.findall(f"{namespace(item)}r") or [item]))


def is_true(text: str | None) -> bool:
    """Is an attribute of XML true?"""
    return text in ("1", "true")


def namespace(element: Element) -> str:
    """The namespace of an element in braces; a file may be in either of two."""
    return element.tag[: element.tag.index("}") + 1] if "}" in element.tag else ""


# --- parts -----------------------------------------------------------------------------------------------------------


class Styles:
    """Which cell styles are unlocked, and how each looks."""

    def __init__(self, content: bytes | None) -> None:
        root = ElementTree.fromstring(content) if content else Element("styleSheet")
        self.styles = root.findall("{*}cellXfs/{*}xf")
        self.fills = root.findall("{*}fills/{*}fill")
        self.numbers = {n.get("numFmtId"): n.get("formatCode", "") for n in root.iterfind("{*}numFmts/{*}numFmt")}
        self.looks: dict[str, str] = {}
        self.unlocked: set[str | None] = set()
        for index, style in enumerate(self.styles):
            protection = style.find("{*}protection")
            if protection is not None and not is_true(protection.get("locked", "1")):
                self.unlocked.add(str(index))

    def look(self, style: str) -> str:
        """The number format of a style and its colour."""
        if style not in self.looks:
            found = self.styles[int(style)]
            index = found.get("numFmtId", "0")
            code = self.numbers.get(index) or _FORMATS.get(int(index), index)
            fill = self.fills[int(found.get("fillId", "0"))].find("{*}patternFill/{*}fgColor")
            colour = fill.get("rgb", "")[-6:] if fill is not None else ""
            self.looks[style] = f"{code.replace(chr(92), '')} {colour}".strip()
        return self.looks[style]


def shared_strings(parts: Mapping[str, bytes]) -> list[str]:
    """The texts that cells share."""
    content = parts.get("xl/sharedStrings.xml")
    root = ElementTree.fromstring(content) if content else Element("sst")
    return [rich(item) for item in root.iterfind(f"{namespace(root)}si")]


def defined_names(workbook: Element, sheets: list[str]) -> dict[str, str]:
    """What each defined name refers to; those that programs make for themselves are left out."""
    found = {}
    for entry in workbook.iterfind("{*}definedNames/{*}definedName"):
        name, scope = entry.get("name", ""), entry.get("localSheetId")
        if not name.startswith("_xl"):
            sheet = f"'{sheets[int(scope)]}'!" if scope is not None else ""
            found[f"{sheet}{name}"] = canonical(entry.text or "")
    return found


def properties(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The document's own properties that are ours."""
    content = parts.get("docProps/custom.xml")
    root = ElementTree.fromstring(content) if content else ()
    found = {str(one.get("name")): "".join(one.itertext()) for one in root}
    return {name: value for name, value in found.items() if name.startswith("pfexcel_")}


def add_properties(parts: Parts, values: Mapping[str, str]) -> None:
    """Add properties to those the document has."""
    content = parts["docProps/custom.xml"]
    first = content.count(b"<property ") + 2  # numbers begin with 2
    added = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name={quoteattr(name)}>'
        f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
        for pid, (name, value) in enumerate(values.items(), start=first)
    )
    parts["docProps/custom.xml"] = content.replace(b"</Properties>", f"{added}</Properties>".encode())


def relations(parts: Mapping[str, bytes], part: str) -> dict[str, str]:
    """Where the relations of a part lead, by id."""
    folder, _, name = part.rpartition("/")
    content = parts.get(f"{folder}/_rels/{name}.rels")
    root = ElementTree.fromstring(content) if content else ()
    return {one.get("Id", ""): one.get("Target", "") for one in root}


def link(element: Element) -> str:
    """The id of the relation that an element names."""
    return next((value for name, value in element.attrib.items() if name.endswith("/relationships}id")), "")
