"""The registry of worksheet functions: what it says of itself, hostile arguments, and errors that are values."""

from __future__ import annotations

import datetime
import math
import random
from pathlib import Path
from typing import Any

import pytest

import pfexcel
from pfexcel.functions import CODES, FUNCTIONS, CellError, Function, call
from pfexcel.rules.ladder import SHIPPED as LADDERS
from pfexcel.rules.load import SHIPPED, load_edition
from tests.samples import good_return
from tests.test_start import loaded_by

GOOD = good_return(load_edition("2011-12").rulebook("acute"))
FIGURES = [["ytd_ebitda", "ytd_income"]]
REF = CellError("#REF!", "")


def sentence(answer: Any) -> str:
    """The sentence of an answer that must be #VALUE!."""
    assert answer == CellError("#VALUE!", ""), answer
    return answer.sentence


# --- what the registry says of itself ---


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_describes_itself(function: Function) -> None:
    assert function.name.startswith("PF_")
    assert function.name in FUNCTIONS
    assert function.description.endswith(".")
    assert function.answer
    assert function.errors
    for argument in function.arguments:
        assert 10 < len(argument.help) < 255, "a function wizard shows no more"
    assert len(function.description) < 255
    assert [argument.optional for argument in function.arguments] == sorted(
        argument.optional for argument in function.arguments
    )
    assert function.syntax.count("[") == len(function.arguments) - function.required


def test_calling_a_function_loads_no_library() -> None:
    calls = """
        call("PF_FINANCE_RATING", [["ytd_surplus"]], [[1]], "2009-10")
        call("PF_QUALITY_SCORE", [["cat_a_8min", "cat_a_19min"]], [[0.7, 0.9]], "ambulance")
        call("PF_INDICATOR", "ytd_ebitda_margin", [["ytd_ebitda_margin"]], [[0.05]])
        call("PF_EXPLAIN", [["ytd_surplus"]], [[1]])
        call("PF_CHECK", [["ytd_surplus"]], [["x"]])
        call("PF_ESCALATE", [["Performing"] * 8])
        call("PF_TFA_RAG", "Performing", "Performing", "Green")
        call("PF_LEAD", "Challenged")
        call("PF_VERSION")
    """
    lines = [line.strip() for line in calls.strip().splitlines()]
    assert {line.split('"')[1] for line in lines} >= set(FUNCTIONS) - {"PF_FINANCE_SCORE", "PF_QUALITY_RATING"}
    assert loaded_by("\n".join(["import pfexcel.functions", "from pfexcel.functions import call", *lines])) == set()


def test_names_are_found_in_any_case_and_unknown_ones_are_named() -> None:
    assert call("pf_lead", "Challenged") == "SHA on behalf of the Department"
    answer: Any = call("PF_LED", "Challenged")
    assert answer == CellError("#NAME?", "")
    assert "PF_LEAD" in answer.sentence


# --- which entries a function looks at ---

SECTIONS = {
    "PF_FINANCE_SCORE": {"plan", "ytd", "forecast", "underlying", "processes"},
    "PF_FINANCE_RATING": {"plan", "ytd", "forecast", "underlying", "processes"},
    "PF_QUALITY_SCORE": {"ipm"},
    "PF_QUALITY_RATING": {"ipm", "cqc", "ue"},
}
BESIDE = {
    "PF_FINANCE_SCORE": {"loan_repayment_missed"},
    "PF_FINANCE_RATING": set(),
    "PF_QUALITY_SCORE": set(),
    "PF_QUALITY_RATING": {"cqc_conditions_outstanding", "ue_survey_year"},
}
DECLARED = {"PF_FINANCE_RATING": {"finance_major_failing"}, "PF_QUALITY_RATING": {"quality_major_failing"}}


@pytest.mark.parametrize("name", SECTIONS)
def test_only_the_entries_of_an_answer_can_spoil_it(name: str) -> None:
    entries = load_edition("2011-12").rulebook("acute").fields.values()
    wanted = {entry.name for entry in entries if entry.section in SECTIONS[name]} - BESIDE[name]
    wanted |= DECLARED.get(name, set())
    headers, good = [*GOOD, "period"], [*GOOD.values(), "2011-12-Q4"]
    spoilt = []
    for place, header in enumerate(headers[:-1]):
        answer = call(name, [headers], [[*good[:place], "n/a", *good[place + 1 :]]])
        if isinstance(answer, CellError):
            assert "'n/a'" in sentence(answer)
            spoilt.append(header)
    assert set(spoilt) == wanted & set(GOOD)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("as_text", [False, True], ids=["error", "text"])
