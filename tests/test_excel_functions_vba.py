"""The macros of the add-in, run: what a cell shows, what is remembered, and what is said where Python is missing."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pfexcel.functions import CODES, FUNCTIONS, CellError, call
from tests.vba import NOON, Excel
from udfs.excel.files import write_add_in
from udfs.excel.vba import answers_in_words

HEADERS = ["period", "ytd_ebitda", "ytd_income", "ytd_ebitda_margin_score"]


@pytest.fixture(scope="module")
def add_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_add_in(tmp_path_factory.mktemp("excel") / "pfexcel.xlam")


@pytest.fixture
def excel(add_in: Path) -> Excel:
    return Excel(add_in)


def error(code: str) -> CellError:
    return CellError(code, "")


# Answers


@pytest.mark.parametrize("code", CODES)
def test_an_error_is_excels_own_alone_and_in_a_block(excel: Excel, code: str) -> None:
    assert excel.call("PF_LEAD", error(code)) == error(code)
    assert excel.call("PF_LEAD", [["Performing", error(code)]]) == [["none", error(code)]]
    assert excel.call("PF_LEAD", excel.put("A1", [["Challenged"], [error(code)]])) == [
        ["SHA on behalf of the Department"],
        [error(code)],
    ]


def test_cells_arrive_as_they_are(excel: Excel) -> None:
    rows = [
        ["2011-12-Q3", 6, 100, None],
        [None, None, "", 2],
        [40908, True, 100, None],
        [None, date(2012, 1, 31), 1, None],
    ]
    fields, values = excel.put("A1", [HEADERS]), excel.put("A2", rows)
    for what in ("value", "score", "weighted", None):
        expected = call("PF_INDICATOR", "YTD EBITDA margin", [HEADERS], rows, what)
        assert excel.call("PF_INDICATOR", "YTD EBITDA margin", fields, values, what) == expected
        assert excel.call("PF_INDICATOR", "YTD EBITDA margin", [HEADERS], rows, what) == expected


def test_beside_each_other(excel: Excel) -> None:
    fields, values = (
        excel.put("A1", [["ytd_ebitda"], ["ytd_income"]]),
        excel.put("B1", [[6, 2, "many"], [100, 100, 100]]),
    )
    assert excel.call("PF_INDICATOR", "ytd_ebitda_margin", fields, values, "score") == [[3.0, 2.0, error("#VALUE!")]]


def test_a_number_of_a_currency_format_is_not_cut(excel: Excel) -> None:
    values = excel.put("A2", [[0.0123456789, 1]])
    values.vba_set("NumberFormat", "$#,##0.00")
    fields = excel.put("A1", [["ytd_ebitda", "ytd_income"]])
    assert excel.call("PF_INDICATOR", "ytd_ebitda_margin", fields, values) == 0.0123456789


def test_arguments_may_be_left_out(excel: Excel) -> None:
    assert excel.call("PF_ESCALATE", [["Performing", "Underperforming"]]) == "Underperforming"
    assert excel.call("PF_ESCALATE", [["Performing", "Underperforming"]], None) == "Underperforming"
    assert excel.call("PF_TFA_RAG", "Performing", "Performing") == "Not assessed"
    assert excel.call("PF_VERSION") == call("PF_VERSION")


def test_several_areas_and_too_many_cells_are_refused(add_in: Path) -> None:
    excel = Excel(add_in, edited=("MOST_CELLS As Double = 10000000", "MOST_CELLS As Double = 100"))
    assert excel.call("PF_LEAD", excel.range("A1:A2,C1:C2")) == error("#VALUE!")
    assert excel.call("PF_LEAD", excel.range("A1:Z60")) == error("#VALUE!")
    said = excel.call("PF_CHECK", [["ytd_income"]], excel.range("A1:Z60"))
    assert said == "#VALUE!: an argument has 1,560 cells; give only the rows and columns that are filled."
    assert excel.python.calls == 0


# Memory


def test_identical_calls_ask_python_once(excel: Excel) -> None:
    fields, values = excel.put("A1", [HEADERS]), excel.put("A2", [["2011-12-Q3", 6, 100, None]])
    found = [excel.call("PF_INDICATOR", "ytd_ebitda_margin", fields, values, "score") for _ in range(50)]
    assert (found, excel.python.calls) == ([3.0] * 50, 1)


def test_a_changed_cell_is_never_answered_from_memory(excel: Excel) -> None:
    headers = [["ytd_ebitda", "ytd_income", *(f"nothing {n}" for n in range(70))]]
    rows: list[list[float]] = [[0, 100, *range(70)]]
    for changed in range(0, 72, 6):
        rows.append([*rows[0][:changed], 1.25, *rows[0][changed + 1 :]])
    for row in rows * 2:
        expected = call("PF_INDICATOR", "ytd_ebitda_margin", headers, [row])
        assert excel.call("PF_INDICATOR", "ytd_ebitda_margin", headers, excel.put("A2", [row])) == expected
    assert excel.python.calls == len(rows)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (6.0, 6.000000000000001),
        (1.0, True),
        (1.0, "1"),
        (None, ""),
        (None, 0.0),
        ("No", "no"),
        (error("#N/A"), error("#REF!")),
        (40908.0, date(2011, 12, 31)),
        ([[1.0, 2.0]], [[1.0], [2.0]]),
        ([[1.0]], 1.0),
    ],
)
def test_arguments_that_differ_at_all_are_different_calls(excel: Excel, one: Any, other: Any) -> None:
    for argument in (one, other, one, other):
        excel.call("PF_LEAD", argument)
    assert excel.python.calls == 2


def test_the_end_of_a_calculation_and_a_pause_forget(excel: Excel) -> None:
    for forget in (
        lambda: excel.event("excelEvents_AfterCalculate"),
        lambda: excel.at(NOON + timedelta(seconds=2)),
        lambda: excel.at(NOON - timedelta(hours=1)),
    ):
        before = excel.python.calls
        excel.call("PF_LEAD", "Challenged")
        excel.call("PF_LEAD", "Challenged")
        assert excel.python.calls <= before + 1
        forget()
        before = excel.python.calls
        excel.call("PF_LEAD", "Challenged")
        assert excel.python.calls == before + 1


# Without Python


def test_without_python_a_cell_never_shows_what_could_pass_for_missing_figures(excel: Excel) -> None:
    excel.python.failing = "Traceback (most recent call last):\n  File x\nModuleNotFoundError: No module named 'udfs'\n"
    for name, function in FUNCTIONS.items():
        found = excel.call(name, *["ytd_income"] * function.required)
        if answers_in_words(function):
            assert found == "pfexcel: ModuleNotFoundError: No module named 'udfs'"
        else:
            assert found == error("#NAME?")


def test_without_python_the_next_cells_do_not_wait(excel: Excel) -> None:
    excel.python.failing = "no Python is set up for Excel."
    for _ in range(20):
        assert excel.call("PF_LEAD", "Challenged") == error("#NAME?")
    assert excel.python.calls == 1
    excel.python.failing = ""
    assert excel.call("PF_VERSION") == "pfexcel: no Python is set up for Excel."
    excel.at(NOON + timedelta(seconds=31))
    assert excel.call("PF_VERSION") == call("PF_VERSION")
    assert excel.call("PF_LEAD", "Performing") == "none"


# Help


def test_each_function_and_argument_has_its_help_in_the_wizard(excel: Excel) -> None:
    excel.event("Workbook_Open")
    assert excel.due == ["'Book1'!PF_ShowHelp"]
    excel.call("PF_ShowHelp")
    assert excel.add_in
    assert list(excel.described) == list(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        shown = excel.described[name]
        assert (shown["help"], shown["category"]) == (function.description, "pfexcel")
        assert list(shown["arguments"]) == [argument.help for argument in function.arguments]


# Links


def test_links_to_the_add_in_of_another_computer_lead_to_this_one(excel: Excel) -> None:
    here = excel.book.vba_get("FullName")
    there, other = rf"C:\Users\somebody\AddIns\{here}", r"C:\Users\somebody\figures.xlsx"
    excel.links = [other, there, here]
    excel.event("excelEvents_WorkbookOpen", excel.book)
    assert excel.links == [other, here, here]


def test_a_workbook_without_links_opens(excel: Excel) -> None:
    excel.event("excelEvents_WorkbookOpen", excel.book)
    assert excel.links == []
