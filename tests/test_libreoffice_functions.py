"""In LibreOffice Calc the worksheet functions answer what the registry answers; errors arrive as errors."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from xlsxwriter.utility import xl_range

from pfexcel.functions import Cell, CellError, call
from pfexcel.template.examples import Example, examples
from pfexcel.template.formulas import moved
from tests.calc import Asked, Block, CalcBook, as_calc_shows
from tests.function_tables import Question, questions
from tests.hosts import require_soffice
from udfs.libreoffice.extension import EXCEL_PREFIX

pytestmark = pytest.mark.host

FULL = os.environ.get("PFEXCEL_PARITY") == "full"
TABLES, TRUSTS = (1000, 10_000) if FULL else (12, 1000)
WHOLE_COLUMN, MOST_ROWS = 390, 1_048_576
NA, VALUE, DIV, REF = (CellError(code, "") for code in ("#N/A", "#VALUE!", "#DIV/0!", "#REF!"))

EBITDA = [["ytd_ebitda", "ytd_income"], [6, 100], [2, 100], [None, 100], ["many", 100], [DIV, 100], [True, 100]]
MARGINS = [[0.06], [0.02], [NA], [VALUE], [DIV], [VALUE]]
DECLARED = [["finance_major_failing", "Trust"], ["Challenged", "A"], ["Underperforming", NA], [None, 3], ["Bad", "D"]]
HISTORY = [["Underperforming"] * 3, ["Performing", None, None], ["Performing", NA, None], ["Good", None, None]]
WORDS = [["Challenged", "Performing", "Yes", "No", None, REF, True, datetime.date(2011, 12, 31)]]


def formulas(book: CalcBook) -> Iterator[tuple[str, Cell]]:
    """Formulas, each with what it must give."""
    money, declared = book.block(EBITDA), book.block(DECLARED)
    history, words = book.block(HISTORY), book.block(WORDS)
    a, b, yes, no, blank, error, true, day = (words.cell(0, column) for column in range(8))

    def margin(row: int) -> str:
        return f'PF_INDICATOR("ytd_ebitda_margin",{money.row(0)},{money.row(row)})'

    def rating(row: int) -> str:
        return f"PF_FINANCE_RATING({declared.row(0)},{declared.row(row)})"

    margins = f'PF_INDICATOR("ytd_ebitda_margin",{money.row(0)},{money.part(1)})'
    ratings = f"PF_FINANCE_RATING({declared.row(0)},{declared.part(1)})"
    clean = f"PF_FINANCE_RATING({declared.row(0)},{declared.part(1, 3)})"
    # errors are errors, in a cell and in an array
    yield from ((margin(row), wanted) for row, [wanted] in enumerate(MARGINS, 1))
    yield f"ISNA({margin(3)})", True
    yield f"ISNA({margin(4)})", False
    yield f"ISERR({margin(4)})", True
    yield f"ERROR.TYPE({margin(3)})", 7.0
    yield f"ERROR.TYPE({margin(4)})", 3.0
    yield f"ERROR.TYPE({margin(5)})", 2.0
    yield f'IFERROR({margin(5)},"none")', "none"
    yield f"SUMPRODUCT(--ISNA({margins}))", 1.0
    yield f"SUMPRODUCT(--ISERROR({margins}))", 4.0
    yield f"SUMPRODUCT(IFERROR({margins},0))", 0.08
    yield rating(4), VALUE
    yield f"ISERROR({rating(4)})", True
    # texts equal the same text, in a cell and in an array
    yield f'{rating(1)}="Challenged"', True
    yield f'{rating(1)}="Performing"', False
    yield f'IF({rating(2)}="underperforming",1,2)', 1.0
    yield f'SUMPRODUCT(--({ratings}="Challenged"))', 1.0
    yield f'SUMPRODUCT(--({ratings}="Performing"))', 0.0
    yield f'SUMPRODUCT(--({clean}="Not assessed"))', 1.0
    yield f'MATCH("Underperforming",{clean},0)', 2.0
    # nested in each other, over errors that stay and cells that are empty
    yield f"PF_LEAD({rating(1)})", "SHA on behalf of the Department"
    yield f"PF_LEAD(PF_ESCALATE({history.row(0)}))", "SHA on behalf of the Department"
    yield f"PF_ESCALATE({history.row(1)})", "Performing"
    yield f"PF_ESCALATE({history.row(2)})", NA
    yield f"PF_ESCALATE({history.row(3)})", VALUE
    yield f"PF_LEAD({error})", REF
    yield f"PF_LEAD({blank})", "none"
    yield 'PF_LEAD("challenged")', "SHA on behalf of the Department"
    yield f"PF_TFA_RAG({b},{b},,{yes})", "Red"
    yield f"PF_TFA_RAG({b},{b},,{true})", VALUE
    yield f'PF_TFA_RAG({b},{b},"Green",{no})', "Green"
    yield f'PF_TFA_RAG({a},{error},"Green")', REF
    yield f"PF_TFA_RAG({b},{b},{blank})", "Not assessed"
    # what the arguments may be, and what they may not
    yield "pf_version()", call("PF_VERSION")
    yield f'PF_QUALITY_SCORE({money.row(0)},{money.row(1)},{blank},"2009-10")', NA
    yield f"PF_FINANCE_RATING({money.row(0)},{money.row(1)},{day})", "Not assessed"
    yield f'PF_FINANCE_RATING({money.row(0)},{money.row(1)},"2013-14")', VALUE
    yield f'PF_FINANCE_RATING({money.row(0)},{money.row(1)},"/no/such/folder/mine.toml")', VALUE
    yield f'PF_QUALITY_SCORE({money.row(0)},{money.row(1)},"hospital")', VALUE
    yield f'PF_INDICATOR("ytd",{money.row(0)},{money.row(1)})', VALUE
    yield f"PF_FINANCE_SCORE({words.row(0)},{words.row(0)})", REF
    yield f"PF_FINANCE_SCORE({a},{blank})", VALUE
    yield f"PF_FINANCE_SCORE({money.row(0)},{money.column(0)})", VALUE
    yield f"PF_FINANCE_SCORE({money.address},{money.address})", VALUE
    yield f"PF_FINANCE_SCORE({blank},{money.address})", VALUE
    yield f"PF_FINANCE_RATING({declared.cell(0, 0)},{declared.cell(1, 0)})", "Challenged"
    yield "PF_LEAD()", VALUE
    yield f"PF_CHECK({a},{blank})", call("PF_CHECK", "Challenged", "")
    yield f"ISERROR(PF_FINANCE_SCORE({a}))", True
    yield f"ISERROR(PF_FINANCE_SCORE({a},{b},{no},{no}))", True
    yield 'ISERROR(PF_ESCALATE("Performing"))', True
    # whole columns: the empty rows are returns without figures
    column = book.block([["Finance: declared category"], ["Challenged"], ["No"]], alone_at=WHOLE_COLUMN)
    whole = f"PF_FINANCE_RATING({column.row(0)},{xl_range(1, WHOLE_COLUMN, MOST_ROWS - 1, WHOLE_COLUMN)})"
    yield f"ROWS({whole})", MOST_ROWS - 1.0
    yield f'SUMPRODUCT(--({whole}="Not assessed"))', MOST_ROWS - 2.0


@dataclass
class Answers:
    """What was asked in the one run of LibreOffice."""

    examples: list[tuple[Example, list[Asked]]]
    tables: list[tuple[Question, Asked, list[Asked]]]
    formulas: list[tuple[Asked, Cell]]
    arrays: list[tuple[Asked, list[list[Cell]]]]
    trusts: tuple[list[list[Cell]], Asked, list[Asked]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    require_soffice()
    book = CalcBook()
    found = Answers(
        examples=[(example, ask_example(book, example)) for example in examples()],
        tables=[ask_table(book, question) for question in questions(TABLES)],
        formulas=[(book.ask(f"={formula}"), wanted) for formula, wanted in formulas(book)],
        arrays=list(ask_arrays(book)),
        trusts=ask_trusts(book),
    )
    book.run(tmp_path_factory.mktemp("calc"))
    return found


def ask_example(book: CalcBook, example: Example) -> list[Asked]:
    """An example as an array, the same by the names that a file from Excel has, and in one cell."""
    formula = moved(example.formula, book.block(example.cells or [[None]]).top, 0)
    from_excel = formula.replace("PF_", f"{EXCEL_PREFIX}PF_")
    return [book.ask_block(formula, example.rows), book.ask_block(from_excel, example.rows), book.ask(formula)]


def ask_table(book: CalcBook, question: Question) -> tuple[Question, Asked, list[Asked]]:
    """A question on a table: all its returns in one array, and each in a cell of its own."""
    blocks = [book.block(a) if isinstance(a, list) else a for a in question.arguments]

    def formula(part: int | None = None) -> str:
        return f"={question.function}({','.join(_argument(block, part, down) for block in blocks)})"

    down = next(block for block in blocks if isinstance(block, Block)).rows == 1
    singles = [book.ask(formula(part)) for part in range(max(len(question.answer), len(question.answer[0])))]
    return question, book.ask_block(formula(), question.answer), singles


def _argument(argument: Block | str | None, part: int | None, down: bool) -> str:
    if not isinstance(argument, Block):
        return "" if argument is None else f'"{argument}"'
    headers = argument.rows == 1 if down else argument.columns == 1
    if part is None or headers:
        return argument.address
    return argument.row(part) if down else argument.column(part)


def ask_arrays(book: CalcBook) -> Iterator[tuple[Asked, list[list[Cell]]]]:
    """Array formulas, and formulas over the cells that they fill."""
    money, declared = book.block(EBITDA), book.block(DECLARED)
    margins = book.ask_block(f'PF_INDICATOR("ytd_ebitda_margin",{money.row(0)},{money.part(1)})', MARGINS)
    yield margins, MARGINS
    yield (
        book.ask_block(f"ISERROR({margins.place.address})", MARGINS),
        [[cell[0] in (NA, VALUE, DIV)] for cell in MARGINS],
    )
    clean = [["Challenged"], ["Underperforming"], ["Not assessed"]]
    ratings = book.ask_block(f"PF_FINANCE_RATING({declared.row(0)},{declared.part(1, 3)})", clean)
    yield ratings, clean
    yield book.ask(f'COUNTIF({ratings.place.address},"Challenged")'), [[1.0]]
    yield book.ask_block(f'{ratings.place.address}="Challenged"', clean), [[True], [False], [False]]
    yield book.ask_block(f"PF_LEAD({ratings.place.address})", clean), call("PF_LEAD", clean)
    # LibreOffice holds no errors among texts: there they are texts, which the functions still take for errors
    named = [*clean, ["#VALUE!"]]
    ratings = book.ask_block(f"PF_FINANCE_RATING({declared.row(0)},{declared.part(1)})", named)
    yield ratings, named
    yield book.ask(f'COUNTIF({ratings.place.address},"Challenged")'), [[1.0]]
    yield book.ask(f"PF_LEAD({ratings.place.cell(3, 0)})"), [[VALUE]]


def ask_trusts(book: CalcBook) -> tuple[list[list[Cell]], Asked, list[Asked]]:
    """Many trusts in one call, and in a call each."""
    rows: list[list[Cell]] = [[number / 7, 1000 + number] for number in range(TRUSTS)]
    table = book.block([["ytd_ebitda", "ytd_income"], *rows])
    formula = f'PF_INDICATOR("ytd_ebitda_margin",{table.row(0)},{table.part(1)})'
    array = book.ask_block(formula, [[None]] * TRUSTS)
    cells = [f'PF_INDICATOR("ytd_ebitda_margin",{table.row(0)},{table.row(row)})' for row in range(1, TRUSTS + 1)]
    wanted = call("PF_INDICATOR", "ytd_ebitda_margin", [["ytd_ebitda", "ytd_income"]], rows)
    return wanted, array, [book.ask(formula) for formula in cells]


def test_the_worked_examples_answer_what_they_say(answers: Answers) -> None:
    for example, asked in answers.examples:
        array, from_excel, cell = asked
        wanted = as_calc_shows(example.answer)
        assert array.answer == from_excel.answer == wanted, array.formula
        assert cell.answer == [as_calc_shows(example.rows[0][0])[0]], cell.formula


def test_random_tables_answer_what_rate_table_says(answers: Answers) -> None:
    for question, array, cells in answers.tables:
        assert array.answer == as_calc_shows(question.answer), array.formula
        wanted = [as_calc_shows(cell)[0][0] for row in question.answer for cell in row]
        assert [asked.cell for asked in cells] == wanted, question


def test_formulas_see_errors_texts_and_logical_values(answers: Answers) -> None:
    wrong = [(asked.formula, asked.cell, wanted) for asked, wanted in answers.formulas if asked.cell != wanted]
    assert wrong == []


def test_cells_of_arrays_are_cells_like_others(answers: Answers) -> None:
    for asked, wanted in answers.arrays:
        assert asked.answer == wanted, asked.formula


def test_many_trusts_answer_in_one_call_and_in_a_call_each(answers: Answers) -> None:
    wanted, array, cells = answers.trusts
    assert array.answer == as_calc_shows(wanted)
    assert [[asked.cell] for asked in cells] == as_calc_shows(wanted)