@pytest.mark.parametrize("name", SECTIONS)
def test_an_error_in_an_entry_stays_that_error_in_its_own_row(name: str, code: str, as_text: bool) -> None:
    headers = [*GOOD, "period", "Remark"]
    good = [*GOOD.values(), "2011-12-Q4", REF]
    first = "ytd_surplus" if name.startswith("PF_FINANCE") else "ae_4h_numerator"
    error = code if as_text else CellError(code, "")
    spoilt = [error if header == first else cell for header, cell in zip(headers, good, strict=True)]
    rows = call(name, [headers], [good, spoilt, good])
    assert rows[1] == [CellError(code, "")]
    assert rows[0] == rows[2]
    assert not isinstance(rows[0][0], CellError)
    assert call(name, [[header] for header in headers], [[a, b] for a, b in zip(good, spoilt, strict=True)]) == [
        [rows[0][0], rows[1][0]]
    ]


@pytest.mark.parametrize("code", CODES)
def test_an_error_in_any_other_argument_stays_that_error(code: str) -> None:
    error = CellError(code, "")
    assert call("PF_FINANCE_SCORE", [["ytd_income", error]], [[1, 2]]) == error
    assert call("PF_FINANCE_SCORE", FIGURES, [[1, 2]], code) == error
    assert call("PF_QUALITY_SCORE", [["ae_4h"]], error) == error
    assert call("PF_QUALITY_SCORE", [["ae_4h"]], [[1]], [[error]]) == error
    assert call("PF_INDICATOR", error, FIGURES, [[1, 2]]) == error
    assert call("PF_INDICATOR", "ytd_ebitda_margin", FIGURES, [[1, 2]], error) == error
    assert call("PF_FINANCE_SCORE", [["period", "ytd_income"]], [[error, 2]]) == error
    assert call("PF_QUALITY_SCORE", [["trust_type", "ae_4h"]], [[error, 2], ["acute", 0.5]])[0] == [error]
    assert call("PF_ESCALATE", [["Performing", error], ["Performing", "Challenged"]]) == [[error], ["Challenged"]]
    assert call("PF_ESCALATE", [["Performing"]], error) == error
    assert call("PF_TFA_RAG", [["Performing"], [error]], "Performing", "Green") == [["Green"], [error]]
    assert call("PF_TFA_RAG", "Performing", "Performing", "Green", error) == error
    assert call("PF_LEAD", [["Challenged", error]]) == [["SHA on behalf of the Department", error]]
    assert call("PF_EXPLAIN", FIGURES, [[1, error]]) == error
    assert code in call("PF_CHECK", FIGURES, [[1, error]])


# --- arguments that do not fit ---

