"""Where everything stands in a return workbook: the one place that builder, formulas and reader take addresses from.

Rows and columns count from 0, as in XlsxWriter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from pfexcel.engine.trace import grounds
from pfexcel.rules.edition import (
    Domain,
    Edition,
    Field,
    Indicator,
    Limit,
    Mark,
    Measure,
    OverRidingRule,
    Rulebook,
    Unit,
)
from pfexcel.rules.ladder import EscalationLadder, load_ladder
from pfexcel.workbook.templates import template

SHOWN = 7  # how many periods before this one the Rating sheet shows
OPENING, NOW = "before", "now"
MISSED_SUBMISSION = ("tfa_submission_missed", "tfa_delay_under_three_months")


def track_rows() -> tuple[str, ...]:
    """The rows of a domain's history: the state before, the periods shown, this period."""
    return (OPENING, *(str(number) for number in range(SHOWN)), NOW)


def column_letter(column: int) -> str:
    """The letter of a column.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int, fixed: bool = False) -> str:
    """A cell's address, with dollar signs where `fixed`."""
    dollar = "$" if fixed else ""
    return f"{dollar}{column_letter(column)}{dollar}{row + 1}"


def sheet_name(kind: str, code: str = "") -> str:
    """The name of a sheet: `sheet_name("return", "RXK")` is `RXK Return`."""
    return template("return")["sheets"][kind].format(code=code)


@dataclass(frozen=True)
class ReturnLayout:
    """The Return sheet of a rulebook: a row for each section's heading and note, and for each entry."""

    rulebook: Rulebook

    TITLE, SUBTITLE, LINKS, PROGRESS, HEADER = range(5)
    LABEL, FIGURE, UNIT, CHECK, DERIVED, LAST, HINT, COMMENT, GUIDANCE = range(9)

    @cached_property
    def section_rows(self) -> dict[str, int]:
        """The heading row of each section; its note stands one below."""
        return dict(self._rows[0])

    @cached_property
    def entry_rows(self) -> dict[str, int]:
        """The row of each entry."""
        return dict(self._rows[1])

    @cached_property
    def last_row(self) -> int:
        return self._rows[2]

    @cached_property
    def _rows(self) -> tuple[list[tuple[str, int]], list[tuple[str, int]], int]:
        sections, entries = [], []
        row = self.HEADER + 1
        for section in self.rulebook.sections:
            if not section.fields:
                continue
            sections.append((section.id, row))
            row += 2
            for entry in section.fields:
                entries.append((entry.name, row))
                row += 1
        return sections, entries, row

    def cell(self, name: str) -> str:
        """The address of an entry: `B12`."""
        return address(self.entry_rows[name], self.FIGURE)

    @cached_property
    def derived(self) -> dict[str, Indicator]:
        """The indicator whose value stands beside an entry: the last of its figures that has none beside it yet."""
        found: dict[str, Indicator] = {}
        for indicator in self.rulebook.indicators.values():
            own = sorted((n for n in indicator.value.fields if n in self.entry_rows), key=lambda n: self.entry_rows[n])
            free = [name for name in own if name not in found]
            if free and len(indicator.value.fields) > 1:
                found[free[-1]] = indicator
        return found


@lru_cache(maxsize=64)
def return_layout(rulebook: Rulebook) -> ReturnLayout:
    """The Return sheet's layout of a rulebook."""
    return ReturnLayout(rulebook)


# --- Rules -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleNumber:
    """A number of the rulebook on the Rules sheet, or a category of a scale."""

    key: tuple[str, ...]
    trust_type: str
    domain: str
    rule: str
    name: str
    value: float | str
    unit: Unit | None
    mark: Mark | None


