"""The register as one object: open it, receive files, ask what stands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from pfexcel.engine.escalation import Stage
from pfexcel.model import Finding
from pfexcel.periods import Period
from pfexcel.returns.register.entries import Entries
from pfexcel.returns.register.export import export
from pfexcel.returns.register.notes import (
    enter_note,
    keep_publication,
    noted,
    read_notes,
    read_publications,
)
from pfexcel.returns.register.own_findings import OwnFindings, differences
from pfexcel.returns.register.receiving import has_read, take_in, take_in_again
from pfexcel.returns.register.records import (
    Difference,
    FileEntry,
    Note,
    OpenFinding,
    Publication,
    Receipt,
    Received,
    RegisteredReturn,
    TrustStatus,
    Version,
)
from pfexcel.returns.register.schema import connect, reading
from pfexcel.returns.register.status import status
from pfexcel.returns.register.tracks import Tracks, history, previous
from pfexcel.returns.register.whole import digest, merge_into, problems
from pfexcel.workbook.history import History


class Register:
    """A register in a file; use it in a `with` statement, in one thread.

    Args:
        path: the file. An older version of the register is brought up to date in one transaction.
        create: make it where there is none.

    Raises:
        RegisterError: (a ValueError) for a file that is no register, or of a newer version; it is left as it is.

    Several processes may use one register at once: each file is taken in whole or not at all, and a process that is
    killed leaves whole entries only.
    """

    def __init__(self, path: str | os.PathLike[str], create: bool = True) -> None:
        self.path = Path(path)
        self._connection = connect(self.path, create)
        self._known: tuple[tuple[int, int], Entries, OwnFindings] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was received is kept already."""
        self._connection.close()

    # --- receiving ---

    def receive(self, received: Received, again: bool = False) -> Receipt:
        """Take in all that one file brought, in one transaction.

        A file that was read before, by SHA-256, changes nothing; one that could not be read before may be read again.

        Args:
            received: what the file brought.
            again: take in another reading of a file that was read before; that of the newest program counts.

        Raises:
            ValueError: for returns of a period that is none.
        """
        return take_in(self._connection, received, again)

    def has_read(self, sha256: str) -> bool:
        """Has a file been read before? Then it need not be read again; `receive_again` notes the name it came under."""
        return has_read(self._connection, sha256)

    def receive_again(self, sha256: str, name: str, received: datetime) -> Receipt:
        """Note that a file which was read before came again, under this name."""
        return take_in_again(self._connection, sha256, name, received)

    # --- what stands ---

    def periods(self) -> list[str]:
        """The periods that have a return, oldest first."""
        return list(self._now().standing)

    def files(self, period: str | Period | None = None) -> list[FileEntry]:
        """The files received, in the order of their first receipt; those that name a period, or all."""
        wanted = _text(period) if period is not None else None
        return [one for one in self._now().files() if wanted in (None, one.period)]

    def file(self, sha256: str) -> FileEntry | None:
        """One file, or None."""
        return self._now().file(sha256)

    def standing(self, period: str | Period) -> list[RegisteredReturn]:
        """The return that stands for each trust that has one for a period, by ODS code."""
        entries = self._now()
        return [entries.load(one) for _, one in sorted(entries.standing.get(_text(period), {}).items())]

    def versions(self, ods_code: str, period: str | Period) -> list[Version]:
        """Every version of a trust's return for a period, oldest first; blank ones are none."""
        entries = self._now()
        found = [entries.load(one) for one in entries.of_trust.get((_code(ods_code), _text(period)), [])]
        changes = [(), *(differences(earlier, later) for earlier, later in pairwise(found))]
        return [Version(one, changed, one is found[-1]) for one, changed in zip(found, changes, strict=False)]

    def differences(self, earlier: RegisteredReturn, later: RegisteredReturn) -> tuple[Difference, ...]:
        """In which figures, comments and sign-offs two versions differ, in the order of the Return sheet."""
        return differences(earlier, later)

    def status(self, period: str | Period) -> list[TrustStatus]:
        """Where each trust stands that is in scope on the period's last day, or has returned; by ODS code."""
        entries = self._now()
        return status(entries, self._own(), _period(period))

    def missing(self, period: str | Period) -> list[TrustStatus]:
        """The trusts in scope on the period's last day that have no return, each with its last good return."""
        return [one for one in self.status(period) if one.standing is None]

    # --- findings ---

    def findings(self, one: RegisteredReturn) -> tuple[Finding, ...]:
        """The findings about a return: the reader's, and those that only the register can tell.

        Late, corrected, partly complete; and where the workbook had no figures of last period, the checks that compare
        with them.
        """
        return (*one.findings, *self._own().of_return(one))

    def file_findings(self, sha256: str) -> tuple[Finding, ...]:
        """All findings about a file and its returns, of the reader and of the register (duplicate, late, ...).

        They say what the register knows now: ask when all files are in, then the order of receiving does not matter.
        """
        entries = self._now()
        file = entries.file(sha256)
        return (*file.findings, *self._own().of_file(sha256)) if file is not None else ()

    def open_findings(self, period: str | Period) -> list[OpenFinding]:
        """The errors and queries about the returns that stand for a period, and about their files.

        Also those about a blank Return sheet where no return stands, and about a file without returns as long as no
        other has come from that SHA.
        """
        return self._own().open_in(_text(period))

    # --- escalation ---

    def stages(self, ods_code: str, domain: str, through: str | Period | None = None) -> dict[str, Stage]:
        """A trust's way up the ladder of a domain: a Stage for each period, oldest first.

        From the first period in the register through `through` (None: the last). The last stage is what the Rating
        sheet of that period says.

        Raises:
            ValueError: for a domain that does not escalate in the edition of the last period.
        """
        return Tracks(self._now(), through and _text(through)).stages(_code(ods_code), domain)

    def escalations(self, through: str | Period) -> dict[str, dict[str, dict[str, Stage]]]:
        """`stages` of every trust that has a return, by ODS code and by domain."""
        return Tracks(self._now(), _text(through)).escalations()

    def history(self, before: str | Period) -> dict[str, History]:
        """The periods before one, by ODS code, for the Rating sheets of a workbook (`history` of `build_returns`)."""
        return history(self._now(), _text(before))

    def previous(self, before: str | Period) -> dict[str, dict[str, Any]]:
        """The figures of the period just before one, by ODS code (`previous` of `build_returns`)."""
        return previous(self._now(), _period(before))

    # --- notes and publications ---

    def note(
        self,
        what: str,
        value: str | date,
        *,
        ods_code: str = "",
        period: str = "",
        entered_by: str = "",
        entered: datetime | None = None,
    ) -> Note:
        """Enter something about a trust (lead commissioner, action plan date) or a period (deadline): see `Note`.

        Args:
            entered: None is now. The last entered stands.

        Raises:
            ValueError: for a kind, trust, period or date that is none.
        """
        return enter_note(self._connection, what, value, ods_code, period, entered_by, entered)

    def notes(self, ods_code: str | None = None, what: str | None = None) -> list[Note]:
        """The notes, all or of a trust or kind, oldest first."""
        found = read_notes(self._connection)
        code = ods_code and _code(ods_code)
        return [one for one in found if code in (None, one.ods_code) and what in (None, one.what)]

    def noted(self, what: str, period: str | Period | None = None) -> dict[str, Note]:
        """The note of a kind that stands, by ODS code; for a period the one of that period before one of none."""
        return noted(read_notes(self._connection), what, _text(period) if period is not None else "")

    def record_publication(self, period: str | Period, made: datetime, content: Mapping[str, Any]) -> Publication:
        """Keep what was published; the same content for the same period at the same moment is kept once."""
        return keep_publication(self._connection, _text(period), made, self.digest(), content)

    def publications(self, period: str | Period | None = None) -> list[Publication]:
        """The publications, of a period or all, oldest first."""
        wanted = _text(period) if period is not None else None
        return [one for one in read_publications(self._connection) if wanted in (None, one.period)]

    # --- the whole ---

    def digest(self) -> str:
        """A digest of all that was received and noted, publications apart; the same whatever the order of arrival."""
        return digest(self._now())

    def verify(self) -> list[str]:
        """What is wrong with the file: damage, or entries that are not what was received. Nothing, if all is well."""
        with reading(self._connection):
            return list(problems(self._connection))

    def export(self, folder: str | os.PathLike[str], kind: str = "csv") -> list[Path]:
        """Write every table to a folder, as `csv` or `parquet`."""
        with reading(self._connection):
            return export(self._now(), Path(folder), kind)

    def merge(self, source: str | os.PathLike[str]) -> dict[str, int]:
        """Take in all entries of another register, which is left as it is; the number of new ones by table.

        Raises:
            RegisterError: (a ValueError) where the other is no register, is damaged or was altered.
        """
        return merge_into(self._connection, Path(source))

    # --- inside ---

    def _now(self) -> Entries:
        return self._state()[0]

    def _own(self) -> OwnFindings:
        return self._state()[1]

    def _state(self) -> tuple[Entries, OwnFindings]:
        """What the entries amount to; worked out again where this or another process has added some."""
        [version] = self._connection.execute("PRAGMA data_version").fetchone()
        state = version, self._connection.total_changes
        if self._known is None or self._known[0] != state:
            with reading(self._connection):
                entries = Entries(self._connection)
            self._known = state, entries, OwnFindings(entries)
        return self._known[1:]


def merge(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> dict[str, int]:
    """Merge one register into another, without loss or doubles; the number of new entries by table."""
    with Register(target) as register:
        return register.merge(source)


def _period(period: str | Period) -> Period:
    return period if isinstance(period, Period) else Period.parse(period)


def _text(period: str | Period) -> str:
    return _period(period).text


def _code(ods_code: str) -> str:
    return ods_code.strip().upper()
