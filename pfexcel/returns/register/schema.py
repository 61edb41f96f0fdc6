"""The tables of the register, their versions, and opening a file as a register.

Entries have no numbers of their own: each is known by what it holds, so registers can be merged. Triggers refuse every
change and removal.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

APPLICATION = 0x70666578  # "pfex", in the file's header
BUSY_SECONDS = 120.0
_MAGIC = b"SQLite format 3\0"
_PAUSE_SECONDS = 0.02

# Each step takes a register from one version to the next; a step that was released is never changed.
_STEPS: tuple[dict[str, str], ...] = (
    {
        "files": """
            sha256 TEXT NOT NULL,
            size INTEGER NOT NULL,
            PRIMARY KEY (sha256)""",
        "receipts": """
            file TEXT NOT NULL REFERENCES files,
            name TEXT NOT NULL,
            received TEXT NOT NULL,
            PRIMARY KEY (file, name, received)""",
        "readings": """
            id TEXT NOT NULL,
            file TEXT NOT NULL REFERENCES files,
            program TEXT NOT NULL,
            readable INTEGER NOT NULL,
            edition TEXT NOT NULL,
            period TEXT NOT NULL,
            sha TEXT NOT NULL,
            template TEXT NOT NULL,
            template_version TEXT NOT NULL,
            rulebook TEXT NOT NULL,
            deadline TEXT NOT NULL,
            PRIMARY KEY (id)""",
        "returns": """
            id TEXT NOT NULL,
            ods_code TEXT NOT NULL,
            trust_type TEXT NOT NULL,
            period TEXT NOT NULL,
            edition TEXT NOT NULL,
            blank INTEGER NOT NULL,
            content TEXT NOT NULL,
            PRIMARY KEY (id)""",
        "ratings": """
            reading TEXT NOT NULL REFERENCES readings,
            return TEXT NOT NULL REFERENCES returns,
            domains TEXT NOT NULL,
            results TEXT NOT NULL,
            declarations TEXT NOT NULL,
            missing INTEGER NOT NULL,
            PRIMARY KEY (reading, return)""",
        "findings": """
            reading TEXT NOT NULL REFERENCES readings,
            number INTEGER NOT NULL,
            ods_code TEXT NOT NULL,
            id TEXT NOT NULL,
            severity TEXT NOT NULL,
            message TEXT NOT NULL,
            action TEXT NOT NULL,
            sheet TEXT NOT NULL,
            cell TEXT NOT NULL,
            reference TEXT NOT NULL,
            field TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (reading, number)""",
        "notes": """
            id TEXT NOT NULL,
            ods_code TEXT NOT NULL,
            period TEXT NOT NULL,
            what TEXT NOT NULL,
            value TEXT NOT NULL,
            entered_by TEXT NOT NULL,
            entered TEXT NOT NULL,
            PRIMARY KEY (id)""",
    },
    {
        "publications": """
            id TEXT NOT NULL,
            period TEXT NOT NULL,
            made TEXT NOT NULL,
            register TEXT NOT NULL,
            content TEXT NOT NULL,
            PRIMARY KEY (id)""",
    },
)
VERSION = len(_STEPS)
TABLES: dict[str, tuple[str, ...]] = {
    table: tuple(line.split()[0] for line in columns.strip().splitlines() if not line.strip().startswith("PRIMARY"))
    for step in _STEPS
    for table, columns in step.items()
}


class RegisterError(ValueError):
    """The file cannot be used as a register; the message is the one sentence that says why."""


def connect(path: Path, create: bool) -> sqlite3.Connection:
    """Open a register, brought up to date; RegisterError where the file is none, which leaves it as it is."""
    if not path.is_file():
        if not create or path.exists():
            raise RegisterError(f"There is no register {path}; check the path, or collate returned workbooks into it")
        path.parent.mkdir(parents=True, exist_ok=True)
    elif path.stat().st_size and _head(path) != _MAGIC:
        raise RegisterError(f"{path} is no register: it is no SQLite file; it is left as it is")
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        with _used(connection, path) as version:
            _use_wal(connection)
            if version < VERSION:
                _migrate(connection, path)
    except sqlite3.Error as error:
        raise RegisterError(f"{path} cannot be used as a register: {error}; it is left as it is") from None
    return connection


def snapshot(path: Path) -> sqlite3.Connection:
    """A register as it is at this moment, in memory and brought up to date; the file is only read."""
    if not path.is_file():
        raise RegisterError(f"There is no register {path}; check the path")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            file.backup(connection)
        with _used(connection, path) as version:
            if version < VERSION:
                _migrate(connection, path)
    except sqlite3.Error as error:
        raise RegisterError(f"{path} cannot be read as a register: {error}") from None
    return connection


@contextmanager
def _used(connection: sqlite3.Connection, path: Path) -> Iterator[int]:
    """A connection with what it is used with, and the register's version; closed where anything goes wrong."""
    try:
        version = _version(connection, path)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        yield version
    except BaseException:
        connection.close()
        raise


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that waits for that of another process, and is kept as a whole or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction in which every question is answered from the same state."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def insert(connection: sqlite3.Connection, table: str, *values: object) -> bool:
    """Add an entry unless it is there; says whether it was added."""
    places = ",".join("?" * len(values))
    return connection.execute(f"INSERT INTO {table} VALUES ({places})", values).rowcount > 0


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MAGIC))


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of a register, 0 for an empty file."""
    [application] = connection.execute("PRAGMA application_id").fetchone()
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [objects] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION and (application or version or objects):
        raise RegisterError(f"{path} is no register: it is the database of another program; it is left as it is")
    if version > VERSION:
        raise RegisterError(
            f"{path} is a register of version {version}, and this program knows versions up to {VERSION}; "
            "install a newer pfexcel"
        )
    return version


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log, in which a process that is killed leaves whole transactions only.

    With `synchronous` at normal a power cut may undo the last of them, never a part of one: collating again makes good.
    """
    connection.execute("PRAGMA synchronous = NORMAL")
    until = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:  # another process is opening the file just now: SQLite does not wait here
            if time.monotonic() > until:
                raise
            time.sleep(_PAUSE_SECONDS)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    with writing(connection):
        version = _version(connection, path)  # another process may have been quicker
        for step in _STEPS[version:]:
            for table, columns in step.items():
                for statement in _statements(table, columns):
                    connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")


def triggers() -> set[str]:
    """The names of the triggers that keep entries as they are."""
    return {f"{table}_{what}" for table in TABLES for what in ("no_update", "no_delete", "once")}


def _statements(table: str, columns: str) -> Iterator[str]:
    """A table, and the triggers by which an entry stays as it is, even where one is inserted in its place."""
    yield f"CREATE TABLE {table} ({columns}) WITHOUT ROWID"
    for change in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'entries of the register are never changed or removed'); END"
        )
    key = columns.rpartition("(")[2].partition(")")[0].split(", ")
    same = " AND ".join(f"{name} = NEW.{name}" for name in key)
    yield (
        f"CREATE TRIGGER {table}_once BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(IGNORE); END"
    )
