"""The sheets of sample trusts: one row a trust under names, one column a trust beside labels."""

from __future__ import annotations

from pfexcel.functions import Cell
from pfexcel.functions.asked import DEFAULT_EDITION
from pfexcel.rules.load import load_edition
from pfexcel.template.headers import Header, header
from pfexcel.template.page import CATEGORIES, RATINGS, Book, Page
from pfexcel.template.sample import Table, formula

LABELS, HEADER = 4, 5
FIXED = 2
RESULTS = 4
WIDE, NARROW = 26, 14
SCALE = 55  # of the sheet that is many pages wide, in percent
A_LETTER = 1.25  # of the bold letters of a header, in widths of a column


def add_trusts_by_row(book: Book) -> None:
    """Write the table with one row a trust, the labels of a return workbook above its names."""
    table, words = book.by_row, book.words["by_row"]
    narrow = [max(NARROW, A_LETTER * len(name) + 2) for name in table.headers[FIXED:]]
    page = Page(book, "by_row", [12, WIDE, *narrow], "blue")
    page.text(2, 0, words["note"])
    last = HEADER + len(table.rows)
    _add_table(page, table, HEADER)
    for column, name in enumerate(table.headers):
        meant = header(name)
        page.text(LABELS, column, meant.label if meant else words["own"][name], "note_wrapped")
        page.text(HEADER, column, name, "header")
        for row, cells in enumerate(table.rows, start=HEADER + 1):
            _put_figure(page, row, column, cells[column], meant)
        _offer(page, (HEADER + 1, column), (last, column), _choices(name, meant))
    page.raw.freeze_panes(HEADER + 1, FIXED)
    page.printing(last, book.words["footer"], repeat=(LABELS, HEADER))
    page.raw.repeat_columns(0, FIXED - 1)
    page.raw.print_area(LABELS, 0, last, page.last_column)
    page.raw.set_header(f"&L&14{page.name}")
    page.raw.set_print_scale(SCALE)


def add_trusts_by_column(book: Book) -> None:
    """Write the table with one column a trust, and the results above it."""
    table, words = book.by_column, book.words["by_column"]
    _, entry, *trusts = table.headers
    page = Page(book, "by_column", [26, 62, *[WIDE] * len(trusts)], "blue")
    page.status()
    page.header(RESULTS, [words["result"], words["formula"], *trusts])
    blocks = (table.column(entry), table.body(trusts[0], trusts[-1]))
    for row, (label, function) in enumerate(words["rows"], start=RESULTS + 1):
        made = formula(function, *blocks)
        page.text(row, 0, label, "strong")
        page.text(row, 1, made.text, "row_wrapped")
        page.array(row, 2, made.text, made.answer, "row_wrapped", "0.00" if function.endswith("SCORE") else "")
    last_result = RESULTS + len(words["rows"])
    page.colour_words((RESULTS + 1, 2), (last_result, page.last_column), list(CATEGORIES))
    head = last_result + 2
    last = head + len(table.rows)
    _add_table(page, table, head)
    page.header(head, list(table.headers))
    for row, (section, label, *figures) in enumerate(table.rows, start=head + 1):
        page.text(row, 0, section, "row")
        page.text(row, 1, label, "row")
        meant = header(label)
        for column, figure in enumerate(figures, start=2):
            _put_figure(page, row, column, figure, meant)
        _offer(page, (row, 2), (row, page.last_column), _choices(label.lower().replace(" ", "_"), meant))
    page.raw.freeze_panes(RESULTS + 1, 2)
    page.printing(last, book.words["footer"], landscape=False)


def range_of_codes(book: Book) -> str:
    """Where the codes of the trusts by row stand, for a drop-down list."""
    return f"='{book.sheet_name('by_row')}'!$A${HEADER + 2}:$A${HEADER + 1 + len(book.by_row.rows)}"


def _add_table(page: Page, table: Table, row: int) -> None:
    columns = [{"header": header} for header in table.headers]
    look = {"name": table.name, "style": None, "columns": columns}
    page.raw.add_table(row, 0, row + len(table.rows), len(columns) - 1, look)


def _put_figure(page: Page, row: int, column: int, figure: Cell, meant: Header | None) -> None:
    number = meant.number_format if meant is not None else ""
    page.put(row, column, figure, "entry" if number else "entry_text", number)


def _choices(name: str, meant: Header | None) -> list[str]:
    if meant is not None:
        return meant.choices
    types = list(load_edition(DEFAULT_EDITION).trust_types)
    own = {"trust_type": types, "tfa_judgement": list(RATINGS), "tfa_submission_missed": ["Yes", "No"]}
    return own.get(name, [])


def _offer(page: Page, first: tuple[int, int], last: tuple[int, int], choices: list[str]) -> None:
    if choices:
        page.drop_down(first, last, choices)
