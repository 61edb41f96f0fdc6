"""Building the template workbook: the same bytes every time, with the registry's answers stored in every formula."""

from __future__ import annotations

import io
import os
import re
from datetime import datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.workbook import Workbook

from pfexcel import __version__
from pfexcel.template.escalation_sheet import add_escalation
from pfexcel.template.examples_sheet import add_examples
from pfexcel.template.explanation_sheet import add_explanation
from pfexcel.template.instructions_sheet import add_instructions
from pfexcel.template.names_sheet import add_names
from pfexcel.template.page import Book, Page
from pfexcel.template.reference_sheet import add_reference
from pfexcel.template.results_sheet import add_results
from pfexcel.template.trusts_sheets import add_trusts_by_column, add_trusts_by_row
from pfexcel.workbook.build import OPTIONS
from pfexcel.workbook.layout import address
from pfexcel.workbook.parts import Parts, pack, unpack
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

FILE = "pf-functions.xlsx"
SHIPPED = Path(__file__).parents[2] / "workbook_templates" / FILE
MADE_BY = "pfexcel_xlsxwriter"
ENGINE = 191029  # of Excel 2019 and later; an older number would make them calculate everything on opening
MADE = datetime(2012, 3, 31, 12)


def write_template(path: Path) -> Path:
    """Write the template workbook beside `path` and rename it, so that a file of that name is always a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(pack(template_parts()))
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def template_parts() -> Parts:
    """The parts of the template workbook, by name."""
    made = io.BytesIO()
    book = _opened(made)
    for add in (
        add_instructions,
        add_trusts_by_row,
        add_trusts_by_column,
        add_results,
        add_explanation,
        add_escalation,
        add_reference,
        add_examples,
        add_names,
    ):
        add(book)
    book.workbook.close()
    parts = unpack(made.getvalue())
    for number, page in enumerate(book.pages, start=1):
        name = f"xl/worksheets/sheet{number}.xml"
        parts[name] = _with_errors(parts[name], page)
    return parts


def _opened(made: io.BytesIO) -> Book:
    words = template("functions")
    workbook = Workbook(made, OPTIONS)
    styles = Styles(workbook)
    own = {part: {**styles.theme[part], **words[part]} for part in ("styles", "conditions")}
    styles.theme = {**styles.theme, **own}
    workbook.formats[0].set_font_name(styles.theme["font"]["font_name"])
    workbook.formats[0].set_font_size(styles.theme["font"]["font_size"])
    workbook.set_calc_mode("auto", ENGINE)
    workbook.calc_on_load = False
    workbook.set_properties({"title": words["title"], "author": "pfexcel", "created": MADE})
    workbook.set_custom_property("pfexcel_version", __version__, "text")
    workbook.set_custom_property(MADE_BY, xlsxwriter.__version__, "text")
    return Book(workbook, styles, words)


def _with_errors(sheet: bytes, page: Page) -> bytes:
    """A sheet whose cells hold the errors that arrays answer, which XlsxWriter writes as texts."""
    text = sheet.decode()
    for place, code in page.errors.items():
        cell = rf'(<c r="{address(*place)}"(?: s="\d+")?) t="s(?:tr)?">(<f [^<]*</f>)?<v>[^<]*</v>'
        text, count = re.subn(cell, lambda found, code=code: f'{found[1]} t="e">{found[2] or ""}<v>{code}</v>', text)
        assert count == 1, f"{page.name}!{address(*place)}"
    return text.encode()


if __name__ == "__main__":
    print(write_template(SHIPPED))
