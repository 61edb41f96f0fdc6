"""Making return workbooks in batches: one for each SHA, cluster or trust in scope, and a manifest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pfexcel.organisations import CLUSTERS_FROM, COMPLETE_FROM, Trust, in_scope, shas, slug
from pfexcel.periods import Period, period_of
from pfexcel.rules.edition import Edition
from pfexcel.rules.load import load_edition
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.history import History
from pfexcel.workbook.job import Job, TrustReturn

Values = Mapping[str, Mapping[str, Any]]
UNITS = ("sha", "cluster", "trust")


@dataclass(frozen=True)
class BuiltReturns:
    """What `build_returns` made: the files, the manifest, and a line for each SHA or trust it left out."""

    files: tuple[Path, ...]
    manifest: Path
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """Whom a workbook is for: an SHA, a cluster or a trust, and the trusts in it."""

    code: str
    name: str
    file_part: str
    trusts: tuple[Trust, ...]


@dataclass(frozen=True)
class Given:
    """What is known of the trusts beforehand, by ODS code: figures, the periods before, last period's figures."""

    values: Values
    history: Mapping[str, History]
    previous: Values


def build_returns(
    edition: str | os.PathLike[str] | Edition,
    period: str | Period,
    out: str | os.PathLike[str],
    sha: str | Iterable[str] | None = None,
    by: str = "sha",
    values: Values | None = None,
    history: Mapping[str, History] | None = None,
    previous: Values | None = None,
    deadline: date | None = None,
    progress: Callable[[str], None] | None = None,
    password: str = "",
    key: bytes | None = None,
    jobs: int = 1,
) -> BuiltReturns:
    """Make the return workbooks of a period for the trusts in scope on its last day.

    Args:
        edition: an edition, its id, or the path of a TOML file of your own.
        period: a period of the edition.
        out: the folder to write to; made where it does not exist.
        sha: SHA codes (`Q34`); None makes all.
        by: one workbook for each `sha`, `cluster` (from October 2011) or `trust`.
        values: figures to begin with, by ODS code and entry.
        history: the periods before, by ODS code (see `workbook.history.read_history`).
        previous: last period's figures, by ODS code and entry, shown beside this period's.
        deadline: the day by which the return is wanted, for the Cover.
        progress: called with the name of each file as it is written.
        password: takes the protection of sheets and structure off; none by default.
        key: seals each workbook with HMAC (see `workbook.seal.read_key`).
        jobs: how many processes write at once; the bytes are the same.

    Returns:
        The files, `manifest.json` (file, SHA-256, edition, period, trusts) and notes. The same arguments give the same
        bytes.

    Raises:
        ValueError: for an edition, period or SHA that is unknown, or clusters before there were any.
    """
    edition = load_edition(edition)
    period = period_of(edition, period)
    units, notes = _units(period, by, sha, edition)
    notes += _unused(values or {}, units, edition)
    folder = Path(out)
    given = Given(values or {}, history or {}, previous or {})
    locks: dict[str, Any] = {"password": password, "key": key} if password or key else {}
    several = jobs > 1 and len(units) > 1
    if several and load_edition(edition.origin).digest != edition.digest:
        raise ValueError(f"{edition.origin} has changed since it was loaded; load it again, or use one process")
    write = partial(_write_unit, edition.origin if several else edition, period, folder, given, deadline, locks)
    entries = []
    with _mapped(write, units, jobs if several else 1) as written:
        for entry in written:
            entries.append(entry)
            if progress is not None:
                progress(entry["file"])
    return BuiltReturns(tuple(folder / e["file"] for e in entries), _write_manifest(folder, entries), tuple(notes))


@contextmanager
def _mapped(
    write: Callable[[Unit], dict[str, Any]], units: list[Unit], jobs: int
) -> Iterator[Iterator[dict[str, Any]]]:
    """What `write` gives for each unit, in their order, by this process or by several."""
    if jobs == 1:
        yield map(write, units)
        return
    with ProcessPoolExecutor(max_workers=min(jobs, len(units))) as pool:
        yield pool.map(write, units)


