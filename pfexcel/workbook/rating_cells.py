"""The cells of a Rating sheet: address, text or formula, and how the cached value follows from a Rating."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from pfexcel.engine.needs import need_words, points_missing
from pfexcel.engine.rate import measured
from pfexcel.engine.words import best_words, scoring_words
from pfexcel.model import Rating
from pfexcel.rules.edition import Domain, Indicator, Measure, OverRidingRule, Rulebook
from pfexcel.workbook.cell import Cell
from pfexcel.workbook.decided import decided, decided_formula, longest_decided
from pfexcel.workbook.formulas import RatingFormulas
from pfexcel.workbook.layout import RatingLayout, rating_layout
from pfexcel.workbook.rating_trace import trace_cells
from pfexcel.workbook.templates import template
from pfexcel.workbook.track_cells import TrackCells

RETURN_SHEET = "\x00"  # stands for the quoted name of the Return sheet


@lru_cache(maxsize=64)
def rating_cells(rulebook: Rulebook) -> tuple[Cell, ...]:
    """Every cell of the Rating sheet of a rulebook but its title."""
    return tuple(_RatingCells(rulebook).cells())


@lru_cache(maxsize=64)
def track_cells(rulebook: Rulebook) -> dict[str, tuple[Cell, ...]]:
    """The cells of the history of each domain that escalates; their values take a Track."""
    formulas = RatingFormulas(rulebook, RETURN_SHEET)
    return {d.id: tuple(TrackCells(formulas, d).cells()) for d in rulebook.domains.values() if d.ladder}


class _RatingCells:
    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.edition = rulebook.edition
        self.layout: RatingLayout = rating_layout(rulebook)
        self.formulas = RatingFormulas(rulebook, RETURN_SHEET)
        self.states = template("return")["states"]
        self.words = template("return")["rating"]
        self.found: list[Cell] = []

    def cells(self) -> list[Cell]:
        has_labels = any(domain.labels is not None for domain in self.rulebook.domains.values())
        self.heading("results", "results", label=self.words["label"] if has_labels else "")
        for domain in self.rulebook.domains.values():
            self.result(domain)
        for domain in self.rulebook.domains.values():
            if domain.indicators:
                self.indicators(domain)
        self.rules()
        self.heading("trace", "trace")
        self.found += trace_cells(self.rulebook, self.formulas)
        self.heading("entries", "entries")
        for name in self.layout.rated_fields:
            self.entry(name)
        self.heading("workings", "workings")
        for owner, measure in self.layout.further_measures():
            self.further_measure(owner, measure)
        for domain in self.rulebook.domains.values():
            self.ranks(domain)
        return [*self.found, *self.blanks()]

    def blanks(self) -> Iterator[Cell]:
        """A blank cell wherever a line has none, so that the rule under it runs across."""
        columns: dict[int, set[int]] = {}
        for cell in self.found:
            columns.setdefault(cell.row, set()).add(cell.column)
        for row, taken in columns.items():
            for column in range(self.layout.WORDS + 1):
                if column not in taken:
                    yield Cell(row, column, "", "row")

    def add(
        self,
        key: tuple[str, ...],
        column: int,
        content: str,
        style: str = "row",
        number: str = "",
        value: Callable[[Rating], Any] | None = None,
        longest: str = "",
    ) -> None:
        self.found.append(Cell(self.layout.rows[key], column, content, style, number, value, longest))

    def heading(self, key: str, table: str, title: str = "", label: str = "") -> None:
        """The heading of a table and its columns, in the words of `table`; `label` fills in one of them."""
        row = self.layout.rows.get(("heading", key))
        if row is None:
            return
        title = title or self.words[table]
        numbers = (self.layout.VALUE, self.layout.SCORE, self.layout.WEIGHT, self.layout.WEIGHTED)
        for column, words in enumerate(self.words[f"{table}_columns"]):
            self.found.append(Cell(row, column, "" if column else title, "heading"))
            style = "header_number" if column in numbers else "header"
            self.found.append(Cell(row + 1, column, words.format(label=label), style))

    # --- results ---

    def result(self, domain: Domain) -> None:
        key, layout, formulas = ("result", domain.id), self.layout, self.formulas
        self.add(key, layout.NAME, domain.title, "result")
        self.add(
            key,
            layout.STATE,
            formulas.category(domain, "rank"),
            "result",
            "",
            lambda r: str(r.domains[domain.id].category),
        )
        if domain.labels is not None:
            self.add(key, layout.VALUE, formulas.label(domain), "row_number", "", lambda r: r.domains[domain.id].label)
        if domain.indicators:
            self.add(
                key,
                layout.SCORE,
                formulas.domain_score(domain),
                "result_number",
                "0.00",
                lambda r: r.domains[domain.id].score,
            )
        self.add(
            key,
            layout.WORDS,
            decided_formula(formulas, domain),
            "row_wrapped",
            "",
            lambda r: decided(r, domain),
            longest_decided(domain),
        )

    # --- indicators ---

    def indicators(self, domain: Domain) -> None:
        self.heading(domain.id, "indicators", domain.title)
        for indicator in domain.indicators.values():
            self.indicator(domain, indicator)
        self.total(domain)
        self.heading(f"{domain.id} sub-domains", "sub_domains", self.words["sub_domains"].format(domain=domain.title))
        for name, sub_domain in domain.sub_domains.items():
            key, layout = ("sub_domain", domain.id, name), self.layout
            ids = [i.id for i in domain.indicators.values() if i.sub_domain == name]
            self.add(key, layout.NAME, sub_domain.label)
            weights = self.formulas.column(layout.WEIGHT, domain, name)
            self.add(key, layout.WEIGHT, f"=SUM({weights})", "row_number", "0.0##", lambda r, w=sub_domain.weight: w)
            self.add(
                key,
                layout.WEIGHTED,
                self.formulas.sub_domain(domain, name),
                "row_number",
                "0.00##",
                lambda r, ids=ids: _sum(r, domain, ids),
            )

    def indicator(self, domain: Domain, indicator: Indicator) -> None:
        key, layout, formulas, name = ("indicator", indicator.id), self.layout, self.formulas, indicator.id
        words = {"": "scored", "missing": "missing", "no activity": "no_activity"}

        def rated(rating: Rating) -> Any:
            return rating.domains[domain.id].indicators[name]

        weight = formulas.rules.cell(self.rulebook.trust_type, domain.id, name, "weight")
        self.add(key, layout.NAME, indicator.label)
        self.add(key, layout.STATE, formulas.state(indicator), "row", "", lambda r: self.states[words[rated(r).state]])
        self.add(
            key,
            layout.VALUE,
            formulas.value(domain, indicator),
            "row_number",
            indicator.value.unit.cell,
            lambda r: rated(r).value,
        )
        self.add(key, layout.SCORE, formulas.score(domain, indicator), "row_number", "0", lambda r: rated(r).score)
        self.add(key, layout.WEIGHT, f"={weight}", "row_number", "0.0##", lambda r: indicator.weight)
        self.add(
            key,
            layout.WEIGHTED,
            formulas.weighted(domain, indicator),
            "row_number",
            "0.00##",
            lambda r: rated(r).weighted,
        )
        rule = f"{scoring_words(indicator)}."
        self.add(
            key,
            layout.WORDS,
            formulas.needed(indicator, rule),
            "row_wrapped",
            "",
            lambda r: need_words(indicator, rated(r).score) + rule,
            max((need_words(indicator, score) for score in indicator.scores), key=len) + rule,
        )

    def total(self, domain: Domain) -> None:
        key, layout = ("total", domain.id), self.layout
        score = layout.cell(layout.SCORE, "result", domain.id)
        self.add(key, layout.NAME, self.words["total"].format(domain=domain.title), "strong")
        self.add(
            key,
            layout.STATE,
            f"={layout.cell(layout.STATE, 'result', domain.id)}",
            "strong",
            "",
            lambda r: str(r.domains[domain.id].category),
        )
        self.add(
            key,
            layout.WEIGHT,
            f"=SUM({self.formulas.column(layout.WEIGHT, domain)})",
            "strong_number",
            "0.0##",
            lambda r: domain.total_weight,
        )
        self.add(key, layout.WEIGHTED, f"={score}", "strong_number", "0.00", lambda r: r.domains[domain.id].score)
        self.add(
            key,
            layout.WORDS,
            self.formulas.points_missing(domain),
            "strong",
            "",
            lambda r: points_missing(domain, r.domains[domain.id].score, str(r.domains[domain.id].uncapped_category)),
        )

    # --- over-riding rules ---

    def rules(self) -> None:
        self.heading("rules", "rules")
        for domain in self.rulebook.domains.values():
            for rule in domain.over_riding:
                key, layout = ("rule", domain.id, rule.id), self.layout
                said = self.words["rule"].format(domain=domain.title, rule=rule.label)
                self.add(key, layout.NAME, said, "row_wrapped")
                self.add(
                    key,
                    layout.STATE,
                    self.formulas.applies(domain, rule),
                    "row",
                    "",
                    lambda r, d=domain, o=rule: self.applies(r, d, o),
                )
                best = best_words(self.rulebook, rule)
                best = f"{best[:1].upper()}{best[1:]}"
                reference = f"{rule.mark.provenance.capitalize()}: {self.edition.cite(rule.mark)}."
                self.add(key, layout.WORDS, f"{best}. {reference}", "row_wrapped")

    def applies(self, rating: Rating, domain: Domain, rule: OverRidingRule) -> str:
        if any(cap.id == rule.id for cap in rating.domains[domain.id].caps):
            return self.states["applies"]
        if rule.id in rating.unknown_rules:
            return self.states["unknown_ignored" if rule.unknown_applies_not else "unknown"]
        return self.states["applies_not"]

    # --- workings ---

    def entry(self, name: str) -> None:
        field = self.rulebook.fields[name]
        style = "row_number" if field.unit.is_number else "row"
        self.add(("entry", name), self.layout.NAME, field.label)
        self.add(
            ("entry", name),
            self.layout.VALUE,
            self.formulas.entry(name),
            style,
            field.unit.cell,
            lambda r: r.inputs.values[name],
        )

    def further_measure(self, owner: Indicator | OverRidingRule | Domain, measure: Measure) -> None:
        key = ("measure", owner.id, measure.name)
        domain_id = next(
            d.id
            for d in self.rulebook.domains.values()
            if owner is d or owner.id in d.indicators or any(owner is rule for rule in d.over_riding)
        )
        limits = ("labels",) if isinstance(owner, Domain) else (owner.id,)
        formula = self.formulas.measure(measure, (self.rulebook.trust_type, domain_id, *limits))
        self.add(key, self.layout.NAME, measure.label)
        self.add(
            key,
            self.layout.VALUE,
            formula,
            "row_number",
            measure.unit.cell,
            lambda r: measured(measure, r.inputs.values),
        )
        label = owner.title if isinstance(owner, Domain) else owner.label
        self.add(key, self.layout.WORDS, label, "row_wrapped")

    def ranks(self, domain: Domain) -> None:
        formulas = self.formulas
        if domain.indicators:
            self.working(
                "known",
                domain,
                formulas.weight_known(domain),
                lambda r: _weight(r, domain, ("",)),
            )
            self.working(
                "applicable",
                domain,
                formulas.weight_applicable(domain),
                lambda r: _weight(r, domain, ("", "missing")),
            )
        self.working(
            "uncapped",
            domain,
            formulas.uncapped_rank(domain),
            lambda r: _place(domain, r.domains[domain.id].uncapped_category),
        )
        self.add(
            ("uncapped", domain.id),
            self.layout.STATE,
            formulas.category(domain, "uncapped"),
            "row",
            "",
            lambda r: str(r.domains[domain.id].uncapped_category),
        )
        for rule in domain.over_riding:
            self.add(("cap", domain.id, rule.id), self.layout.NAME, self.words["cap"].format(domain=domain.title))
            self.add(
                ("cap", domain.id, rule.id),
                self.layout.VALUE,
                formulas.cap_rank(domain, rule),
                "row_number",
                "0",
                lambda r, o=rule: _cap_place(r, domain, o),
            )
            self.add(("cap", domain.id, rule.id), self.layout.WORDS, rule.label, "row_wrapped")
        self.working(
            "rank",
            domain,
            formulas.rank(domain),
            lambda r: _place(domain, r.domains[domain.id].category),
        )

    def working(self, kind: str, domain: Domain, formula: str, value: Callable[[Rating], Any]) -> None:
        number = "0.0##" if kind in ("known", "applicable") else "0"
        self.add((kind, domain.id), self.layout.NAME, self.words[kind].format(domain=domain.title), "row_wrapped")
        self.add((kind, domain.id), self.layout.VALUE, formula, "row_number", number, value)


def _sum(rating: Rating, domain: Domain, ids: list[str]) -> float | None:
    weighted = [rating.domains[domain.id].indicators[name].weighted for name in ids]
    return None if None in weighted else sum(w for w in weighted if w is not None)


def _weight(rating: Rating, domain: Domain, states: tuple[str, ...]) -> float:
    return sum(i.weight for i in rating.domains[domain.id].indicators.values() if i.state in states)


def _place(domain: Domain, category: Any) -> int | None:
    rank = domain.scale.ranks.get(category)
    return None if rank is None else rank + 1


def _cap_place(rating: Rating, domain: Domain, rule: OverRidingRule) -> int:
    held = [cap for cap in rating.domains[domain.id].caps if cap.id == rule.id]
    return domain.scale.ranks[held[0].best] + 1 if held else 0
