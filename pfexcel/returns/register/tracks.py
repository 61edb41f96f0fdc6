"""Escalation over the register: each trust's way up the ladders of its domains, and what a new workbook is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from pfexcel.engine.checks import is_number
from pfexcel.engine.escalation import Stage, escalate, quarter_ends
from pfexcel.organisations import find_trust
from pfexcel.periods import Period
from pfexcel.returns.register.entries import Entries, order_of
from pfexcel.returns.register.records import DomainResult
from pfexcel.rules.ladder import load_ladder
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.workbook.history import History, HistoryPeriod

Domains = Mapping[str, DomainResult]


class Tracks:
    """The ways of all trusts up their ladders through a period, or through the last in the register."""

    def __init__(self, entries: Entries, through: str | None) -> None:
        self.entries = entries
        through = through or next(reversed(entries.standing), None)
        known = [one for one in entries.standing if through and order_of(one) < order_of(through)]
        self.periods = [Period.parse(one) for one in (*known, *([through] if through else []))]

    def stages(self, ods_code: str, domain: str) -> dict[str, Stage]:
        """One trust in one domain; ValueError for a domain that does not escalate now."""
        ladders = self.ladders(ods_code)
        if domain not in ladders:
            known = ", ".join(ladders) or "none"
            raise ValueError(f"{domain!r} is no domain of {ods_code} that escalates; those are: {known}")
        return self._stages(ods_code, domain, ladders[domain])

    def escalations(self) -> dict[str, dict[str, dict[str, Stage]]]:
        """Every trust with a return, in each domain that escalates."""
        texts = [period.text for period in self.periods]
        codes = {code for text in texts for code in self.entries.standing.get(text, {})}
        return {
            code: {name: self._stages(code, name, now) for name, now in self.ladders(code).items()}
            for code in sorted(codes)
        }

    def ladders(self, ods_code: str) -> dict[str, DomainResult]:
        """The domains of a trust that escalate in the last of the periods, by its return or else by the edition."""
        if not self.periods:
            return {}
        domains = self._domains(ods_code, self.periods[-1]) or self._by_edition(ods_code, self.periods[-1])
        return {name: domain for name, domain in domains.items() if domain.ladder}

    def _by_edition(self, ods_code: str, period: Period) -> Domains:
        trust = find_trust(ods_code)
        if trust is None or period.edition_id not in shipped_editions():
            return next((d for p in reversed(self.periods) if (d := self._domains(ods_code, p))), {})
        rulebook = load_edition(period.edition_id).rulebooks.get(trust.trust_type)
        domains = rulebook.domains.values() if rulebook is not None else ()
        return {d.id: DomainResult(d.title, "", d.ladder, d.continues) for d in domains}

    def _domains(self, ods_code: str, period: Period) -> Domains:
        sighting = self.entries.standing.get(period.text, {}).get(ods_code)
        return self.entries.domains(sighting) if sighting is not None else {}

    def _stages(self, ods_code: str, name: str, now: DomainResult) -> dict[str, Stage]:
        ladder = load_ladder(str(now.ladder))
        results = [self._result(ods_code, period, name, now.continues) for period in self.periods]
        stages = escalate(
            [one.category if one else None for one in results],
            ladder,
            {index: one.declared for index, one in enumerate(results) if one and one.declared},
            counts=quarter_ends(self.periods) if ladder.runs_on == "quarters" else None,
            missed_submissions={
                i: one.missed[1] for i, one in enumerate(results) if one and one.missed and one.missed[0]
            },
        )
        return {period.text: stage for period, stage in zip(self.periods, stages, strict=True)}

    def _result(self, ods_code: str, period: Period, name: str, continues: str | None) -> DomainResult | None:
        domains = self._domains(ods_code, period)
        return domains.get(name) or domains.get(continues or "")


def history(entries: Entries, before: str) -> dict[str, History]:
    """The periods before one by ODS code, each trust's from its first return on."""
    periods = [one for one in entries.standing if order_of(one)[0] < order_of(before)[0]]
    found: dict[str, list[HistoryPeriod]] = {}
    for text in periods:
        standing = entries.standing[text]
        for code in {*found, *standing}:
            domains = entries.domains(standing[code]) if code in standing else {}
            found.setdefault(code, []).append(_history_period(Period.parse(text), domains))
    return {code: tuple(found[code]) for code in sorted(found)}


def _history_period(period: Period, domains: Domains) -> HistoryPeriod:
    """What was reported and declared; a domain that another continues speaks for it only where that one is not yet."""
    continued = {domain.continues for domain in domains.values()}
    own = {name: domain for name, domain in domains.items() if name not in continued}
    return HistoryPeriod(
        period,
        {name: domain.category for name, domain in own.items()},
        {name: domain.declared for name, domain in own.items() if domain.declared},
    )


def previous(entries: Entries, before: Period) -> dict[str, dict[str, Any]]:
    """The figures of the period that ends where `before` begins, by ODS code and entry."""
    first = before.last_day.replace(day=1)
    for _ in range(2 if before.frequency == "quarter" else 0):
        first = (first - timedelta(days=1)).replace(day=1)
    ends = first - timedelta(days=1)
    last = [one for one in entries.standing if Period.parse(one).last_day == ends]
    text = _alike(last, before)
    found = {code: entries.load(one).values for code, one in entries.standing.get(text, {}).items()}
    return {code: {n: v for n, v in values.items() if is_number(v)} for code, values in found.items()}


def _alike(periods: Iterable[str], period: Period) -> str:
    """Of periods that end on one day the one of the same length."""
    return min(periods, key=lambda one: Period.parse(one).frequency != period.frequency, default="")
