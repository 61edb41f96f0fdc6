"""All that a publication says, as plain records: workbook, ODS, CSV and dashboard are written from these alone.

A `Publication` holds the nation; under it stand SHAs, their trusts, the domains of each trust and its indicators. Rules
in words are the same for every trust of a type: they stand once, in `Publication.rules`, and the results of a trust
name them (`Publication.explanation` puts the two together). Lists that cut across (movements, interventions, who is
missing) are worked out from the records when they are asked for, so that they cannot disagree with them.

Periods are texts such as `2011-12-Q3`, oldest first. Scores are numbers, None where there is none. Every text is as a
reader is to see it; text that came from outside is kept as it was entered, and each writer makes it safe.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pfexcel.publish.rule_texts import IndicatorText, Rules, StepText

FORM = 1
NOT_ASSESSED = "Not assessed"
NOT_RATED = "Does not apply"

SIGNED_OFF = "Signed off"
SIGNED_OFF_IN_PART = "Signed off in part"
NOT_SIGNED_OFF = "Not signed off"

BETTER = "better"
WORSE = "worse"
SAME = "same"
NOT_COMPARED = "not compared"


@dataclass(frozen=True)
class PeriodText:
    """A period: `2011-12-Q3`, in words `Quarter 3, October to December 2011`, and its last day."""

    text: str
    words: str
    last_day: date


# --- one trust -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AppliedRule:
    """An over-riding rule whose condition holds; `decides` where it made the category what it is."""

    label: str
    best: str
    decides: bool
    provenance: str
    reference: str


@dataclass(frozen=True)
class Movement:
    """Since the last period: `better`, `worse`, `same` or `not compared`, from which category, and why, in words.

    Compared is the category in force, or the one reported in a domain without escalation.
    """

    direction: str
    before: str
    score_before: float | None
    reason: str


@dataclass(frozen=True)
class HistoryPoint:
    """One period of a domain: the category reported, the one in force (empty without escalation) and the score."""

    period: str
    category: str
    in_force: str
    score: float | None


@dataclass(frozen=True)
class Standing:
    """Where a domain stands on its ladder: the category in force, for how many periods in a row, who leads, what next.

    `change` says what made it so, `escalated` whether it was escalated in this period. `due` is the number of periods
    until `next_step`: 0 now, None without a date; `due_words` says the same.
    """

    in_force: str
    consecutive: int
    lead: str
    change: str
    escalated: bool
    step: str
    detail: str
    next_step: str
    due: int | None
    due_words: str
    reference: str


@dataclass(frozen=True)
class DomainResult:
    """One domain of one trust: score, category, over-riding rules, standing, movement and history (this period last).

    `category` is what this period's return is rated, `before_rules` the same before over-riding rules; both are Not
    assessed without a return. `score_words` has as many decimals as tell its band. `label` is the CQC's. `missing`
    names the entries that are missing. `standing` is None for a domain without escalation.
    """

    domain: str
    title: str
    score: float | None
    score_words: str
    label: str
    category: str
    before_rules: str
    rules: tuple[AppliedRule, ...]
    standing: Standing | None
    missing: tuple[str, ...]
    movement: Movement
    history: tuple[HistoryPoint, ...]

    @property
    def stands(self) -> str:
        """The category that counts: the one in force, or the one reported in a domain without escalation."""
        return self.standing.in_force if self.standing else self.category


@dataclass(frozen=True)
class IndicatorPoint:
    """One period of an indicator: value and score, None where missing or in a period without a return."""

    period: str
    value: float | None
    value_words: str
    score: float | None


@dataclass(frozen=True)
class IndicatorResult:
    """One indicator of one trust: value, score and weighted score, None where missing; last period's beside them.

    `history` has all periods, this one last. `state` is empty for a scored indicator, else `missing` or `no activity`.
    `need` says what the next score needs.
    """

    id: str
    value: float | None
    value_words: str
    score: float | None
    weighted: float | None
    state: str
    need: str
    value_before_words: str
    score_before: float | None
    history: tuple[IndicatorPoint, ...] = ()


@dataclass(frozen=True)
class StepResult:
    """The value and the result of one step of the explanation, in the order of the trust type's `Rules.steps`."""

    value: str
    result: str


@dataclass(frozen=True)
class OpenFinding:
    """Something open about a return: how much it matters (`error`, `query`, `note`), what and what to do."""

    id: str
    severity: str
    message: str
    action: str
    reference: str


