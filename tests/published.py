"""Registers for publications, made without workbooks: returns of a few trusts as the reader would bring them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pfexcel
from pfexcel.catalogue import at
from pfexcel.organisations import find_trust
from pfexcel.periods import Period
from pfexcel.returns.declared import declarations
from pfexcel.returns.read import ReadReturn, ReturnFile
from pfexcel.returns.register import Register, received_from

Figures = Mapping[str, Any]


def read_values(period: str, returns: Mapping[str, Figures], sign_off: Figures | None = None) -> ReturnFile:
    """A file as the reader would bring it: the figures of each trust by ODS code."""
    edition = pfexcel.load_edition(Period.parse(period).edition_id)
    read = []
    for code, values in returns.items():
        trust = find_trust(code)
        assert trust is not None
        rating = pfexcel.rate(edition, trust.trust_type, values, period=period)
        rulebook = edition.rulebook(trust.trust_type)
        declared = tuple(dict(declarations(code, rulebook, values, Period.parse(period))).values())
        found = tuple(at(one, code, "", "") for one in rating.findings)
        read.append(ReadReturn(code, trust.trust_type, values, rating, found, declared, sign_off=sign_off or {}))
    return ReturnFile(
        Path(f"{period}.xlsx"), edition.id, period, None, tuple(read), tuple(f for one in read for f in one.findings)
    )


def receive(register: Register, read: ReturnFile, received: datetime, name: str = "return.xlsx") -> None:
    """Take a file as read into a register."""
    said = repr([(one.ods_code, sorted(one.values.items(), key=str)) for one in read.returns])
    digest = hashlib.sha256(f"{read.period} {name} {said}".encode()).hexdigest()
    register.receive(received_from(read, sha256=digest, size=len(said), received=received, name=name))


def register_of(path: Path, quarters: Sequence[tuple[str, Mapping[str, Figures]]]) -> Path:
    """A register with a file a period, each received three weeks after the period's end."""
    with Register(path) as register:
        for period, returns in quarters:
            last = Period.parse(period).last_day
            receive(register, read_values(period, returns), datetime(last.year, last.month, last.day, 9, tzinfo=UTC))
    return path
