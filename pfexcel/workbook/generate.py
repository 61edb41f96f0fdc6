"""Making return workbooks in batches: one for each SHA with trusts in scope, and a manifest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pfexcel.organisations import Sha, Trust, in_scope, shas
from pfexcel.periods import Period, period_of
from pfexcel.rules.edition import Edition
from pfexcel.rules.load import load_edition
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.job import Job, TrustReturn

Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class BuiltReturns:
    """What `build_returns` made: the files, the manifest, and a line for each SHA or trust it left out."""

    files: tuple[Path, ...]
    manifest: Path
    notes: tuple[str, ...]


def build_returns(
    edition: str | os.PathLike[str] | Edition,
    period: str | Period,
    out: str | os.PathLike[str],
    sha: str | Iterable[str] | None = None,
    values: Values | None = None,
    deadline: date | None = None,
    progress: Callable[[str], None] | None = None,
) -> BuiltReturns:
    """Make the return workbooks of a period, one for each SHA with trusts in scope on its last day.

    Args:
        edition: an edition, its id, or the path of a TOML file of your own.
        period: a period of the edition.
        out: the folder to write to; made where it does not exist.
        sha: SHA codes (`Q34`); None makes all.
        values: figures to begin with, by ODS code and entry.
        deadline: the day by which the return is wanted, for the Cover.
        progress: called with the name of each file as it is written.

    Returns:
        The files, `manifest.json` (file, SHA-256, edition, period, trusts) and notes. The same arguments give the
        same bytes.

    Raises:
        ValueError: for an edition, period or SHA that is unknown.
    """
    edition = load_edition(edition)
    period = period_of(edition, period)
    jobs, notes = [], []
    for one in _wanted(sha):
        job = make_job(edition, period, one, values or {}, deadline)
        if job.returns:
            jobs.append(job)
        else:
            notes.append(f"{one.code} {one.name}: no trust in scope on {_day(period.last_day)}; no workbook")
        if job.left_out:
            names = ", ".join(trust.ods_code for trust in job.left_out)
            notes.append(f"{one.code} {one.name}: edition {edition.id} as loaded has no rules for {names}")
    folder = Path(out)
    entries = []
    for job in jobs:
        path = folder / job.file_name
        write_workbook(job, path)
        entries.append(_manifest_entry(path, job))
        if progress is not None:
            progress(job.file_name)
    manifest = _write_manifest(folder, entries)
    return BuiltReturns(tuple(folder / entry["file"] for entry in entries), manifest, tuple(notes))


def make_job(edition: Edition, period: Period, sha: Sha, values: Values, deadline: date | None = None) -> Job:
    """The workbook of one SHA: its trusts in scope whose type the edition rates, and those left out."""
    every = list(_scope(period.last_day, sha))
    rated = [trust for trust in every if trust.trust_type in edition.trust_types]
    returns = tuple(
        TrustReturn(trust, edition.rulebook(trust.trust_type), period, values.get(trust.ods_code, {}))
        for trust in rated
    )
    job = Job(
        edition=edition,
        period=period,
        code=sha.code,
        name=sha.name,
        returns=returns,
        left_out=tuple(trust for trust in every if trust not in rated),
        deadline=deadline,
    )
    return replace(job, file_name=f"pf-return_{period.text}_{sha.code}_{sha.slug}.xlsx")


RATED_TYPES = ("acute", "ambulance", "mental-health")


def _scope(day: date, sha: Sha) -> Iterator[Trust]:
    yield from in_scope(day, RATED_TYPES, sha.code)


def _wanted(codes: str | Iterable[str] | None) -> list[Sha]:
    known = shas()
    if codes is None:
        return list(known.values())
    wanted = [codes] if isinstance(codes, str) else list(codes)
    for code in wanted:
        if code not in known:
            names = ", ".join(f"{sha.code} {sha.name}" for sha in known.values())
            raise ValueError(f"SHA {code!r} is unknown; use one of {names}")
    return [known[code] for code in dict.fromkeys(wanted)]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _manifest_entry(path: Path, job: Job) -> dict[str, Any]:
    return {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "edition": job.edition.id,
        "period": job.period.text,
        "trusts": [one.trust.ods_code for one in job.returns],
    }


def _write_manifest(folder: Path, entries: list[dict[str, Any]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "manifest.json"
    beside = folder / f".manifest.json.{os.getpid()}.part"
    beside.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    os.replace(beside, path)
    return path
