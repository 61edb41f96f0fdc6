"""The Explanation sheet: how one trust is rated, step by step."""

from __future__ import annotations

from pfexcel.functions import Grid
from pfexcel.template.page import CATEGORIES, Book, Page
from pfexcel.template.results_sheet import EDITION, returns_of
from pfexcel.template.sample import LEFT_OUT, Block, Table, formula
from pfexcel.template.trusts_sheets import range_of_codes
from pfexcel.workbook.layout import address

WIDTHS = [52, 30, 44, 104]
CODE_ROW, NAME_ROW, CHECK_ROW, FIRST = 4, 5, 6, 8


def add_explanation(book: Book) -> None:
    """Write the Explanation sheet, with room for the longest explanation of a sample trust in each row."""
    page, words, table = Page(book, "explanation", WIDTHS, "dark_blue"), book.words["explanation"], book.by_row
    page.status()
    chosen = [row[0] for row in table.rows].index(words["chosen"])
    for row, label in ((CODE_ROW, "trust"), (NAME_ROW, "name"), (CHECK_ROW, "check")):
        page.text(row, 0, words[label], "strong")
    page.put(CODE_ROW, 1, words["chosen"], "entry_text")
    page.drop_down((CODE_ROW, 1), (CODE_ROW, 1), range_of_codes(book))
    place = f"MATCH({address(CODE_ROW, 1, fixed=True)},{table.name}[ods_code],0)"
    page.formula(NAME_ROW, 1, f"=INDEX({table.name}[trust],{place})", table.rows[chosen][1], "note")
    page.answer(CHECK_ROW, 1, formula("PF_CHECK", *_return(table, chosen, place), LEFT_OUT, EDITION), "note")
    explained = [
        formula("PF_EXPLAIN", *_return(table, row, place), LEFT_OUT, EDITION) for row in range(len(table.rows))
    ]
    room: int = book.words["steps"]
    text = f'=IFERROR(IF(ROW($1:${room})>0,{explained[chosen].text.removeprefix("=")}),"")'
    answers: Grid = [*explained[chosen].answer]
    answers += [[None] * len(WIDTHS) for _ in range(room - len(answers))]
    page.array(FIRST, 0, text, answers, "filled_wrapped", heading="header")
    for made in explained:
        page.make_room(FIRST, 0, made.answer, "filled_wrapped")
    last = FIRST + room - 1
    page.colour_words((FIRST + 1, 2), (last, 2), list(CATEGORIES))
    page.lines((FIRST + 1, 0), (last, len(WIDTHS) - 1))
    page.raw.freeze_panes(FIRST + 1, 1)
    page.printing(last, book.words["footer"], repeat=(FIRST, FIRST))


def _return(table: Table, row: int, place: str) -> tuple[Block, Block]:
    """The headers and the figures of one trust."""
    heads, body = returns_of(table)
    return heads, Block(f"INDEX({body.text},{place},0)", [body.cells[row]])
