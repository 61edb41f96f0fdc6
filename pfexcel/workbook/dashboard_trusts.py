"""The lower half of the Dashboard: the trusts in order of need of attention, and the history of each."""

from __future__ import annotations

from typing import NamedTuple

from pfexcel.workbook import checks_sheet
from pfexcel.workbook.dashboard_layout import PERIODS
from pfexcel.workbook.dashboard_page import Page
from pfexcel.workbook.dashboard_workings import best_score
from pfexcel.workbook.formulas import NOT_ASSESSED
from pfexcel.workbook.job import TrustReturn
from pfexcel.workbook.layout import address

_SCORE, _SHARE = "0.00__", "0%__"  # with the room of a letter on the right


class _Shown(NamedTuple):
    heading: str
    key: str
    style: str = "row"
    number: str = ""


def write_attention(page: Page) -> None:
    """The table of trusts, with the shares of the finance sub-domains as a heat table."""
    sheet, layout, words = page.sheet, page.layout, page.words
    sheet.band(layout.attention, words["attention"])
    sheet.band(layout.attention + 1, words["order_note"].format(best=layout.deciding[0].scale.names[0]), "section_note")
    sheet.band(layout.attention + 2, words["shares_note"], "section_note")
    columns = _columns(page)
    headings = [columns[column].heading if column in columns else "" for column in range(layout.to_do)]
    headings[layout.ORDER] = words["order"]
    figures = {column for column, shown in columns.items() if shown.style == "row_number"}
    sheet.header(layout.first - 1, [*headings, words["to_do"]], {*figures, layout.ORDER, layout.to_do})
    for row, one in page.ordered:
        _write_trust(page, row, one, columns)
    _colour_shares(page)


def _columns(page: Page) -> dict[int, _Shown]:
    """The columns of the table between the order and the entries left to do."""
    layout, words = page.layout, page.words
    columns = {
        layout.CODE: _Shown(words["code"], "code"),
        layout.NAME: _Shown(words["name"], "name", "row_wrapped"),
        layout.WORST: _Shown(words["worst"], "worst_words"),
    }
    for column, name in ((layout.SCORE, "finance"), (layout.measures, "ipm")):
        domain = layout.domain(name)
        if domain is not None and domain.indicators:
            title = words["score"].format(domain=domain.title)
            columns[column] = _Shown(title, f"{name}_score", "row_number", _SCORE)
    decided = [(layout.FINANCE, layout.domain("finance")), (layout.second_column, layout.second)]
    for column, domain in [*decided, (layout.measures + 1, layout.further)]:
        if domain is not None:
            columns[column] = _Shown(words["rated"].format(domain=domain.title), domain.id)
    for column, (name, sub_domain) in enumerate(layout.sub_domains.items(), start=layout.SHARES):
        columns[column] = _Shown(sub_domain.label, f"share {name}", "row_number", _SHARE)
    return columns


def _write_trust(page: Page, row: int, one: TrustReturn, columns: dict[int, _Shown]) -> None:
    sheet, layout = page.sheet, page.layout
    sheet.number(row, layout.ORDER, row - layout.first + 1, "row_number", "0")
    for column in range(layout.CODE, layout.to_do):
        if column in columns:
            _, key, style, number = columns[column]
            page.take(row, column, key, one, style, number)
        else:
            sheet.blank(row, column, "row")
    codes, open_entries = (checks_sheet.column_range(page.job, c) for c in (checks_sheet.CODE, checks_sheet.TO_DO))
    left = f"=COUNTIFS({codes},{address(row, layout.CODE)},{open_entries},1)"
    sheet.formula(row, layout.to_do, left, page.left[one.trust.ods_code], "row_number", "#,##0")
    for domain in layout.charted:
        column = layout.SCORE if domain.id == "finance" else layout.measures
        limits = [address(row, layout.near_columns[key]) for key in layout.limits(domain)]
        sheet.precise_score(row, column, limits)


