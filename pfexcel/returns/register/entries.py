"""What the entries amount to: which reading of a file counts, which returns there are, in what order they came."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from pfexcel.engine.declarations import Declaration
from pfexcel.model import Finding, Severity
from pfexcel.periods import Period
from pfexcel.returns.register.content import decode, decode_all
from pfexcel.returns.register.records import DomainResult, FileEntry, RegisteredReturn

FINDING_COLUMNS = "ods_code, id, severity, message, action, sheet, cell, reference, field, value"


class Moment(NamedTuple):
    """The place of a file, or of a return, in the order of receipt."""

    received: str
    name: str
    file: str


@dataclass(frozen=True)
class Sighting:
    """A return in a file: which return, for whom, and the reading of the file."""

    id: str
    ods_code: str
    period: str
    blank: bool
    reading: str
    moment: Moment


class Entries:
    """The entries of a register at one moment, of which only an index is kept in memory."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.receipts: dict[str, list[tuple[str, str]]] = {}
        for file, received, name in connection.execute("SELECT file, min(received), name FROM receipts GROUP BY 1, 3"):
            self.receipts.setdefault(file, []).append((received, name))
        self.readings = _chosen(connection)
        self.moments = {file: Moment(*min(found), file) for file, found in self.receipts.items()}
        self.sightings = self._sightings()
        self._files: dict[str, FileEntry] = {}
        self._returns: dict[str, RegisteredReturn] = {}
        self._domains: dict[str, dict[str, DomainResult]] = {}

    def _sightings(self) -> list[Sighting]:
        """Every return in every file, in the order of receipt."""
        files = {reading: file for file, reading in self.readings.items()}
        rows = self.connection.execute(
            "SELECT reading, id, ods_code, period, blank FROM ratings JOIN returns ON id = ratings.return"
        )
        found = [
            Sighting(id, code, period, bool(blank), reading, self.moments[files[reading]])
            for reading, id, code, period, blank in rows
            if reading in files
        ]
        return sorted(found, key=lambda one: (one.moment, one.ods_code, one.id))

    @cached_property
    def first(self) -> dict[str, Sighting]:
        """Each return where it was first received, by id, in the order of receipt."""
        found: dict[str, Sighting] = {}
        for one in self.sightings:
            found.setdefault(one.id, one)
        return found

    @cached_property
    def of_trust(self) -> dict[tuple[str, str], list[Sighting]]:
        """The versions of each trust's return for each period, oldest first; blank ones are none."""
        found: dict[tuple[str, str], list[Sighting]] = {}
        for one in self.first.values():
            if not one.blank:
                found.setdefault((one.ods_code, one.period), []).append(one)
        return found

    @cached_property
    def standing(self) -> dict[str, dict[str, Sighting]]:
        """The return that stands by period, oldest first, and ODS code."""
        found: dict[str, dict[str, Sighting]] = {}
        for (code, period), versions in sorted(self.of_trust.items()):
            found.setdefault(period, {})[code] = versions[-1]
        return {period: found[period] for period in sorted(found, key=order_of)}

    @cached_property
    def blanks(self) -> dict[tuple[str, str], list[Sighting]]:
        """The blank Return sheets received, by trust and period."""
        found: dict[tuple[str, str], list[Sighting]] = {}
        for one in self.sightings:
            if one.blank:
                found.setdefault((one.ods_code, one.period), []).append(one)
        return found

    @cached_property
    def deadlines(self) -> dict[str, date]:
        """The deadlines that were noted, by period; the last that was entered stands."""
        query = "SELECT period, value FROM notes WHERE what = 'deadline' ORDER BY entered, id"
        return {period: date.fromisoformat(value) for period, value in self.connection.execute(query)}

    # --- loading ---

    def file(self, sha256: str) -> FileEntry | None:
        """A file with its findings, or None."""
        if sha256 not in self._files and sha256 in self.readings:
            self._files[sha256] = self._load_file(sha256)
        return self._files.get(sha256)

    def files(self) -> list[FileEntry]:
        """Every file, in the order of receipt."""
        ordered = sorted(self.readings, key=lambda file: self.moments[file])
        return [one for one in map(self.file, ordered) if one is not None]

    def _load_file(self, sha256: str) -> FileEntry:
        reading = self.readings[sha256]
        [size] = self.connection.execute("SELECT size FROM files WHERE sha256 = ?", (sha256,)).fetchone()
        program, readable, edition, period, sha, template, version, rulebook, deadline = self.connection.execute(
            "SELECT program, readable, edition, period, sha, template, template_version, rulebook, deadline "
            "FROM readings WHERE id = ?",
            (reading,),
        ).fetchone()
        moment, own = self.moments[sha256], self._by_reading.get(reading, [])
        received = datetime.fromisoformat(moment.received)
        named = date.fromisoformat(deadline) if deadline else None
        due = self.deadlines.get(period, named)
        return FileEntry(
            sha256=sha256,
            size=size,
            name=moment.name,
            received=received,
            names=tuple(name for _, name in sorted(self.receipts[sha256])),
            readable=bool(readable),
            edition=edition,
            period=period,
            sha=sha,
            template=template,
            template_version=version,
            rulebook=rulebook,
            deadline=named,
            late=due is not None and received.date() > due,
            program=program,
            trusts=tuple(sorted(one.ods_code for one in own if not one.blank)),
            blank=tuple(sorted(one.ods_code for one in own if one.blank)),
            findings=tuple(self._findings(reading)),
        )

    @cached_property
    def _by_reading(self) -> dict[str, list[Sighting]]:
        found: dict[str, list[Sighting]] = {}
        for one in self.sightings:
            found.setdefault(one.reading, []).append(one)
        return found

    def returns_in(self, sha256: str) -> list[Sighting]:
        """The returns in a file."""
        return self._by_reading.get(self.readings[sha256], [])

    def _findings(self, reading: str) -> Iterable[Finding]:
        rows = self.connection.execute(
            f"SELECT {FINDING_COLUMNS} FROM findings WHERE reading = ? ORDER BY number", (reading,)
        )
        for code, id, severity, message, action, sheet, cell, reference, name, value in rows:
            said = decode(json.loads(value))
            yield Finding(id, Severity(severity), message, action, code, sheet, cell, reference, name, said)

    def load(self, one: Sighting) -> RegisteredReturn:
        """A return as it was first received."""
        first = self.first[one.id]
        if one.id not in self._returns:
            self._returns[one.id] = self._load(first)
        return self._returns[one.id]

    def _load(self, one: Sighting) -> RegisteredReturn:
        trust_type, edition, content, results, declarations, missing = self.connection.execute(
            "SELECT trust_type, edition, content, results, declarations, missing "
            "FROM returns JOIN ratings ON return = id WHERE id = ? AND reading = ?",
            (one.id, one.reading),
        ).fetchone()
        entered: dict[str, Any] = json.loads(content)
        file = self.file(one.moment.file)
        assert file is not None
        return RegisteredReturn(
            id=one.id,
            ods_code=one.ods_code,
            trust_type=trust_type,
            period=one.period,
            edition=edition,
            values=decode_all(entered["values"]),
            comments=entered["comments"],
            sign_off=decode_all(entered["sign_off"]),
            declarations=tuple(_declaration(made) for made in json.loads(declarations)),
            domains=self.domains(one),
            results=decode_all(json.loads(results)),
            missing=missing,
            blank=one.blank,
            file=file,
            findings=tuple(found for found in file.findings if found.organisation == one.ods_code),
        )

    def domains(self, one: Sighting) -> dict[str, DomainResult]:
        """What a return was rated, by domain."""
        if one.id not in self._domains:
            first = self.first[one.id]
            query = "SELECT domains FROM ratings WHERE return = ? AND reading = ?"
            [text] = self.connection.execute(query, (first.id, first.reading)).fetchone()
            self._domains[one.id] = {
                name: DomainResult(**{**domain, "missed": tuple(domain["missed"]) if domain["missed"] else None})
                for name, domain in json.loads(text).items()
            }
        return self._domains[one.id]


def order_of(period: str) -> tuple[date, str]:
    """The place of a period among others: by its last day, a month before the quarter that it ends."""
    return Period.parse(period).last_day, period


def _chosen(connection: sqlite3.Connection) -> dict[str, str]:
    """The reading that counts by file: one that could be read before one that could not, then by the newest program."""
    found: dict[str, tuple[tuple[Any, ...], str]] = {}
    for id, file, program, readable in connection.execute("SELECT id, file, program, readable FROM readings"):
        rank = (readable, [int(part) for part in re.findall(r"\d+", program)], id)
        if file not in found or rank > found[file][0]:
            found[file] = rank, id
    return {file: id for file, (_, id) in found.items()}


def _declaration(made: dict[str, Any]) -> Declaration:
    day = made["declared_on"]
    return Declaration(**{**made, "declared_on": date.fromisoformat(day) if day else None})
