"""Files as the register receives them, made without workbooks: three trusts, a few versions of each return."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pfexcel.catalogue import finding
from pfexcel.engine.declarations import Declaration
from pfexcel.returns.register import DomainResult, EnteredReturn, Received, Register
from pfexcel.returns.register.content import digest_of

CODES = ("RTH", "RXQ", "RHU")
PERIODS = ("2011-12-Q2", "2011-12-Q3")
BEGIN = datetime(2012, 1, 16, 9, tzinfo=UTC)
CATEGORIES = ("Performing", "Performance under review", "Underperforming")


def entered(code: str, version: int, period: str = PERIODS[0], **changes: Any) -> EnteredReturn:
    """A return; version 0 is a blank sheet, each other has its own figures, and some a comment or a declaration."""
    if version == 0:
        return EnteredReturn(code, "acute", "2011-12", {"ytd_surplus": None, "ytd_income": "  "}, missing=70)
    category = CATEGORIES[version % len(CATEGORIES)]
    made = Declaration(code, "quality", period, "Challenged", "Department", date(2012, 1, 3), "Letter 1", "Meetings")
    return EnteredReturn(
        ods_code=code,
        trust_type="acute",
        edition="2011-12",
        values={"ytd_surplus": -100.5 * version, "ytd_income": 50_000 + version, "cqc_enforcement": "No"},
        comments={"ytd_surplus": f"=Version {version}"} if version % 2 else {},
        sign_off={"finance_director": "A. Name", "finance_director_date": date(2012, 1, 10)} if version > 2 else {},
        declarations=(made,) if version == 4 else (),
        domains={
            "finance": DomainResult("Finance", category, "framework"),
            "quality": DomainResult(
                "Quality", "Performing", "framework", "ipm", "Challenged" if version == 4 else None
            ),
        },
        results={"finance_score": 2.0, "finance_category": category},
        **{"missing": version - 1, **changes},
    )


def file_of(
    versions: Sequence[int | None],
    period: str = PERIODS[0],
    minutes: int = 0,
    name: str = "return.xlsx",
    **changes: Any,
) -> Received:
    """A file with a return of each trust, by version; None leaves a sheet out. Its digest is that of its content."""
    returns = tuple(entered(c, v, period) for c, v in zip(CODES, versions, strict=False) if v is not None)
    made = Received(
        name=name,
        sha256=digest_of([period, *versions]),
        size=1000,
        received=BEGIN + timedelta(minutes=minutes),
        edition="2011-12",
        period=period,
        sha="Q38",
        template_version="0.1.0",
        deadline=date(2012, 1, 20),
        returns=returns,
        findings=tuple(finding("no-activity", label=one.ods_code, organisation=one.ods_code) for one in returns),
        program="0.1.0",
    )
    return replace(made, **changes)


def unreadable(number: int, minutes: int = 0) -> Received:
    """A file that could not be read."""
    name = f"broken-{number}.xlsx"
    why = finding("file-unreadable", value=name, why="it is no whole .xlsx file")
    digest, received = digest_of([number]), BEGIN + timedelta(minutes=minutes)
    return Received(name, digest, 9, received, readable=False, findings=(why,), program="0.1.0")


def many_files(number: int, seed: int = 1) -> list[Received]:
    """Files enough to be interrupted in, with what a quarter brings: copies, part-filled, corrected and bad ones."""
    chance = random.Random(seed)
    found = []
    for n in range(number):
        versions = [chance.choice((None, 0, 0, 1, 2, 3, 4)) for _ in CODES]
        minutes, period = chance.randrange(600), chance.choice(PERIODS)
        bad = unreadable(n, minutes) if n % 9 == 8 else None
        found.append(bad or file_of(versions, period, minutes, name=f"copy-{n}.xlsx"))
    return found


def take_in(path: Path, files: Sequence[Received]) -> None:
    """Receive files into a register: what another process is given to do."""
    with Register(path) as register:
        for one in files:
            register.receive(one)


def content_of(path: Path) -> str:
    """The digest of a register, which must be sound."""
    with Register(path, create=False) as register:
        assert register.verify() == []
        return register.digest()
