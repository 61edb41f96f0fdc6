"""On random tables the worksheet functions answer what `rate_table` says: numbers to the bit, categories, errors."""

import math
import os
from typing import Any

import pytest

from pfexcel.functions import CellError, call
from tests.function_tables import questions

COUNT = 1_000 if os.environ.get("PFEXCEL_PARITY") == "full" else 100
PARTS = 4


def is_same(found: Any, wanted: Any) -> bool:
    """The same cell: numbers to the bit, the sign of zero included."""
    if isinstance(wanted, float) and isinstance(found, float):
        return found == wanted and math.copysign(1, found) == math.copysign(1, wanted)
    return type(found) is type(wanted) and found == wanted


@pytest.mark.parametrize("part", range(PARTS))
def test_the_functions_answer_what_rate_table_says(part: int) -> None:
    kinds: dict[str, int] = {}
    for asked in questions(COUNT // PARTS, seed=part):
        found = call(asked.function, *asked.arguments)
        rows = found if isinstance(found, list) else [[found]]
        assert [len(row) for row in rows] == [len(row) for row in asked.answer], asked
        for row, wanted in zip(rows, asked.answer, strict=True):
            for cell, other in zip(row, wanted, strict=True):
                assert is_same(cell, other), (cell, other, asked)
                kind = str(other.code) if isinstance(other, CellError) else type(other).__name__
                kinds[kind] = kinds.get(kind, 0) + 1
    assert min(kinds[kind] for kind in ("float", "str", "#N/A", "#VALUE!", "#REF!")) >= COUNT // 50, kinds
