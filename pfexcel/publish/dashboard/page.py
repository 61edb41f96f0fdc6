"""The page: template, style, script, words and data put together, with a policy that lets nothing else run or load.

Views are drawn in the browser from the data in the page: each figure stands in the file once, and a filter, a sort or a
chart asks for no other copy. What needs no script, the numbers of the nation and each trust's ratings, stands in
`noscript` as plain tables.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files

from pfexcel.publish import publication as records
from pfexcel.publish.dashboard.pack import pack
from pfexcel.publish.dashboard.plain import plain_tables
from pfexcel.publish.publication import Publication
from pfexcel.workbook.templates import template

# In the order in which they build on each other.
SCRIPTS = (
    "data",
    "words",
    "dom",
    "charts",
    "tables",
    "filters",
    "parts",
    "trusts",
    "nation",
    "trust",
    "rated",
    "lists",
    "indicators",
    "about",
    "search",
    "main",
)
VIEWS = ("nation", "trusts", "movements", "interventions", "indicators", "data", "about")
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', re.M)
_EXPORT = re.compile(r"^export (?=(?:const|function) (\w+))", re.M)
_PLACE = re.compile(r"\{\{(\w+)\}\}")


def dashboard_html(publication: Publication) -> bytes:
    """The dashboard of a publication as one HTML file in UTF-8; the same publication gives the same bytes."""
    words = template("dashboard")
    page = words["page"]
    style, script = _style(), _script()
    places = {
        "policy": _policy(script, style),
        "style": style,
        "script": script,
        "data": _data(publication),
        "title": escape(publication.title),
        "period": escape(publication.period.words),
        "notice": f'<div class="notice"><p>{escape(publication.notice)}</p></div>' if publication.notice else "",
        "nav": "\n".join(_nav_item(view, words["nav"][view]) for view in VIEWS),
        "plain": plain_tables(publication),
        "footer": escape(
            page["footer"].format(
                published=f"{publication.published.day} {publication.published:%B %Y}",
                revision=publication.revision,
                edition=publication.edition_title,
            )
        ),
    }
    fixed = {name: escape(text) for name, text in page.items() if name not in places}
    filled = _filled(_asset("page.html"), {**fixed, **places})
    return filled.encode("utf-8", "xmlcharrefreplace")


def _nav_item(view: str, label: str) -> str:
    path = "" if view == "nation" else view
    return f'<li><a href="#/{path}" data-nav="{view}">{escape(label)}</a></li>'


def _filled(text: str, places: Mapping[str, str]) -> str:
    """The template with its places filled, in one pass: what is filled in is not looked at again."""
    return _PLACE.sub(lambda match: places[match[1]], text)


def _policy(script: str, style: str) -> str:
    """Only this script and this style, nothing from anywhere, and no text made into markup."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> str:
    place = files("pfexcel.publish.dashboard").joinpath("assets", *name.split("/"))
    return place.read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _script() -> str:
    """All modules in one: each a function that gives what it exports, called in an order that suits the imports."""
    return "const modules = {};\n" + "\n".join(_module(name) for name in SCRIPTS)


def _module(name: str) -> str:
    text = _IMPORT.sub(r"const \1 = modules.\2;", _asset(f"js/{name}.js"))
    exported = ", ".join(match[1] for match in _EXPORT.finditer(text))
    return f"modules.{name} = (() => {{\n{_EXPORT.sub('', text)}return {{ {exported} }};\n}})();"


@cache
def _style() -> str:
    theme = template("theme")
    colours = "".join(f"--{name}: {value};" for name, value in theme["colours"].items())
    tones = {look["bg_color"]: look["font_color"] for look in theme["conditions"].values() if "bg_color" in look}
    rules = (
        f".tone-{tone} {{ background: var(--{tone}); color: var(--{ink}); fill: var(--{tone}); }}\n"
        for tone, ink in tones.items()
    )
    return f":root {{ {colours} }}\n{''.join(rules)}{_asset('style.css')}"


def _data(publication: Publication) -> str:
    """Data, words and colours as JSON that can end no element and needs no encoding."""
    looks = template("theme")["conditions"]
    content = {
        "words": template("dashboard"),
        "tones": {name: look["bg_color"] for name, look in looks.items() if "bg_color" in look},
        "names": {
            "not_assessed": records.NOT_ASSESSED,
            "not_rated": records.NOT_RATED,
            "signed_off": records.SIGNED_OFF,
            "better": records.BETTER,
            "worse": records.WORSE,
            "same": records.SAME,
            "no_lead": "none",
        },
        **pack(publication),
    }
    text = json.dumps(content, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
