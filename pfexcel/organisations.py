"""The NHS trusts of 2009 to 2013: which SHA and cluster each belonged to, its type and when it was an NHS trust."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "organisations.csv"
COMPLETE_FROM = date(2011, 4, 1)
CLUSTERS_FROM = date(2011, 10, 1)


@dataclass(frozen=True)
class Trust:
    """An NHS trust (not a foundation trust) between two days."""

    ods_code: str
    name: str
    trust_type: str
    sha_code: str
    sha_name: str
    sha_cluster: str
    valid_from: date
    valid_to: date | None
    in_scope: bool
    note: str

    def exists_on(self, day: date) -> bool:
        """Was it an NHS trust on that day?"""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Sha:
    """A strategic health authority."""

    code: str
    name: str
    cluster: str

    @property
    def slug(self) -> str:
        """Its name as a part of a file name: `west-midlands`."""
        return slug(self.name)


def slug(name: str) -> str:
    """A name as a part of a file name.

    >>> slug("Yorkshire and the Humber")
    'yorkshire-and-the-humber'
    """
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


@lru_cache(maxsize=1)
def trusts() -> tuple[Trust, ...]:
    """Every trust of the table, in its order: by SHA, type and name."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Trust(
                ods_code=row["ods_code"],
                name=row["name"],
                trust_type=row["trust_type"],
                sha_code=row["sha_code"],
                sha_name=row["sha_name"],
                sha_cluster=row["sha_cluster"],
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                in_scope=row["in_scope"] == "yes",
                note=row["note"],
            )
            for row in csv.DictReader(file)
        )


@lru_cache(maxsize=1)
def shas() -> dict[str, Sha]:
    """The ten SHAs by code."""
    return {t.sha_code: Sha(t.sha_code, t.sha_name, t.sha_cluster) for t in trusts()}


def in_scope(day: date, trust_types: Iterable[str] | None = None, sha: str | None = None) -> list[Trust]:
    """The trusts in the framework's scope on `day`, of these types or all, of one SHA or all."""
    types = None if trust_types is None else set(trust_types)
    return [
        trust
        for trust in trusts()
        if trust.in_scope
        and trust.exists_on(day)
        and (types is None or trust.trust_type in types)
        and sha in (None, trust.sha_code)
    ]


def find_trust(ods_code: str) -> Trust | None:
    """The trust with this ODS code, or None."""
    return next((trust for trust in trusts() if trust.ods_code == ods_code.strip().upper()), None)
