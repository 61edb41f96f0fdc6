"""The publication as an accessible workbook, by the Government Analysis Function's own library, gptables.

One table a worksheet, each an Excel table with a name; a cover, contents with links, notes. Texts come from
`workbook_templates/publication.toml`, colours from `theme.toml`. The same publication gives the same bytes.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from pfexcel import __version__
from pfexcel.publish.all_tables import CSV_ONLY
from pfexcel.publish.front import Front, front_matter
from pfexcel.publish.publication import Publication, ShaEntry
from pfexcel.publish.tables import Cell, Column, Score, Table, heading, marked, words
from pfexcel.workbook.templates import template

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
DATE = "d mmm yyyy"
A4 = 9
LONGEST = 30_000  # characters of a text; a cell holds 32,767
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


def workbook_bytes(publication: Publication, tables: Sequence[Table], advance: ShaEntry | None = None) -> bytes:
    """The workbook of a publication, or the advance copy of one SHA."""
    front = front_matter(publication, tables, advance)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # gptables warns of what the shorthand explains
        _write(buffer, publication, front, [one.without(CSV_ONLY) for one in tables])
    return buffer.getvalue()


def _write(buffer: io.BytesIO, publication: Publication, front: Front, tables: Sequence[Table]) -> None:
    from gptables import Cover, Theme
    from gptables.core.wrappers import GPWorkbook

    workbook: Any = GPWorkbook(buffer, OPTIONS)  # pyright: ignore[reportArgumentType]
    workbook.set_theme(Theme(_theme()))
    made = datetime.combine(publication.published, time())
    workbook.set_properties({"title": front.title, "subject": publication.period.words, "created": made})
    workbook.set_custom_property("pfexcel_version", __version__)
    workbook.add_worksheet(front.cover_sheet).write_cover(
        Cover(front.title, _safe(front.intro), _safe(front.about), list(front.contact), front.cover_sheet)
    )
    sheets: dict[str, Any] = {front.contents_sheet: _contents(tables, front)}
    if front.notes:
        sheets[front.notes_sheet] = _notes(front)
    sheets |= {one.sheet: _table(one, front) for one in tables}
    widths = {front.contents_sheet: [26, 100], front.notes_sheet: [14, 120]}
    widths |= {one.sheet: [column.width for column in one.columns] for one in tables}
    for name, own in sheets.items():
        sheet = workbook.add_worksheet(name)
        sheet.write_gptable(own, False, [])
        for index, width in enumerate(widths[name]):
            sheet.set_column(index, index, width)
        _finish(workbook, sheet, own.data_range, publication)
    for sheet in workbook.worksheets():
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    workbook.close()


def _contents(tables: Sequence[Table], front: Front) -> Any:
    own = words()["contents"]
    rows = [[{sheet: f"internal:'{sheet}'!A1"}, title] for sheet, title in front.listed(tables)]
    return _listing(own, "contents", rows)


def _notes(front: Front) -> Any:
    return _listing(words()["notes_sheet"], "notes", [list(row) for row in front.notes], [_back(front)])


def _listing(own: Mapping[str, Any], name: str, rows: list[list[Any]], subtitles: Sequence[str] = ()) -> Any:
    import pandas as pd
    from gptables import GPTable

    frame = pd.DataFrame(rows, columns=own["columns"])
    return GPTable(
        frame, name, own["title"], subtitles=list(subtitles), instructions=own["about"], index_columns={2: 0}
    )


def _back(front: Front) -> str:
    return f"[{words()['back']}](internal:'{front.contents_sheet}'!A1)"


def _table(one: Table, front: Front) -> Any:
    import pandas as pd
    from gptables import GPTable

    headings = ["\n".join(heading(column, front.numbers)) for column in one.columns]
    rows = [[_value(cell) for cell in row] for row in one.rows]
    return GPTable(
        pd.DataFrame(rows, columns=headings, dtype=object),
        one.id,
        marked(one.title, one.title_notes, front.numbers),
        subtitles=[_back(front)],
        instructions=front.instructions(one),
        legend=list(front.legend(one)),
        index_columns={},
        additional_formatting=list(_formats(one)),
    )


def _value(cell: Cell) -> Any:
    if isinstance(cell, Score):
        return cell.value
    return safe(cell) if isinstance(cell, str) else cell


def _safe(texts: Iterable[str]) -> list[str]:
    return [safe(text) for text in texts]


def safe(text: str) -> str:
    """A text that gptables takes as it is: no link, no control characters, no cell of signs alone.

    >>> safe("[see](http://example.com)"), safe("-")
    ('[see] (http://example.com)', 'text: -')
    """
    text = _CONTROL.sub(" ", text[:LONGEST]).replace("](", "] (")
    return text if re.search("[a-zA-Z0-9]", text) else f"text: {text}"


def _formats(one: Table) -> Iterator[dict[str, Any]]:
    for index, column in enumerate(one.columns):
        if column.kind == "date":
            yield {"column": {"columns": [index], "format": {"num_format": DATE}}}
        elif column.kind in ("integer", "number"):
            look = {"num_format": number_format(column), "align": "right"}
            yield {"column": {"columns": [index], "format": look, "include_names": True}}
    exact = [
        (row, column)
        for row, cells in enumerate(one.rows, start=1)
        for column, cell in enumerate(cells)
        if isinstance(cell, Score) and cell.decimals != 2
    ]
    for cell in exact:
        yield {"cell": {"cells": [cell], "format": {"num_format": "0.0000"}}}


def number_format(column: Column) -> str:
    """How a column's numbers are shown."""
    if column.kind == "integer":
        return "#,##0"
    return "General" if column.decimals is None else f"0.{'0' * column.decimals}"


def _finish(workbook: Any, sheet: Any, where: Sequence[int], publication: Publication) -> None:
    """Colours with their words, and how the sheet prints."""
    for said, look in words()["conditions"].items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{said}"', "format": workbook.add_format(_coloured(look))}
        sheet.conditional_format(*where, rule)
    sheet.repeat_rows(where[0])
    sheet.set_margins(0.4, 0.4, 0.6, 0.6)
    sheet.set_footer(f"&L{publication.period.text}, revision {publication.revision}&C&A&RPage &P of &N")


def _theme() -> dict[str, dict[str, Any]]:
    """The theme in gptables' own form, with a description in our order."""
    looks = {name: _coloured(look) for name, look in words()["theme"].items()}
    return {**looks, "description_order": ["instructions", "legend", "source", "scope"]}  # pyright: ignore


def _coloured(look: Mapping[str, Any]) -> dict[str, Any]:
    colours = template("theme")["colours"]
    return {key: colours.get(value, value) if isinstance(value, str) else value for key, value in look.items()}
