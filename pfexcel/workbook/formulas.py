"""The native formulas of a Rating sheet, made from the rulebook's expressions over the addresses of the layout.

An entry is read once, as INDEX of the column of figures, so that cutting and pasting a cell cannot lead the rating
astray; everything else refers to that copy. A figure that is missing or refused is "" there, and every formula that
needs it gives "".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pfexcel.engine.needs import GAP_DECIMALS, LEAST_GAP, band_above, need_words, next_scores
from pfexcel.rules import targets as language
from pfexcel.rules.edition import Domain, Indicator, Ladder, Measure, OverRidingRule, Rulebook
from pfexcel.workbook.layout import RatingLayout, address, rating_layout, return_layout, rules_layout, sheet_name
from pfexcel.workbook.status import empty
from pfexcel.workbook.templates import template

NOT_ASSESSED = "Not assessed"

_NAMED = re.compile(r"(\{\w+\})")


class RatingFormulas:
    """Formulas for the Rating sheet of one rulebook; `return_sheet` is the quoted name of the Return sheet."""

    def __init__(self, rulebook: Rulebook, return_sheet: str) -> None:
        self.rulebook = rulebook
        self.layout: RatingLayout = rating_layout(rulebook)
        self.rules = rules_layout(rulebook.edition)
        self.entries = return_layout(rulebook)
        self.return_sheet = return_sheet
        self.words = template("return")

    # --- entries and measures ---

    def figure(self, name: str) -> str:
        """The entry as it stands on the Return sheet, whatever was cut and pasted there."""
        column = self.entries.FIGURE
        top, bottom = address(0, column, fixed=True), address(self.entries.last_row, column, fixed=True)
        return f"INDEX({self.return_sheet}!{top}:{bottom},{self.entries.entry_rows[name] + 1})"

    def entry(self, name: str) -> str:
        """The usable value of an entry, "" where it is missing or refused."""
        unit = self.rulebook.fields[name].unit
        figure = self.figure(name)
        if unit.kind == "choice":
            chosen = '""'
            for choice in reversed(unit.choices):
                chosen = f'IF({figure}="{choice}","{choice}",{chosen})'
            if unit.default is not None:
                chosen = f'IF({empty(self.rulebook.fields[name], figure)},"{unit.default}",{chosen})'
            return f'=IFERROR({chosen},"")'
        status = f"{self.return_sheet}!{address(self.entries.entry_rows[name], self.entries.CHECK)}"
        return f'=IF({status}="{self.words["status"]["ok"]}",{figure},"")'

    def at_entry(self, name: str) -> str:
        if name in self.rulebook.edition.context:
            return self.rules.cell("context", name)
        return self.layout.cell(self.layout.VALUE, "entry", name)

    def measure(self, measure: Measure, owner: Sequence[str]) -> str:
        """A measure, "" where an entry is missing or it divides by 0; `owner` leads to its limits."""
        cells = {name: self.at_entry(name) for name in measure.fields}
        limits = {name: self.rules.cell(*owner, name) for name in measure.limits}
        formula = language.excel(measure.expression, {**cells, **limits})
        counted = ",".join(cells.values())
        return f'=IF(COUNT({counted})={len(cells)},IFERROR(ROUND({formula},10),""),"")'

    def at_measure(self, owner: Indicator | OverRidingRule | Domain, name: str) -> str:
        if isinstance(owner, Indicator) and name == "value":
            return self.layout.cell(self.layout.VALUE, "indicator", owner.id)
        return self.layout.cell(self.layout.VALUE, "measure", owner.id, name)

    # --- indicators ---

    def value(self, domain: Domain, indicator: Indicator) -> str:
        return self.measure(indicator.value, (self.rulebook.trust_type, domain.id, indicator.id))

    def score(self, domain: Domain, indicator: Indicator) -> str:
        names = {name: self.at_measure(indicator, name) for name in indicator.ladder.names}
        owner = (self.rulebook.trust_type, domain.id, indicator.id)
        results = [f"{step.score:g}" for step in indicator.ladder.steps]
        return f"={self.known(list(names.values()), [], self.ladder(indicator.ladder, names, owner, results))}"

    def state(self, indicator: Indicator) -> str:
        words = self.words["states"]
        score = self.layout.cell(self.layout.SCORE, "indicator", indicator.id)
        unscored = f'"{words["missing"]}"'
        if indicator.not_applicable is not None:
            fields = dict.fromkeys(name for measure in indicator.activity for name in measure.fields)
            cells = {name: self.at_entry(name) for name in fields}
            figures = {m.name: f"ROUND({language.excel(m.expression, cells)},10)" for m in indicator.activity}
            gone = language.excel(indicator.not_applicable, figures)
            none = f'IF({gone},"{words["no_activity"]}",{unscored})'
            unscored = f"IF(COUNT({','.join(cells.values())})={len(cells)},{none},{unscored})"
        return f'=IF({score}<>"","{words["scored"]}",{unscored})'

    def weighted(self, domain: Domain, indicator: Indicator) -> str:
        key = ("indicator", indicator.id)
        score, weight = self.layout.cell(self.layout.SCORE, *key), self.layout.cell(self.layout.WEIGHT, *key)
        per = f"/{domain.per:g}" if domain.per != 1 else ""
        return f'=IF({score}="","",{score}*{weight}{per})'

    # --- domains ---

    def column(self, column: int, domain: Domain, sub_domain: str | None = None) -> str:
        """The range of a column over the indicators of a domain, or of one sub-domain (they stand together)."""
        own = [i for i in domain.indicators.values() if sub_domain in (None, i.sub_domain)]
        first, last = own[0], own[-1]
        return f"{self.layout.cell(column, 'indicator', first.id)}:{self.layout.cell(column, 'indicator', last.id)}"

    def sub_domain(self, domain: Domain, sub_domain: str) -> str:
        """The weighted score of a sub-domain, "" where one of its indicators has none."""
        cells = self.column(self.layout.WEIGHTED, domain, sub_domain)
        count = sum(indicator.sub_domain == sub_domain for indicator in domain.indicators.values())
        return f'=IF(COUNT({cells})={count},SUM({cells}),"")'

    def weight_known(self, domain: Domain) -> str:
        scores = self.column(self.layout.SCORE, domain)
        return f'=SUMPRODUCT(({scores}<>"")*{self.column(self.layout.WEIGHT, domain)})'

    def weight_applicable(self, domain: Domain) -> str:
        states = self.column(self.layout.STATE, domain)
        gone = self.words["states"]["no_activity"]
        return f'=SUMPRODUCT(({states}<>"{gone}")*{self.column(self.layout.WEIGHT, domain)})'

    def domain_score(self, domain: Domain) -> str:
        known, applicable = (self.layout.cell(self.layout.VALUE, key, domain.id) for key in ("known", "applicable"))
        needed = self.rules.cell(self.rulebook.trust_type, domain.id, "domain", "weight_needed")
        times = f"*{domain.per:g}" if domain.per != 1 else ""
        score = f"ROUND(SUM({self.column(self.layout.WEIGHTED, domain)}){times}/{known},10)"
        return f'=IF(AND({known}>0,ROUND({known},10)>=ROUND({needed}*{applicable},10)),{score},"")'

    def uncapped_rank(self, domain: Domain) -> str:
        """The place of a category before the over-riding rules, 1 for the best, "" where it is not assessed."""
        ranks = domain.scale.ranks
        if domain.indicators:
            assert domain.bands is not None
            score = self.layout.cell(self.layout.SCORE, "result", domain.id)
            results = [str(ranks[str(step.category)] + 1) for step in domain.bands.steps]
            owner = (self.rulebook.trust_type, domain.id, "bands")
            return f'=IF({score}="","",{self.ladder(domain.bands, {"score": score}, owner, results)})'
        if domain.labels is not None:
            return self.labelled(domain, [str(ranks[str(step.category)] + 1) for step in domain.labels.steps], '""')
        if domain.declared is not None:
            return f'=IFERROR(MATCH({self.at_entry(domain.declared)},{self.rules.scale(domain.scale.id)},0),"")'
        parts = ",".join(self.layout.cell(self.layout.VALUE, "rank", name) for name in domain.lowest_of)
        stands = domain.scale.stands + 1
        worst = f"MAX({parts})"
        return f'=IF(COUNT({parts})={len(domain.lowest_of)},{worst},IF({worst}>={stands},{worst},""))'

    def label(self, domain: Domain) -> str:
        assert domain.labels is not None
        return self.labelled(domain, [f'"{step.label}"' for step in domain.labels.steps], f'"{NOT_ASSESSED}"')

    def labelled(self, domain: Domain, results: Sequence[str], unknown: str) -> str:
        assert domain.labels is not None
        numbers = {n: self.at_measure(domain, n) for n in domain.labels.names if n in domain.measures}
        texts = {n: self.at_entry(n) for n in domain.labels.names if n not in domain.measures}
        owner = (self.rulebook.trust_type, domain.id, "labels")
        decided = self.ladder(domain.labels, {**numbers, **texts}, owner, results)
        return f"={self.known(list(numbers.values()), list(texts.values()), decided, unknown)}"

    def category(self, domain: Domain, rank_key: str) -> str:
        """The category at a rank of the workings: `rank` after the over-riding rules, `uncapped` before them."""
        rank = self.layout.cell(self.layout.VALUE, rank_key, domain.id)
        return f'=IF({rank}="","{NOT_ASSESSED}",INDEX({self.rules.scale(domain.scale.id)},{rank}))'

    def needed(self, indicator: Indicator, rule: str) -> str:
        """What the next score needs, then the rule: see `engine.needs`."""
        score = self.layout.cell(self.layout.SCORE, "indicator", indicator.id)
        formula = '""'
        for own in next_scores(indicator):
            formula = f"IF({score}={own:g},{text(need_words(indicator, own))},{formula})"
        return f'=IF({score}="","",{formula})&{text(rule)}'

    def points_missing(self, domain: Domain) -> str:
        """How many points the score lacks for the next better category."""
        score = self.layout.cell(self.layout.SCORE, "result", domain.id)
        uncapped = self.layout.cell(self.layout.VALUE, "uncapped", domain.id)
        formula = '""'
        for place in range(1, len(domain.bands.steps if domain.bands else ())):
            category, _, before, name = band_above(domain, place)
            limit = self.rules.cell(self.rulebook.trust_type, domain.id, "bands", name)
            gap = f"ROUND({limit}-{score},{GAP_DECIMALS})"
            words = f'IF({gap}=0,"{LEAST_GAP}","{before}"&{gap})&" points missing for {category}"'
            formula = f"IF({uncapped}={place + 1},{words},{formula})"
        return f'=IF({score}="","",{formula})'

    # --- over-riding rules ---

    def applies(self, domain: Domain, rule: OverRidingRule) -> str:
        words = self.words["states"]
        unknown = words["unknown_ignored"] if rule.unknown_applies_not else words["unknown"]
        numbers = {n: self.at_measure(rule, n) for n in rule.names if n in rule.measures}
        categories = {n: self.at_category(n) for n in rule.names if n.endswith("_category")}
        texts = {n: self.at_entry(n) for n in rule.names if n not in numbers and n not in categories}
        limits = {n: self.rules.cell(self.rulebook.trust_type, domain.id, rule.id, n) for n in rule.limits}
        condition = language.excel(rule.when, {**numbers, **categories, **texts, **limits})
        decided = f'IF({condition},"{words["applies"]}","{words["applies_not"]}")'
        decided = self.known(list(numbers.values()), list(texts.values()), decided, f'"{unknown}"')
        for cell in categories.values():
            decided = f'IF({cell}="{NOT_ASSESSED}","{unknown}",{decided})'
        return f"={decided}"

    def at_category(self, name: str) -> str:
        return self.layout.cell(self.layout.STATE, "result", name.removesuffix("_category"))

    def cap_rank(self, domain: Domain, rule: OverRidingRule) -> str:
        """The best place a rule allows, 0 where it does not apply."""
        applies = self.layout.cell(self.layout.STATE, "rule", domain.id, rule.id)
        if rule.best is not None:
            best = str(domain.scale.ranks[rule.best] + 1)
        else:
            best = f"MATCH({self.at_entry(str(rule.best_is))},{self.rules.scale(domain.scale.id)},0)"
        return f'=IF({applies}="{self.words["states"]["applies"]}",{best},0)'

    def rank(self, domain: Domain) -> str:
        """The place of the category after the over-riding rules: see `engine.combine.capped`."""
        uncapped = self.layout.cell(self.layout.VALUE, "uncapped", domain.id)
        if not domain.over_riding:
            return f"={uncapped}"
        first, last = domain.over_riding[0], domain.over_riding[-1]
        caps = ":".join(self.layout.cell(self.layout.VALUE, "cap", domain.id, rule.id) for rule in (first, last))
        states = ":".join(self.layout.cell(self.layout.STATE, "rule", domain.id, rule.id) for rule in (first, last))
        unknown = f'COUNTIFS({states},"{self.words["states"]["unknown"]}")'
        worst = f"MAX({caps},{uncapped})"
        return f'=IF(MAX({caps})>={domain.scale.stands + 1},{worst},IF(OR({uncapped}="",{unknown}>0),"",{worst}))'

    # --- shared ---

    def ladder(self, ladder: Ladder, names: Mapping[str, str], owner: Sequence[str], results: Sequence[str]) -> str:
        """Nested IFs: the result of the first condition that holds."""
        cells = {**names, **{name: self.rules.cell(*owner, name) for name in ladder.limits}}
        formula = results[-1]
        for step, result in zip(reversed(ladder.steps[:-1]), reversed(results[:-1]), strict=True):
            assert step.when is not None
            formula = f"IF({language.excel(step.when, cells)},{result},{formula})"
        return formula

    @staticmethod
    def known(numbers: Sequence[str], texts: Sequence[str], decided: str, unknown: str = '""') -> str:
        """`decided` where all numbers and texts are there, else `unknown`."""
        if texts:
            present = ",".join(f'{cell}<>""' for cell in texts)
            decided = (
                f"IF(AND({present}),{decided},{unknown})" if len(texts) > 1 else f"IF({present},{decided},{unknown})"
            )
        if numbers:
            decided = f"IF(COUNT({','.join(numbers)})={len(numbers)},{decided},{unknown})"
        return decided


def text(words: str) -> str:
    """A text as a formula has it; Excel takes at most 255 characters at a time.

    >>> text('5" pipe')
    '"5"" pipe"'
    """
    pieces = [words[start : start + 200] for start in range(0, len(words), 200)] or [""]
    return "&".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def filled(words: str, **formulas: str) -> str:
    """A text of the template as a formula, with a formula in the place of each name.

    >>> filled("{count} in a row.", count="A1")
    'A1&" in a row."'
    """
    parts = [formulas[part[1:-1]] if part[:1] == "{" else text(part) for part in _NAMED.split(words) if part]
    return "&".join(parts)


def quoted(kind: str, code: str) -> str:
    """A trust's sheet as formulas name it: `'RXK Return'`."""
    return f"'{sheet_name(kind, code)}'"