HOSTILE: list[tuple[str, tuple[Any, ...], str]] = [
    ("a header too few", (FIGURES, [[1, 2, 3]]), "fields has 2 headers, values 3 columns"),
    ("a header too many", ([["a"], ["b"], ["c"]], [[1], [2]]), "fields has 3 headers, values 2 rows"),
    ("headers in a block", ([["a", "b"], ["c", "d"]], [[1, 2]]), "fields is a block of 2 by 2 cells"),
    ("ragged rows", (FIGURES, [[1, 2], [3]]), "rows of different lengths"),
    ("ragged headers", ([["a"], ["b", "c"]], [[1], [2]]), "rows of different lengths"),
    ("no cells", (FIGURES, []), "values is an empty block"),
    ("no headers", ([[]], [[1]]), "fields is an empty block"),
    ("headers left out", (None, [[1, 2]]), "fields is missing"),
    ("values left out", (FIGURES, None), "values is missing"),
    ("wrong headers", ([["income", "Trust"]], [[1, 2]]), "none of the headers"),
    ("no text among the headers", ([[1, True]], [[1, 2]]), "none of the headers"),
    ("a table of one cell", ("income", 3), "none of the headers"),
    ("two headers of one meaning", ([["Income to date", "ytd_income"]], [[1, 2]]), "'Income to date' and 'ytd_income'"),
    ("the same header twice", ([["ytd_income", "ytd_income"]], [[1, 2]]), "both mean ytd_income"),
    ("two periods", ([["period", "Period", "ytd_income"]], [[1, 2, 3]]), "period stands over 2 columns"),
    ("2 million rows", (FIGURES, [[1, 2]] * 2_000_000), "more than 1,048,576 rows"),
    ("2 million columns", ([["ytd_income"]], [[1] * 2_000_000]), "more than 1,048,576"),
    ("an unknown edition", (FIGURES, [[1, 2]], "2013-14"), "edition '2013-14' is unknown"),
    ("an edition of several cells", (FIGURES, [[1, 2]], [["2011-12", "2012-13"]]), "edition is a block of 2 cells"),
    ("no such file", (FIGURES, [[1, 2]], "no such folder/rules.toml"), "cannot be read"),
    ("a name too long for a file", (FIGURES, [[1, 2]], "x" * 5_000), "is unknown"),
    ("a name no file can have", (FIGURES, [[1, 2]], "\0.toml"), "null"),
    ("too many arguments", (FIGURES, [[1, 2]], None, 4), "was given 4 arguments; write PF_FINANCE_SCORE("),
    ("too few arguments", (FIGURES,), "was given 1 arguments"),
]


@pytest.mark.parametrize(("arguments", "said"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_arguments_that_do_not_fit_are_refused_with_a_sentence(arguments: tuple[Any, ...], said: str) -> None:
    assert said in sentence(call("PF_FINANCE_SCORE", *arguments))
    if not said.startswith("was given"):
        assert said in str(call("PF_CHECK", arguments[0], arguments[1], None, *arguments[2:]))


def test_what_is_left_out_at_the_end_is_not_counted() -> None:
    assert call("PF_LEAD", "Challenged", None, None) == call("PF_LEAD", "Challenged")
    assert call("PF_VERSION", None) == call("PF_VERSION")
    assert call("PF_QUALITY_SCORE", [["cat_a_8min", "cat_a_19min"]], [[1, 1]], "Ambulance", "") == 3


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("PF_QUALITY_SCORE", ([["ae_4h"]], [[1]], "hospital"), "trust type 'hospital' is unknown; use one of acute"),
        ("PF_QUALITY_SCORE", ([["trust_type", "ae_4h"]], [["hospital", 1]]), "trust type 'hospital' is unknown"),
        ("PF_QUALITY_SCORE", ([["period", "ae_4h"]], [["Christmas", 1]]), "period 'Christmas' is unknown"),
        ("PF_QUALITY_SCORE", ([["period", "ae_4h"]], [["2012-13-M01", 1]]), "outside edition 2011-12"),
        ("PF_INDICATOR", ("ae_5h", FIGURES, [[1, 2]]), "indicator 'ae_5h' is unknown in edition 2011-12"),
        ("PF_INDICATOR", ("", FIGURES, [[1, 2]]), "indicator '' is unknown"),
        ("PF_INDICATOR", ("ae_4h", FIGURES, [[1, 2]], "rank"), "what is 'rank'; use one of value, score, weighted"),
        ("PF_ESCALATE", ([["Performing", "Good"]],), "'Good' is unknown"),
        ("PF_ESCALATE", ([["Performing"]], "stairs"), "ladder 'stairs' is unknown"),
        ("PF_ESCALATE", ([["Performing"]], "no such folder/ladder.toml"), "cannot be read"),
        ("PF_ESCALATE", ([["Performing"]] * 2_000_000,), "more than 1,048,576 rows"),
        ("PF_TFA_RAG", ("Green", "Performing", "Green"), "'Green' is unknown"),
        ("PF_TFA_RAG", ("Performing", "Performing", "Amber"), "'Amber' is unknown"),
        ("PF_TFA_RAG", ("Performing", "Performing", "Green", "perhaps"), "'perhaps'"),
        ("PF_TFA_RAG", ([["Performing"]] * 2, [["Performing"]] * 3, "Green"), "differ in size (finance 2 by 1"),
        ("PF_LEAD", ("Good",), "'Good' is unknown"),
        ("PF_EXPLAIN", (FIGURES, [[1, 2], [3, 4]]), "values holds 2 returns; PF_EXPLAIN explains one"),
        ("PF_VERSION", (1,), "was given 1 arguments; write PF_VERSION()"),
    ],
)
def test_other_functions_refuse_what_they_cannot_use(name: str, arguments: tuple[Any, ...], said: str) -> None:
    assert said in sentence(call(name, *arguments))


