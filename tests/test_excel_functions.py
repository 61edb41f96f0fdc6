"""Through xlwings' own call path every function gives Excel what the registry answers, whatever cells it is given."""

import math
import re
from datetime import datetime
from typing import Any

import pytest

from pfexcel.functions import CODES, FUNCTIONS, CellError, call
from pfexcel.template import formulas
from pfexcel.template.examples import Example, examples
from tests.windows import FUNCTIONS as MODULE
from tests.windows import answered, called, com_error, generated_vba, served, xlwings_on_windows
from udfs.excel.vba import functions_module

FIELDS = ["ytd_ebitda", "ytd_income", "YTD EBITDA margin score"]
RETURNS = [
    [6, 100, None],
    [None, None, 2],
    [True, 100, None],
    ["many", 100, None],
    ["", "  ", None],
    ["#DIV/0!", 100, None],
    [datetime(2012, 1, 31), 100, None],
    [-0.0, 1e-300, 3],
    [6, 0, 99.0],
]
HISTORY = ["Performing", None, "Not assessed", "underperforming", "Challenged", "Good", 0, "#REF!"]


def cells(function: str) -> list[tuple[Any, ...]]:
    """Arguments of every shape for a function: a scalar, a row, a column, a table, and one of each kind of cell."""
    if function == "PF_VERSION":
        return [()]
    if function == "PF_LEAD":
        return [(one,) for one in HISTORY] + [(HISTORY,), ([[one] for one in HISTORY],), ([HISTORY, HISTORY],)]
    if function == "PF_ESCALATE":
        return [(one,) for one in HISTORY] + [(HISTORY[:5],), ([[one] for one in HISTORY[:5]],), ([HISTORY] * 2, "tfa")]
    if function == "PF_TFA_RAG":
        blocks = [(one, other) for one in HISTORY for other in (HISTORY[0], None)]
        down = [[one] for one in HISTORY]
        return [*blocks, (HISTORY, HISTORY), (down, "Performing", "Green", [[True]] * len(HISTORY))]
    beside = [list(row) for row in zip(*RETURNS, strict=True)]
    given: list[tuple[Any, ...]] = [([FIELDS], RETURNS), ([[field] for field in FIELDS], beside)]
    given += [(FIELDS, one) for one in RETURNS] + [("ytd_income", 100), ("ytd_income", None)]
    given += [
        ([FIELDS], RETURNS[:1], kind) for kind in ("ambulance", "2010-11", None, [["acute"]], datetime(2011, 12, 1))
    ]
    return [("YTD EBITDA margin", *one) for one in given] if function == "PF_INDICATOR" else given


def same(found: Any, wanted: Any) -> bool:
    """The same cells: numbers to the bit, errors by their code, a text for no cell at all."""
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, float):
        return type(found) is float and found == wanted and math.copysign(1, found) == math.copysign(1, wanted)
    return type(found) is type(wanted) and found == wanted


@pytest.mark.parametrize("function", FUNCTIONS)
def test_excel_is_given_the_registrys_answer(function: str) -> None:
    for arguments in cells(function):
        assert same(answered(called(function, *arguments)), call(function, *arguments)), arguments


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.function}: {example.title}")
def test_a_worked_example_answers_what_it_says(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulas, "call", lambda name, *arguments: answered(called(name, *arguments)))
    assert same(example.worked_out(), example.answer)


@pytest.mark.parametrize("code", CODES)
def test_an_error_arrives_as_that_error_and_leaves_as_it(code: str) -> None:
    assert called("PF_LEAD", [["Performing", CellError(code, "")]]) == ["none", code]
    assert called("PF_LEAD", CellError(code, "")) == code


@pytest.mark.parametrize("number", [2043, 2045, 2046, 2047, 2048, 2049, 2050, 2051])
def test_an_error_newer_than_xlwings_is_no_number(number: int) -> None:
    values = ((com_error(number), 100.0), (6.0, 100.0))
    assert served("PF_INDICATOR", ("ytd_ebitda_margin", (("ytd_ebitda", "ytd_income"),), values)) == [
        ["#VALUE!"],
        [0.06],
    ]


# What a user may give by mistake


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("text", "text"), "#VALUE!", "none of the headers"),
        ((None, None), "#VALUE!", "fields is missing"),
        (([["", ""]], [["", ""]]), "#VALUE!", "none of the headers"),
        (([["Wrong", "Headers"]], [[1, 2]]), "#VALUE!", "none of the headers"),
        (([["ytd_income", "ytd_ebitda"]], [[1, 2, 3]]), "#VALUE!", "2 headers, values 3 columns"),
        (([["ytd_ebitda", None]], [[6, 100]]), "#N/A", "Missing: "),
        (("ytd_income", 100), "#N/A", "Missing: "),
        (([["ytd_income"]], [["100"]]), "#VALUE!", "is not a number"),
        (([["ytd_income", "Income to date"]], [[1, 2]]), "#VALUE!", "both mean ytd_income"),
        (([["ytd_income"]], [[100]], "no/such/edition.toml"), "#VALUE!", "no/such/edition.toml"),
        (([["ytd_income"]], [[100]], "2013-14"), "#VALUE!", "2013-14"),
        (([["ytd_income", "period"]], [[100, "2012-13-M07"]]), "#VALUE!", "2012-13-M07"),
        (([["a", "b"], ["c", "d"]], [[1, 2], [3, 4]]), "#VALUE!", "one row or one column"),
        (([["ytd_income"]], [["x" * 32_767]]), "#VALUE!", "Income to date is 'xxx"),
    ],
)
def test_a_mistake_is_a_documented_error_and_a_sentence(arguments: tuple[Any, ...], code: str, sentence: str) -> None:
    assert called("PF_FINANCE_SCORE", *arguments) == code
    checked = (*arguments[:2], None, *arguments[2:])
    said = called("PF_CHECK", *checked)
    assert sentence in said
    assert len(said) <= 32_767
    assert "Traceback" not in said


def test_two_million_rows_are_refused() -> None:
    values = ((1.0,),) * 2_000_000
    assert served("PF_FINANCE_SCORE", ("ytd_income", values)) == "#VALUE!"


# What xlwings makes of the module


def test_our_wrappers_take_the_arguments_that_xlwings_own_take() -> None:
    theirs = dict(re.findall(r"^Function (\w+)\((.*)\)$", generated_vba("A.xlsm"), re.M))
    ours = dict(re.findall(r"^Public Function (\w+)\((.*)\) As Variant$", functions_module(), re.M))
    assert list(ours) == list(FUNCTIONS)
    assert {name: taken.replace(" As Variant", "") for name, taken in ours.items()} == theirs


def test_xlwings_knows_the_help_of_every_function_and_argument() -> None:
    _, udfs = xlwings_on_windows()
    module = udfs.get_udf_module(MODULE, None)
    for name, function in FUNCTIONS.items():
        known = getattr(module, name).__xlfunc__
        assert (known["ret"]["doc"], known["category"]) == (function.description, "pfexcel")
        assert [(one["name"], one["doc"]) for one in known["args"]] == [(a.name, a.help) for a in function.arguments]
