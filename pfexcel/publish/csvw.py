"""The tables of a publication as CSV files, and their description by the W3C's standard (CSV on the Web).

Column names are plain words for programs; the description has each column's heading, unit, type and meaning, the notes,
and which shorthand stands where there is no value. Files are UTF-8 with a byte order mark, as Excel needs it. Text that
a spreadsheet would take for a formula has an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from pfexcel.publish.publication import Publication
from pfexcel.publish.tables import Cell, Column, Score, Table, numbered_notes, words

METADATA = "tables-metadata.json"
TYPES = {"integer": "integer", "number": "double", "text": "string", "date": "date"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def csv_files(publication: Publication, tables: Sequence[Table]) -> dict[str, bytes]:
    """The CSV files and their description, by name."""
    files = {_name(one): _csv(one) for one in tables}
    described = json.dumps(_description(publication, tables), ensure_ascii=False, indent=2)
    return {**files, METADATA: f"{described}\n".encode()}


def _name(one: Table) -> str:
    return f"{one.id.replace('_', '-')}.csv"


def _csv(one: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in one.columns])
    writer.writerows([_value(cell) for cell in row] for row in one.rows)
    return text.getvalue().encode("utf-8-sig")


def _value(cell: Cell) -> str:
    if isinstance(cell, Score):
        return repr(cell.value)
    if isinstance(cell, date):
        return cell.isoformat()
    return plain(cell) if isinstance(cell, str) else repr(cell)


def plain(text: str) -> str:
    """A text that no spreadsheet runs as a formula.

    >>> plain("=1+1"), plain(" =1+1"), plain("GBP 5")
    ("'=1+1", "' =1+1", 'GBP 5')
    """
    text = _CONTROL.sub(" ", text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def _description(publication: Publication, tables: Sequence[Table]) -> dict[str, Any]:
    numbers = numbered_notes(tables)
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": publication.title,
        "dc:description": publication.notice or words()["cover"]["intro"][-1].format(**_counts(publication)),
        "dc:issued": {"@value": publication.published.isoformat(), "@type": "xsd:date"},
        "dc:publisher": "Department of Health",
        "schema:version": str(publication.revision),
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
        "tables": [
            {
                "url": _name(one),
                "dc:title": one.title,
                "dc:description": " ".join([words()["notes"][note] for note in one.title_notes]) or one.title,
                "tableSchema": {"columns": [_column(column, numbers) for column in one.columns]},
            }
            for one in tables
        ],
    }


def _counts(publication: Publication) -> dict[str, int]:
    return {"in_scope": publication.counts.in_scope, "returned": publication.counts.returned}


def _column(column: Column, numbers: dict[str, int]) -> dict[str, Any]:
    about = ". ".join(part for part in (column.about, words()["notes"].get(column.note, "").rstrip(".")) if part)
    found: dict[str, Any] = {
        "name": column.name,
        "titles": [column.name],
        "dc:title": column.heading,
        "dc:description": about,
        "datatype": TYPES[column.kind],
        "null": list(words()["shorthand"].values()),
    }
    if column.unit:
        found["schema:unitText"] = column.unit
    return found