def _colour_shares(page: Page) -> None:
    """A colour scale over the shares, from the lowest possible to the best."""
    layout, finance = page.layout, page.layout.domain("finance")
    if finance is None or not layout.sub_domains:
        return
    lowest = min(min(indicator.scores) for indicator in finance.indicators.values()) / best_score(finance)
    scale: dict[str, object] = {"type": "2_color_scale"}
    ends = {"min": (lowest, "pale_blue"), "max": (1, "white")}
    for end, (value, colour) in ends.items():
        scale |= {f"{end}_type": "num", f"{end}_value": value, f"{end}_color": page.styles.colour(colour)}
    last = layout.SHARES + len(layout.sub_domains) - 1
    page.sheet.raw.conditional_format(layout.first, layout.SHARES, page.end, last, scale)


def write_history(page: Page) -> None:
    """Each domain that escalates: the category in force last period, the trend, the category in force now."""
    sheet, layout, words = page.sheet, page.layout, page.words
    sheet.band(layout.history, words["history"])
    sheet.band(layout.history + 1, words["history_note"], "section_note")
    first = layout.history + 4
    headings = [words["order"], words["code"], words["name"], *[""] * (layout.to_do - layout.NAME)]
    for name, columns in layout.history_columns.items():
        domain = layout.domain(name)
        sheet.text(layout.history + 2, columns[0], domain.title if domain else name, "guide_heading")
        for column, key in zip(columns, ("last", "trend", "now"), strict=True):
            headings[column] = words[key]
    sheet.header(layout.history + 3, headings, {layout.ORDER})
    for row, (above, one) in enumerate(page.ordered, start=first):
        _write_past(page, row, above, one)
    for name, (last, trend, _) in layout.history_columns.items():
        _draw_trends(page, name, trend, first)
        _colour_across(page, name, first, last, trend - 1)


def _write_past(page: Page, row: int, above: int, one: TrustReturn) -> None:
    """The history of the trust that stands in row `above` of the table of trusts."""
    sheet, layout = page.sheet, page.layout
    sheet.number(row, layout.ORDER, above - layout.first + 1, "row_number", "0")
    for column in range(layout.WORST, layout.to_do + 1):
        sheet.blank(row, column, "row")
    for column, value, style in (
        (layout.CODE, one.trust.ods_code, "row"),
        (layout.NAME, one.trust.name, "row_wrapped"),
    ):
        sheet.formula(row, column, f"={address(above, column)}", value, style)
    for name, (last, _, now) in layout.history_columns.items():
        for column, key in ((last, f"{name} last"), (now, f"{name} in force")):
            source = page.workings.source(key)
            formula = f"=INDEX({source.cells},{address(above, layout.near)})"
            sheet.formula(row, column, formula, source.value(one), "row")


def _draw_trends(page: Page, name: str, column: int, first: int) -> None:
    """A bar a period: the taller the better the category."""
    layout, domain = page.layout, page.layout.domain(name)
    start, end = (layout.near_columns[f"{name} {period}"] for period in (PERIODS[0], PERIODS[-1]))
    look = {"type": "column", "min": 0, "max": len(domain.scale.names) + 1 if domain else 1, "show_hidden": True}
    cells = {
        "location": [address(row, column) for row in range(first, first + len(page.ordered))],
        "range": [f"{address(row, start)}:{address(row, end)}" for row, _ in page.ordered],
    }
    page.sheet.raw.add_sparkline(first, column, {**look, **cells, "series_color": page.styles.colour("blue")})


def _colour_across(page: Page, name: str, first: int, start: int, end: int) -> None:
    """Colour the narrow columns that the words of a category run over."""
    domain = page.layout.domain(name)
    if domain is None or end <= start + 1:
        return
    cell = address(first, start, fixed=True)
    cell = cell[: cell.rindex("$")] + cell[cell.rindex("$") + 1 :]
    for word in [*domain.scale.names, NOT_ASSESSED]:
        look = {"type": "formula", "criteria": f'={cell}="{word}"', "format": page.styles.condition(word)}
        page.sheet.raw.conditional_format(first, start, first + len(page.ordered) - 1, end, look)
