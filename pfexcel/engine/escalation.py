"""Escalation over periods: one machine that runs on any ladder, who leads, and declarations.

The category in force in a period is the worse of what was last reported and what holds, escalated to or declared.
The ladder says how many periods in a row escalate, whether at once or by declaration, and what ends what holds. Into
2010-11 the count for finance continues from the finance category of 2009-10, and the count for quality from its
integrated performance measures: give those categories first, then the quarters of 2010-11.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from pfexcel.engine.inputs import is_blank
from pfexcel.model import GRADES, Category
from pfexcel.periods import Period
from pfexcel.rules.build import PROVENANCES
from pfexcel.rules.edition import Mark
from pfexcel.rules.ladder import EscalationLadder, Event, Level, load_ladder

NONE = "none"


class Workings(NamedTuple):
    """How a stage was worked out, in places on the ladder (0 for none, 1 for the best).

    What the period reported, the last report that counts, what holds and the count before any step up, the level after.
    """

    report: int
    reported: int
    held: int
    before: int
    level: int


@dataclass(frozen=True)
class Stage:
    """Where an organisation stands on a ladder in one period.

    `category` is in force, `reported` what the return said (Not assessed without one). `consecutive` counts the periods
    in a row at the category, this one included; 0 where nothing counts: before the first return, in a month not red.
    `step` is what is done now, `next_step` what comes next, in `due` periods (0: now; None: no date), `change` what
    made it so. `note` is the step on ladder `tfa`, the change on the others. `provenance` is the weakest one cited.
    """

    category: str
    reported: str
    consecutive: int
    lead: str
    note: str
    change: str
    reference: str
    provenance: str
    step: str = NONE
    next_step: str = ""
    due: int | None = None
    detail: str = ""
    workings: Workings = field(default=Workings(0, 0, 0, 0, 0), repr=False, compare=False)


class _AtOnce(NamedTuple):
    event: Event
    spared: bool


def escalate(
    categories: Iterable[Any],
    ladder: str | os.PathLike[str] | EscalationLadder = "framework",
    declared: Mapping[int, Any] | None = None,
    *,
    counts: Sequence[bool] | None = None,
    missed_submissions: Mapping[int, Any] | None = None,
    patient_safety_risks: Iterable[int] = (),
    organisation: str | None = None,
) -> list[Stage]:
    """Run the history of one domain up a ladder; one Stage a period.

    Args:
        categories: what was reported, oldest first, in any case; RAG ratings for ladder `tfa`. None, blank and Not
            assessed are periods without a return: they keep level and count.
        ladder: `framework`, `tfa`, `regime-2008`, or the path of a TOML file of your own.
        declared: categories declared, by position from 0. A Performing report in a declared period does not clear it.
        counts: which periods the ladder runs on (see `quarter_ends`); a report in another neither counts nor clears.
        missed_submissions: on `tfa`, the months with a missed overall application date, by position, and whether a
            delay under three months is expected. The month is Red either way.
        patient_safety_risks: on `regime-2008`, the positions of periods with a significant risk to patient safety.
        organisation: on `regime-2008`, `NHS trust` (default) or `PCT`: they differ in who leads.

    Raises:
        ValueError: for a category that the ladder does not have or that cannot be declared, for a position outside the
            history, and for an argument that the ladder has no rule for.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraphs 3.6 and 3.7; Aligning the
    Performance Management of TFAs (April 2012), Escalation Process; Developing the NHS Performance Regime (June 2008),
    table 4.

    >>> [(str(stage.category), stage.consecutive) for stage in escalate(["Performance under review"] * 3)]
    [('Performance under review', 1), ('Performance under review', 2), ('Underperforming', 1)]
    >>> escalate(["Red", "Red", "Red"], ladder="tfa")[-1].note
    'meeting and letter'
    """
    rules = load_ladder(ladder)
    if isinstance(categories, str):
        raise ValueError(f"categories is the text {categories!r}; give a list of categories, oldest first")
    reports = [match_name(text, rules.names, "category") for text in categories]
    length = len(reports)
    counting = [True] * length if counts is None else list(counts)
    if len(counting) != length:
        raise ValueError(f"counts has {len(counting)} periods, categories {length}; give one for each period")
    declarations = _declared(rules, declared or {}, length)
    events = _events(rules, "missed_submission", missed_submissions or {}, length)
    events.update(_events(rules, "patient_safety_risk", dict.fromkeys(patient_safety_risks), length))
    machine = _Machine(rules, _organisation(rules, organisation))
    return [
        machine.advance(report, declarations.get(index), bool(counting[index]), events.get(index))
        for index, report in enumerate(reports)
    ]


def lead(
    category: Any, ladder: str | os.PathLike[str] | EscalationLadder = "framework", organisation: str | None = None
) -> str:
    """Who leads the intervention at a category; `none` where there is no intervention, or no category.

    Raises:
        ValueError: for a category that the ladder does not have.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraph 3.6.

    >>> lead("Underperforming")
    'SHA'
    """
    rules = load_ladder(ladder)
    name = match_name(category, rules.names, "category")
    kind = _organisation(rules, organisation)
    return NONE if name is None else rules.levels[rules.ranks[name]].lead[kind]


def quarter_ends(periods: Iterable[str | Period]) -> list[bool]:
    """Which periods end a quarter: the months the framework ladder runs on in 2012-13 (`counts` of `escalate`).

    >>> quarter_ends(["2011-12-Q4", "2012-13-M01", "2012-13-M02", "2012-13-M03"])
    [True, False, False, True]
    """
    return [_period(period).months_elapsed % 3 == 0 for period in periods]


def match_name(text: Any, names: Sequence[str], what: str) -> str | None:
    """The name that a text means, in any case; None for blank and Not assessed.

    Raises:
        ValueError: for any other text; it says what is allowed.

    >>> match_name(" challenged", ["Challenged"], "category"), match_name("", ["Challenged"], "category")
    ('Challenged', None)
    """
    if is_blank(text):
        return None
    wanted = str(text).strip().casefold()
    if wanted == Category.NOT_ASSESSED.casefold():
        return None
    for name in names:
        if name.casefold() == wanted:
            return name
    raise ValueError(f"{what}: {str(text)!r} is unknown; use one of {', '.join(names)}, blank where there is none")


def match_yes(value: Any, what: str) -> bool:
    """Is it yes: True, or `Yes` in any case? Blank is no; ValueError for anything that is neither yes nor no."""
    text = ("Yes" if value else "No") if isinstance(value, bool) else value
    return match_name(text, ("Yes", "No"), what) == "Yes"


class _Machine:
    """What is remembered from period to period: the last report, what holds, the level in force and its count."""

    def __init__(self, ladder: EscalationLadder, organisation: str) -> None:
        self.ladder = ladder
        self.organisation = organisation
        self.reported: int | None = None
        self.held: int | None = None
        self.level: int | None = None
        self.count = 0

    def advance(self, report: str | None, declared: str | None, counting: bool, event: _AtOnce | None) -> Stage:
        """Take in one period."""
        ranks, levels, rules = self.ladder.ranks, self.ladder.levels, self.ladder.rules
        forced = event.event.category if event else None
        rank = _worst(ranks[name] for name in (report, forced) if name is not None)
        counted = rank is not None and (counting or forced is not None)
        if rank is not None and counted:
            self.reported = rank
            if levels[rank].category == rules.recovery and self.held and levels[self.held].lifted_by == "report":
                self.held = None
        if rank is not None and levels[rank].holds_when_reported:
            self.held = _worst((rank, self.held))
        replaces = declared is not None and rules.declarations == "replace"
        if declared is not None:
            self.held = _worst((ranks[declared], None if replaces else self.held))
        before, level = self.level, _worst((self.reported, self.held))
        if level is None:
            return replace(self.not_assessed(report), workings=Workings(_place(rank), 0, 0, 0, 0))
        held = self.held
        if level != before or (replaces and declared == levels[level].category):
            self.count = int(counting)
        else:
            self.count += counted
        count = self.count
        way, left = levels[level].escalation, None
        if counted and way is not None and not way.by_declaration and way.at is not None and self.count >= way.at:
            left, level = levels[level], ranks[way.to]
            self.held, self.count = level, 1
        if not levels[level].counts:
            self.count = 0
        self.level = level
        change, marks = self.change(levels[level], left, report, declared, counting, event)
        workings = Workings(_place(rank), _place(self.reported), _place(held), count, _place(level))
        return replace(self.stage(levels[level], report, event, change, marks), workings=workings)

    def change(
        self,
        level: Level,
        left: Level | None,
        report: str | None,
        declared: str | None,
        counting: bool,
        event: _AtOnce | None,
    ) -> tuple[str, list[Mark]]:
        """What made the stage what it is, and the marks of the rules that say so."""
        rules, said, marks = self.ladder.rules, [], []
        if left is not None and left.escalation is not None:
            said.append(f"escalated: {left.category} in {left.escalation.at} consecutive periods")
            marks += [left.escalation.marks.table, left.escalation.marks.of("happens")]
        if declared is not None:
            said.append(f"{declared} declared")
            marks.append(rules.marks.of("declarations"))
        if event is not None:
            said.append(event.event.label)
            marks.append(event.event.marks.of("spared_by") if event.spared else event.event.marks.table)
        if not said:
            marks.append(rules.marks.of("recovery"))
            if report is None:
                said.append("no return: level and count are kept")
            elif not counting and not (level.holds_when_reported and report == level.category):
                said.append("reported beside the level held: neither counts nor clears")
            elif report != level.category:
                until = "lifted by declaration" if level.lifted_by == "declaration" else f"reported {rules.recovery}"
                said.append(f"held until {until}")
            else:
                said, marks = ["as reported"], [level.marks.table]
        way = level.escalation
        if way is not None and way.by_declaration and way.at is not None and self.count >= way.at:
            said.append(f"{way.to} is due, by declaration")
            marks.append(way.marks.table)
        return "; ".join(said), marks

    def stage(self, level: Level, report: str | None, event: _AtOnce | None, change: str, marks: list[Mark]) -> Stage:
        position = max(i for i, step in enumerate(level.steps) if step.at <= max(self.count, 1))
        now, later, way = level.steps[position], level.steps[position + 1 :], level.escalation
        step, detail, next_step, due = now.step, now.detail, now.next_step, now.due
        if later:
            next_step, due = later[0].step, later[0].at - self.count
        elif way is not None:
            due = None if way.at is None else max(0, way.at - self.count)
        if event is not None and event.event.step and not event.spared:
            step, detail = event.event.step, "; ".join(part for part in (event.event.detail, detail) if part)
        elif self.ladder.note == "step":
            marks = [now.marks.table, *marks]
        if (
            event is not None
            and event.event.due
            and self.ladder.ranks[event.event.due] > self.ladder.ranks[level.category]
        ):
            next_step, due = f"{event.event.due}, if so declared", 0
        return Stage(
            category=GRADES.get(level.category, level.category),
            reported=_shown(report),
            consecutive=self.count,
            lead=level.lead[self.organisation],
            note=step if self.ladder.note == "step" else change,
            change=change,
            reference="; ".join(dict.fromkeys(self.ladder.cite(mark) for mark in marks)),
            provenance=max((mark.provenance for mark in marks), key=PROVENANCES.index),
            step=step,
            next_step=next_step,
            due=due,
            detail=detail,
        )

    def not_assessed(self, report: str | None) -> Stage:
        change = "no return yet" if report is None else "reported before the first period that counts"
        note = NONE if self.ladder.note == "step" else change
        mark = self.ladder.rules.marks.table
        cited = self.ladder.cite(mark)
        return Stage(Category.NOT_ASSESSED, _shown(report), 0, NONE, note, change, cited, mark.provenance)


def _worst(ranks: Iterable[int | None]) -> int | None:
    return max((rank for rank in ranks if rank is not None), default=None)


def _place(rank: int | None) -> int:
    return 0 if rank is None else rank + 1


def _shown(report: str | None) -> str:
    return Category.NOT_ASSESSED if report is None else GRADES.get(report, report)


def _period(period: str | Period) -> Period:
    return period if isinstance(period, Period) else Period.parse(period)


def _organisation(ladder: EscalationLadder, organisation: str | None) -> str:
    kinds = ladder.organisations
    return match_name(organisation, kinds, f"organisation on ladder {ladder.id}") or kinds[0]


def _index(position: Any, length: int, what: str) -> int:
    try:
        index = operator.index(position)
    except TypeError:
        raise ValueError(f"{what}: {position!r} is no position; count the periods from 0") from None
    if not 0 <= index < length:
        raise ValueError(f"{what}: position {index} is outside the history of {length} periods, counted from 0")
    return index


def _declared(ladder: EscalationLadder, declared: Mapping[int, Any], length: int) -> dict[int, str]:
    allowed = [level.category for level in ladder.levels if level.declarable]
    if declared and not allowed:
        raise ValueError(f"ladder {ladder.id} has no rule for declarations; leave declared out")
    found = {}
    for position, category in declared.items():
        index = _index(position, length, "declared")
        name = match_name(category, ladder.names, f"declared[{index}]")
        if name is not None and name not in allowed:
            raise ValueError(f"declared[{index}]: {name} cannot be declared; use one of {', '.join(allowed)}")
        if name is not None:
            found[index] = name
    return found


def _events(ladder: EscalationLadder, name: str, given: Mapping[int, Any], length: int) -> dict[int, _AtOnce]:
    """What happens at once, by position; spared where a yes is given with it."""
    if given and name not in ladder.events:
        raise ValueError(f"ladder {ladder.id} has no rule for {name}; leave it out, or use another ladder")
    found = {}
    for position, spared in given.items():
        index = _index(position, length, name)
        found[index] = _AtOnce(ladder.events[name], match_yes(spared, f"{name}[{index}]"))
    return found