def test_one_bad_row_leaves_the_others_alone() -> None:
    rows = call(
        "PF_QUALITY_SCORE",
        [["trust_type", "period", "cat_a_8min", "cat_a_19min"]],
        [
            ["ambulance", "2011-12-Q1", 1, 1],
            ["hospital", "2011-12-Q1", 1, 1],
            ["ambulance", "2010-11-Q1", 1, 1],
            ["Ambulance", "", 1, 1],
            ["", None, 1, 1],
            ["ambulance", "2011-12-Q1", 1.1, 1],
            ["ambulance", "2011-12-Q1", None, ""],
        ],
    )
    refused, nothing = CellError("#VALUE!", ""), CellError("#N/A", "")
    assert rows == [[3.0], [refused], [refused], [3.0], [nothing], [refused], [nothing]]


# --- labels ---


@pytest.fixture
def two_of_a_label(tmp_path: Path) -> str:
    """An edition of one's own in which two entries have one label."""
    text = (SHIPPED / "2011-12.toml").read_text(encoding="utf-8")
    changed = text.replace('label = "Income to date"', 'label = "EBITDA to date"')
    assert changed != text
    path = tmp_path / "own.toml"
    path.write_text(changed, encoding="utf-8")
    return str(path)


def test_an_ambiguous_label_is_an_error_that_names_both(two_of_a_label: str) -> None:
    said = sentence(call("PF_FINANCE_SCORE", [["EBITDA to date", "planned_income"]], [[1, 2]], two_of_a_label))
    assert "'EBITDA to date' is the label of " in said
    assert "ytd_ebitda" in said
    assert "ytd_income" in said
    assert said in call("PF_CHECK", [["EBITDA to date"]], [[1]], None, two_of_a_label)
    named = call("PF_INDICATOR", "ytd_ebitda_margin", FIGURES, [[6, 100]], None, None, two_of_a_label)
    assert named == 0.06


@pytest.mark.parametrize("header", ["YTD INCOME", "ytd-income", " Income, to date: ", "income to date"])
def test_case_spaces_and_punctuation_do_not_matter(header: str) -> None:
    assert call("PF_INDICATOR", "YTD EBITDA margin", [["EBITDA to date", header]], [[6, 100]]) == 0.06


@pytest.mark.parametrize("edition", ["2009-10", "2010-11", "2011-12", "2012-13"])
def test_every_label_of_a_shipped_edition_means_one_entry(edition: str) -> None:
    rules = load_edition(edition)
    for trust_type in rules.trust_types:
        fields = rules.rulebook(trust_type).fields
        labels = [entry.label for entry in fields.values()]
        spoken = call("PF_CHECK", [labels], [[None] * len(labels)], trust_type, edition)
        assert "#VALUE!" not in spoken
        assert "is no entry" not in spoken


def test_an_edition_that_a_spreadsheet_took_for_a_date_is_that_edition() -> None:
    for number, edition in ((40878, "2011-12"), (datetime.date(2010, 11, 1), "2010-11")):
        assert call("PF_CHECK", FIGURES, [[1, 2]], None, number) == call("PF_CHECK", FIGURES, [[1, 2]], None, edition)
    assert "is unknown" in sentence(call("PF_FINANCE_SCORE", FIGURES, [[1, 2]], 3))


# --- blocks ---


