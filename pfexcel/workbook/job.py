"""What one return workbook is made of: edition, period, trusts, and any figures to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from pfexcel.engine.rate import rate
from pfexcel.model import Finding, Rating
from pfexcel.organisations import Trust
from pfexcel.periods import Period
from pfexcel.rules.edition import Edition, Rulebook
from pfexcel.rules.ladder import load_ladder
from pfexcel.workbook.history import History, Track, follow
from pfexcel.workbook.layout import MISSED_SUBMISSION, sheet_name
from pfexcel.workbook.status import status
from pfexcel.workbook.templates import template


@dataclass(frozen=True, eq=False)
class TrustReturn:
    """One trust's return in a workbook: its rulebook, the figures to begin with, and how they rate."""

    trust: Trust
    rulebook: Rulebook
    period: Period
    values: Mapping[str, Any]
    history: History = ()
    previous: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def tracks(self) -> dict[str, Track]:
        """Each domain that escalates, followed up its ladder to this period."""
        values = self.rating.inputs.values
        missed = tuple(values.get(name) == "Yes" for name in MISSED_SUBMISSION)
        found = {}
        for domain in self.rulebook.domains.values():
            if domain.ladder:
                declared = values.get(domain.declares or "")
                declared = declared if declared in domain.scale.names else None
                at_once = (missed[0], missed[1]) if load_ladder(domain.ladder).events else None
                category = str(self.rating.domains[domain.id].category)
                found[domain.id] = follow(domain, self.history, self.period, category, declared, at_once)
        return found

    @cached_property
    def rating(self) -> Rating:
        return rate(self.rulebook.edition, self.rulebook.trust_type, self.values, self.period)

    @cached_property
    def statuses(self) -> dict[str, str]:
        """What the Check column says, by entry."""
        refused: dict[str, Finding] = {f.field: f for f in self.rating.findings if f.id.startswith("entry-not-")}
        refused |= {f.field: f for f in self.rating.findings if f.id in ("entry-out-of-bounds", "entry-above-other")}
        return {
            name: status(entry, self.values.get(name), refused.get(name))
            for name, entry in self.rulebook.fields.items()
        }

    @cached_property
    def missing(self) -> int:
        return sum(found == template("return")["status"]["missing"] for found in self.statuses.values())

    @property
    def subtitle(self) -> str:
        """What stands under the title of each of the trust's sheets: period, type of trust and edition."""
        said = {"period": self.period.label, "type": self.trust.trust_type, "edition": self.rulebook.edition.title}
        return template("return")["document"]["trust"].format_map(said)

    @property
    def return_sheet(self) -> str:
        return sheet_name("return", self.trust.ods_code)

    @property
    def rating_sheet(self) -> str:
        return sheet_name("rating", self.trust.ods_code)


@dataclass(frozen=True, eq=False)
class Job:
    """A return workbook to be made."""

    edition: Edition
    period: Period
    code: str
    name: str
    returns: tuple[TrustReturn, ...]
    left_out: tuple[Trust, ...] = ()
    deadline: date | None = None

    @property
    def subtitle(self) -> str:
        return f"{self.name} ({self.code}), {self.period.label}, {self.edition.title}"
