"""The demonstration: four quarters of all England with sample figures, from blank workbooks to the publication."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from pfexcel import terminal
from pfexcel.organisations import in_scope
from pfexcel.periods import Period, period_of
from pfexcel.publish.publication import DomainResult, Publication, TrustEntry
from pfexcel.publish.publishing import publish
from pfexcel.returns.collate import collate
from pfexcel.returns.register import Register
from pfexcel.rules.edition import Edition
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.generate import build_returns

EDITION, QUARTERS = "2011-12", ("2011-12-Q1", "2011-12-Q2", "2011-12-Q3", "2011-12-Q4")
SHOWN_SHA = "Q34"
ABSENT = {"2011-12-Q4": ("RJ7",)}
"""Trusts whose return does not come, so that the publication has somebody to name."""
RETURNED, DEADLINE, PUBLISHED = timedelta(days=20), timedelta(days=28), timedelta(days=60)


def run_demo(out: Path, quarters: Sequence[str] = QUARTERS, shas: Sequence[str] | None = None) -> None:
    """Make a year of workbooks, fill them in, collate them, escalate and publish; end with the paths to open.

    Args:
        out: the folder to write to; a register of an earlier run is replaced.
        quarters: the quarters to show, of one edition, oldest first.
        shas: the codes of the SHAs to show; None is all England.
    """
    edition = load_edition(EDITION)
    register = out / "register.sqlite"
    for old in (register, *(Path(f"{register}{end}") for end in ("-wal", "-shm"))):
        old.unlink(missing_ok=True)
    jobs = os.cpu_count() or 1
    for text in quarters:
        _return_quarter(edition, period_of(edition, text), shas, out, register, jobs)
    last = period_of(edition, quarters[-1])
    terminal.say(f"Publishing {last.label} ...")
    published = publish(register, last, out / "published", published=last.last_day + PUBLISHED, jobs=jobs)
    shown = SHOWN_SHA if shas is None else shas[0]
    blank = build_returns(edition, last, out / "sent", shown, deadline=last.last_day + DEADLINE)
    _show(published.publication, shas)
    code = next(sha.trusts[0].ods_code for sha in published.publication.shas if sha.code == shown)
    filled = next((out / "returned" / last.text).glob(f"*_{shown}_*.xlsx"))
    dashboard = next(path for path in published.files if path.suffix == ".html")
    workbook = next(path for path in published.files if path.suffix == ".xlsx" and path.parent == published.folder)
    terminal.say("")
    terminal.say("The figures are invented and say nothing of any trust. Open:")
    terminal.say(f"  the dashboard, in a browser:   {dashboard}")
    terminal.say(f"  the published tables:          {workbook}")
    terminal.say(f"  a return workbook, filled in:  {filled}")
    terminal.say(f"  the same, blank as sent out:   {blank.files[0]}")
    terminal.say(f"  the register:                  pfexcel register --register {register} --period {last.text}")
    terminal.say(f"  how a rating came about:       pfexcel explain {filled} --trust {code}")


def _return_quarter(
    edition: Edition, period: Period, shas: Sequence[str] | None, out: Path, register: Path, jobs: int
) -> None:
    """Make the workbooks of a quarter with all that is known before, filled in, and collate them."""
    terminal.say(f"{period.label}: making the return workbooks, filled with sample figures ...")
    with Register(register) as opened:
        history, previous = opened.history(period), opened.previous(period)
    trusts = [
        one for one in in_scope(period.last_day, edition.trust_types) if one.ods_code not in ABSENT.get(period.text, ())
    ]
    returned = build_returns(
        edition,
        period,
        out / "returned" / period.text,
        shas,
        values={one.ods_code: sample_values(edition.rulebook(one.trust_type), one.ods_code, period) for one in trusts},
        history=history,
        previous=previous,
        deadline=period.last_day + DEADLINE,
        jobs=jobs,
    )
    received = datetime.combine(period.last_day + RETURNED, time(12))
    collated = collate(returned.files, register, jobs=jobs, received=received)
    new = sum(len(one.new) for one in collated.files)
    terminal.say(f"  {terminal.counted(len(collated.files), 'workbook')} collated: {terminal.counted(new, 'return')}")


def _show(publication: Publication, shas: Sequence[str] | None) -> None:
    """The categories by domain, and the trusts whose category was escalated in the last quarter."""
    trusts = [trust for sha in publication.shas if shas is None or sha.code in shas for trust in sha.trusts]
    terminal.say("")
    for counted in publication.counts.domains:
        if counted.in_force:
            said = ", ".join(f"{one.category} {one.trusts}" for one in counted.in_force if one.trusts)
            terminal.say(f"{counted.title}, in force: {said}")
    missing = [trust.name for trust in trusts if not trust.returned]
    terminal.say(f"No return: {', '.join(missing) or 'nobody'}")
    rows = [_escalated(trust, domain) for trust in trusts for domain in trust.domains if _is_escalated(domain)]
    terminal.say("")
    terminal.table(
        ("Trust", "Domain", "Reported, by quarter", "In force", "Leads"),
        rows,
        title=f"Escalated in {publication.period.words}",
        prose=("Reported, by quarter", "Leads"),
        cut="Trust",
    )


def _is_escalated(domain: DomainResult) -> bool:
    return domain.standing is not None and domain.standing.escalated


def _escalated(trust: TrustEntry, domain: DomainResult) -> tuple[str, ...]:
    assert domain.standing is not None
    reported = ", ".join(point.category for point in domain.history)
    name = f"{trust.ods_code} {trust.name.removesuffix(' NHS Trust')}"
    return name, domain.title, reported, domain.standing.in_force, domain.standing.lead
