"""The register as a whole: its digest, its soundness, and merging another into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pfexcel.returns.register.content import digest_of
from pfexcel.returns.register.entries import Entries
from pfexcel.returns.register.receiving import reading_id
from pfexcel.returns.register.schema import TABLES, RegisterError, insert, snapshot, triggers, writing

_DIGESTS = ("returns", "notes", "publications")  # tables whose `id` is the digest of the rest of the row


def digest(entries: Entries) -> str:
    """A digest of all that was received and noted: receipts, the readings that count, notes."""
    receipts = sorted((file, *one) for file, found in entries.receipts.items() for one in found)
    notes = [row for (row,) in entries.connection.execute("SELECT id FROM notes ORDER BY id")]
    return digest_of([receipts, sorted(entries.readings.items()), notes])


def problems(connection: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with a register, a sentence each."""
    for (said,) in connection.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield f"The file is damaged: {said}"
    for table, *_ in connection.execute("PRAGMA foreign_key_check"):
        yield f"An entry of {table} belongs to nothing"
    held = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    for name in sorted(triggers() - held):
        yield f"The trigger {name}, which keeps entries as they are, was removed"
    for table in _DIGESTS:
        for id, *row in connection.execute(f"SELECT {', '.join(TABLES[table])} FROM {table}"):
            if digest_of(row) != id:
                yield f"The entry {id} of {table} is not what was entered"
    for id, *head in connection.execute(f"SELECT {', '.join(TABLES['readings'])} FROM readings"):
        parts = [
            connection.execute(f"SELECT {', '.join(TABLES[t][1:])} FROM {t} WHERE reading = ? ORDER BY 1", (id,))
            for t in ("ratings", "findings")
        ]
        ratings, findings = (list(part) for part in parts)
        if reading_id(tuple(head), ratings, findings) != id:
            yield f"The reading {id} of file {head[0]} is not what was read"


def merge_into(connection: sqlite3.Connection, source: Path) -> dict[str, int]:
    """Take in the entries of another register, which is left as it is; the number of new ones by table.

    Raises:
        RegisterError: where the other is no register, or is damaged or was altered.
    """
    with closing(snapshot(source)) as other:
        found = list(problems(other))
        if found:
            raise RegisterError(f"{source} is not merged: {found[0]}")
        with writing(connection):
            return {table: sum(_rows(connection, other, table)) for table in TABLES}


def _rows(connection: sqlite3.Connection, other: sqlite3.Connection, table: str) -> Iterator[bool]:
    for row in other.execute(f"SELECT {', '.join(TABLES[table])} FROM {table}"):
        if table == "receipts" and _came_before(connection, row):
            continue
        yield insert(connection, table, *row)


def _came_before(connection: sqlite3.Connection, row: tuple[str, str, str]) -> bool:
    earlier = "SELECT 1 FROM receipts WHERE file = ? AND name = ? AND received <= ?"
    return connection.execute(earlier, row).fetchone() is not None
