"""The cells of a sheet by one regular expression, where its XML is as spreadsheet programs write it.

Three times as fast as building the tree. It never guesses: each character of the cells must fit the pattern, and what
the pattern does not know (fonts within a text, shared formulas, comments, another namespace) is left to the parser.
"""

from __future__ import annotations

import re
from operator import itemgetter

PlainCell = tuple[str, str, str, str, str, str, str]  # whole element, place, style, kind, formula, value, own text
PlainSheet = tuple[list[PlainCell], bytes]  # its cells, and its XML without them

_HEAD = re.compile(
    rb'(?:\xef\xbb\xbf)?(?:<\?xml version="1.0" encoding="(?:UTF|utf)-8"[^<>]*\?>\s*)?'
    rb'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"[^<>]*>'
)
_CELL = re.compile(
    r'(<c r="([A-Z]{1,3}[1-9]\d{0,6})"(?: s="(\d+)")?(?: t="(n|s|str|b|e|inlineStr)")?(?:/>|>'
    r'(?:<f(?: aca="false")?>([^<]+)</f>)?'
    r'(?:<v>([^<]*)</v>|<v ?/>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
    r'|<row r="\d+"(?: (?!customFormat="[1t])[\w:]+="[^"<>]*")*/?>|</row>)'
)
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def plain_cells(content: bytes) -> PlainSheet | None:
    """The cells of a sheet and its XML without them, or None where it takes a parser."""
    before, opened, rest = content.partition(b"<sheetData>")
    data, closed, after = rest.partition(b"</sheetData>")
    if not opened or not closed or content.count(b"sheetData") != 2 or _HEAD.match(before) is None:
        return None
    if b"<!" in content or content.count(b"<?") > 1:
        return None
    text = data.decode()
    if "\r" in text or "&#" in text:
        return None
    found = _CELL.findall(text)
    if sum(map(len, map(itemgetter(0), found))) != len(text):
        return None
    return [cell for cell in found if cell[1]], before + b"<sheetData/>" + after


def unescaped(text: str) -> str:
    """A text without the entities of XML."""
    if "&" in text:
        for entity, letter in _ENTITIES:
            text = text.replace(entity, letter)
    return text
