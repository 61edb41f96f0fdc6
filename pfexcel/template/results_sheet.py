"""The Results sheet: what the functions answer for every trust of the table by row, a formula a column."""

from __future__ import annotations

from typing import Any

from pfexcel.functions import Grid
from pfexcel.functions.asked import DEFAULT_EDITION
from pfexcel.rules.load import shipped_editions
from pfexcel.template.escalation_sheet import in_force
from pfexcel.template.names_sheet import NAMES, given_as, range_of_indicators
from pfexcel.template.page import CATEGORIES, RATINGS, Book, Page
from pfexcel.template.sample import LEFT_OUT, Block, Formula, Table, formula
from pfexcel.workbook.layout import address

WIDTHS = [8, 9, 26, 9, 23, 23, 9, 23, 23, 13, 10, 10, 10, 62]
EDITION_ROW, TRUSTS_ROW, INDICATOR_ROW, GIVEN_ROW, HEADER = 4, 5, 6, 7, 9
FIRST, ENTRY = HEADER + 1, 2
EDITION = Block("Edition", DEFAULT_EDITION)
"""The cell in which the edition stands, by its defined name."""


def add_results(book: Book) -> None:
    """Write the Results sheet."""
    page, words, table = Page(book, "results", WIDTHS, "dark_blue"), book.words["results"], book.by_row
    page.status()
    _add_choices(page, words, table)
    page.header(HEADER, words["columns"], {0, 3, 6, 10, 11, 12})
    for number in range(1, book.words["room"] + 1):
        shown = number if number <= len(table.rows) else None
        page.formula(FIRST + number - 1, 0, f'=IF({number}<=ROWS({table.name}[]),{number},"")', shown, "filled_number")
    whole = (table.heads(), table.body())
    finance = formula("PF_FINANCE_RATING", *whole, EDITION)
    quality = formula("PF_QUALITY_RATING", *whole, LEFT_OUT, EDITION)
    _column(page, 1, _plain(table.column("ods_code")))
    _column(page, 2, _plain(table.column("trust")))
    _column(page, 3, formula("PF_FINANCE_SCORE", *whole, EDITION), "filled_number", "0.00")
    _column(page, 4, finance)
    _in_force(page, 5, "Finance")
    _column(page, 6, formula("PF_QUALITY_SCORE", *whole, LEFT_OUT, EDITION), "filled_number", "0.00")
    _column(page, 7, quality)
    _in_force(page, 8, "Quality")
    beside = (table.column("tfa_judgement"), table.column("tfa_submission_missed"))
    _column(page, 9, formula("PF_TFA_RAG", _nested(finance), _nested(quality), *beside))
    chosen = Block(address(INDICATOR_ROW, ENTRY, fixed=True), words["chosen"])
    kinds = (("value", "0.00"), ("score", "0"), ("weighted", "0.000"))
    for column, (what, number) in enumerate(kinds, start=10):
        made = formula("PF_INDICATOR", chosen, *whole, Block(f'"{what}"', what), LEFT_OUT, EDITION)
        _column(page, column, made, "filled_number", number)
    _column(page, 13, formula("PF_CHECK", *returns_of(table), LEFT_OUT, EDITION), "filled_wrapped")
    last = FIRST + book.words["room"] - 1
    page.colour_words((FIRST, 4), (last, 8), list(CATEGORIES))
    page.colour_words((FIRST, 9), (last, 9), [*RATINGS, CATEGORIES[-1]])
    _show_shares(page, (FIRST, 10), (last, 10))
    page.lines((FIRST, 0), (last, page.last_column))
    page.raw.freeze_panes(FIRST, 3)
    page.printing(last, book.words["footer"], repeat=(HEADER, HEADER))


def returns_of(table: Table) -> tuple[Block, Block]:
    """Headers and rows without the columns that only people read, which PF_CHECK would report as unknown."""
    span = ("period", table.headers[-1])
    return table.heads(*span), table.body(*span)


