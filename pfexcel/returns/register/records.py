"""The plain records of the register: what a file brings, and what the register holds of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from pfexcel.engine.declarations import Declaration
from pfexcel.engine.inputs import is_blank
from pfexcel.engine.rate import rate
from pfexcel.model import Finding, Rating
from pfexcel.organisations import Trust


@dataclass(frozen=True)
class DomainResult:
    """What one return was rated in one domain, and all that escalation needs to know of it.

    `ladder` and `continues` are those of the edition, `declared` is the category declared in the return, `missed` on a
    ladder with missed submissions whether one was missed and whether a short delay is expected.
    """

    title: str
    category: str
    ladder: str | None = None
    continues: str | None = None
    declared: str | None = None
    missed: tuple[bool, bool] | None = None


@dataclass(frozen=True)
class EnteredReturn:
    """One trust's return as a file brings it: what was entered, and how the reader rated it.

    `values` and `comments` are by entry, `sign_off` as on the Cover, `results` by the names of the Rating sheet's
    cells. `missing` counts the entries that are missing. Blank entries may be given or left out: they mean the same.
    """

    ods_code: str
    trust_type: str
    edition: str
    values: Mapping[str, Any]
    comments: Mapping[str, str] = field(default_factory=dict)
    sign_off: Mapping[str, Any] = field(default_factory=dict)
    declarations: tuple[Declaration, ...] = ()
    domains: Mapping[str, DomainResult] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    missing: int = 0

    @property
    def blank(self) -> bool:
        """Is no entry filled in? A blank Return sheet is no return, even with a comment or a sign-off."""
        return all(is_blank(value) for value in self.values.values())


@dataclass(frozen=True)
class Received:
    """All that one file brings; the register takes it in as one, or not at all.

    Args:
        name: the file's name, without its folder; within an archive `archive.zip/name.xlsx`.
        sha256: of its bytes, in hexadecimal.
        size: in bytes.
        received: when it was received. `Register` orders returns by it, so it must not depend on when the file is
            read: `pfexcel collate` gives the time the file was last changed. Without a zone it is taken as UTC.
        readable: whether it could be read. A file that could not may be read again; one that could is read once.
        edition, period, sha: as the file names them.
        template, template_version, rulebook: the fingerprint of words and theme, the version of pfexcel that made it,
            and the fingerprint of the edition's text, as the file names them.
        deadline: the day by which it was wanted, as the file names it.
        returns: one a trust, blank ones too.
        findings: those about the file and those about its returns (these have `organisation`).
        program: the version of pfexcel that read it; None is this one.
    """

    name: str
    sha256: str
    size: int
    received: datetime
    readable: bool = True
    edition: str = ""
    period: str = ""
    sha: str = ""
    template: str = ""
    template_version: str = ""
    rulebook: str = ""
    deadline: date | None = None
    returns: tuple[EnteredReturn, ...] = ()
    findings: tuple[Finding, ...] = ()
    program: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What came of receiving a file.

    `duplicate`: the register had read the file before, so nothing changed but perhaps a name that it came under.
    `new` are the trusts whose return is new to the register, `known` those whose return came in another file before,
    to the letter; `blank` those whose Return sheet is blank.
    """

    sha256: str
    duplicate: bool
    new: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileEntry:
    """A file in the register; `received` and `name` are those of its first receipt, `names` are all it came under.

    `late`: received after the deadline noted for its period or else the one that it names, by the calendar of UTC.
    """

    sha256: str
    size: int
    name: str
    received: datetime
    names: tuple[str, ...]
    readable: bool
    edition: str
    period: str
    sha: str
    template: str
    template_version: str
    rulebook: str
    deadline: date | None
    late: bool
    program: str
    trusts: tuple[str, ...]
    blank: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class RegisteredReturn:
    """One version of a trust's return in the register.

    `id` is the digest of what was entered; `file` the first file that brought it, `received` when it did. `values`
    holds the entries that are filled in. `findings` are those of the reader; `Register.findings` gives also what only
    the register can tell.
    """

    id: str
    ods_code: str
    trust_type: str
    period: str
    edition: str
    values: Mapping[str, Any]
    comments: Mapping[str, str]
    sign_off: Mapping[str, Any]
    declarations: tuple[Declaration, ...]
    domains: Mapping[str, DomainResult]
    results: Mapping[str, Any]
    missing: int
    blank: bool
    file: FileEntry
    findings: tuple[Finding, ...]

    @property
    def received(self) -> datetime:
        return self.file.received

    @cached_property
    def rating(self) -> Rating:
        """How the values rate by the edition as it is loaded here: every indicator, and the explanation.

        Raises:
            ValueError: for an edition of one's own, which is known by name only; rate `values` by it instead.
        """
        return rate(self.edition, self.trust_type, self.values, self.period)


@dataclass(frozen=True)
class Difference:
    """One entry in which two versions of a return differ; `kind` is figure, comment or sign-off, None is blank."""

    kind: str
    name: str
    label: str
    earlier: Any
    later: Any


@dataclass(frozen=True)
class Version:
    """One version of a return in its place among the others: how it differs from the one before, and if it stands."""

    one: RegisteredReturn
    differences: tuple[Difference, ...]
    stands: bool


@dataclass(frozen=True)
class TrustStatus:
    """Where a trust stands with its return for a period.

    `state` is `returned`, `blank` (only a blank Return sheet came) or `missing`. `last_good` is the latest return
    without an error, of this period or one before.
    """

    trust: Trust
    state: str
    standing: RegisteredReturn | None
    errors: int
    queries: int
    last_good: RegisteredReturn | None


@dataclass(frozen=True)
class OpenFinding:
    """An error or a query that stands, and the file it is about."""

    file: FileEntry
    finding: Finding


@dataclass(frozen=True)
class Note:
    """Something entered about a trust or, with `ods_code` empty, about a period; the last entered of its kind stands.

    `what` is `lead_commissioner`, `action_plan_date`, `deadline` or `remark`; `value` a text, a date in ISO form.
    """

    ods_code: str
    period: str
    what: str
    value: str
    entered_by: str
    entered: datetime


@dataclass(frozen=True)
class Publication:
    """A publication as it was made: `content` is all that is needed to make it again to the same bytes.

    `register` is the digest of the register it was made from.
    """

    id: str
    period: str
    made: datetime
    register: str
    content: Mapping[str, Any]
