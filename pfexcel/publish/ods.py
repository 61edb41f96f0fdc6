"""The publication as an OpenDocument spreadsheet: the same tables, texts and order as the workbook.

Each table is a named database range with its heading row marked, so that programs and screen readers find it. Text is
text: no cell holds a formula. The same publication gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from pfexcel import __version__
from pfexcel.publish.all_tables import CSV_ONLY
from pfexcel.publish.front import HEADINGS, Front, day, front_matter
from pfexcel.publish.odf import Element, element, spreadsheet
from pfexcel.publish.ods_styles import DATE, Styles, common_styles
from pfexcel.publish.publication import Publication
from pfexcel.publish.tables import Cell, Score, Table, heading, marked, words

GENERAL = "General"


class _Link(NamedTuple):
    """A text that leads to a sheet."""

    said: str
    sheet: str


class _Sheet(NamedTuple):
    """What a sheet holds: `figures` is the number format of each column, empty for text."""

    name: str
    table: str
    title: str
    about: Sequence[str]
    headings: Sequence[str]
    figures: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[Sequence[Cell | _Link]]


def ods_bytes(publication: Publication, tables: Sequence[Table]) -> bytes:
    """The OpenDocument spreadsheet of a publication."""
    front = front_matter(publication, tables)
    document = _Document(front)
    document.cover()
    for sheet in (_contents(tables, front), *_notes(front), *(_of(one.without(CSV_ONLY), front) for one in tables)):
        document.sheet(sheet)
    return document.bytes(publication)


def _contents(tables: Sequence[Table], front: Front) -> _Sheet:
    own = words()["contents"]
    rows = [(_Link(name, name), title) for name, title in front.listed(tables)]
    return _Sheet(own["sheet"], "contents", own["title"], [own["about"]], own["columns"], ["", ""], [26, 100], rows)


def _notes(front: Front) -> Iterable[_Sheet]:
    own = words()["notes_sheet"]
    if front.notes:
        columns = own["columns"]
        yield _Sheet(own["sheet"], "notes", own["title"], [own["about"]], columns, ["0", ""], [14, 120], front.notes)


def _of(one: Table, front: Front) -> _Sheet:
    figures = {"integer": "0", "date": DATE, "text": ""}
    return _Sheet(
        one.sheet,
        one.id,
        marked(one.title, one.title_notes, front.numbers),
        [front.instructions(one), *front.legend(one)],
        ["\n".join(heading(column, front.numbers)) for column in one.columns],
        [figures.get(c.kind, GENERAL if c.decimals is None else str(c.decimals)) for c in one.columns],
        [column.width for column in one.columns],
        one.rows,
    )


class _Document:
    def __init__(self, front: Front) -> None:
        self.front = front
        self.styles = Styles()
        self.sheets: list[Element] = []
        self.ranges: list[Element] = []

    def cover(self) -> None:
        front = self.front
        rows = [self.row([front.title], "cover_title")]
        for said, lines in zip(HEADINGS, (front.intro, front.about, front.contact), strict=True):
            rows.append(self.row([said], "cover_subtitle"))
            rows += [self.row([line], "cover_text") for line in lines]
        self.add(front.cover_sheet, [85], rows)

    def sheet(self, one: _Sheet) -> None:
        above: list[tuple[str, str | _Link]] = [("title", one.title)]
        if one.name != self.front.contents_sheet:
            above.append(("subtitle", _Link(words()["back"], self.front.contents_sheet)))
        above += [("instructions", line) for line in one.about]
        header = element("table:table-header-rows", children=[self.row(one.headings, "column_heading", one.figures)])
        rows = [self.row(cells, "data", one.figures) for cells in one.rows]
        self.add(one.name, one.widths, [*(self.row([line], look) for look, line in above), header, *rows])
        first, last = len(above) + 1, len(above) + 1 + len(rows)
        where = f"'{one.name}'.A{first}:'{one.name}'.{_letters(len(one.headings))}{last}"
        found = {"table__target_range_address": where, "table__contains_header": "true"}
        self.ranges.append(
            element("table:database-range", table__name=one.table, table__display_filter_buttons="false", **found)
        )

    def add(self, name: str, widths: Sequence[int], rows: list[Element]) -> None:
        columns = [element("table:table-column", table__style_name=self.styles.width(width)) for width in widths]
        self.sheets.append(element("table:table", children=[*columns, *rows], table__name=name))

    def row(self, cells: Sequence[Cell | _Link], look: str, figures: Sequence[str] = ("",)) -> Element:
        made = [self.cell(cell, look, own) for cell, own in zip(cells, figures, strict=True)]
        return element("table:table-row", children=made)

    def cell(self, value: Cell | _Link, look: str, figures: str) -> Element:
        if isinstance(value, Score):
            value, figures = value.value, str(value.decimals)
        own = "" if figures == GENERAL else figures
        if isinstance(value, _Link):
            link = {"xlink__href": f"#'{value.sheet}'.A1", "xlink__type": "simple"}
            lines = [element("text:p", children=[element("text:a", value.said, **link)])]
            return _cell("string", self.styles.cell(look), lines)
        if isinstance(value, date):
            lines = [element("text:p", day(value))]
            return _cell("date", self.styles.cell(look, DATE), lines, office__date_value=value.isoformat())
        if isinstance(value, str):
            lines = [element("text:p", line) for line in value.split("\n")]
            return _cell("string", self.styles.cell(look, said=value, right=figures not in ("", DATE)), lines)
        lines = [element("text:p", f"{value:.{own}f}" if own else f"{value:g}")]
        return _cell("float", self.styles.cell(look, own, right=True), lines, office__value=repr(value))

    def bytes(self, publication: Publication) -> bytes:
        """The document in a file, with its properties."""
        ranges = element("table:database-ranges", children=self.ranges)
        body = element("office:spreadsheet", children=[*self.sheets, ranges])
        content = [
            element("office:automatic-styles", children=self.styles.elements),
            element("office:body", children=[body]),
        ]
        when = f"{publication.published.isoformat()}T00:00:00"
        properties = [
            element("meta:generator", f"pfexcel/{__version__}"),
            element("dc:title", self.front.title),
            element("dc:subject", publication.period.words),
            element("dc:language", "en-GB"),
            element("meta:creation-date", when),
            element("dc:date", when),
        ]
        return spreadsheet(content, common_styles(), properties, publication.published)


def _cell(kind: str, style: str, lines: list[Element], **value: str) -> Element:
    named = {"office__value_type": kind, "table__style_name": style}
    return element("table:table-cell", children=lines, **named, **value)


def _letters(number: int) -> str:
    """The letters of a column, counted from 1.

    >>> _letters(1), _letters(28)
    ('A', 'AB')
    """
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters
