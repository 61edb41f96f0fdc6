"""Taking a file in: what its reading brought becomes entries of the register, all of them in one transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pfexcel import __version__
from pfexcel.model import Finding
from pfexcel.periods import Period
from pfexcel.returns.read import ReadReturn, ReturnFile, results
from pfexcel.returns.register.content import clean, digest_of, encode, encode_all, moment_text, text_of
from pfexcel.returns.register.records import DomainResult, EnteredReturn, Receipt, Received
from pfexcel.returns.register.schema import insert, writing
from pfexcel.rules.ladder import load_ladder
from pfexcel.workbook.layout import MISSED_SUBMISSION

MISSING = ("entry-missing", "entry-missing-query")

Row = tuple[Any, ...]


def received_from(read: ReturnFile, *, sha256: str, size: int, received: datetime, name: str | None = None) -> Received:
    """What a file as read brings to the register; a plain record that can be sent between processes.

    Args:
        read: the file as read by `pfexcel.read_return`.
        sha256: of the file's bytes.
        size: in bytes.
        received: when it was received (see `Received`).
        name: None takes that of the file.
    """
    properties = read.properties
    return Received(
        name=read.path.name if name is None else name,
        sha256=sha256,
        size=size,
        received=received,
        readable=read.readable,
        edition=read.edition or "",
        period=read.period or "",
        sha=read.sha or "",
        template=properties.get("pfexcel_template", ""),
        template_version=properties.get("pfexcel_version", ""),
        rulebook=properties.get("pfexcel_rulebook", ""),
        deadline=_day(properties.get("pfexcel_deadline", "")),
        returns=tuple(_entered(one) for one in read.returns),
        findings=read.findings,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _entered(one: ReadReturn) -> EnteredReturn:
    rating = one.rating
    return EnteredReturn(
        ods_code=one.ods_code,
        trust_type=one.trust_type,
        edition=rating.edition,
        values=dict(one.values),
        comments=dict(one.comments),
        sign_off=dict(one.sign_off),
        declarations=one.declarations,
        domains=_domains(one),
        results=results(rating),
        missing=sum(found.id in MISSING for found in one.findings),
    )


def _domains(one: ReadReturn) -> dict[str, DomainResult]:
    rating, found = one.rating, {}
    for domain in rating.rulebook.domains.values():
        declared = rating.inputs.values.get(domain.declares or "")
        found[domain.id] = DomainResult(
            title=domain.title,
            category=str(rating.domains[domain.id].category),
            ladder=domain.ladder,
            continues=domain.continues,
            declared=declared if declared in domain.scale.names else None,
            missed=_missed(rating.inputs.values) if domain.ladder and load_ladder(domain.ladder).events else None,
        )
    return found


def _missed(values: dict[str, Any]) -> tuple[bool, bool]:
    missed, delay = (values.get(name) == "Yes" for name in MISSED_SUBMISSION)
    return missed, delay


# --- entries ---


def take_in(connection: sqlite3.Connection, received: Received, again: bool) -> Receipt:
    """Make the entries of one file; `again` also where the file could be read before.

    Raises:
        ValueError: for returns of a period that is none.
    """
    file = received.sha256
    if received.returns:
        Period.parse(received.period)
    returns = {one.ods_code: (return_row(one, received.period), one) for one in received.returns}
    filled = {code: row for code, (row, one) in returns.items() if not one.blank}
    with writing(connection):
        insert(connection, "files", file, received.size)
        note_receipt(connection, file, received.name, received.received)
        known_file = has_read(connection, file)
        if known_file and not again:
            return Receipt(file, duplicate=True)
        known = {code for code, row in filled.items() if _holds(connection, row[0])}
        for row, _ in returns.values():
            insert(connection, "returns", *row)
        ratings = sorted(_rating_row(row[0], one) for row, one in returns.values())
        findings = [(number, *_finding_row(found)) for number, found in enumerate(received.findings)]
        head = _reading_row(received)
        reading = reading_id(head, ratings, findings)
        new = insert(connection, "readings", reading, *head)
        for row in ratings:
            insert(connection, "ratings", reading, *row)
        for row in findings:
            insert(connection, "findings", reading, *row)
    return Receipt(
        file,
        duplicate=known_file or not new,
        new=tuple(sorted(filled.keys() - known)),
        known=tuple(sorted(known)),
        blank=tuple(sorted(returns.keys() - filled.keys())),
    )


def take_in_again(connection: sqlite3.Connection, file: str, name: str, received: datetime) -> Receipt:
    """Note that a file that was read before came again; ValueError where it was not."""
    with writing(connection):
        if not has_read(connection, file):
            raise ValueError(f"{name} was not read before; read it, and receive what it brings")
        note_receipt(connection, file, name, received)
    return Receipt(file, duplicate=True)


def has_read(connection: sqlite3.Connection, file: str) -> bool:
    """Is there a reading of a file that could be read?"""
    return connection.execute("SELECT 1 FROM readings WHERE file = ? AND readable", (file,)).fetchone() is not None


def note_receipt(connection: sqlite3.Connection, file: str, name: str, received: datetime) -> None:
    """Enter a receipt of a file, unless it came under that name at that moment or before."""
    name, moment = clean(name), moment_text(received)
    earlier = "SELECT 1 FROM receipts WHERE file = ? AND name = ? AND received <= ?"
    if connection.execute(earlier, (file, name, moment)).fetchone() is None:
        insert(connection, "receipts", file, name, moment)


def return_row(one: EnteredReturn, period: str) -> Row:
    """A return as an entry of `returns`; its id is the digest of what was entered."""
    content = text_of(
        {
            "values": encode_all(one.values),
            "comments": encode_all(one.comments),
            "sign_off": encode_all(one.sign_off),
        }
    )
    row = (one.ods_code, one.trust_type, clean(period), clean(one.edition), int(one.blank), content)
    return digest_of(row), *row


def reading_id(head: Row, ratings: list[Row], findings: list[Row]) -> str:
    """The digest of all that a reading brought, by which it is known."""
    return digest_of([head, ratings, findings])


def _holds(connection: sqlite3.Connection, one: str) -> bool:
    return connection.execute("SELECT 1 FROM returns WHERE id = ?", (one,)).fetchone() is not None


def _reading_row(received: Received) -> Row:
    named = (
        received.edition,
        received.period,
        received.sha,
        received.template,
        received.template_version,
        received.rulebook,
        received.deadline.isoformat() if received.deadline else "",
    )
    return received.sha256, received.program or __version__, int(received.readable), *(clean(text) for text in named)


def _rating_row(one: str, entered: EnteredReturn) -> Row:
    domains = {name: asdict(domain) for name, domain in entered.domains.items()}
    declarations = [
        {**asdict(made), "declared_on": made.declared_on.isoformat() if made.declared_on else None}
        for made in entered.declarations
    ]
    numbers = {name: encode(value) for name, value in entered.results.items()}
    return one, text_of(domains), text_of(numbers), text_of(declarations), entered.missing


def _finding_row(found: Finding) -> Row:
    texts = (found.message, found.action, found.sheet, found.cell, found.reference, found.field)
    severity = found.severity.value
    return (
        clean(found.organisation.strip().upper()),
        found.id,
        severity,
        *(clean(text) for text in texts),
        text_of(encode(found.value)),
    )
