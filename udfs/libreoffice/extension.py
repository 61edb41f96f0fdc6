"""The extension `pfexcel.oxt`, made from the registry: types, names and help of the functions, and the core."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pfexcel
from pfexcel.functions import FUNCTIONS, Function
from udfs.libreoffice.core import core_files
from udfs.libreoffice.typelibrary import ANY, RANGE, type_library

FILE = "pfexcel.oxt"
IDENTIFIER = "org.pfexcel.functions"
IMPLEMENTATION = "org.pfexcel.Functions"
INTERFACE = "org.pfexcel.XPfFunctions"
RANGES = ("fields", "values", "history")
"""Arguments that are cells of a sheet: only as such do errors among them reach the function."""
EXCEL_PREFIX = "_xldudf_"
"""Before the name of a function in a file that Excel saved with an Office.js function."""
_HERE = Path(__file__).parent
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def build_extension() -> bytes:
    """The extension's bytes; the same ones every time."""
    package = BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        for name, content in sorted(extension_files().items()):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content)
    return package.getvalue()


def extension_files() -> dict[str, bytes]:
    """The files of the extension by their place in it."""
    texts = {
        "META-INF/manifest.xml": manifest(),
        "addin.components": components(),
        "description.xml": description(),
        "description.txt": "The worksheet functions of the NHS Performance Framework: PF_FINANCE_SCORE and others.\n",
        "CalcAddIns.xcu": names_and_help(),
        "methods.json": json.dumps({name: function.name for name, function in methods().items()}, indent=1) + "\n",
        "addin.py": (_HERE / "addin.py").read_text(encoding="utf-8"),
    }
    parameters = {name: [(camel(a.name), _type(a.name)) for a in f.arguments] for name, f in methods().items()}
    core = {f"pythonpath/{name}": content for name, content in core_files().items()}
    return {
        "types.rdb": type_library(INTERFACE, parameters),
        "icon.png": (_HERE / "icon.png").read_bytes(),
        **{name: text.replace("\r\n", "\n").encode() for name, text in texts.items()},
        **core,
    }


def methods() -> Mapping[str, Function]:
    """The function of each method: `pfLead` is PF_LEAD, `pfLeadFromExcel` the same by its name in a file from Excel.

    >>> [name for name, function in methods().items() if function.name == "PF_TFA_RAG"]
    ['pfTfaRag', 'pfTfaRagFromExcel']
    """
    plain = {camel(name): function for name, function in FUNCTIONS.items()}
    return {**plain, **{f"{name}FromExcel": function for name, function in plain.items()}}


def camel(name: str) -> str:
    """A name as LibreOffice's types have it, where no underscore may stand.

    >>> camel("PF_TFA_RAG"), camel("trust_type")
    ('pfTfaRag', 'trustType')
    """
    first, *others = name.lower().split("_")
    return first + "".join(map(str.capitalize, others))


def _type(argument: str) -> str:
    return RANGE if argument in RANGES else ANY


# --- the parts in XML ------------------------------------------------------------------------------------------------

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def manifest() -> str:
    """What the parts of the extension are."""
    parts = {
        "types.rdb": "application/vnd.sun.star.uno-typelibrary;type=RDB",
        "addin.components": "application/vnd.sun.star.uno-components",
        "CalcAddIns.xcu": "application/vnd.sun.star.configuration-data",
    }
    rows = "".join(
        f"<manifest:file-entry manifest:full-path={quoteattr(name)} manifest:media-type={quoteattr(kind)}/>\n"
        for name, kind in parts.items()
    )
    space = "http://openoffice.org/2001/manifest"
    return f'{_XML}<manifest:manifest xmlns:manifest="{space}">\n{rows}</manifest:manifest>\n'


def components() -> str:
    """Which services `addin.py` offers, so that no Python need run while the extension is installed."""
    services = "".join(f'<service name="{name}"/>' for name in (IMPLEMENTATION, "com.sun.star.sheet.AddIn"))
    return (
        f'{_XML}<components xmlns="http://openoffice.org/2010/uno-components">\n'
        f'<component loader="com.sun.star.loader.Python" uri="addin.py">\n'
        f'<implementation name="{IMPLEMENTATION}">{services}</implementation>\n</component>\n</components>\n'
    )


def description() -> str:
    """What the extension manager shows."""
    space = 'xmlns="http://openoffice.org/extensions/description/2006" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"""{_XML}<description {space}>
<identifier value="{IDENTIFIER}"/>
<version value="{pfexcel.__version__}"/>
<display-name><name lang="en">pfexcel: NHS Performance Framework functions</name></display-name>
<publisher><name lang="en">pfexcel contributors</name></publisher>
<icon><default xlink:href="icon.png"/></icon>
<extension-description><src lang="en" xlink:href="description.txt"/></extension-description>
</description>
"""


def names_and_help() -> str:
    """The functions as the function wizard shows them, and the names by which files from Excel call them."""
    spaces = 'xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    functions = "".join(line for method, function in methods().items() for line in _function(method, function))
    return (
        f'{_XML}<oor:component-data {spaces} oor:name="CalcAddIns" oor:package="org.openoffice.Office">\n'
        f'<node oor:name="AddInInfo"><node oor:name="{IMPLEMENTATION}" oor:op="replace">\n'
        f'<node oor:name="AddInFunctions">\n{functions}</node></node></node></oor:component-data>\n'
    )


def _function(method: str, function: Function) -> Iterator[str]:
    name, help_text = function.name, f"{function.description} {function.answer}. Errors: {function.errors}."
    if method.endswith("FromExcel"):
        name, help_text = f"{EXCEL_PREFIX}{name}", f"{name} as a file from Excel calls it. Write {name} yourself."
    yield f'<node oor:name="{method}" oor:op="replace">\n'
    yield _property("DisplayName", name)
    yield _property("Description", help_text)
    yield '<prop oor:name="Category"><value>Add-In</value></prop>\n'
    yield _property("CompatibilityName", name)
    yield '<node oor:name="Parameters">\n'
    for argument in function.arguments:
        yield f'<node oor:name="{camel(argument.name)}" oor:op="replace">\n'
        yield _property("DisplayName", argument.name)
        yield _property("Description", argument.help)
        yield "</node>\n"
    yield "</node></node>\n"


def _property(name: str, text: str) -> str:
    return f'<prop oor:name="{name}"><value xml:lang="en">{escape(text)}</value></prop>\n'
