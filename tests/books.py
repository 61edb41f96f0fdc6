"""Workbooks of random returns, made by the generator itself: each formula's cached value is what the engine says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from pfexcel.organisations import Trust
from pfexcel.periods import Period
from pfexcel.rules.edition import Rulebook
from pfexcel.workbook.build import OPTIONS
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.rating_sheet import add_rating_sheet
from pfexcel.workbook.return_sheet import add_return_sheet
from pfexcel.workbook.rules_sheet import add_rules_sheet
from pfexcel.workbook.style import Styles
from tests.hosts import Cell, Value, xlsx_values

Books = Mapping[Cell, Value]


def pretend_trust(code: str, trust_type: str) -> Trust:
    """A trust that no register knows."""
    return Trust(code, f"Trust {code}", trust_type, "Q00", "Nowhere", "Nowhere", date(2000, 1, 1), None, True, "")


def write_returns(rulebook: Rulebook, period: Period, returns: Sequence[Mapping[str, Any]], path: Path) -> Path:
    """Write Return and Rating sheets for many returns and the Rules, and nothing else."""
    ones = tuple(
        TrustReturn(pretend_trust(f"P{number:03d}", rulebook.trust_type), rulebook, period, values)
        for number, values in enumerate(returns)
    )
    job = Job(rulebook.edition, period, "Q00", "Nowhere", ones)
    workbook = Workbook(str(path), OPTIONS)
    styles = Styles(workbook)
    for one in ones:
        add_return_sheet(workbook, styles, job, one)
        add_rating_sheet(workbook, styles, job, one)
    add_rules_sheet(workbook, styles, job)
    workbook.close()
    return path


def mismatches(path: Path, recalculated: Books) -> list[tuple[Cell, Value, Value]]:
    """The cells where a program that recalculated the workbook says otherwise than the engine."""
    return differences(xlsx_values(path), recalculated)


def differences(expected: Books, found: Books) -> list[tuple[Cell, Value, Value]]:
    """The cells in which two workbooks differ."""
    return [
        (cell, expected.get(cell), found.get(cell))
        for cell in {**expected, **found}
        if not _same(expected.get(cell), found.get(cell))
    ]


def _same(a: Value, b: Value) -> bool:
    if a in (None, "") or b in (None, ""):
        return a in (None, "") and b in (None, "")
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-9 * max(1.0, abs(a))
    return a == b
