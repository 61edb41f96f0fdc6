"""The Return sheet: what a trust types in, each entry with unit, check and guidance; only entries are unlocked."""

from __future__ import annotations

from datetime import date, datetime, time
from math import isfinite
from numbers import Real
from typing import Any

from pfexcel.engine.inputs import is_blank
from pfexcel.rules.edition import Field
from pfexcel.workbook.formulas import quoted
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import ReturnLayout, address, rating_layout, return_layout, sheet_name
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.status import status_formula
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template
from pfexcel.workbook.validation import cut, of_entry, of_text

WIDTHS = [58, 14, 14, 20, 38, 13, 17, 32, 58]
MOST_OF_A_COMMENT = 500  # letters
_LONGEST_NAME = 31  # of what an entry gives: the column has room for it and the figure


def add_return_sheet(workbook: Any, styles: Styles, job: Job, trust_return: TrustReturn) -> None:
    """Write the Return sheet of one trust."""
    layout = return_layout(trust_return.rulebook)
    trust, said = trust_return.trust, template("return")["return"]
    sheet = Sheet(workbook, styles, trust_return.return_sheet, WIDTHS, "blue")
    sheet.title(
        said["title"].format(code=trust.ods_code, name=trust.name),
        trust_return.subtitle,
        [
            sheet_name("cover"),
            trust_return.rating_sheet,
            sheet_name("checks"),
            sheet_name("guide"),
        ],
    )
    words = template("return")["status"]
    checks = _range(layout, layout.CHECK)
    sheet.text(layout.PROGRESS, layout.LABEL, said["left"], "strong")
    sheet.formula(
        layout.PROGRESS,
        layout.FIGURE,
        f'=COUNTIFS({checks},"{words["missing"]}")',
        trust_return.missing,
        "strong_number",
    )
    sheet.header(layout.HEADER, said["columns"], {layout.FIGURE, layout.LAST})
    sheet.raw.freeze_panes(layout.HEADER + 1, 1)
    for section in trust_return.rulebook.sections:
        if section.id in layout.section_rows:
            row = layout.section_rows[section.id]
            sheet.band(row, section.title)
            sheet.band(row + 1, section.guidance, "section_note")
    for name, row in layout.entry_rows.items():
        _write_entry(sheet, layout, trust_return, trust_return.rulebook.fields[name], row)
    sheet.colour_words(
        (layout.HEADER + 1, layout.CHECK), (layout.last_row, layout.CHECK), [words["missing"], words["ok"]]
    )
    _colour_problems(sheet, layout)
    sheet.raw.set_selection(layout.cell(next(iter(layout.entry_rows))))
    sheet.printing(
        layout.last_row,
        job.subtitle,
        repeat=(layout.HEADER, layout.HEADER),
        last_column=layout.COMMENT,
        blocks=list(layout.section_rows.values()),
    )


def _range(layout: ReturnLayout, column: int) -> str:
    return f"{address(layout.HEADER + 1, column, fixed=True)}:{address(layout.last_row, column, fixed=True)}"


def _write_entry(sheet: Sheet, layout: ReturnLayout, trust_return: TrustReturn, entry: Field, row: int) -> None:
    value = trust_return.values.get(entry.name)
    sheet.text(row, layout.LABEL, entry.label, "row")
    write_figure(sheet, row, layout.FIGURE, entry, value)
    sheet.name_cell(entry.name, row, layout.FIGURE)
    sheet.text(row, layout.UNIT, entry.unit.words, "row")
    whole, whole_status = "", ""
    if entry.not_above is not None:
        whole = _figure(layout, entry.not_above)
        whole_status = address(layout.entry_rows[entry.not_above], layout.CHECK)
    formula = status_formula(entry, _figure(layout, entry.name), whole, whole_status)
    sheet.formula(row, layout.CHECK, formula, trust_return.statuses[entry.name])
    _write_derived(sheet, row, layout, trust_return, entry)
    _write_last(sheet, row, layout, trust_return, entry)
    sheet.raw.write_blank(row, layout.COMMENT, None, sheet.styles.get("comment"))
    sheet.name_cell(f"{entry.name}_comment", row, layout.COMMENT)
    sheet.raw.data_validation(row, layout.COMMENT, row, layout.COMMENT, of_text("comment", MOST_OF_A_COMMENT))
    sheet.text(row, layout.GUIDANCE, entry.guidance, "row")
    sheet.raw.data_validation(row, layout.FIGURE, row, layout.FIGURE, of_entry(entry))