def test_a_list_of_cells_is_a_row_and_one_cell_is_no_block() -> None:
    assert call("PF_INDICATOR", "ytd_ebitda_margin", ["ytd_ebitda", "ytd_income"], [6, 100]) == 0.06
    assert call("PF_QUALITY_SCORE", "cat_a_8min", 1, "ambulance") == 3.0
    assert call("PF_QUALITY_SCORE", "cat_a_8min", [[1], [1]], "ambulance") == [[3.0], [3.0]]
    assert call("PF_QUALITY_SCORE", "cat_a_8min", [[1, 1]], "ambulance") == [[3.0, 3.0]]
    assert call("PF_QUALITY_SCORE", (("cat_a_8min", "zzz"),), ((1, None),), "ambulance") == 3.0


@pytest.mark.parametrize("ladder", sorted(path.stem for path in LADDERS.glob("*.toml")))
def test_a_history_climbs_as_escalate_says(ladder: str) -> None:
    from pfexcel.rules.ladder import load_ladder

    names = [level.category for level in load_ladder(ladder).levels]
    chance = random.Random(ladder)
    held = [*names, None, "", "Not assessed", names[0].upper(), 0]
    histories = [[chance.choice(held) for _ in range(8)] for _ in range(400)]
    expected = [
        [str(pfexcel.escalate([None if one == 0 else one for one in history], ladder)[-1].category)]
        for history in histories
    ]
    assert call("PF_ESCALATE", histories, ladder) == expected
    assert len({cell for [cell] in expected}) >= len(names)
    for history, [category] in zip(histories[:40], expected[:40], strict=True):
        assert call("PF_ESCALATE", [[one] for one in history], ladder) == category


def test_a_rag_of_every_pair_of_categories_is_what_tfa_rag_says() -> None:
    names = ["Performing", "Performance under review", "Underperforming", "Challenged", "Not assessed", ""]
    judgements = ["Green", "Amber/Green", "Amber/Red", "Red", ""]
    asked = [(f, q, j, m) for f in names for q in names for j in judgements for m in ("Yes", "No", "")]
    columns = [[[one[place]] for one in asked] for place in range(4)]
    expected = [[str(pfexcel.tfa_rag(f, q, j, m or None))] for f, q, j, m in asked]
    assert call("PF_TFA_RAG", *columns) == expected
    assert call("PF_TFA_RAG", *columns[:3], "No") == call("PF_TFA_RAG", *columns[:3])


# --- anything at all ---

CELLS: list[Any] = [
    *(None, "", " ", 0, 1, -1, 0.5, 3, 1e308, -1e308, 5e-324, math.nan, math.inf, 10**400, True, False, 40878),
    *("ytd_income", "ytd_ebitda", "Income to date", "trust_type", "period", "ae_4h", "planned_outturn_score", "zzz"),
    *("Yes", "acute", "ambulance", "Performing", "Challenged", "Red", "Green", "2011-12", "2011-12-Q3", "2009-10"),
    *("value", "score", "n/a", "#N/A", "#DIV/0!", "framework", "tfa", "YTD EBITDA margin", "=1+1", "\0", "\ud800", REF),
    *(datetime.date(2011, 12, 1), datetime.datetime(2011, 12, 1), b"x", object(), {}, "x" * 5_000),
]


def test_whatever_it_is_given_a_function_answers_with_cells() -> None:
    chance = random.Random(1)

    def argument() -> Any:
        if chance.random() < 0.4:
            return chance.choice(CELLS)
        width = chance.randint(0, 4)
        return [[chance.choice(CELLS) for _ in range(width)] for _ in range(chance.randint(0, 4))]

    for _ in range(6_000):
        name = chance.choice(list(FUNCTIONS))
        count = chance.randint(0, len(FUNCTIONS[name].arguments) + 1)
        arguments = [argument() for _ in range(count)]
        if count > 1 and chance.random() < 0.5:
            arguments[0] = [[chance.choice(CELLS[17:25]) for _ in arguments]]
            arguments[1] = [[chance.choice(CELLS) for _ in arguments]]
        answer = call(name, *arguments)
        rows = answer if isinstance(answer, list) else [[answer]]
        assert len({len(row) for row in rows}) == 1
        for cell in (cell for row in rows for cell in row):
            assert type(cell) in (str, int, float, bool, CellError), (name, arguments)
            assert not isinstance(cell, float) or math.isfinite(cell), (name, arguments)
            assert "itself failed" not in str(cell), (name, arguments)