@dataclass(frozen=True)
class RulesLayout:
    """The Rules sheet of an edition: every limit and weight, one a row."""

    edition: Edition

    HEADER = 3
    VALUE = 4

    @cached_property
    def numbers(self) -> tuple[RuleNumber, ...]:
        """The rows of the table, in order."""
        return tuple(self._numbers())

    @cached_property
    def ladders(self) -> tuple[EscalationLadder, ...]:
        """The ladders that domains of the edition go up."""
        used = {d.ladder: None for book in self.edition.rulebooks.values() for d in book.domains.values() if d.ladder}
        return tuple(load_ladder(name) for name in used if name)

    def cite(self, number: RuleNumber) -> str:
        """Where a number comes from, in full."""
        if number.mark is None:
            return ""
        if number.key[0] == "ladder":
            return next(ladder for ladder in self.ladders if ladder.id == number.key[1]).cite(number.mark)
        return self.edition.cite(number.mark)

    @cached_property
    def rows(self) -> dict[tuple[str, ...], int]:
        return {number.key: self.HEADER + 1 + index for index, number in enumerate(self.numbers)}

    def cell(self, *key: str) -> str:
        """The full address of a number's value: `Rules!$E$12`."""
        return f"{sheet_name('rules')}!{address(self.rows[key], self.VALUE, fixed=True)}"

    def scale(self, scale: str) -> str:
        """The full range of the names of a scale, best first."""
        names = self.edition.scales[scale].names
        first = self.rows["scale", scale, names[0]]
        last = self.rows["scale", scale, names[-1]]
        top, bottom = address(first, self.VALUE, fixed=True), address(last, self.VALUE, fixed=True)
        return f"{sheet_name('rules')}!{top}:{bottom}"

    def _numbers(self) -> Iterator[RuleNumber]:
        words = template("return")["rules"]
        every = words["all"]
        for scale in self.edition.scales.values():
            for order, name in enumerate(scale.names, start=1):
                key, label = ("scale", scale.id, name), words["category"].format(order=order)
                yield RuleNumber(key, every, scale.id, label, words["name"], name, None, None)
        for name, entry in self.edition.context.items():
            yield RuleNumber(("context", name), every, words["period"], entry.label, name, 0.0, entry.unit, None)
        for ladder in self.ladders:
            for level in ladder.levels:
                if level.escalation is not None and level.escalation.at is not None:
                    key = ("ladder", ladder.id, level.category)
                    name, title = words["escalates"].format(category=level.category), words["escalation"]
                    number = Unit("periods", "number", words["periods"], cell="0")
                    mark = level.escalation.marks.table
                    yield RuleNumber(key, every, title, ladder.title, name, level.escalation.at, number, mark)
        for rulebook in self.edition.rulebooks.values():
            for domain in rulebook.domains.values():
                yield from self._domain(rulebook.trust_type, domain)

    def _domain(self, trust_type: str, domain: Domain) -> Iterator[RuleNumber]:
        def number(rule: str, label: str, limit: Limit, *key: str) -> RuleNumber:
            full = (trust_type, domain.id, *key, limit.name)
            return RuleNumber(full, trust_type, domain.title, label, limit.label, limit.value, limit.unit, limit.mark)

        words = template("return")["rules"]
        plain = Unit("weight", "number", words["weight"], cell="0.0##", decimals=3)
        share = Unit("share", "number", words["share"], cell="0.0##", decimals=3)
        for indicator in domain.indicators.values():
            weight = Limit("weight", indicator.weight, plain, words["weight"], indicator.weight_mark)
            yield number(indicator.id, indicator.label, weight, indicator.id)
            for limit in indicator.limits.values():
                yield number(indicator.id, indicator.label, limit, indicator.id)
        if domain.bands is not None:
            needed = Limit("weight_needed", domain.weight_needed, share, words["weight_needed"], domain.mark)
            yield number("", domain.title, needed, "domain")
            for limit in domain.bands.limits.values():
                yield number("", words["bands"].format(domain=domain.title), limit, "bands")
        if domain.labels is not None:
            for limit in domain.labels.limits.values():
                yield number("", domain.title, limit, "labels")
        for rule in domain.over_riding:
            for limit in rule.limits.values():
                yield number(rule.id, rule.label, limit, rule.id)


@lru_cache(maxsize=32)
def rules_layout(edition: Edition) -> RulesLayout:
    """The Rules sheet's layout of an edition."""
    return RulesLayout(edition)


