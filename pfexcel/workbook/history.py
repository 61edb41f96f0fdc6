"""The periods before a return: what was reported and declared for each trust, and how it stands on the ladders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pfexcel.engine.escalation import NONE, Stage, escalate, match_name, quarter_ends
from pfexcel.engine.inputs import is_blank
from pfexcel.periods import Period
from pfexcel.rules.edition import Domain, Edition
from pfexcel.rules.ladder import load_ladder
from pfexcel.workbook.layout import SHOWN
from pfexcel.workbook.templates import template


@dataclass(frozen=True)
class HistoryPeriod:
    """What one trust reported in one period, and what was declared, by domain; blank where there was no return."""

    period: Period
    categories: Mapping[str, str]
    declared: Mapping[str, str]

    def category(self, domain: Domain) -> str | None:
        """What was reported for a domain, or for the one whose count it continues."""
        return self.categories.get(domain.id) or self.categories.get(domain.continues or "")

    def declaration(self, domain: Domain) -> str | None:
        """What was declared for a domain, or for the one whose count it continues."""
        return self.declared.get(domain.id) or self.declared.get(domain.continues or "")


History = tuple[HistoryPeriod, ...]


def read_history(path: Path, edition: Edition, before: Period) -> dict[str, History]:
    """Read the periods before `before` from a table: one row a trust and period, oldest first or in any order.

    Columns: `ods_code`, `period`, a column a domain (`finance`, `quality`, in 2009-10 `ipm`, `overall`, in 2012-13
    `tfa`) with its category, and `finance_declared` and the like where a category was declared.

    Raises:
        ValueError: for a column that is missing, a period or category that is unknown, or a period given twice.
    """
    from pfexcel.tables import read_table

    frame = read_table(path)
    for column in ("ods_code", "period"):
        if column not in frame.columns:
            raise ValueError(f"{path} has no column {column}; it has {', '.join(str(c) for c in frame.columns)}")
    found: dict[str, dict[str, HistoryPeriod]] = {}
    for row, record in enumerate(frame.to_dict("records"), start=2):
        try:
            period, one = _period_of_row(record, edition)
        except ValueError as error:
            raise ValueError(f"{path}, row {row}: {error}") from None
        own = found.setdefault(str(record["ods_code"]).strip().upper(), {})
        if period.text in own:
            raise ValueError(f"{path}, row {row}: {record['ods_code']} has {period.text} twice; keep one row")
        if period.last_day < before.last_day:
            own[period.text] = one
    return {code: tuple(sorted(own.values(), key=lambda p: p.period.last_day)) for code, own in found.items()}


def _period_of_row(record: Mapping[Any, Any], edition: Edition) -> tuple[Period, HistoryPeriod]:
    period = Period.parse(str(record["period"]))
    domains = {d.id: d for rulebook in edition.rulebooks.values() for d in rulebook.domains.values() if d.ladder}
    sources = {name: d for d in domains.values() for name in (d.id, d.continues) if name}
    categories, declared = {}, {}
    for name, domain in sources.items():
        names = load_ladder(str(domain.ladder)).names
        columns = [(name, categories), *([(f"{name}_declared", declared)] if domain.declares else [])]
        for column, into in columns:
            text = record.get(column)
            category = None if is_blank(text) else match_name(text, names, str(column))
            if category is not None:
                into[name] = category
    return period, HistoryPeriod(period, categories, declared)


@dataclass(frozen=True)
class Track:
    """One domain's way up its ladder: a stage for each period of the history, and last the one now."""

    domain: Domain
    periods: tuple[HistoryPeriod, ...]
    stages: tuple[Stage, ...]
    counts: tuple[bool, ...]
    declared_now: str

    @property
    def now(self) -> Stage:
        return self.stages[-1]

    @property
    def shown(self) -> list[tuple[HistoryPeriod | None, Stage | None]]:
        """The last periods, oldest first, filled up in front with None to the number that is shown."""
        pairs: list[tuple[HistoryPeriod | None, Stage | None]] = list(zip(self.periods, self.stages[:-1], strict=True))
        return [(None, None)] * (SHOWN - len(pairs)) + pairs[-SHOWN:]

    @property
    def counts_shown(self) -> list[bool]:
        """Which of the periods shown the ladder runs on."""
        return [False] * (SHOWN - len(self.periods)) + list(self.counts[:-1][-SHOWN:])

    @property
    def before(self) -> Stage | None:
        """The stage before the first period shown."""
        return self.stages[-SHOWN - 2] if len(self.stages) > SHOWN + 1 else None


def follow(
    domain: Domain,
    history: History,
    period: Period,
    category: str,
    declared: str | None,
    missed: tuple[bool, bool] | None,
) -> Track:
    """Follow a domain up its ladder: its history, then this period's category.

    Args:
        domain: the domain; it names its ladder.
        history: the periods before, oldest first.
        period: this period.
        category: what it is rated now.
        declared: the category declared now, if any.
        missed: on the TFA ladder, whether a submission was missed and whether a short delay is expected.
    """
    reported = [one.category(domain) for one in history] + [category]
    made = ((index, one.declaration(domain)) for index, one in enumerate(history))
    declarations: dict[int, Any] = {index: category for index, category in made if category}
    if declared is not None:
        declarations[len(history)] = declared
    counts = [True] * len(reported)
    if load_ladder(str(domain.ladder)).runs_on == "quarters":
        counts = quarter_ends([*(one.period for one in history), period])
    stages = escalate(
        reported,
        str(domain.ladder),
        declarations,
        counts=counts,
        missed_submissions={len(history): missed[1]} if missed is not None and missed[0] else None,
    )
    return Track(domain, history, tuple(stages), tuple(counts), declared or "")


def stage_words(stage: Stage) -> str:
    """Where a stage stands, in one line: how long, who leads, what is done and what comes next.

    >>> stage_words(escalate(["Performance under review"])[0])
    '1 in a row. Lead: PCT commissioner, overseen by the SHA. Now: remedial action plan. Next: escalation to \
Underperforming, in 2 periods.'
    """
    if stage.step == NONE and not stage.next_step:
        return ""
    words = template("return")["track"]
    said = words["said"].format(count=stage.consecutive, lead=stage.lead, step=stage.step)
    if stage.next_step:
        said += words["next"].format(step=stage.next_step, due=due_words(stage.due))
    return said


def due_words(due: int | None) -> str:
    """When something is due, in periods."""
    if due is None:
        return ""
    words = template("return")["track"]
    return words["due_now" if due == 0 else "due_next" if due == 1 else "due_later"].format(periods=due)
