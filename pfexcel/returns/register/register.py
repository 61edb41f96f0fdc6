"""The register as one object: open it, receive files, ask what stands."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from pfexcel.engine.escalation import Stage
from pfexcel.model import Finding
from pfexcel.periods import Period
from pfexcel.returns.register.records import (
    Difference,
    FileEntry,
    Note,
    Publication,
    Receipt,
    Received,
    RegisteredReturn,
    TrustStatus,
    Version,
)
from pfexcel.rules.edition import Edition
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
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was received is kept already."""
        raise NotImplementedError

    # --- receiving ---

    def receive(self, received: Received) -> Receipt:
        """Take in all that one file brought, in one transaction.

        A file that was read before, by SHA-256, changes nothing; one that could not be read before may be read again.
        """
        raise NotImplementedError

    def has_read(self, sha256: str) -> bool:
        """Has a file been read before? Then it need not be read again; `receive_again` notes the name it came under."""
        raise NotImplementedError

    def receive_again(self, sha256: str, name: str, received: datetime) -> Receipt:
        """Note that a file which was read before came again, under this name."""
        raise NotImplementedError

    # --- what stands ---

    def periods(self) -> list[str]:
        """The periods that have a return, oldest first."""
        raise NotImplementedError

    def files(self, period: str | Period | None = None) -> list[FileEntry]:
        """The files received, in the order of their first receipt; those that name a period, or all."""
        raise NotImplementedError

    def file(self, sha256: str) -> FileEntry | None:
        """One file, or None."""
        raise NotImplementedError

    def standing(self, period: str | Period) -> list[RegisteredReturn]:
        """The return that stands for each trust that has one for a period, by ODS code."""
        raise NotImplementedError

    def standing_of(self, ods_code: str, period: str | Period) -> RegisteredReturn | None:
        """The return that stands for one trust, or None."""
        raise NotImplementedError

    def versions(self, ods_code: str, period: str | Period) -> list[Version]:
        """Every version of a trust's return for a period, oldest first; blank ones are none."""
        raise NotImplementedError

    def differences(self, earlier: RegisteredReturn, later: RegisteredReturn) -> tuple[Difference, ...]:
        """In which figures, comments and sign-offs two versions differ, in the order of the Return sheet."""
        raise NotImplementedError

    def status(self, period: str | Period) -> list[TrustStatus]:
        """Where each trust stands that is in scope on the period's last day, or has returned; by ODS code."""
        raise NotImplementedError

    def missing(self, period: str | Period) -> list[TrustStatus]:
        """The trusts in scope on the period's last day that have no return, each with its last good return."""
        raise NotImplementedError

    # --- findings ---

    def findings(self, one: RegisteredReturn) -> tuple[Finding, ...]:
        """The findings about a return: the reader's, and those that only the register can tell.

        Late, corrected, partly complete; and where the workbook had no figures of last period, the checks that compare
        with them.
        """
        raise NotImplementedError

    def file_findings(self, sha256: str) -> tuple[Finding, ...]:
        """All findings about a file and its returns, of the reader and of the register (duplicate, late, ...).

        They say what the register knows now: ask when all files are in, then the order of receiving does not matter.
        """
        raise NotImplementedError

    def open_findings(self, period: str | Period) -> list[Finding]:
        """The errors and queries about the returns that stand for a period, and about their files."""
        raise NotImplementedError

    # --- escalation ---

    def stages(self, ods_code: str, domain: str, through: str | Period | None = None) -> dict[str, Stage]:
        """A trust's way up the ladder of a domain: a Stage for each period, oldest first.

        From the first period in the register through `through` (None: the last). The last stage is what the Rating
        sheet of that period says.

        Raises:
            ValueError: for a domain that does not escalate in the edition of the last period.
        """
        raise NotImplementedError

    def escalations(self, through: str | Period) -> dict[str, dict[str, dict[str, Stage]]]:
        """`stages` of every trust that has a return, by ODS code and by domain."""
        raise NotImplementedError

    def history(self, edition: Edition, before: str | Period) -> dict[str, History]:
        """The periods before one, by ODS code, for the Rating sheets of a workbook (`history` of `build_returns`)."""
        raise NotImplementedError

    def previous(self, before: str | Period) -> dict[str, dict[str, Any]]:
        """The figures of the period just before one, by ODS code (`previous` of `build_returns`)."""
        raise NotImplementedError

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
        raise NotImplementedError

    def notes(self, ods_code: str | None = None, what: str | None = None) -> list[Note]:
        """The notes, all or of a trust or kind, oldest first."""
        raise NotImplementedError

    def noted(self, what: str, period: str | Period | None = None) -> dict[str, Note]:
        """The note of a kind that stands, by ODS code; for a period the one of that period before one of none."""
        raise NotImplementedError

    def record_publication(self, period: str | Period, made: datetime, content: Mapping[str, Any]) -> Publication:
        """Keep what was published; the same content for the same period at the same moment is kept once."""
        raise NotImplementedError

    def publications(self, period: str | Period | None = None) -> list[Publication]:
        """The publications, of a period or all, oldest first."""
        raise NotImplementedError

    # --- the whole ---

    def digest(self) -> str:
        """A digest of all that was received and noted, publications apart; the same whatever the order of arrival."""
        raise NotImplementedError

    def verify(self) -> list[str]:
        """What is wrong with the file: damage, or entries that are not what was received. Nothing, if all is well."""
        raise NotImplementedError

    def export(self, folder: str | os.PathLike[str], kind: str = "csv") -> list[Path]:
        """Write every table to a folder, as `csv` or `parquet`."""
        raise NotImplementedError

    def merge(self, sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> int:
        """Take in all entries of other registers, which are left as they are; says how many were new."""
        raise NotImplementedError


def merge(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> int:
    """Merge one register into another, without loss or doubles; says how many entries were new."""
    with Register(target) as register:
        return register.merge(source)