# --- Rating ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RatingLayout:
    """The Rating sheet of a rulebook: results first, then why, then the workings.

    `rows` gives the row of each thing by a key: ("result", domain), ("indicator", id), ("total", domain),
    ("sub_domain", domain, id), ("rule", domain, id), ("trace", number), ("entry", name), ("measure", owner, name),
    ("rank", domain), ("uncapped", domain), ("cap", domain, id), and of each heading ("heading", what).
    """

    rulebook: Rulebook

    TITLE, SUBTITLE, LINKS, RESULTS = 0, 1, 2, 4
    NAME, STATE, VALUE, SCORE, WEIGHT, WEIGHTED, WORDS = range(7)

    @cached_property
    def rows(self) -> dict[tuple[str, ...], int]:
        rows: dict[tuple[str, ...], int] = {}
        row = self.RESULTS

        def table(heading: str, keys: list[tuple[str, ...]]) -> None:
            nonlocal row
            if not keys:
                return
            rows["heading", heading] = row
            for offset, key in enumerate(keys, start=2):
                rows[key] = row + offset
            row += len(keys) + 3

        domains = self.rulebook.domains.values()
        tracks = [domain for domain in domains if domain.ladder]
        results = [("result", domain.id) for domain in domains]
        table("results", [*results, *(("force", domain.id) for domain in tracks)])
        for domain in domains:
            lines: list[tuple[str, ...]] = [("indicator", name) for name in domain.indicators]
            table(domain.id, [*lines, ("total", domain.id)] if lines else [])
            table(f"{domain.id} sub-domains", [("sub_domain", domain.id, name) for name in domain.sub_domains])
        table("rules", [("rule", domain.id, rule.id) for domain in domains for rule in domain.over_riding])
        for domain in tracks:
            table(f"{domain.id} history", [("track", domain.id, name) for name in track_rows()])
        table("trace", [("trace", str(number)) for number in range(len(grounds(self.rulebook)))])
        table("entries", [("entry", name) for name in self.rated_fields])
        table("workings", [*self._measure_keys(), *self._rank_keys()])
        return rows

    @cached_property
    def rated_fields(self) -> tuple[str, ...]:
        """The entries that any rule uses, each brought over once."""
        used: dict[str, None] = {}
        for owner in self.owners:
            for measure in owner.measures.values():
                used.update(dict.fromkeys(measure.fields))
        for domain in self.rulebook.domains.values():
            used.update(dict.fromkeys(domain.label_fields))
            used.update({domain.declared: None} if domain.declared else {})
            for rule in domain.over_riding:
                used.update(dict.fromkeys(rule.fields))
                used.update({rule.best_is: None} if rule.best_is else {})
        if any(domain.ladder == "tfa" for domain in self.rulebook.domains.values()):
            used.update(dict.fromkeys(MISSED_SUBMISSION))
        return tuple(name for name in self.rulebook.fields if name in used)

    @cached_property
    def owners(self) -> tuple[Indicator | OverRidingRule | Domain, ...]:
        """Everything that has measures."""
        found: list[Indicator | OverRidingRule | Domain] = []
        for domain in self.rulebook.domains.values():
            found += [*domain.indicators.values(), domain, *domain.over_riding]
        return tuple(found)

    def further_measures(self) -> Iterator[tuple[Indicator | OverRidingRule | Domain, Measure]]:
        """The measures with a line in the workings: those that conditions compare, an indicator's own value apart."""
        for owner in self.owners:
            compared = _compared(owner)
            for name, measure in owner.measures.items():
                if name in compared and not (isinstance(owner, Indicator) and name == "value"):
                    yield owner, measure

    def _measure_keys(self) -> list[tuple[str, ...]]:
        return [("measure", owner.id, measure.name) for owner, measure in self.further_measures()]

    def _rank_keys(self) -> list[tuple[str, ...]]:
        keys: list[tuple[str, ...]] = []
        for domain in self.rulebook.domains.values():
            if domain.indicators:
                keys += [("known", domain.id), ("applicable", domain.id)]
            keys.append(("uncapped", domain.id))
            keys += [("cap", domain.id, rule.id) for rule in domain.over_riding]
            keys.append(("rank", domain.id))
        return keys

    @cached_property
    def last_row(self) -> int:
        return max(self.rows.values())

    def score_cells(self, domain: Domain) -> list[tuple[int, int]]:
        """The cells that show the score of a domain."""
        own = [
            n for n, g in enumerate(grounds(self.rulebook)) if g.domain is domain and g.subject is None and not g.final
        ]
        shown = [(self.rows["trace", str(number)], self.VALUE) for number in own]
        return [(self.rows["result", domain.id], self.SCORE), (self.rows["total", domain.id], self.WEIGHTED), *shown]

    def cell(self, column: int, *key: str) -> str:
        """The address of a column of a line: `cell(layout.SCORE, "indicator", "ae_4h")`."""
        return address(self.rows[key], column)

    @cached_property
    def named_cells(self) -> dict[str, tuple[int, int]]:
        """The defined names of the results, each with its row and column."""
        rows = self.rows
        named: dict[str, tuple[int, int]] = {}
        for domain in self.rulebook.domains.values():
            row = rows["result", domain.id]
            if domain.indicators:
                named[f"{domain.id}_score"] = row, self.SCORE
            if domain.labels is not None:
                named[f"{domain.id}_label"] = row, self.VALUE
            named[category_name(domain)] = row, self.STATE
            if domain.indicators and domain.over_riding:
                named[f"{domain.id}_uncapped_category"] = rows["uncapped", domain.id], self.STATE
            if domain.ladder:
                named[f"escalated_{domain.id}"] = rows["force", domain.id], self.STATE
        for name in self.rulebook.indicators:
            row = rows["indicator", name]
            named[f"{name}_value"] = row, self.VALUE
            named[f"{name}_score"] = row, self.SCORE
            named[f"{name}_weighted"] = row, self.WEIGHTED
        return named


def band_limits(rulebook: Rulebook, domain: Domain) -> list[str]:
    """The full addresses of the limits between the categories of a scored domain."""
    assert domain.bands is not None
    rules = rules_layout(rulebook.edition)
    return [rules.cell(rulebook.trust_type, domain.id, "bands", name) for name in domain.bands.limits]


def category_name(domain: Domain) -> str:
    """The name of a domain's result: `finance_category`, `tfa_rag`."""
    return f"{domain.id}_rag" if domain.scale.id == "rag" else f"{domain.id}_category"


def _compared(owner: Indicator | OverRidingRule | Domain) -> tuple[str, ...]:
    if isinstance(owner, Indicator):
        return owner.ladder.names
    if isinstance(owner, OverRidingRule):
        return owner.names
    return owner.labels.names if owner.labels is not None else ()


@lru_cache(maxsize=64)
def rating_layout(rulebook: Rulebook) -> RatingLayout:
    """The Rating sheet's layout of a rulebook."""
    return RatingLayout(rulebook)


def entries(rulebook: Rulebook) -> Iterator[tuple[Field, str]]:
    """Every entry of a Return sheet with its address."""
    layout = return_layout(rulebook)
    for name in layout.entry_rows:
        yield rulebook.fields[name], layout.cell(name)
