"""What the generator fills into locked cells of a trust's sheets: the periods before, and last period's figures.

A reader cannot make these again from the edition alone. Each such cell has a mark in the document's properties, twelve
bits of the digest of its content, by which a reader can tell which of them was changed.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import lru_cache
from typing import Any

from pfexcel.rules.edition import Rulebook
from pfexcel.workbook.job import Job
from pfexcel.workbook.layout import address, return_layout, sheet_name
from pfexcel.workbook.rating_cells import track_cells
from pfexcel.workbook.seal import Description

KINDS = ("return", "rating")
_LENGTH = 2  # of a mark, in letters of Base64


@lru_cache(maxsize=64)
def given_cells(rulebook: Rulebook) -> dict[str, tuple[str, ...]]:
    """The cells of the Return and the Rating sheet that hold what only the generator knew."""
    layout = return_layout(rulebook)
    last = [address(row, layout.LAST) for row in layout.entry_rows.values()]
    filled = [
        address(cell.row, cell.column)
        for cells in track_cells(rulebook).values()
        for cell in cells
        if cell.value is not None and not cell.content.startswith("=")
    ]
    return {"return": tuple(last), "rating": tuple(filled)}


def mark_property(kind: str, code: str) -> str:
    """The name of the property with the marks of a trust's sheet."""
    return f"pfexcel_given_{code}_{kind}"


def marks(job: Job, description: Description) -> dict[str, str]:
    """The properties with the marks of each trust of which the generator was told something."""
    sheets = {sheet["name"]: sheet for sheet in description["sheets"]}
    found = {}
    for one in job.returns:
        told = {"return": one.previous, "rating": one.history}
        for kind, cells in given_cells(one.rulebook).items():
            if told[kind]:
                sheet = sheets[sheet_name(kind, one.trust.ods_code)]
                found[mark_property(kind, one.trust.ods_code)] = "".join(mark(sheet, cell) for cell in cells)
    return found


def mark(sheet: dict[str, Any], cell: str) -> str:
    """The mark of what a cell holds."""
    said = f"{cell} {sheet['cells'].get(cell, '')}"
    return b64encode(hashlib.sha256(said.encode()).digest()).decode()[:_LENGTH]


def fits(cells: tuple[str, ...], marked: str) -> bool:
    """Are there as many marks as cells? A version with other rows makes another number of them."""
    return len(marked) == _LENGTH * len(cells)


def changed_cells(sheet: dict[str, Any], cells: tuple[str, ...], marked: str) -> list[str]:
    """The cells whose content does not fit its mark."""
    pairs = [marked[start : start + _LENGTH] for start in range(0, _LENGTH * len(cells), _LENGTH)]
    return [cell for cell, expected in zip(cells, pairs, strict=True) if mark(sheet, cell) != expected]
