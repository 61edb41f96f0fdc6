"""On random tables Excel is given, through xlwings' own call path, what `rate_table` says."""

import os

import pytest

from tests.function_tables import questions
from tests.test_parity_functions import is_same
from tests.windows import answered, called

COUNT = 1_000 if os.environ.get("PFEXCEL_PARITY") == "full" else 20
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_excel_is_given_what_rate_table_says(part: int) -> None:
    for asked in questions(COUNT // PARTS, seed=part):
        found = answered(called(asked.function, *asked.arguments))
        rows = found if isinstance(found, list) else [[found]]
        assert [len(row) for row in rows] == [len(row) for row in asked.answer], asked
        for row, wanted in zip(rows, asked.answer, strict=True):
            for cell, other in zip(row, wanted, strict=True):
                assert is_same(cell, other), (cell, other, asked)
