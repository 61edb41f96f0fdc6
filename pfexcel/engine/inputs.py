"""What a return's values amount to: figures that can be used, and findings about those that cannot.

Blank is missing. A value that is impossible (text for a number, out of bounds, a part above its whole) is not used
either: it counts as missing, and the error says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from numbers import Real
from typing import Any

from pfexcel.catalogue import finding
from pfexcel.model import Finding
from pfexcel.rules.edition import Field, Indicator, Rulebook
from pfexcel.rules.unit import Unit

FIRST_DATE, LAST_DATE = 1, 2_958_465  # 1 January 1900 and 31 December 9999 as spreadsheets number days
_PLAIN_NUMBERS = {float, int}
ARGUMENTS = ("period", "trust_type", "ods_code")


@dataclass(slots=True)
class Inputs:
    """Usable values by entry (None where missing), measures and scores given directly, and what was wrong."""

    values: dict[str, Any]
    measures: dict[str, float]
    scores: dict[str, float]
    refused: set[str]
    findings: list[Finding]


def is_blank(value: Any) -> bool:
    """Is this how a blank cell arrives: None, an empty text, NaN (or pandas' NA)?

    >>> is_blank(" "), is_blank(float("nan")), is_blank(0)
    (True, True, False)
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    try:
        return bool(value != value)
    except (TypeError, ArithmeticError):
        return True
    except ValueError:
        return False


def read_inputs(rulebook: Rulebook, given: Mapping[str, Any], context: Mapping[str, Any]) -> Inputs:
    """Sort what is given into values, measures and scores; text is matched without regard to case."""
    inputs = Inputs(values={}, measures={}, scores={}, refused=set(), findings=[])
    values, fields, refused = inputs.values, rulebook.fields, inputs.refused
    for name, entry, default, least, most, whole, choices in rulebook.plan:
        value = given.get(name)
        if value is None:
            values[name] = default
        elif type(value) in _PLAIN_NUMBERS and least <= value <= most and not (whole and value % 1):
            values[name] = float(value)
        elif type(value) is str and value in choices:
            values[name] = value
        else:
            values[name], problem = accept(entry, value)
            if problem is not None:
                refused.add(name)
                inputs.findings.append(problem)
    for entry, whole in rulebook.parts:
        part, limit = values[entry.name], values[whole.name]
        if part is not None and limit is not None and part > limit:
            _refuse_part(inputs, entry, whole)
    if len(given) > len(fields) or not given.keys() <= fields.keys():
        _read_others(rulebook, given, inputs)
    values.update(context)
    return inputs


def accept(entry: Field, value: Any) -> tuple[Any, Finding | None]:
    """The usable value of an entry (None for blank or refused), and the finding where it is refused."""
    if is_blank(value):
        return entry.unit.default, None
    if hasattr(value, "item") and getattr(value, "size", 1) == 1:
        value = value.item()
    unit = entry.unit
    if is_blank_zero(entry, value):
        return unit.default, None
    if unit.kind == "number":
        return _number(entry, value)
    if unit.kind == "choice":
        return _choice(entry.name, entry.label, unit, value)
    if unit.kind == "date" and not is_date(value):
        return None, finding("entry-not-a-date", field=entry.name, value=value, label=entry.label)
    return value, None


def is_blank_zero(entry: Field, value: Any) -> bool:
    """Is this the 0 that some programs read where the cell of a choice or a date is empty?"""
    return (
        entry.unit.kind in ("choice", "date") and isinstance(value, Real) and not isinstance(value, bool) and value == 0
    )


def is_date(value: Any) -> bool:
    """Is this a date, or the number by which a spreadsheet keeps one?

    >>> is_date(date(2011, 12, 31)), is_date(40908.0), is_date("soon")
    (True, True, False)
    """
    if isinstance(value, bool):
        return False
    return isinstance(value, date) or (isinstance(value, Real) and FIRST_DATE <= float(value) <= LAST_DATE)


def _number(entry: Field, value: Any) -> tuple[float | None, Finding | None]:
    if type(value) is float:
        number = value
    elif isinstance(value, bool) or not isinstance(value, Real):
        return None, finding("entry-not-a-number", field=entry.name, value=value, label=entry.label)
    else:
        number = _as_float(value)
    bound = broken_bound(entry, number)
    if bound:
        shown = f"{number:,.10g}"
        return None, finding("entry-out-of-bounds", field=entry.name, value=shown, label=entry.label, bound=bound)
    return number, None


def _as_float(value: Real) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if abs(value) == value else -math.inf


def broken_bound(entry: Field, number: float) -> str:
    """The bound that a number breaks, in words; empty where it breaks none."""
    if not math.isfinite(number):
        return "a finite number"
    if entry.above is not None and number <= entry.above:
        return f"above {entry.above:g}"
    if entry.minimum is not None and number < entry.minimum:
        return f"{entry.minimum:g} or more"
    if entry.maximum is not None and number > entry.maximum:
        return f"{entry.maximum:g} or less"
    if entry.unit.whole and number != math.floor(number):
        return "a whole number"
    return ""


def _choice(name: str, label: str, unit: Unit, value: Any) -> tuple[str | None, Finding | None]:
    text = ("Yes" if value else "No") if isinstance(value, bool) else value
    if isinstance(text, str):
        for choice in unit.choices:
            if choice.casefold() == text.casefold():
                return choice, None
    return None, finding("entry-not-a-choice", field=name, value=value, label=label, choices=", ".join(unit.choices))


def _refuse_part(inputs: Inputs, entry: Field, whole: Field) -> None:
    part, limit = inputs.values[entry.name], inputs.values[whole.name]
    inputs.values[entry.name] = None
    inputs.refused.add(entry.name)
    words = {"label": entry.label, "other": whole.label, "limit": f"{limit:,.10g}"}
    inputs.findings.append(finding("entry-above-other", field=entry.name, value=f"{part:,.10g}", **words))


def _read_others(rulebook: Rulebook, given: Mapping[str, Any], inputs: Inputs) -> None:
    """What is given beside the entries: measures and scores by an indicator's name; anything else is reported."""
    indicators = rulebook.indicators
    for name, value in given.items():
        if name in rulebook.fields or name in ARGUMENTS or is_blank(value):
            continue
        indicator = indicators.get(str(name).removesuffix("_score"))
        if indicator is not None and name == f"{indicator.id}_score":
            _read_score(indicator, value, inputs)
        elif indicator is not None and name == indicator.id and indicator.one_measure:
            entry = measure_entry(rulebook, indicator)
            usable, problem = accept(entry, value)
            if problem is None:
                inputs.measures[indicator.id] = indicator.value.rounded(usable)
            else:
                inputs.refused.add(indicator.id)
                inputs.findings.append(problem)
        else:
            hint = f"; {name} needs its inputs {', '.join(indicator.fields)}" if indicator is not None else ""
            inputs.findings.append(finding("unknown-field", field=str(name), value=value, name=str(name), hint=hint))


def measure_entry(rulebook: Rulebook, indicator: Indicator) -> Field:
    """The bounds of an indicator's value given by its own name: a share of a whole is from 0 to 1."""
    wholes = [rulebook.fields[name] for name in indicator.fields]
    part = bool(wholes) and wholes[0].not_above is not None
    counted = bool(wholes) and all((e.minimum is not None or e.above is not None) for e in wholes)
    return Field(
        name=indicator.id,
        label=indicator.label,
        unit=indicator.value.unit,
        section="",
        minimum=0 if counted else None,
        maximum=1 if part else None,
    )


def _read_score(indicator: Indicator, value: Any, inputs: Inputs) -> None:
    name = f"{indicator.id}_score"
    if isinstance(value, Real) and not isinstance(value, bool) and value in indicator.scores:
        inputs.scores[indicator.id] = float(value)
        return
    inputs.refused.add(name)
    choices = ", ".join(f"{score:g}" for score in sorted(indicator.scores))
    inputs.findings.append(
        finding("entry-not-a-score", field=name, value=value, label=indicator.label, choices=choices)
    )
