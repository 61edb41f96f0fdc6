"""Ladders of escalation as data: what a level is, who leads there, what it escalates to and when.

A ladder file is read key by key: a key that is unknown, missing or of another type is a problem with its place and what
to do, as are a level that escalates nowhere and a rule without provenance.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from pfexcel.rules.build_fields import known
from pfexcel.rules.edition import Mark
from pfexcel.rules.load import parse
from pfexcel.rules.problems import EditionError, Problems
from pfexcel.rules.tables import NEEDED, Marks, TableReader, Texts, cite, own_file
from pfexcel.shipped import read_shipped, shipped

SHIPPED = Path(__file__).parent / "ladders"


@dataclass(frozen=True)
class LadderStep:
    """What is done at a level from its `at`-th consecutive period on, and what is next, in `due` periods if dated."""

    marks: Marks
    at: int
    step: str
    next_step: str
    due: int | None
    detail: str


@dataclass(frozen=True)
class Escalation:
    """The next level: in the `at`-th consecutive period reached or, `by_declaration`, falls due (None: no date)."""

    marks: Marks
    to: str
    at: int | None
    by_declaration: bool


@dataclass(frozen=True)
class Level:
    """One level: who leads, by kind of organisation; whether periods count; how it is entered, held and lifted."""

    marks: Marks
    category: str
    lead: Mapping[str, str]
    counts: bool
    declarable: bool
    holds_when_reported: bool
    lifted_by: str
    steps: tuple[LadderStep, ...]
    escalation: Escalation | None


@dataclass(frozen=True)
class Event:
    """What happens at once: a category forced, a step taken unless spared, or a level whose declaration falls due."""

    id: str
    marks: Marks
    label: str
    category: str | None
    step: str
    spared_by: str
    due: str | None
    detail: str


@dataclass(frozen=True)
class Rules:
    """The rules of the machine: the report that ends what holds, and how a declaration joins it."""

    marks: Marks
    recovery: str | None
    declarations: str


@dataclass(frozen=True)
class Remark:
    """A rule that is no part of the machine, in words."""

    marks: Marks
    says: str


@dataclass(frozen=True)
class EscalationLadder:
    """A loaded ladder: its levels, best first, and the rules of the machine that runs on it."""

    marks: Marks
    id: str
    title: str
    domains: tuple[str, ...]
    organisations: tuple[str, ...]
    note: str
    runs_on: str
    rules: Rules
    levels: tuple[Level, ...]
    events: Mapping[str, Event]
    remarks: tuple[Remark, ...]
    sources: Mapping[str, str]
    origin: str = field(compare=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(level.category for level in self.levels)

    @cached_property
    def ranks(self) -> dict[str, int]:
        """The place of each level, 0 for the best."""
        return {name: rank for rank, name in enumerate(self.names)}

    def cite(self, mark: Mark) -> str:
        """The reference in full: the document's title, then its paragraph, table or heading."""
        return cite(self.sources, mark)


def load_ladder(ladder: str | os.PathLike[str] | EscalationLadder) -> EscalationLadder:
    """Load a ladder by its id (`framework`, `tfa`, `regime-2008`) or from the path of a TOML file of your own.

    Raises:
        EditionError: (a ValueError) for a file with something wrong: every problem with its key and what to do.
        ValueError: for an id that is neither shipped nor an existing file.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraphs 3.6 and 3.7.

    >>> load_ladder("framework").names
    ('Performing', 'Performance under review', 'Underperforming', 'Challenged')
    """
    if isinstance(ladder, EscalationLadder):
        return ladder
    name = os.fspath(ladder)
    return _shipped(name) if name in shipped(SHIPPED) else _own(name, own_file(name, SHIPPED, "ladder"))


@cache
def _shipped(name: str) -> EscalationLadder:
    return build_ladder(read_shipped(SHIPPED, name).tables, name)


@lru_cache(maxsize=16)
def _own(origin: str, content: bytes) -> EscalationLadder:
    return build_ladder(parse(content, origin), origin)


def build_ladder(raw: Mapping[str, Any], origin: str) -> EscalationLadder:
    """Make the ladder of a parsed file.

    Raises:
        EditionError: with every problem found, each with its key and what to do.
    """
    builder = _LadderBuilder()
    ladder = builder.ladder(dict(raw), origin)
    if builder.problems.found:
        raise EditionError(origin, list(dict.fromkeys(builder.problems.found)))
    return ladder


