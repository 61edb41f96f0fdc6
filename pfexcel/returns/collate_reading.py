"""What a process does with one file: read it, and make of it what the register takes in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile

from pfexcel.catalogue import finding
from pfexcel.engine.inputs import is_blank
from pfexcel.model import Finding
from pfexcel.returns.collate_sources import Found, Source, members
from pfexcel.returns.pool import Failure, Kind
from pfexcel.returns.read import ReturnFile, read_return
from pfexcel.returns.register import Received, received_from

MISSING = ("entry-missing", "entry-missing-query", "rule-not-applied")
NOT_TAKEN = ("trust-of-another-sha", "trust-not-in-workbook")
FAILED = {Kind.DIED: "file-crashed", Kind.TOO_SLOW: "file-too-slow", Kind.TOO_LARGE: "file-too-large"}


@dataclass(frozen=True)
class Reading:
    """How files are read; called with a file and its number, it reads it.

    `edition`, by name or path, `integrity`, `thorough` and `key` are as for `read_return`; with a `period` only
    returns for it are taken.
    """

    edition: str | None = None
    period: str | None = None
    integrity: bool = True
    thorough: bool = False
    key: bytes | None = None

    def __call__(self, task: tuple[int, Source]) -> Received:
        _, source = task
        try:
            content = source.content()
        except (OSError, BadZipFile) as error:
            return refused(source, unreadable(source, error))
        name = Path(source.name)
        read = read_return(name, self.edition, self.integrity, self.key, self.thorough, content)
        return received_from(
            self.taken(read),
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            received=source.received,
            name=source.name,
        )

    def taken(self, read: ReturnFile) -> ReturnFile:
        """The file without the returns that are not taken from it.

        Of a blank Return sheet it says nothing about the entries: that all of them are missing is no news.
        """
        if self.period and read.period and read.period != self.period:
            wrong = period_not_wanted(read.path.name, read.period, self.period)
            return replace(read, returns=(), findings=(wrong,))
        displaced = {found.organisation for found in read.findings if found.id in NOT_TAKEN}
        left_out = {
            id(found)
            for one in read.returns
            for found in one.findings
            if one.ods_code in displaced or (found.id in MISSING and all(map(is_blank, one.values.values())))
        }
        return replace(
            read,
            returns=tuple(one for one in read.returns if one.ods_code not in displaced),
            findings=tuple(found for found in read.findings if id(found) not in left_out),
        )


def refused(source: Source, reason: Finding) -> Received:
    """What there is to say of a file that is not read."""
    return Received(source.name, source.sha256, source.size, source.received, readable=False, findings=(reason,))


def failed(source: Source, failure: Failure) -> Received:
    """The same for a file that ended its process, or took more than it may."""
    return refused(source, why(source, failure))


def why(source: Source, failure: Failure) -> Finding:
    """The finding about a file that ended its process, or took more than it may."""
    return finding(FAILED[failure.kind], value=source.name, why=failure.why)


def unreadable(source: Source, error: Exception) -> Finding:
    """The finding about a file that the system does not give."""
    if isinstance(error, PermissionError):
        said = "it may not be opened (permission denied)"
    else:
        said = f"the system says: {getattr(error, 'strerror', None) or error}"
    return finding("file-unreadable", value=source.name, why=said)


def period_not_wanted(name: str, period: str, wanted: str) -> Finding:
    """The finding about a file of another period."""
    return finding("period-not-wanted", value=name, period=period, wanted=wanted)


def list_members(archive: Source) -> Found:
    """The workbooks in a zip file."""
    return members(archive)
