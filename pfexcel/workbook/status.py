"""Whether an entry can be used: the words of the Check column, by formula and, for cached values, in Python."""

from __future__ import annotations

from typing import Any

from pfexcel.engine.inputs import FIRST_DATE, LAST_DATE, broken_bound, is_blank, is_blank_zero
from pfexcel.model import Finding
from pfexcel.rules.edition import Field
from pfexcel.workbook.templates import template


def status_formula(entry: Field, figure: str, whole_figure: str, whole_status: str) -> str:
    """The formula of an entry's Check cell.

    Args:
        entry: the entry.
        figure: the formula that reads it, by its row in the column of figures.
        whole_figure: the same for the entry it may not be above, where there is one.
        whole_status: that entry's own Check cell.
    """
    words = template("return")["status"]
    blank = '""' if entry.optional else f'"{words["missing"]}"'
    ok = f'"{words["ok"]}"'
    unit = entry.unit
    if unit.kind == "number":
        checked = ok
        if entry.not_above is not None:
            above = f"AND({whole_status}={ok},{figure}>{whole_figure})"
            checked = f'IF({whole_status}={ok},IF({above},"{words["above_whole"]}",{ok}),{ok})'
        for test, bound in reversed(_bounds(entry, figure)):
            checked = f'IF({test},"{words["bound"].format(bound=bound)}",{checked})'
        checked = f'IF(ISNUMBER({figure}),{checked},"{words["not_number"]}")'
    elif unit.kind == "choice":
        tests = ",".join(f'{figure}="{choice}"' for choice in unit.choices)
        checked = f'IF(OR({tests}),{ok},"{words["not_choice"]}")'
    elif unit.kind == "date":
        within = f"AND({figure}>={FIRST_DATE},{figure}<={LAST_DATE})"
        checked = f'IF(ISNUMBER({figure}),IF({within},{ok},"{words["not_date"]}"),"{words["not_date"]}")'
    else:
        checked = ok
    wrong = words[{"choice": "not_choice", "date": "not_date"}.get(unit.kind, "not_number")]
    return f'=IFERROR(IF({empty(entry, figure)},{blank},{checked}),"{wrong}")'


def empty(entry: Field, figure: str) -> str:
    """The formula that is true where an entry is blank: see `engine.inputs.is_blank_zero`."""
    return f'OR({figure}="",{figure}=0)' if entry.unit.kind in ("choice", "date") else f'{figure}=""'


def _bounds(entry: Field, figure: str) -> list[tuple[str, str]]:
    """Each bound as a formula that is true where it is broken, and in words, in the order of `broken_bound`."""
    bounds = []
    for test, broken in (
        (f"{figure}<={_number(entry.above)}", entry.above),
        (f"{figure}<{_number(entry.minimum)}", None if entry.minimum is None else entry.minimum - 1),
        (f"{figure}>{_number(entry.maximum)}", None if entry.maximum is None else entry.maximum + 1),
    ):
        if broken is not None:
            bounds.append((test, broken_bound(entry, broken)))
    if entry.unit.whole:
        bounds.append((f"{figure}<>ROUND({figure},0)", "a whole number"))
    return bounds


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def status(entry: Field, value: Any, finding: Finding | None) -> str:
    """What the Check cell says of a value; `finding` is the engine's about this entry, if any."""
    words = template("return")["status"]
    if is_blank(value) or is_blank_zero(entry, value):
        return "" if entry.optional else words["missing"]
    if finding is None:
        return words["ok"]
    if finding.id == "entry-out-of-bounds":
        return words["bound"].format(bound=broken_bound(entry, float(value)))
    return {
        "entry-not-a-number": words["not_number"],
        "entry-not-a-choice": words["not_choice"],
        "entry-not-a-date": words["not_date"],
        "entry-above-other": words["above_whole"],
    }[finding.id]