def _write_unit(
    edition: Edition | str,
    period: Period,
    folder: Path,
    given: Given,
    deadline: date | None,
    locks: Mapping[str, Any],
    unit: Unit,
) -> dict[str, Any]:
    """Write the workbook of one unit and give its line of the manifest; an edition travels by its origin."""
    job = make_job(load_edition(edition), period, unit, given, deadline)
    path = folder / f"pf-return_{period.text}_{unit.file_part}.xlsx"
    write_workbook(job, path, **locks)
    return _manifest_entry(path, job)


def make_job(
    edition: Edition,
    period: Period,
    unit: Unit,
    given: Given,
    deadline: date | None = None,
) -> Job:
    """The workbook of one unit: its trusts whose type the edition rates, and those left out."""
    trusts = sorted(unit.trusts, key=lambda trust: trust.ods_code)
    rated = [trust for trust in trusts if trust.trust_type in edition.trust_types]
    returns = tuple(
        TrustReturn(
            trust,
            edition.rulebook(trust.trust_type),
            period,
            given.values.get(trust.ods_code, {}),
            given.history.get(trust.ods_code, ()),
            given.previous.get(trust.ods_code, {}),
        )
        for trust in rated
    )
    left_out = tuple(trust for trust in trusts if trust not in rated)
    return Job(edition, period, unit.code, unit.name, returns, left_out, deadline)


def _units(
    period: Period, by: str, codes: str | Iterable[str] | None, edition: Edition
) -> tuple[list[Unit], list[str]]:
    """Whom to make workbooks for, and a line for each SHA that gets none and each trust left out."""
    if by not in UNITS:
        raise ValueError(f"by {by!r} is unknown; use one of {', '.join(UNITS)}")
    day = period.last_day
    if by == "cluster" and day < CLUSTERS_FROM:
        raise ValueError(f"SHA clusters began on {_day(CLUSTERS_FROM)}, after {period.text}; use by sha or trust")
    notes = []
    if day < COMPLETE_FROM:
        notes.append(
            f"The list of trusts is complete from {_day(COMPLETE_FROM)}: "
            "trusts that became foundation trusts before are absent"
        )
    every: list[Trust] = []
    for code in _wanted(codes):
        found = in_scope(day, sha=code)
        every += found
        name = shas()[code].name
        unrated = [trust.ods_code for trust in found if trust.trust_type not in edition.trust_types]
        if len(unrated) == len(found):
            notes.append(f"{code} {name}: no trust in scope on {_day(day)}; no workbook")
        elif unrated:
            notes.append(f"{code} {name}: edition {edition.id} does not rate {', '.join(unrated)}")
    units = [unit for unit in _grouped(every, by) if any(t.trust_type in edition.trust_types for t in unit.trusts)]
    return units, notes


def _unused(values: Values, units: list[Unit], edition: Edition) -> list[str]:
    """A line for the ODS codes, and one for the columns, of the figures given that no workbook takes up."""
    taken = {trust.ods_code for unit in units for trust in unit.trusts}
    fields = {name for rulebook in edition.rulebooks.values() for name in rulebook.fields}
    codes = sorted(code for code in values if code not in taken)
    names = sorted({name for row in values.values() for name in row if name not in fields})
    lines = [("codes of no trust in these workbooks", codes), ("names of no entry", names)]
    return [f"Figures given but not used, {what}: {', '.join(found)}" for what, found in lines if found]


def _grouped(trusts: list[Trust], by: str) -> list[Unit]:
    groups: dict[tuple[str, str, str], list[Trust]] = {}
    for trust in trusts:
        keys = {
            "sha": (trust.sha_code, trust.sha_name, f"{trust.sha_code}_{slug(trust.sha_name)}"),
            "cluster": ("cluster", trust.sha_cluster, f"cluster_{slug(trust.sha_cluster)}"),
            "trust": (trust.ods_code, trust.name, f"{trust.ods_code}_{slug(trust.name)}"),
        }
        groups.setdefault(keys[by], []).append(trust)
    return [Unit(*key, tuple(found)) for key, found in groups.items()]


def _wanted(codes: str | Iterable[str] | None) -> list[str]:
    known = shas()
    if codes is None:
        return list(known)
    wanted = [codes] if isinstance(codes, str) else list(codes)
    for code in wanted:
        if code not in known:
            names = ", ".join(f"{sha.code} {sha.name}" for sha in known.values())
            raise ValueError(f"SHA {code!r} is unknown; use one of {names}")
    return list(dict.fromkeys(wanted))


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
