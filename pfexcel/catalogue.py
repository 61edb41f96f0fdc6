"""Findings by id: what each says, how much it matters and what to do stand in `checks.toml`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pfexcel.model import Finding, Severity
from pfexcel.shipped import read_shipped


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, Any]]:
    """Every kind of finding by id: `severity`, `message`, `action`, `reference` where it has one, and its condition."""
    return read_shipped(Path(__file__).parent, "checks").tables


def finding(check: str, *, field: str = "", value: Any = None, organisation: str = "", **words: Any) -> Finding:
    """The finding of a catalogued check, its message filled in.

    >>> print(finding("no-activity", label="Cancer").message)
    Cancer: 0 over 0, no such activity; the indicator is left out
    """
    entry = catalogue()[check]
    words = {"value": _as_typed(value), **words}
    return Finding(
        id=check,
        severity=Severity(entry["severity"]),
        message=entry["message"].format_map(words),
        action=entry["action"].format_map(words),
        reference=entry.get("reference", ""),
        organisation=organisation,
        field=field,
        value=value,
    )


def _as_typed(value: Any) -> Any:
    """A value as a user would type it: a day without its hour, a whole number without a point."""
    if isinstance(value, date):
        return value.isoformat().removesuffix("T00:00:00")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def at(found: Finding, organisation: str, sheet: str, cell: str) -> Finding:
    """The same finding with its place in a workbook."""
    return replace(found, organisation=organisation, sheet=sheet, cell=cell)