def _add_choices(page: Page, words: dict[str, Any], table: Table) -> None:
    """Edition and indicator to choose, and how many trusts there are room for."""
    labels = ("edition", "trusts", "indicator", "given")
    for row, label in zip((EDITION_ROW, TRUSTS_ROW, INDICATOR_ROW, GIVEN_ROW), labels, strict=True):
        page.text(row, 0, words[label], "strong")
        page.blank(row, 1, "strong")
    page.put(EDITION_ROW, ENTRY, DEFAULT_EDITION, "entry_text", "@")
    page.drop_down((EDITION_ROW, ENTRY), (EDITION_ROW, ENTRY), list(shipped_editions()))
    page.text(EDITION_ROW, ENTRY + 1, words["edition_note"], "note")
    cell = address(EDITION_ROW, ENTRY, fixed=True)
    page.workbook.define_name(EDITION.text, f"='{page.name}'!{cell}")
    count, room = len(table.rows), page.book.words["room"]
    page.formula(TRUSTS_ROW, ENTRY, f"=ROWS({table.name}[])", count, "derived")
    crowded = words["crowded"].format(room=room)
    page.formula(TRUSTS_ROW, ENTRY + 1, f'=IF(ROWS({table.name}[])>{room},"{crowded}","")', None, "note")
    page.put(INDICATOR_ROW, ENTRY, words["chosen"], "entry_text")
    page.drop_down((INDICATOR_ROW, ENTRY), (INDICATOR_ROW, ENTRY), f"={range_of_indicators(page.book)}")
    page.text(INDICATOR_ROW, ENTRY + 1, words["indicator_note"], "note")
    _, label, _, given, _ = page.book.words["names"]["columns"]
    place = f"MATCH({address(INDICATOR_ROW, ENTRY, fixed=True)},{NAMES}[{label}],0)"
    page.formula(
        GIVEN_ROW, ENTRY, f'=IFERROR(INDEX({NAMES}[{given}],{place}),"")', given_as(page.book, words["chosen"]), "note"
    )


def _column(page: Page, column: int, made: Formula, style: str = "filled", number: str = "") -> None:
    """A formula for all trusts down a column, empty below the last of them."""
    room, table = page.book.words["room"], page.book.by_row
    numbers = f"{address(FIRST, 0, fixed=True)}:{address(FIRST + room - 1, 0, fixed=True)}"
    text = f'=IF({numbers}="","",{made.text.removeprefix("=")})'
    answers: Grid = [*made.answer, *[[None]] * (room - len(table.rows))]
    page.array(FIRST, column, text, answers, style, number)


def _in_force(page: Page, column: int, domain: str) -> None:
    """The category in force of each trust, looked up on the sheet of escalation by code and domain."""
    history = page.book.history
    keys = f'{history.name}[ods_code]&"|"&{history.name}[domain]'
    found = {(row[0], row[2]): category for row, category in zip(history.rows, in_force(history), strict=True)}
    codes = [row[0] for row in page.book.by_row.rows]
    for number in range(page.book.words["room"]):
        row = FIRST + number
        category = found.get((codes[number], domain)) if number < len(codes) else None
        place = f'MATCH(${address(row, 1)}&"|{domain}",{keys},0)'
        page.array(row, column, f'=IFERROR(INDEX({history.name}[in_force],{place}),"")', [[category]], "filled")


def _show_shares(page: Page, first: tuple[int, int], last: tuple[int, int]) -> None:
    """Show the values of an indicator that is a share as percentages."""
    share = page.book.words["names"]["units"]["share"]
    criteria = f'=LEFT({address(GIVEN_ROW, ENTRY, fixed=True)},{len(share)})="{share}"'
    percent = page.styles.number_only("0.0%")
    page.raw.conditional_format(*first, *last, {"type": "formula", "criteria": criteria, "format": percent})


def _plain(column: Block) -> Formula:
    return Formula(f"={column.text}", column.cells)


def _nested(made: Formula) -> Block:
    return Block(made.text.removeprefix("="), made.answer)
