"""Data validations: what an unlocked cell asks for when it is entered, takes, and says to what it refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

from pfexcel.engine.inputs import broken_bound
from pfexcel.rules.edition import Field
from pfexcel.workbook.templates import template

MOST_OF_AN_ENTRY = 250  # letters
_DATES = {"criteria": "between", "minimum": date(2000, 1, 1), "maximum": date(2099, 12, 31)}
_TITLE, _TEXT = 32, 255  # the letters that programs show
_WHOLE = "a whole number"


def of_entry(entry: Field) -> dict[str, Any]:
    """The validation of an entry, by its unit and bounds."""
    words, unit = template("return")["validation"], entry.unit
    asks = entry.guidance or entry.label
    in_unit = "" if unit.kind in ("choice", "text", "date") else words["unit"].format(unit=unit.words)
    rule: dict[str, Any] = {
        "input_title": cut(entry.label, _TITLE),
        "input_message": cut(f"{asks}. {in_unit}".strip(), _TEXT),
        "error_title": words["refused"],
        "ignore_blank": True,
    }
    match unit.kind:
        case "choice":
            said = words["choice"].format(label=entry.label, choices=", ".join(unit.choices))
            return {**rule, "validate": "list", "source": list(unit.choices), "error_message": cut(said, _TEXT)}
        case "date":
            return {**rule, "validate": "date", **_DATES, "error_message": words["date"]}
        case "text":
            return {**rule, **_length(MOST_OF_AN_ENTRY)}
    return {**rule, "validate": "integer" if unit.whole else "decimal", **_bounds(entry), "error_message": _said(entry)}


def of_text(kind: str, most: int) -> dict[str, Any]:
    """The validation of a text of at most `most` letters, in the words of `validation.KIND`."""
    return _named(kind) | _length(most)


def of_date(kind: str) -> dict[str, Any]:
    """The validation of a date, in the words of `validation.KIND`."""
    words = template("return")["validation"]
    return _named(kind) | {"validate": "date", **_DATES, "error_message": words["date"]}


def cut(text: str, most: int) -> str:
    """A text of at most `most` letters.

    >>> cut("Finance", 4)
    'Fin…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def _named(kind: str) -> dict[str, Any]:
    words = template("return")["validation"][kind]
    titles = {"input_title": words["title"], "error_title": words["refused"]}
    return {**titles, "input_message": words["asks"], "ignore_blank": True}


def _length(most: int) -> dict[str, Any]:
    said = template("return")["validation"]["text"].format(most=most)
    return {"validate": "length", "criteria": "<=", "value": most, "error_message": said}


def _bounds(entry: Field) -> dict[str, Any]:
    if entry.above is not None:
        return {"criteria": ">", "value": entry.above}
    if entry.minimum is not None and entry.maximum is not None:
        return {"criteria": "between", "minimum": entry.minimum, "maximum": entry.maximum}
    if entry.minimum is not None:
        return {"criteria": ">=", "value": entry.minimum}
    return {"criteria": "between", "minimum": -1e12, "maximum": 1e12}


def _said(entry: Field) -> str:
    words = template("return")["validation"]
    bounds = [broken_bound(entry, float("-1e300")), broken_bound(entry, float("1e300"))]
    must = [bound for bound in bounds if bound and bound != _WHOLE]
    kind = "whole" if entry.unit.whole else "number"
    if not must:
        return cut(words[kind].format(label=entry.label), _TEXT)
    both = words["both"].format(one=must[0], other=must[1]) if len(must) > 1 else must[0]
    return cut(words[f"{kind}_bound"].format(label=entry.label, must=both), _TEXT)
