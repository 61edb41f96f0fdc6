"""The worked examples answer what they say, and formulas are read as a sheet reads them."""

from typing import Any

import pytest

from pfexcel.functions import CODES, FUNCTIONS, CellError
from pfexcel.template.examples import Example, examples, examples_of
from pfexcel.template.formulas import column_number, evaluate, moved
from pfexcel.workbook.layout import column_letter

CELLS = [[1, 2, None], [3, CellError("#N/A", ""), "a"]]


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.function}: {example.title}")
def test_an_example_answers_what_it_says(example: Example) -> None:
    found = example.worked_out()
    assert found == example.answer
    assert type(found) is type(example.answer)


def test_every_function_has_examples() -> None:
    assert {example.function for example in examples()} == set(FUNCTIONS)
    for name in FUNCTIONS:
        found = examples_of(name)
        assert len(found) >= 2
        assert all(f"{name}(" in example.formula for example in found)
        assert len({example.title for example in found}) == len(found)


def test_the_examples_show_what_matters() -> None:
    said = [example.formula for example in examples()]
    answers = [cell for example in examples() for row in example.rows for cell in row]
    assert (
        {"#N/A", "#VALUE!", "#DIV/0!"} <= {cell.code for cell in answers if isinstance(cell, CellError)} <= set(CODES)
    )
    assert any("IFERROR" in formula for formula in said)
    assert any("ISNA" in formula for formula in said)
    assert any(len(example.rows[0]) > 1 for example in examples())
    assert any(len(example.rows) > 1 for example in examples())


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.function}: {example.title}")
def test_a_moved_formula_answers_the_same(example: Example) -> None:
    width = max(map(len, example.cells), default=0)
    further = [[0] * (width + 3)] * 11 + [[0] * 3 + row for row in example.cells]
    assert evaluate(moved(example.formula, 11, 3), further) == evaluate(example.formula, example.cells)


@pytest.mark.parametrize(
    ("formula", "answer"),
    [
        ("=A1", 1),
        ("=A1:B1", [[1, 2]]),
        ("=ISNA(A2:C2)", [[False, True, False]]),
        ('=IFERROR(B2,"a ""b"" (c), A1")', 'a "b" (c), A1'),
        ("=INDEX(A1:C2,2,3)", "a"),
        ("=ISERROR(TRUE)", False),
        ("=-1.5", -1.5),
        ("=PF_LEAD( , )", CellError("#VALUE!", "")),
    ],
)
def test_formulas_are_worked_out(formula: str, answer: Any) -> None:
    assert evaluate(formula, CELLS) == answer


@pytest.mark.parametrize("formula", ["=A1+A2", "=SUM(A1:A2)", "=A1)", "=(A1)", "=", "=PF_LEAD(A1", "=PF_LEAD(A1 A2)"])
def test_other_formulas_are_refused(formula: str) -> None:
    with pytest.raises(ValueError, match=r"read|belongs|use one of|too many"):
        evaluate(formula, CELLS)


@pytest.mark.parametrize("number", [0, 25, 26, 51, 52, 701, 702, 16383])
def test_columns_are_numbered_and_lettered(number: int) -> None:
    assert column_number(column_letter(number)) == number


def test_texts_and_names_stay_where_they_are() -> None:
    assert moved('=PF_LEAD(A1:AB12,"A1")', 1, 1) == '=PF_LEAD(B2:AC13,"A1")'
