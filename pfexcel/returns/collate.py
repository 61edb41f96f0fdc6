"""Collating returned workbooks into a register: many files at once, each in a process that may die of it.

The processes only read. This one alone writes to the register, a transaction a file, so it may be stopped at any
moment: what was taken in stays, and collating again completes it. What the register holds in the end does not depend
on how many processes there are or which is quicker.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from pfexcel.model import Finding, Severity
from pfexcel.periods import Period
from pfexcel.returns.collate_reading import (
    Reading,
    failed,
    list_members,
    period_not_wanted,
    refused,
    unreadable,
    why,
)
from pfexcel.returns.collate_sources import Found, Source, find
from pfexcel.returns.pool import Failure, Limits, run
from pfexcel.returns.register import FileEntry, Received, Register
from pfexcel.rules.edition import Edition
from pfexcel.rules.load import load_edition

MOST_JOBS = 32
READ, KNOWN, REFUSED = "read", "read before", "refused"

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class CollatedFile:
    """What came of one file: `read`, `read before` or `refused`; its trusts by what their return is to the register.

    `new`, `corrected` (another return of the trust for the period came before it), `unchanged` (the register had it to
    the letter), `blank`. `findings` are the reader's and the register's; `file` is where the user finds it.
    """

    file: str
    outcome: str
    sha256: str = ""
    edition: str = ""
    period: str = ""
    sha: str = ""
    new: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Collated:
    """What came of collating: every file in the order they were found, and files of other kinds that were left out."""

    files: tuple[CollatedFile, ...]
    left_out: tuple[str, ...] = ()

    @property
    def readable(self) -> bool:
        """Could any file be read?"""
        return any(one.outcome != REFUSED for one in self.files)

    @property
    def has_errors(self) -> bool:
        """Is there a finding of severity error? A file that was refused is one."""
        return any(found.severity is Severity.ERROR for one in self.files for found in one.findings)

    @property
    def periods(self) -> list[str]:
        """The periods of the files that were read."""
        return sorted({one.period for one in self.files if one.outcome != REFUSED and one.period})


def collate(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    register: Register | str | os.PathLike[str],
    *,
    edition: str | os.PathLike[str] | Edition | None = None,
    period: str | Period | None = None,
    jobs: int | None = None,
    integrity: bool = True,
    thorough: bool = False,
    key: bytes | None = None,
    received: datetime | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Collated:
    """Read returned workbooks into a register. Reading the same file twice changes nothing.

    Args:
        paths: files, folders (searched with all their folders) and zip files.
        register: the register, or its file, which is made where there is none.
        edition: the edition to rate by; None takes the one that each workbook names.
        period: take only returns for this period.
        jobs: how many processes read; None is one for each processor.
        integrity: find also what was changed beside the entries.
        thorough: for that, do not rely on a seal made without a key (about four times slower).
        key: for that, the key the workbooks were sealed with.
        received: when the files were received; None is when each was last changed.
        limits: what one file may take of time and memory.
        progress: called with the number of files done, of all files, and the last one done, beginning with none.

    Returns:
        What came of each file. One that cannot be read is noted in the register with the reason, and left as it is.

    Raises:
        ValueError: for an edition, period or register that cannot be used.
        ChildProcessError: where no process to read files can be started.
    """
    reading = Reading(
        edition=_origin(edition),
        period=(period if isinstance(period, Period) else Period.parse(period)).text if period else None,
        integrity=integrity,
        thorough=thorough,
        key=key,
    )
    named = [paths] if isinstance(paths, str | os.PathLike) else paths
    found = find(named, _files_of(register.path if isinstance(register, Register) else register))
    if not found.workbooks and not found.archives:
        return Collated((), tuple(sorted(found.others)))
    jobs = min(jobs or os.cpu_count() or 1, MOST_JOBS)
    with nullcontext(register) if isinstance(register, Register) else Register(register) as opened:
        return _Collating(opened, reading, jobs, limits or Limits(), received, progress).collate(found)


def _files_of(register: str | os.PathLike[str]) -> set[str]:
    """The files of a register, which are no returns."""
    own = os.path.realpath(register)
    return {own, f"{own}-wal", f"{own}-shm"}


def _origin(edition: str | os.PathLike[str] | Edition | None) -> str | None:
    """An edition as another process can load it."""
    if edition is None:
        return None
    loaded = load_edition(edition)
    if load_edition(loaded.origin).digest != loaded.digest:
        raise ValueError(f"{loaded.origin} has changed since it was loaded; load it again")
    return loaded.origin


class _Collating:
    def __init__(
        self,
        register: Register,
        reading: Reading,
        jobs: int,
        limits: Limits,
        received: datetime | None,
        progress: Progress | None,
    ) -> None:
        self.register = register
        self.reading = reading
        self.jobs = jobs
        self.limits = limits
        self.received = received
        self.progress = progress
        self.sources: list[Source] = []
        self.came: dict[int, Received] = {}  # what was read or refused just now, by place among the sources
        self.known: dict[int, str] = {}  # the digests of what was read before

    def collate(self, found: Found) -> Collated:
        for archive, inside in run(list_members, found.archives, self.jobs, self.limits):
            if isinstance(inside, Failure):
                found.workbooks.append(replace(archive, refused=why(archive, inside), sha256=archive.digest()))
            else:
                found.workbooks += inside.workbooks
                found.others += inside.others
        self.sources = sorted(found.workbooks, key=lambda one: (one.shown, one.member or 0))
        self.tell("")
        waiting = self.read(range(len(self.sources)), at_once=False)
        self.read(waiting, at_once=True)
        return Collated(tuple(self.file(number) for number in range(len(self.sources))), tuple(sorted(found.others)))

    def read(self, numbers: Iterable[int], at_once: bool) -> list[int]:
        """Read files, and take in what they bring; gives those that wait.

        A file waits while another of the same bytes is being read, so that it does not depend on chance which of them
        is read. What still waits in the end is read `at_once`: the other could not be read.
        """
        waiting: list[int] = []
        unread = self.unread(numbers, None if at_once else waiting)
        with closing(run(self.reading, unread, self.jobs, self.limits)) as outcomes:
            for (number, source), outcome in outcomes:
                self.take(number, failed(source, outcome) if isinstance(outcome, Failure) else outcome)
        return waiting

    def unread(self, numbers: Iterable[int], waiting: list[int] | None) -> Iterator[tuple[int, Source]]:
        """The files that are to be read; what is known of the others is settled here."""
        begun: set[str] = set()
        for number in numbers:
            source = self.sources[number] = self.identified(self.sources[number])
            if source.refused is not None:
                self.take(number, refused(source, source.refused))
            elif self.register.has_read(source.sha256):
                self.register.receive_again(source.sha256, source.name, source.received)
                self.known[number] = source.sha256
                self.tell(source.shown)
            elif waiting is not None and source.sha256 in begun:
                waiting.append(number)
            else:
                begun.add(source.sha256)
                yield number, source

    def identified(self, source: Source) -> Source:
        """The file with its digest, where it can be had, and when it was received."""
        source = replace(source, received=self.received or source.received)
        if source.sha256 or source.member is not None or (source.refused is not None and not source.size):
            return source
        try:
            return replace(source, sha256=source.digest())
        except OSError as error:
            return replace(source, refused=unreadable(source, error))

    def take(self, number: int, received: Received) -> None:
        """Take in what a file brought; without a digest, for want of its bytes, only this call knows of it."""
        if received.sha256:
            self.register.receive(received)
        self.came[number] = received
        self.tell(self.sources[number].shown)

    def tell(self, last: str) -> None:
        if self.progress is not None:
            self.progress(len(self.came) + len(self.known), len(self.sources), last)

    # --- what came of it ---

    def file(self, number: int) -> CollatedFile:
        """What came of a file, as the register knows it now that all files are in."""
        source, received = self.sources[number], self.came.get(number)
        if received is not None and not received.readable:
            return CollatedFile(
                source.shown,
                REFUSED,
                received.sha256,
                received.edition,
                received.period,
                received.sha,
                findings=received.findings,
            )
        sha256 = received.sha256 if received is not None else self.known[number]
        entry = self.register.file(sha256)
        assert entry is not None
        news = {code: self.news(code, entry) for code in entry.trusts} if received is not None else {}
        findings = self.register.file_findings(sha256)
        if self.reading.period and entry.period != self.reading.period:
            findings += (period_not_wanted(source.name, entry.period, self.reading.period),)
        return CollatedFile(
            source.shown,
            KNOWN if received is None else READ,
            sha256,
            entry.edition,
            entry.period,
            entry.sha,
            new=tuple(code for code, place in news.items() if place == 0),
            corrected=tuple(code for code, place in news.items() if place is not None and place > 0),
            unchanged=tuple(code for code in entry.trusts if news.get(code) is None),
            blank=entry.blank,
            findings=findings,
        )

    def news(self, code: str, entry: FileEntry) -> int | None:
        """Which version of a trust's return a file brought: 0 is the first; None, where another file brought it."""
        versions = self.register.versions(code, entry.period)
        return next((n for n, version in enumerate(versions) if version.one.file.sha256 == entry.sha256), None)
