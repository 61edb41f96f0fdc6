"""The Escalation sheet: one trust quarter by quarter, and eight quarters of every trust."""

from __future__ import annotations

from pfexcel.functions import Cell
from pfexcel.template.page import CATEGORIES, Book, Page
from pfexcel.template.sample import Block, Table, formula
from pfexcel.template.trusts_sheets import range_of_codes
from pfexcel.workbook.layout import address

WIDTHS = (11, 26, 11, 17, 24, 39)
FIRST_QUARTER = 3
CODE_ROW, DOMAIN_ROW, ONE, ALL = 5, 6, 8, 13
TALL = 27.5  # a row with a category of two lines
DOMAINS = ["Finance", "Quality"]


def in_force(table: Table) -> list[Cell]:
    """The category in force after each row of a history."""
    return [row[0] for row in formula("PF_ESCALATE", table.body(*_quarters(table))).answer]


def add_escalation(book: Book) -> None:
    """Write the Escalation sheet."""
    table = book.history
    *before, quarter, category, lead = WIDTHS
    widths = [*before, *[quarter] * (len(table.headers) - FIRST_QUARTER), category, lead]
    page = Page(book, "escalation", widths, "dark_blue")
    page.status()
    _add_one(page, table)
    last = _add_all(page, table)
    page.colour_words((ONE + 1, FIRST_QUARTER), (last, page.last_column - 1), list(CATEGORIES))
    page.raw.freeze_panes(0, FIRST_QUARTER)
    page.printing(last, book.words["footer"])
    page.raw.fit_to_pages(1, 1)


def _quarters(table: Table) -> tuple[str, str]:
    return table.headers[FIRST_QUARTER], table.headers[-1]


def _add_one(page: Page, table: Table) -> None:
    """One trust and domain: what was reported, what was in force after each quarter, and who led."""
    words = page.book.words["escalation"]
    page.band(CODE_ROW - 1, words["one"])
    for row, label, value in zip((CODE_ROW, DOMAIN_ROW), words["asked"], words["chosen"], strict=True):
        page.text(row, 0, label, "strong")
        page.put(row, 1, value, "entry_text")
    page.drop_down((CODE_ROW, 1), (CODE_ROW, 1), range_of_codes(page.book))
    page.drop_down((DOMAIN_ROW, 1), (DOMAIN_ROW, 1), DOMAINS)
    for down, label in enumerate(words["rows"]):
        for column in range(page.last_column - 1):
            page.text(ONE + down, column, label if column == 0 else "", "header" if down == 0 else "strong")
    span, quarters = _quarters(table), table.headers[FIRST_QUARTER:]
    for column, quarter in enumerate(quarters, start=FIRST_QUARTER):
        page.text(ONE, column, quarter, "header")
    reported = next(row[FIRST_QUARTER:] for row in table.rows if [row[0], row[2]] == words["chosen"])
    keys = f'{table.name}[ods_code]&"|"&{table.name}[domain]'
    chosen = f'{address(CODE_ROW, 1, True)}&"|"&{address(DOMAIN_ROW, 1, True)}'
    text = f'=INDEX({table.body(*span).text},MATCH({chosen},{keys},0),0)&""'
    page.array(ONE + 1, FIRST_QUARTER, text, [reported], "row_wrapped")
    categories = []
    for place, column in enumerate(range(FIRST_QUARTER, FIRST_QUARTER + len(quarters))):
        so_far = f"${address(ONE + 1, FIRST_QUARTER)}:{address(ONE + 1, column)}"
        made = formula("PF_ESCALATE", Block(so_far, [reported[: place + 1]]))
        page.answer(ONE + 2, column, made, "row_wrapped")
        categories.append(made.answer)
    last = FIRST_QUARTER + len(quarters) - 1
    made = formula("PF_LEAD", Block(f"{address(ONE + 2, FIRST_QUARTER)}:{address(ONE + 2, last)}", [categories]))
    page.array(ONE + 3, FIRST_QUARTER, made.text, made.answer, "row_wrapped")


def _add_all(page: Page, table: Table) -> int:
    """The table of histories, with the category in force and who leads as columns that work themselves out."""
    words = page.book.words["escalation"]
    page.band(ALL, words["all"])
    head, own = ALL + 1, (words["in_force"], words["led_by"])
    force = [formula("PF_ESCALATE", table.this_row(row, *_quarters(table))) for row in range(len(table.rows))]
    leads = [formula("PF_LEAD", Block(f"{table.name}[[#This Row],[{own[0]}]]", made.answer)) for made in force]
    columns: list[dict[str, str]] = [{"header": header} for header in table.headers]
    columns += [{"header": own[0], "formula": force[0].text}, {"header": own[1], "formula": leads[0].text}]
    last = head + len(table.rows)
    page.raw.add_table(head, 0, last, len(columns) - 1, {"name": table.name, "style": None, "columns": columns})
    page.header(head, [*table.headers, *own])
    for row, cells in enumerate(table.rows, start=head + 1):
        for column, cell in enumerate(cells):
            page.put(row, column, cell, "entry_text" if column < FIRST_QUARTER else "entry_wrapped")
        for column, made in enumerate((force[row - head - 1], leads[row - head - 1]), start=len(cells)):
            page.answer(row, column, made)
        page.height(row, TALL)
    page.drop_down((head + 1, FIRST_QUARTER), (last, len(table.headers) - 1), CATEGORIES)
    return last