class _LadderBuilder:
    def __init__(self) -> None:
        self.problems = Problems()
        self.read = TableReader(self.problems, ())

    def ladder(self, raw: dict[str, Any], origin: str) -> EscalationLadder:
        tables = {"ladder": (dict, NEEDED), "rules": (dict, NEEDED), "events": (dict, {}), "remarks": (list, [])}
        whole = self.read.take(raw, sources=(Texts, NEEDED), levels=(list, NEEDED), **tables)
        self.read = TableReader(self.problems, whole["sources"])
        shape = {"id": (str, NEEDED), "title": (str, NEEDED), "domains": (tuple, NEEDED), "note": (str, "change")}
        shape |= {"organisations": (tuple, ("NHS trust",)), "runs_on": (str, "periods")}
        with self.problems.at("ladder"):
            head = self.read.marked(whole["ladder"], **shape)
            self.read.one_of(head["note"], ("change", "step"), "note")
            self.read.one_of(head["runs_on"], ("periods", "quarters"), "runs_on")
        with self.problems.at("rules"):
            rules = Rules(**self.read.marked(whole["rules"], recovery=(str, None), declarations=(str, NEEDED)))
            self.read.one_of(rules.declarations, ("none", "worsen", "replace"), "declarations")
        levels = [self.level(number, table, head["organisations"]) for number, table in enumerate(whole["levels"], 1)]
        self.check_levels(levels, rules)
        names = [level.category for level in levels]
        return EscalationLadder(
            **head,
            rules=rules,
            levels=tuple(levels),
            events={name: self.event(name, table, names) for name, table in whole["events"].items()},
            remarks=tuple(self.remark(number, table) for number, table in enumerate(whole["remarks"], 1)),
            sources=whole["sources"],
            origin=origin,
        )

    def level(self, number: int, table: Any, organisations: tuple[str, ...]) -> Level:
        if isinstance(table, dict) and isinstance(table.get("lead"), str):
            table = {**table, "lead": dict.fromkeys(organisations, table["lead"])}
        with self.problems.at("levels", str(number)):
            taken = self.read.marked(
                table,
                category=(str, NEEDED),
                lead=(Texts, NEEDED),
                counts=(bool, True),
                declarable=(bool, False),
                holds_when_reported=(bool, False),
                lifted_by=(str, "report"),
                steps=(list, NEEDED),
                escalation=(dict, None),
            )
            self.read.one_of(taken["lifted_by"], ("report", "declaration"), "lifted_by")
            if set(taken["lead"]) != set(organisations):
                self.problems.add("does not name who leads for each organisation", f"Name {organisations}", "lead")
            steps = tuple(self.step(place, line, taken["marks"]) for place, line in enumerate(taken["steps"], 1))
            counts = [step.at for step in steps]
            if counts[:1] != [1] or counts != sorted(set(counts)):
                self.problems.add(f"the steps begin at {counts}", "Begin the first at 1, each other later", "steps")
            way = taken["escalation"]
            return Level(**{**taken, "steps": steps, "escalation": None if way is None else self.escalation(way)})

    def step(self, number: int, table: Any, marks: Marks) -> LadderStep:
        shape = {"at": (int, NEEDED), "step": (str, NEEDED), "due": (int, None)}
        with self.problems.at("steps", str(number)):
            return LadderStep(**self.read.marked(table, marks, **shape, next_step=(str, ""), detail=(str, "")))

    def escalation(self, table: Any) -> Escalation:
        shape = {"to": (str, NEEDED), "consecutive": (int, None), "after": (int, None), "happens": (str, NEEDED)}
        with self.problems.at("escalation"):
            taken = self.read.marked(table, **shape)
            happens, consecutive, after = taken["happens"], taken["consecutive"], taken["after"]
            self.read.one_of(happens, ("in that period", "by declaration"), "happens")
            at = consecutive if after is None else after + 1
            if consecutive is not None and after is not None:
                self.problems.add("has both consecutive and after", "Keep one of them")
            if at is None and happens == "in that period":
                self.problems.add("has neither consecutive nor after", "Add one of them")
            if at is not None and at < 2:
                self.problems.add("escalates in the first period already", "Name a later one")
            return Escalation(taken["marks"], taken["to"], at, happens == "by declaration")

    def event(self, name: str, table: Any, names: list[str]) -> Event:
        shape = {"label": (str, NEEDED), "category": (str, None), "due": (str, None)}
        with self.problems.at("events", name):
            texts = dict.fromkeys(("step", "spared_by", "detail"), (str, ""))
            event = Event(id=name, **self.read.marked(table, **shape, **texts))
            for key, level in (("category", event.category), ("due", event.due)):
                if level is not None:
                    self.read.one_of(level, names, key)
            return event

    def remark(self, number: int, table: Any) -> Remark:
        with self.problems.at("remarks", str(number)):
            return Remark(**self.read.marked(table, says=(str, NEEDED)))

    def check_levels(self, levels: list[Level], rules: Rules) -> None:
        names = [level.category for level in levels]
        if len(names) < 2 or len(set(names)) < len(names):
            self.problems.add("needs two levels or more, each with its own category", "Correct them", "levels")
        for number, level in enumerate(levels, 1):
            if level.escalation is not None and level.escalation.to not in names[number:]:
                message = f"escalates to {level.escalation.to!r}, which is no level after it"
                self.problems.add(message, known("Use", names[number:]), "levels", str(number), "escalation", "to")
        with self.problems.at("rules"):
            if rules.recovery is not None:
                self.read.one_of(rules.recovery, names[:1], "recovery")
            elif any(level.escalation or level.declarable or level.holds_when_reported for level in levels):
                self.problems.add("this key is missing", "Name the report that ends what holds", "recovery")
            if (rules.declarations == "none") == any(level.declarable for level in levels):
                action = 'Let some level be declarable, or set declarations = "none"'
                self.problems.add("disagrees with the levels that are declarable", action, "declarations")
