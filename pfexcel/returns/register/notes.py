"""What people enter about trusts and periods beside the returns, and what was published."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from pfexcel.organisations import find_trust
from pfexcel.periods import Period
from pfexcel.returns.register.content import clean, digest_of, moment_text, text_of
from pfexcel.returns.register.records import Note, Publication
from pfexcel.returns.register.schema import insert, writing

TEXT, DAY = "text", "date"
KINDS = {"lead_commissioner": TEXT, "action_plan_date": DAY, "deadline": DAY, "remark": TEXT}
OF_A_PERIOD = "deadline"
NOTES_OF_TRUSTS = tuple(kind for kind in KINDS if kind != OF_A_PERIOD)
_COLUMNS = "ods_code, period, what, value, entered_by, entered"


def enter_note(
    connection: sqlite3.Connection,
    what: str,
    value: str | date,
    ods_code: str,
    period: str,
    entered_by: str,
    entered: datetime | None,
) -> Note:
    """Enter a note, unless the last one of its kind says the same."""
    code, text = _checked_code(what, ods_code, period), _checked_value(what, value)
    when = Period.parse(period).text if period else ""
    with writing(connection):
        last = [n for n in read_notes(connection) if (n.ods_code, n.period, n.what) == (code, when, what)][-1:]
        if last and last[0].value == text and (entered is None or entered_by == last[0].entered_by):
            return last[0]
        row = (code, when, what, text, clean(entered_by), moment_text(entered or datetime.now(UTC)))
        insert(connection, "notes", digest_of(row), *row)
    return _note(row)


def _checked_code(what: str, ods_code: str, period: str) -> str:
    if what not in KINDS:
        raise ValueError(f"{what!r} is no kind of note; use one of {', '.join(KINDS)}")
    if what == OF_A_PERIOD:
        if ods_code or not period:
            raise ValueError("A deadline is noted for a period and for all trusts: give the period, and no trust")
        return ""
    trust = find_trust(ods_code)
    if trust is None:
        raise ValueError(f"{ods_code!r} is no NHS trust of 2009 to 2013; give its ODS code, such as RXK")
    return trust.ods_code


def _checked_value(what: str, value: str | date) -> str:
    text = value.isoformat() if isinstance(value, date) else clean(value).strip()
    if not text:
        raise ValueError(f"The {what.replace('_', ' ')} is blank; say what it is")
    if KINDS[what] == DAY:
        try:
            return date.fromisoformat(text[:10]).isoformat()
        except ValueError:
            raise ValueError(f"{text!r} is no date; write it as 2012-01-20") from None
    return text


def read_notes(connection: sqlite3.Connection) -> list[Note]:
    """Every note, in the order in which they were entered."""
    return [_note(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM notes ORDER BY entered, id")]


def noted(notes: list[Note], what: str, period: str) -> dict[str, Note]:
    """The note of a kind that stands, by ODS code: that of the period before one of no period."""
    found = {one.ods_code: one for one in notes if one.what == what and not one.period}
    return found | {one.ods_code: one for one in notes if one.what == what and period and one.period == period}


def _note(row: tuple[str, ...]) -> Note:
    ods_code, period, what, value, entered_by, entered = row
    return Note(ods_code, period, what, value, entered_by, datetime.fromisoformat(entered))


def keep_publication(
    connection: sqlite3.Connection, period: str, made: datetime, register: str, content: Mapping[str, Any]
) -> Publication:
    """Keep a publication as it was made."""
    row = (period, moment_text(made), register, text_of(content))
    with writing(connection):
        insert(connection, "publications", digest_of(row), *row)
    return _publication((digest_of(row), *row))


def read_publications(connection: sqlite3.Connection) -> list[Publication]:
    """Every publication, in the order in which they were made."""
    rows = connection.execute("SELECT id, period, made, register, content FROM publications ORDER BY made, id")
    return [_publication(row) for row in rows]


def _publication(row: tuple[str, ...]) -> Publication:
    id, period, made, register, content = row
    return Publication(id, period, datetime.fromisoformat(made), register, json.loads(content))