@dataclass(frozen=True)
class TrustEntry:
    """One trust in scope: its return, ratings, indicators, explanation and what is open about the data.

    Without a return for the period `returned` is false, `received` None, `indicators` and `steps` are empty, and
    `last_return` names the last period with one without errors. `signed_off` is `Signed off`, `Signed off in part`,
    `Not signed off` or empty. `note` is what the list of trusts says of where the trust comes from, or what became of
    it, and the remark that was noted in the register.
    """

    ods_code: str
    name: str
    trust_type: str
    returned: bool
    received: date | None
    late: bool
    signed_off: str
    last_return: str
    lead_commissioner: str
    action_plan_date: str
    note: str
    errors: int
    queries: int
    notes: int
    findings: tuple[OpenFinding, ...]
    domains: tuple[DomainResult, ...]
    indicators: tuple[IndicatorResult, ...]
    steps: tuple[StepResult, ...]

    def domain(self, name: str) -> DomainResult | None:
        """Its result in a domain; None where the domain does not apply to its type."""
        return next((one for one in self.domains if one.domain == name), None)


# --- SHAs and the nation ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    """How many trusts have a category."""

    category: str
    trusts: int


@dataclass(frozen=True)
class DomainCounts:
    """The trusts in scope by category of a domain, as reported and in force; each adds up to the trusts in scope.

    `Not assessed` holds those without a return or with data missing, `Does not apply` the types without the domain.
    `in_force` is empty for a domain without escalation.
    """

    domain: str
    title: str
    reported: tuple[Count, ...]
    in_force: tuple[Count, ...]


@dataclass(frozen=True)
class Counts:
    """Of the nation or an SHA: how many trusts are in scope, have returned, by domain and category."""

    in_scope: int
    returned: int
    late: int
    signed_off: int
    errors: int
    queries: int
    domains: tuple[DomainCounts, ...]


@dataclass(frozen=True)
class ShaEntry:
    """An SHA with its counts and its trusts in scope, by type and name."""

    code: str
    name: str
    cluster: str
    counts: Counts
    trusts: tuple[TrustEntry, ...]


@dataclass(frozen=True)
class Change:
    """What a revision changed of one trust: what, from, to."""

    ods_code: str
    trust: str
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Revision:
    """One publication of the period: its number (1 is the first), day, register, and what it changed of the last."""

    number: int
    published: date
    register_digest: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Publication:
    """The ratings of a period as published.

    `periods` are those covered, oldest first, this one last. `notice` is a remark for every first page (sample
    figures, for example); empty without one. `revisions` are all publications of this period so far, this one last.
    """

    form: int
    edition: str
    edition_title: str
    rulebook_digest: str
    period: PeriodText
    periods: tuple[PeriodText, ...]
    title: str
    notice: str
    notes: tuple[str, ...]
    published: date
    revision: int
    register_digest: str
    rules: tuple[Rules, ...]
    counts: Counts
    shas: tuple[ShaEntry, ...]
    revisions: tuple[Revision, ...] = ()

    @property
    def trusts(self) -> Iterator[tuple[ShaEntry, TrustEntry]]:
        """Every trust in scope with its SHA, in order."""
        return ((sha, trust) for sha in self.shas for trust in sha.trusts)

    @property
    def results(self) -> Iterator[tuple[ShaEntry, TrustEntry, DomainResult]]:
        """Every domain of every trust, with both."""
        return ((sha, trust, domain) for sha, trust in self.trusts for domain in trust.domains)

    @property
    def movements(self) -> Iterator[tuple[ShaEntry, TrustEntry, DomainResult]]:
        """The domains that became better or worse since the last period."""
        return (row for row in self.results if row[2].movement.direction in (BETTER, WORSE))

    @property
    def interventions(self) -> Iterator[tuple[ShaEntry, TrustEntry, DomainResult]]:
        """The domains in which somebody leads an intervention, whether reported, escalated to or declared."""
        return (row for row in self.results if row[2].standing and row[2].standing.lead != "none")

    @property
    def missing(self) -> Iterator[tuple[ShaEntry, TrustEntry]]:
        """The trusts in scope without a return for the period."""
        return ((sha, trust) for sha, trust in self.trusts if not trust.returned)

    @property
    def previous(self) -> PeriodText | None:
        """The period before, with which movements compare; None for the first."""
        return self.periods[-2] if len(self.periods) > 1 else None

    def rules_of(self, trust_type: str) -> Rules:
        """The rules of a trust type in words."""
        return next(rules for rules in self.rules if rules.trust_type == trust_type)

    def explanation(self, trust: TrustEntry) -> Iterator[tuple[StepText, StepResult]]:
        """How a trust's ratings came about, step by step; nothing without a return."""
        return zip(self.rules_of(trust.trust_type).steps, trust.steps, strict=False)

    def indicators(self, trust: TrustEntry) -> Iterator[tuple[IndicatorText, IndicatorResult]]:
        """A trust's indicators with their texts, in the edition's order; nothing without a return."""
        return zip(self.rules_of(trust.trust_type).indicators, trust.indicators, strict=False)


# --- as text ---------------------------------------------------------------------------------------------------------


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Publication)


def to_json(publication: Publication) -> str:
    """The publication as canonical JSON: the same publication gives the same text."""
    plain = _adapter().dump_python(publication, mode="json")
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Publication:
    """The publication that a text of `to_json` holds."""
    return _adapter().validate_json(text)
