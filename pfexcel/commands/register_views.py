"""What the verb `register` says, as plain data: the same for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from pfexcel.model import Severity
from pfexcel.organisations import find_trust

if TYPE_CHECKING:
    from pfexcel.engine.escalation import Stage
    from pfexcel.organisations import Trust
    from pfexcel.returns.register import FileEntry, OpenFinding, Register, RegisteredReturn, TrustStatus, Version

View = dict[str, Any]
NOTED = ("lead_commissioner", "action_plan_date")


def overview(register: Register, period: str | None, areas: Sequence[str]) -> View:
    """Who has returned for a period, who has not, and how much is open.

    Args:
        register: the register.
        period: None where it has no return at all.
        areas: the SHAs to tell of; all, if none.
    """
    files = register.files()
    states = [one for one in register.status(period) if not areas or one.trust.sha_code in areas] if period else []
    found = _open(register, period, areas) if period else []
    noted = {what: register.noted(what, period) for what in NOTED}
    severities = [one.finding.severity for one in found]
    trusts = []
    for one in states:
        own = {w: notes[one.trust.ods_code].value if one.trust.ods_code in notes else "" for w, notes in noted.items()}
        trusts.append(_status(one) | own)
    return {
        "register": str(register.path),
        "digest": register.digest(),
        "periods": register.periods(),
        "period": period,
        "files": len(files),
        "unreadable": [one.name for one in files if not one.readable],
        "counts": {
            **{state: sum(one.state == state for one in states) for state in ("returned", "blank", "missing")},
            "errors": severities.count(Severity.ERROR),
            "queries": severities.count(Severity.QUERY),
        },
        "trusts": trusts,
    }


def _status(one: TrustStatus) -> View:
    standing = one.standing
    return {
        **_trust(one.trust),
        "state": one.state,
        "return": _return(standing) if standing is not None else None,
        "categories": {name: d.category for name, d in standing.domains.items()} if standing is not None else {},
        "errors": one.errors,
        "queries": one.queries,
        "last_good": _return(one.last_good) if one.last_good is not None else None,
    }


def _trust(trust: Trust) -> View:
    return {
        "ods_code": trust.ods_code,
        "name": trust.name,
        "trust_type": trust.trust_type,
        "sha": trust.sha_code,
        "sha_name": trust.sha_name,
    }


def _return(one: RegisteredReturn) -> View:
    return {
        "period": one.period,
        "received": one.received.isoformat(),
        "file": one.file.name,
        "late": one.file.late,
        "missing_entries": one.missing,
    }


def trust_history(register: Register, trust: Trust, through: str | None) -> View:
    """A trust's way up the ladder of each domain, its returns with what changed, and what was noted of it."""
    code = trust.ods_code
    known = register.periods()
    through = through or next((one for one in reversed(known)), None)
    tracks = register.escalations(through).get(code, {}) if through else {}
    periods = known[: known.index(through) + 1] if through in known else known
    versions = [version for period in periods for version in register.versions(code, period)]
    return {
        **_trust(trust),
        "note": trust.note,
        "notes": [asdict(one) | {"entered": one.entered.isoformat()} for one in register.notes(code)],
        "domains": {name: [_stage(p, stage) for p, stage in track.items()] for name, track in tracks.items()},
        "titles": _titles([version.one for version in versions]),
        "returns": [_version(register, version) for version in versions],
    }


def _titles(returns: Sequence[RegisteredReturn]) -> dict[str, str]:
    return {name: domain.title for one in returns for name, domain in one.domains.items()}


def _stage(period: str, stage: Stage) -> View:
    return {
        "period": period,
        "reported": str(stage.reported),
        "category": str(stage.category),
        "consecutive": stage.consecutive,
        "lead": stage.lead,
        "step": stage.step,
        "next_step": stage.next_step,
        "due": stage.due,
        "change": stage.change,
    }


def _version(register: Register, version: Version) -> View:
    one = version.one
    severities = [found.severity for found in register.findings(one)]
    return {
        **_return(one),
        "stands": version.stands,
        "errors": severities.count(Severity.ERROR),
        "queries": severities.count(Severity.QUERY),
        "sign_off": {name: _plain(value) for name, value in one.sign_off.items()},
        "declarations": [{k: _plain(v) for k, v in asdict(made).items()} for made in one.declarations],
        "differences": [
            {"kind": d.kind, "name": d.name, "label": d.label, "earlier": _plain(d.earlier), "later": _plain(d.later)}
            for d in version.differences
        ],
    }


def findings(register: Register, period: str, codes: Sequence[str], areas: Sequence[str]) -> list[View]:
    """The errors and queries that stand for a period, of some trusts and SHAs or all."""
    return [
        {"file": one.file.name, **asdict(one.finding), "value": _plain(one.finding.value)}
        for one in _open(register, period, areas)
        if not codes or one.finding.organisation in codes
    ]


def _open(register: Register, period: str, areas: Sequence[str]) -> list[OpenFinding]:
    """The open findings about the trusts and the files of some SHAs or all."""
    found = []
    for one in register.open_findings(period):
        trust = find_trust(one.finding.organisation)
        if not areas or (trust.sha_code if trust is not None else one.file.sha) in areas:
            found.append(one)
    return found


def files(register: Register, period: str | None) -> list[View]:
    """The files received, of a period or all."""
    return [_file(register, one) for one in register.files(period)]


def _file(register: Register, one: FileEntry) -> View:
    return {
        "name": one.name,
        "sha256": one.sha256,
        "size": one.size,
        "received": one.received.isoformat(),
        "names": list(one.names),
        "readable": one.readable,
        "edition": one.edition,
        "period": one.period,
        "sha": one.sha,
        "deadline": one.deadline.isoformat() if one.deadline else None,
        "template_version": one.template_version,
        "template": one.template,
        "trusts": list(one.trusts),
        "blank": list(one.blank),
        "findings": [asdict(found) | {"value": _plain(found.value)} for found in register.file_findings(one.sha256)],
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
