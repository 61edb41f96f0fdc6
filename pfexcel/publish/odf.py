"""Elements of OpenDocument files by their short names, and the parts of a spreadsheet's archive."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any
from xml.etree import ElementTree

from pfexcel.publish.archive import MIMETYPE, zipped

KIND = "application/vnd.oasis.opendocument.spreadsheet"
VERSION = "1.3"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
NAMESPACES = {
    "office": f"{_OASIS}office:1.0",
    "table": f"{_OASIS}table:1.0",
    "text": f"{_OASIS}text:1.0",
    "style": f"{_OASIS}style:1.0",
    "fo": f"{_OASIS}xsl-fo-compatible:1.0",
    "number": f"{_OASIS}datastyle:1.0",
    "meta": f"{_OASIS}meta:1.0",
    "manifest": f"{_OASIS}manifest:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Element = ElementTree.Element


def element(name: str, said: str = "", children: Any = (), **attributes: str) -> Element:
    """An element with its text, children and attributes: `element("text:p", "Hello")`.

    Args:
        name: with the short prefix of its namespace.
        said: its text; control characters become spaces.
        children: the elements within.
        attributes: `style__name` stands for `style:name`, `_` otherwise for `-`.
    """
    made = Element(_full(name))
    for key, value in attributes.items():
        made.set(_full(_attribute(key)), _CONTROL.sub(" ", value))
    if said:
        made.text = _CONTROL.sub(" ", said)
    made.extend(children)
    return made


@cache
def _full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


@cache
def _attribute(key: str) -> str:
    prefix, _, local = key.partition("__")
    return f"{prefix}:{local.replace('_', '-')}"


def _document(kind: str, *children: Element) -> bytes:
    for prefix, address in NAMESPACES.items():
        ElementTree.register_namespace(prefix, address)
    root = element(f"office:{kind}", children=children, office__version=VERSION)
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)


def spreadsheet(content: list[Element], styles: list[Element], properties: list[Element], day: date) -> bytes:
    """An OpenDocument spreadsheet of the given automatic styles and body, common styles and properties."""
    parts = {
        "content.xml": _document("document-content", *content),
        "styles.xml": _document("document-styles", *styles),
        "meta.xml": _document("document-meta", element("office:meta", children=properties)),
    }
    entries = [("/", KIND), *((name, "text/xml") for name in parts)]
    manifest = element(
        "manifest:manifest",
        children=[
            element("manifest:file-entry", manifest__full_path=name, manifest__media_type=kind)
            for name, kind in entries
        ],
        manifest__version=VERSION,
    )
    listing = ElementTree.tostring(manifest, encoding="UTF-8", xml_declaration=True)
    return zipped({MIMETYPE: KIND.encode(), **parts, "META-INF/manifest.xml": listing}, day)
