"""The register as tables for other programs: CSV or Parquet, a file a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pfexcel.engine.checks import is_number
from pfexcel.returns.register.entries import Entries
from pfexcel.returns.register.notes import read_notes, read_publications
from pfexcel.returns.register.records import FileEntry, RegisteredReturn

KINDS = ("csv", "parquet")
Rows = list[dict[str, Any]]


def export(entries: Entries, folder: Path, kind: str) -> list[Path]:
    """Write every table; ValueError for a kind that is none."""
    import pandas as pd

    from pfexcel.tables import write_table

    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of table; use one of {', '.join(KINDS)}")
    paths = []
    for name, (columns, rows) in tables(entries).items():
        path = folder / f"{name}.{kind}"
        write_table(pd.DataFrame(rows, columns=pd.Index(columns)), path)
        paths.append(path)
    return paths


def tables(entries: Entries) -> dict[str, tuple[list[str], Rows]]:
    """The tables by name: their columns and rows, the same for the same content."""
    returns = [entries.load(one) for one in entries.first.values()]
    stands = {one.id for standing in entries.standing.values() for one in standing.values()}
    files = entries.files()
    own = ["return", "ods_code", "period"]
    return {
        "files": (_FILES, [_file(one) for one in files]),
        "receipts": (["file", "name", "received"], _receipts(entries)),
        "returns": (_RETURNS, [_return(one, one.id in stands) for one in returns]),
        "inputs": ([*own, "field", "number", "text"], [r for one in returns for r in _long(one, one.values, "field")]),
        "comments": ([*own, "field", "comment"], [r for one in returns for r in _comments(one)]),
        "sign_off": (
            [*own, "item", "number", "text"],
            [r for one in returns for r in _long(one, one.sign_off, "item")],
        ),
        "results": (
            [*own, "result", "number", "text"],
            [r for one in returns for r in _long(one, one.results, "result")],
        ),
        "domains": ([*own, *_DOMAINS], [r for one in returns for r in _domains(one)]),
        "declarations": ([*own, *_DECLARATIONS], [r for one in returns for r in _declarations(one)]),
        "findings": (["file", "name", "period", *_FINDINGS], [r for one in files for r in _findings(one)]),
        "notes": (_NOTES, [{c: str(getattr(one, c)) for c in _NOTES} for one in read_notes(entries.connection)]),
        "publications": (_PUBLICATIONS, _published(entries)),
    }


_FILES = [
    *("sha256", "name", "received", "size", "readable", "edition", "period", "sha", "template", "template_version"),
    *("rulebook", "deadline", "late", "program", "trusts", "blank"),
]
_RETURNS = [
    *("return", "ods_code", "trust_type", "period", "edition", "received", "file", "name", "blank", "stands"),
    *("missing", "findings"),
]
_DOMAINS = ["domain", "title", "category", "declared"]
_DECLARATIONS = ["domain", "category", "declared_by", "declared_on", "reference", "follows"]
_FINDINGS = ["organisation", "id", "severity", "message", "action", "sheet", "cell", "field", "reference"]
_NOTES = ["ods_code", "period", "what", "value", "entered_by", "entered"]
_PUBLICATIONS = ["id", "period", "made", "register"]


def _file(one: FileEntry) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in _FILES}
    row |= {"received": one.received.isoformat(), "deadline": one.deadline.isoformat() if one.deadline else ""}
    return row | {"trusts": " ".join(one.trusts), "blank": " ".join(one.blank)}


def _receipts(entries: Entries) -> Rows:
    found = sorted((received, name, file) for file, pairs in entries.receipts.items() for received, name in pairs)
    return [{"file": file, "name": name, "received": received} for received, name, file in found]


def _key(one: RegisteredReturn) -> dict[str, Any]:
    return {"return": one.id, "ods_code": one.ods_code, "period": one.period}


def _return(one: RegisteredReturn, stands: bool) -> dict[str, Any]:
    return _key(one) | {
        "trust_type": one.trust_type,
        "edition": one.edition,
        "received": one.received.isoformat(),
        "file": one.file.sha256,
        "name": one.file.name,
        "blank": one.blank,
        "stands": stands,
        "missing": one.missing,
        "findings": len(one.findings),
    }


def _long(one: RegisteredReturn, values: Mapping[str, Any], what: str) -> Iterator[dict[str, Any]]:
    """A row a value: a number as a number, anything else as text."""
    for name, value in sorted(values.items()):
        if is_number(value):
            shown = {"number": float(value), "text": None}
        else:
            shown = {"number": None, "text": value.isoformat() if isinstance(value, date) else str(value)}
        yield _key(one) | {what: name, **shown}


def _comments(one: RegisteredReturn) -> Iterator[dict[str, Any]]:
    for name, said in sorted(one.comments.items()):
        yield _key(one) | {"field": name, "comment": said}


def _domains(one: RegisteredReturn) -> Iterator[dict[str, Any]]:
    for name, domain in sorted(one.domains.items()):
        own = {"title": domain.title, "category": domain.category, "declared": domain.declared or ""}
        yield _key(one) | {"domain": name, **own}


def _declarations(one: RegisteredReturn) -> Iterator[dict[str, Any]]:
    for made in one.declarations:
        day = made.declared_on.isoformat() if made.declared_on else ""
        yield _key(one) | {name: getattr(made, name) for name in _DECLARATIONS} | {"declared_on": day}


def _findings(file: FileEntry) -> Iterator[dict[str, Any]]:
    for found in file.findings:
        own = {name: str(getattr(found, name)) for name in _FINDINGS}
        yield {"file": file.sha256, "name": file.name, "period": file.period, **own}


def _published(entries: Entries) -> Rows:
    return [{c: str(getattr(one, c)) for c in _PUBLICATIONS} for one in read_publications(entries.connection)]