def _write_derived(sheet: Sheet, row: int, layout: ReturnLayout, one: TrustReturn, entry: Field) -> None:
    """What the figures give, as soon as they are typed: the indicator's value.

    Its number format says which indicator it is, where the entry's own label does not begin with its name.
    """
    indicator = layout.derived.get(entry.name)
    if indicator is None:
        sheet.blank(row, layout.DERIVED, "row")
        return
    rating = rating_layout(one.rulebook)
    cell = f"{quoted('rating', one.trust.ods_code)}!{rating.cell(rating.VALUE, 'indicator', indicator.id)}"
    value = one.rating.domains[indicator.domain].indicators[indicator.id].value
    number = indicator.value.unit.cell
    if not entry.label.startswith(indicator.label):
        label = cut(indicator.label.replace('"', "'"), _LONGEST_NAME)
        number = ";".join(f'"{label}: "{part}' for part in number.split(";"))
    sheet.formula(row, layout.DERIVED, f'=IF({cell}="","",{cell})', value, "derived", number)


def _write_last(sheet: Sheet, row: int, layout: ReturnLayout, one: TrustReturn, entry: Field) -> None:
    """Last period's figure, and a note where this one is ten times as much or a tenth."""
    last = one.previous.get(entry.name)
    if is_blank(last) or not entry.unit.is_number or not isinstance(last, int | float):
        sheet.blank(row, layout.LAST, "row")
        sheet.blank(row, layout.HINT, "row")
        return
    sheet.number(row, layout.LAST, float(last), "row_number", entry.unit.cell)
    words, factor = template("return")["hints"], template("return")["hints"]["factor"]
    figure, last_cell = _figure(layout, entry.name), address(row, layout.LAST)
    much = f"ABS({figure})>={factor}*ABS({last_cell})"
    little = f"{factor}*ABS({figure})<=ABS({last_cell})"
    compared = f'IF({much},"{words["much"]}",IF({little},"{words["little"]}",""))'
    formula = f'=IF({last_cell}=0,"",IF(ISNUMBER({figure}),{compared},""))'
    sheet.formula(row, layout.HINT, formula, _hint(one.values.get(entry.name), float(last)), "hint")


def _hint(value: Any, last: float) -> str:
    words = template("return")["hints"]
    if last == 0 or isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return ""
    if abs(value) >= words["factor"] * abs(last):
        return words["much"]
    return words["little"] if words["factor"] * abs(value) <= abs(last) else ""


def _figure(layout: ReturnLayout, name: str) -> str:
    top, bottom = address(0, layout.FIGURE, fixed=True), address(layout.last_row, layout.FIGURE, fixed=True)
    return f"INDEX({top}:{bottom},{layout.entry_rows[name] + 1})"


def write_figure(sheet: Sheet, row: int, column: int, entry: Field, value: Any) -> None:
    """Write an entry's cell: its figure, its text as text, or a blank that can be typed into."""
    kind = entry.unit.kind
    style = sheet.styles.get("entry" if kind in ("number", "date") else "entry_text", entry.unit.cell)
    if hasattr(value, "item"):
        value = value.item()
    if is_blank(value):
        sheet.raw.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.raw.write_string(row, column, "Yes" if value else "No", style)
    elif isinstance(value, date) and kind == "date":
        sheet.raw.write_datetime(row, column, datetime.combine(value, time()), style)
    elif isinstance(value, Real) and isfinite(value):
        sheet.raw.write_number(row, column, float(value), style)
    else:
        sheet.raw.write_string(row, column, str(value), style)


def _colour_problems(sheet: Sheet, layout: ReturnLayout) -> None:
    """Whatever the Check column says beside OK and Missing is a problem."""
    first = address(layout.HEADER + 1, layout.CHECK)
    words = template("return")["status"]
    label = address(layout.HEADER + 1, layout.UNIT)
    criteria = f'=AND({label}<>"",{first}<>"",{first}<>"{words["ok"]}",{first}<>"{words["missing"]}")'
    sheet.raw.conditional_format(
        layout.HEADER + 1,
        layout.CHECK,
        layout.last_row,
        layout.CHECK,
        {"type": "formula", "criteria": criteria, "format": sheet.styles.condition("problem")},
    )
