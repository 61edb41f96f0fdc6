"""The parts of a workbook file by name and kind: macros, links to other files, and files within the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from xml.etree import ElementTree

from pfexcel.catalogue import finding
from pfexcel.model import Finding

SHOWN = 3  # names that a message shows

_WORKBOOKS = re.compile(
    r"application/vnd\.(openxmlformats-officedocument\.spreadsheetml\.(sheet|template)"
    r"|ms-excel\.(sheet|template|addin)\.macroEnabled)\.main\+xml"
)
_ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})""")
_MACROS = re.compile(r"(?i)vbaproject|^xl/(macrosheets|dialogsheets|activex)/|^customui/|^xl/intlmacro")
_LINKS = re.compile(r"(?i)^xl/(externallinks/externallink|connections\.xml|querytables/)")
_PLAIN = (
    ".xml",
    ".rels",
    ".vml",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".emf",
    ".wmf",
    ".svg",
    "/",
)
_PRINTER = re.compile(r"(?i)^xl/printersettings/[^/]*\.bin$")


def content_type(types: bytes, part: str) -> str | None:
    """What kind of workbook a file says that its main part is; None where it says that it is none.

    >>> types = b'<Types><Override PartName="/xl/workbook.xml" ContentType="text/plain"/></Types>'
    >>> content_type(types, "xl/workbook.xml") is None
    True
    """
    for entry in ElementTree.fromstring(types):
        named = entry.get("PartName", "").lstrip("/").lower()
        if named == part.lower() and _WORKBOOKS.fullmatch(entry.get("ContentType", "")):
            return entry.get("ContentType")
    return None


def named_encoding(content: bytes) -> str:
    """The encoding that XML is in, in small letters; without a word of it UTF-8.

    >>> named_encoding(b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>'), named_encoding("<a/>".encode("utf-16"))
    ('iso-8859-1', 'utf-16')
    """
    if b"\0" in content:
        return "utf-16"
    found = _ENCODING.match(content)
    return found[1].decode("ascii", "replace").lower() if found else "utf-8"


def reaches_outside(name: str) -> bool:
    """Would a member of a zip be unpacked outside its folder?

    >>> [reaches_outside(name) for name in ("xl/a.xml", "../a", "/etc/a", "C:\\\\a", "xl\\\\..\\\\..\\\\a")]
    [False, True, True, True, True]
    """
    path = name.replace("\\", "/")
    return path.startswith("/") or ".." in path.split("/") or bool(re.match("[A-Za-z]:", path)) or "\0" in path


def longest_text(content: bytes) -> int:
    """The bytes of the longest text between two tags."""
    return max(map(len, content.split(b"<")))


def foreign(file: str, names: Iterable[str], parts: Mapping[str, bytes]) -> Iterator[Finding]:
    """A finding for each kind of thing in a file that no return workbook has; none of them is opened or run."""
    names = list(names)
    macros = [name for name in names if _MACROS.search(name)]
    links = [name for name in names if _LINKS.search(name)]
    others = [n for n in names if not n.lower().endswith(_PLAIN) and not _PRINTER.search(n) and n not in macros]
    if "macroEnabled" in (content_type(parts["[Content_Types].xml"], "xl/workbook.xml") or "") and not macros:
        macros = ["its content types"]
    for check, found in (("macros-inside", macros), ("links-to-other-files", links), ("files-inside", others)):
        if found:
            yield finding(check, value=file, parts=_shown(found))


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(PurePosixPath(name).name[:60] for name in names[:SHOWN]) + more
