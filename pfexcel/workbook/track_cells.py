"""The history of a domain on a Rating sheet: what was reported, the level in force by formula, who leads, what comes
next.

One row a period, each from the row above, as `engine.escalation` goes from period to period. The columns beyond the
printed ones hold the workings: places on the ladder, 1 for the best, 0 for none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from pfexcel.engine.escalation import NONE, Stage
from pfexcel.model import Category
from pfexcel.rules.edition import Domain
from pfexcel.rules.ladder import EscalationLadder, Level, load_ladder
from pfexcel.workbook.cell import Cell
from pfexcel.workbook.formulas import RatingFormulas, filled, text
from pfexcel.workbook.history import HistoryPeriod, Track, due_words, stage_words
from pfexcel.workbook.layout import MISSED_SUBMISSION, NOW, OPENING, RatingLayout, track_rows
from pfexcel.workbook.templates import template

PERIOD, REPORTED, DECLARED, PLACE, COUNTS, COUNT, IN_FORCE = range(7)
REPORT, LAST, HELD, BEFORE = range(7, 11)

Find = Callable[[Track], Any]


class TrackCells:
    """The cells of one domain's history; `value` takes a Track."""

    def __init__(self, formulas: RatingFormulas, domain: Domain) -> None:
        self.formulas = formulas
        self.layout: RatingLayout = formulas.layout
        self.domain = domain
        self.ladder: EscalationLadder = load_ladder(str(domain.ladder))
        self.scale = formulas.rules.scale(domain.scale.id)
        self.words = formulas.words["track"]

    def cells(self) -> Iterator[Cell]:
        yield from self.headings()
        names = track_rows()
        yield from self.opening()
        for above, name in pairwise(names):
            yield from self.period(name, above)
        yield from self.result()

    def at(self, column: int, name: str) -> str:
        return self.layout.cell(column, "track", self.domain.id, name)

    def headings(self) -> Iterator[Cell]:
        row = self.layout.rows["heading", f"{self.domain.id} history"]
        title = self.words["title"].format(domain=self.domain.title)
        for column in range(IN_FORCE + 1):
            yield Cell(row, column, title if column == 0 else "", "heading")
        for column, heading in enumerate([*self.words["columns"], *self.words["workings"]]):
            number = column in (PLACE, COUNTS, COUNT) or column > IN_FORCE
            yield Cell(row + 1, column, heading, "header_number" if number else "header")

    # --- rows ---

    def row(self, name: str) -> int:
        return self.layout.rows["track", self.domain.id, name]

    def opening(self) -> Iterator[Cell]:
        """The state before the first period shown: entered by the generator, nothing where nothing went before."""
        row = self.row(OPENING)
        yield Cell(row, PERIOD, self.words["before"], "row")
        for column in (REPORTED, DECLARED, COUNTS):
            yield Cell(row, column, "", "row")

        def state(pick: Callable[[Stage], int]) -> Find:
            return lambda track: pick(track.before) if track.before else 0

        yield Cell(row, PLACE, "0", "place", "", state(lambda s: s.workings.level))
        yield Cell(row, COUNT, "0", "place", "", state(lambda s: s.consecutive))
        yield Cell(row, IN_FORCE, "", "row", "", lambda track: str(track.before.category) if track.before else "")
        yield Cell(row, LAST, "0", "place", "", state(lambda s: s.workings.reported))
        yield Cell(row, HELD, "0", "place", "", state(lambda s: s.workings.held))

    def period(self, name: str, above: str) -> Iterator[Cell]:
        row = self.row(name)
        if name == NOW:
            yield Cell(row, PERIOD, self.words["now"], "row", "", lambda track: self.words["now"])
            category = self.layout.cell(self.layout.STATE, "result", self.domain.id)
            yield Cell(row, REPORTED, f"={category}", "row", "", lambda track: str(track.now.reported))
            yield from self.declared_now(row)
            yield Cell(row, COUNTS, "1", "place", "", lambda track: int(track.counts[-1]))
        else:
            index = int(name)

            def shown(track: Track) -> HistoryPeriod | None:
                return track.shown[index][0]

            def counted(track: Track) -> int:
                return int(track.counts_shown[index])

            yield Cell(row, PERIOD, "", "row", "", lambda track: _text(shown(track), lambda one: one.period.text))
            yield Cell(row, REPORTED, "", "row", "", lambda t: _text(shown(t), lambda o: o.category(self.domain) or ""))
            yield Cell(
                row, DECLARED, "", "row", "", lambda t: _text(shown(t), lambda o: o.declaration(self.domain) or "")
            )
            yield Cell(row, COUNTS, "0", "place", "", counted)
        stage = _stage(name)
        for column, formula, pick in (
            (REPORT, self.report(name), lambda s: s.workings.report),
            (LAST, self.last(name, above), lambda s: s.workings.reported),
            (HELD, self.held(name, above), lambda s: s.workings.held),
            (BEFORE, self.before(name, above), lambda s: s.workings.before),
            (PLACE, self.place(name), lambda s: s.workings.level),
            (COUNT, self.count(name), lambda s: s.consecutive),
        ):
            yield Cell(row, column, formula, "place", "", lambda t, p=pick: _picked(stage(t), p))
        yield Cell(row, IN_FORCE, self.in_force(name), "row", "", lambda t: _category(stage(t)))

    def declared_now(self, row: int) -> Iterator[Cell]:
        entry = self.domain.declares
        if entry is None:
            yield Cell(row, DECLARED, "", "row")
            return
        cell = self.formulas.at_entry(entry)
        names = ",".join(f'{cell}="{name}"' for name in self.domain.scale.names)
        yield Cell(row, DECLARED, f'=IF(OR({names}),{cell},"")', "row", "", lambda track: track.declared_now)

    # --- formulas ---

    def report(self, name: str) -> str:
        return f"=IFERROR(MATCH({self.at(REPORTED, name)},{self.scale},0),0)"

    def counted(self, name: str) -> str:
        return f"AND({self.at(REPORT, name)}>0,{self.at(COUNTS, name)}=1)"

    def last(self, name: str, above: str) -> str:
        return f"=IF({self.counted(name)},{self.at(REPORT, name)},{self.at(LAST, above)})"

    def held(self, name: str, above: str) -> str:
        """What holds: what held above, unless recovered from; a report that holds as if declared; what is declared."""
        place, worst = self.at(PLACE, above), f"MAX({self.at(LAST, above)},{self.at(HELD, above)})"
        kept = f"IF({place}>{worst},{place},{self.at(HELD, above)})"
        recovery, report = self.ladder.rules.recovery, self.at(REPORT, name)
        if recovery is not None:
            recovered = f"AND({self.at(COUNTS, name)}=1,{report}={self.ladder.ranks[recovery] + 1})"
            kept = f"IF({recovered},0,{kept})"
        parts = [kept]
        holding = [str(rank + 1) for rank, level in enumerate(self.ladder.levels) if level.holds_when_reported]
        parts += [f"IF({report}={place},{place},0)" for place in holding]
        if self.domain.declares is not None:
            parts.append(f"IFERROR(MATCH({self.at(DECLARED, name)},{self.scale},0),0)")
        return f"=MAX({','.join(parts)})" if len(parts) > 1 else f"={kept}"

    def worst(self, name: str) -> str:
        return f"MAX({self.at(LAST, name)},{self.at(HELD, name)})"

    def before(self, name: str, above: str) -> str:
        """The count before any step up."""
        worst, counts = self.worst(name), self.at(COUNTS, name)
        more = f"{self.at(COUNT, above)}+IF({self.counted(name)},1,0)"
        return f"=IF({worst}=0,0,IF({worst}<>{self.at(PLACE, above)},{counts},{more}))"

    def place(self, name: str) -> str:
        """The place in force: one step up where the count is reached."""
        worst = self.worst(name)
        stepped = worst
        for rank, level in reversed(list(enumerate(self.ladder.levels))):
            way = level.escalation
            if way is None or way.at is None or way.by_declaration:
                continue
            needed = self.formulas.rules.cell("ladder", self.ladder.id, level.category)
            due = f"AND({self.counted(name)},{self.at(BEFORE, name)}>={needed})"
            stepped = f"IF(AND({worst}={rank + 1},{due}),{self.ladder.ranks[way.to] + 1},{stepped})"
        return f"={stepped}"

    def count(self, name: str) -> str:
        place = self.at(PLACE, name)
        count = f"IF({place}<>{self.worst(name)},1,{self.at(BEFORE, name)})"
        still = [f"{place}={rank + 1}" for rank, level in enumerate(self.ladder.levels) if not level.counts]
        return f"=IF(OR({','.join([f'{place}=0', *still])}),0,{count})"

    def in_force(self, name: str) -> str:
        place = self.at(PLACE, name)
        named = f'IF({place}=0,"{Category.NOT_ASSESSED}",INDEX({self.scale},{place}))'
        return f"={named}" if name == NOW else f'=IF({self.at(PERIOD, name)}="","",{named})'

    # --- the line among the results ---

    def result(self) -> Iterator[Cell]:
        row, layout = self.layout.rows["force", self.domain.id], self.layout
        yield Cell(row, layout.NAME, self.words["force"].format(domain=self.domain.title), "result")
        yield Cell(row, layout.STATE, f"={self.at(IN_FORCE, NOW)}", "result", "", lambda t: str(t.now.category))
        for column in (layout.VALUE, layout.SCORE, layout.WEIGHT, layout.WEIGHTED):
            yield Cell(row, column, "", "row")
        words = f"={self.said()}"
        yield Cell(row, layout.WORDS, words, "row_wrapped", "", lambda t: stage_words(t.now), self.longest_said())

    def said(self) -> str:
        """Who leads, what is done and what comes next, by place and count: the words of `stage_words`."""
        formula = '""'
        for rank, level in reversed(list(enumerate(self.ladder.levels))):
            words = self.level_words(level)
            if words is not None:
                formula = f"IF({self.at(PLACE, NOW)}={rank + 1},{words},{formula})"
        return formula

    def longest_said(self) -> str:
        """As many words as any level has for `said`."""
        said = [
            self.words["said"].format(count=10, lead=lead, step=step.step)
            + self.words["next"].format(step=step.next_step, due=self.words["due_later"].format(periods=10))
            for level in self.ladder.levels
            for step in level.steps
            for lead in level.lead.values()
        ]
        return max(said, key=len)

    def level_words(self, level: Level) -> str | None:
        count = self.at(COUNT, NOW)
        lead = next(iter(level.lead.values()))
        formula: str | None = None
        for number, step in enumerate(level.steps):
            later, way = level.steps[number + 1 :], level.escalation
            if step.step == NONE and not step.next_step and not later:
                continue
            if later:
                coming, due = later[0].step, _due(f"{later[0].at}-{count}")
            elif way is not None and way.at is not None:
                needed = self.formulas.rules.cell("ladder", self.ladder.id, level.category)
                coming, due = step.next_step, _due(f"MAX(0,{needed}-{count})")
            else:
                coming, due = step.next_step, text(due_words(step.due))
            words = filled(self.words["said"].replace("{lead}", lead), count=count, step=self.done_now(step.step))
            if coming:
                words += f"&{filled(self.words['next'].replace('{step}', coming), due=due)}"
            formula = words if formula is None else f"IF({count}>={step.at},{words},{formula})"
        return formula

    def done_now(self, step: str) -> str:
        """The step, or what happens at once where a submission is missed without a short delay."""
        event = self.ladder.events.get("missed_submission")
        if event is None or MISSED_SUBMISSION[0] not in self.formulas.rulebook.fields:
            return f'"{step}"'
        missed, delay = (self.formulas.at_entry(name) for name in MISSED_SUBMISSION)
        return f'IF(AND({missed}="Yes",{delay}<>"Yes"),"{event.step}","{step}")'


def _picked(stage: Stage | None, pick: Callable[[Stage], int]) -> int:
    return 0 if stage is None else pick(stage)


def _category(stage: Stage | None) -> str:
    return "" if stage is None else str(stage.category)


def _stage(name: str) -> Callable[[Track], Stage | None]:
    if name == NOW:
        return lambda track: track.now
    return lambda track: track.shown[int(name)][1]


def _text(one: HistoryPeriod | None, pick: Callable[[HistoryPeriod], str]) -> str:
    return pick(one) if one is not None else ""


def _due(periods: str) -> str:
    """`due_words` as a formula of a number of periods."""
    words = template("return")["track"]
    later, soon = (filled(words[name], periods=f"({periods})") for name in ("due_later", "due_next"))
    return f"IF({periods}=0,{text(words['due_now'])},IF({periods}=1,{soon},{later}))"
