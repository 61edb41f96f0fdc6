"""The workings of the Dashboard: a line a trust in the workbook's order, with its place by need of attention.

The tables and charts take their lines from here by place, with INDEX.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from pfexcel.engine.escalation import Stage
from pfexcel.rules.edition import Domain
from pfexcel.workbook import summary_sheet
from pfexcel.workbook.dashboard_layout import LAST, PERIODS, DashboardLayout
from pfexcel.workbook.formulas import NOT_ASSESSED, quoted
from pfexcel.workbook.job import TrustReturn
from pfexcel.workbook.layout import NOW, address, band_limits, rating_layout, rules_layout, sheet_name
from pfexcel.workbook.track_cells import IN_FORCE, PLACE

# The place of Not assessed, after every category but the best: what is not known needs attention before what is well.
UNKNOWN = 1.5
STEP = 100  # from place to place in the key; no score is as much

Find = Callable[[TrustReturn], Any]


class Source(NamedTuple):
    """A figure of every trust: the range it stands in, in the workbook's order, and what is cached there.

    `gaps`: are there trusts that it is not for, with a blank cell?
    """

    cells: str
    value: Find
    gaps: bool = False


class Column(NamedTuple):
    """A column of the workings: its heading, the formula by trust (None: the value itself), and the cached value."""

    heading: str
    formula: Callable[[TrustReturn], str] | None
    value: Find
    number: str = "General"


@dataclass(frozen=True, eq=False)
class Workings:
    """The workings of a Dashboard: each figure as a formula and as Python finds it."""

    layout: DashboardLayout

    @cached_property
    def returns(self) -> list[TrustReturn]:
        return list(self.layout.job.returns)

    @cached_property
    def ordered(self) -> list[TrustReturn]:
        """The returns by need of attention: the worst category first, then the lowest finance score, then the code."""
        return sorted(self.returns, key=lambda one: (-self.key(one), one.trust.ods_code))

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The columns by key, from left to right."""
        codes = sorted(one.trust.ods_code for one in self.returns)
        found = {
            "code_order": Column("By code", None, lambda one: codes.index(one.trust.ods_code) + 1),
            "worst": Column("Worst place", self._worst, self.worst),
            "worst_words": Column("Worst", self._worst_words, self.worst_name),
            "key": Column("Key", self._key, self.key),
            "position": Column("Position", self._position, lambda one: self.ordered.index(one) + 1),
        }
        for name in self.layout.sub_domains:
            found[f"share {name}"] = Column(f"share {name}", self._share(name), self.share(name), "0%")
        for domain in self.layout.charted:
            for number, key in enumerate(self.layout.limits(domain)):
                found[key] = Column(key, self._limit(domain, number), self.limit(domain, number), "0.00")
        for domain in self.layout.tracks:
            for period in PERIODS:
                key = f"{domain.id} {period}"
                found[key] = Column(key, self._bar(domain, period), self.bar(domain, period))
            for period, label in ((LAST, "last"), (NOW, "in force")):
                key = f"{domain.id} {label}"
                found[key] = Column(key, self._in_force(domain, period), self.in_force(domain, period))
        return found

    def at(self, key: str, one: TrustReturn, fixed: bool = False) -> str:
        """The address of a figure of one trust."""
        row = self.layout.first + self.returns.index(one)
        return address(row, self.layout.far + list(self.columns).index(key), fixed)

    def source(self, key: str) -> Source:
        """A column of the Summary or of the workings, as the tables take it."""
        if key in self.summary_columns:
            return self._summary(key)
        first, last = (self.at(key, self.returns[end], fixed=True) for end in (0, -1))
        return Source(f"{first}:{last}", self.columns[key].value)

    # --- the Summary ---

    @cached_property
    def summary_columns(self) -> dict[str, int]:
        """The columns of the Summary: `code`, `name`, a domain's `finance_score` and `finance`."""
        names = ["code", "name", "type", "missing"]
        for domain in self.layout.domains:
            names += [f"{domain.id}_score", domain.id] if domain.indicators else [domain.id]
        return {name: column for column, name in enumerate(names)}

    def _summary(self, key: str) -> Source:
        first = summary_sheet.HEADER + 1
        rows = (first, first + len(self.returns) - 1)
        top, bottom = (address(row, self.summary_columns[key], fixed=True) for row in rows)
        domain = key.removesuffix("_score")
        gaps = domain not in ("code", "name") and any(domain not in one.rulebook.domains for one in self.returns)
        return Source(f"{sheet_name('summary')}!{top}:{bottom}", self._summary_value(key), gaps)

    def _summary_value(self, key: str) -> Find:
        if key in ("code", "name"):
            return lambda one: one.trust.ods_code if key == "code" else one.trust.name
        if key.endswith("_score"):
            return lambda one: score(one, key.removesuffix("_score"))
        return lambda one: str(one.rating.domains[key].category) if key in one.rulebook.domains else ""

    def _summary_cell(self, key: str, one: TrustReturn) -> str:
        row = summary_sheet.HEADER + 1 + self.returns.index(one)
        return f"{sheet_name('summary')}!{address(row, self.summary_columns[key])}"

    # --- the order ---

    @cached_property
    def _scale(self) -> str:
        return rules_layout(self.layout.job.edition).scale(self.layout.deciding[0].scale.id)

    def worst(self, one: TrustReturn) -> float:
        """The worst place, 1 for the best, at which a deciding domain is rated or held."""
        places: list[float] = []
        for domain in self.layout.deciding:
            ranks = domain.scale.ranks
            rated = one.rating.domains.get(domain.id)
            places.append(UNKNOWN if rated is None else ranks.get(str(rated.category), UNKNOWN - 1) + 1)
            if domain.id in one.tracks:
                places.append(ranks.get(str(one.tracks[domain.id].now.category), -1) + 1)
        return max(places)

    def _worst(self, one: TrustReturn) -> str:
        parts = []
        for domain in self.layout.deciding:
            parts.append(f"IFERROR(MATCH({self._summary_cell(domain.id, one)},{self._scale},0),{UNKNOWN})")
            if domain.id in one.tracks:
                parts.append(f"IFERROR(MATCH({_rating_cell(one, domain, IN_FORCE, NOW)},{self._scale},0),0)")
        return f"=MAX({','.join(parts)})"

    def worst_name(self, one: TrustReturn) -> str:
        place = self.worst(one)
        return NOT_ASSESSED if place == UNKNOWN else self.layout.deciding[0].scale.names[int(place) - 1]

    def _worst_words(self, one: TrustReturn) -> str:
        place = self.at("worst", one)
        return f'=IF({place}={UNKNOWN},"{NOT_ASSESSED}",INDEX({self._scale},{place}))'

    def key(self, one: TrustReturn) -> float:
        """What the order goes by, the highest first; no score counts as the lowest."""
        return round(self.worst(one) * STEP - (score(one, "finance") or 0.0), 10)

    def _key(self, one: TrustReturn) -> str:
        scored = "finance_score" in self.summary_columns
        lowest = f"-MAX({self._summary_cell('finance_score', one)})" if scored else ""
        return f"=ROUND({self.at('worst', one)}*{STEP}{lowest},10)"

    def _position(self, one: TrustReturn) -> str:
        keys, codes = self.source("key").cells, self.source("code_order").cells
        key, code = self.at("key", one), self.at("code_order", one)
        return f'=1+COUNTIFS({keys},">"&{key})+COUNTIFS({keys},{key},{codes},"<"&{code})'

    # --- the finance sub-domains, and the limits between the categories ---

    def share(self, sub_domain: str) -> Find:
        """The weighted score of a finance sub-domain as a share of the best possible."""

        def value(one: TrustReturn) -> float | None:
            finance = one.rulebook.domains.get("finance")
            if finance is None or sub_domain not in finance.sub_domains:
                return None
            rated = one.rating.domains["finance"].indicators
            own = [rated[i.id].weighted for i in finance.indicators.values() if i.sub_domain == sub_domain]
            known = [weighted for weighted in own if weighted is not None]
            most = finance.sub_domains[sub_domain].weight * best_score(finance, sub_domain)
            return sum(known) * finance.per / most if len(known) == len(own) else None

        return value

    def _share(self, sub_domain: str) -> Callable[[TrustReturn], str]:
        def formula(one: TrustReturn) -> str:
            layout, key = rating_layout(one.rulebook), ("sub_domain", "finance", sub_domain)
            if key not in layout.rows:
                return '=""'
            sheet, finance = quoted("rating", one.trust.ods_code), one.rulebook.domains["finance"]
            weighted, weight = (f"{sheet}!{layout.cell(column, *key)}" for column in (layout.WEIGHTED, layout.WEIGHT))
            per = f"*{finance.per:g}" if finance.per != 1 else ""
            return f'=IF({weighted}="","",{weighted}{per}/({weight}*{best_score(finance, sub_domain):g}))'

        return formula

    def limit(self, domain: Domain, number: int) -> Find:
        """A limit between the categories of a domain, of the trust's type."""
        return lambda one: _limits(one, domain)[number][1] if number < len(_limits(one, domain)) else None

    def _limit(self, domain: Domain, number: int) -> Callable[[TrustReturn], str]:
        return lambda one: f"={_limits(one, domain)[number][0]}" if number < len(_limits(one, domain)) else '=""'

    # --- the history ---

    def bar(self, domain: Domain, period: str) -> Find:
        """The height of a period's bar: 1 for the worst category, 0 where there is none."""

        def value(one: TrustReturn) -> int:
            stage = _stage(one, domain, period)
            return len(domain.scale.names) + 1 - stage.workings.level if stage and stage.workings.level else 0

        return value

    def _bar(self, domain: Domain, period: str) -> Callable[[TrustReturn], str]:
        def formula(one: TrustReturn) -> str:
            if domain.id not in one.tracks:
                return "=0"
            place = _rating_cell(one, domain, PLACE, period)
            return f"=IF({place}=0,0,{len(domain.scale.names) + 1}-{place})"

        return formula

    def in_force(self, domain: Domain, period: str) -> Find:
        """The category in force in a period."""

        def value(one: TrustReturn) -> str:
            stage = _stage(one, domain, period)
            return str(stage.category) if stage else ""

        return value

    def _in_force(self, domain: Domain, period: str) -> Callable[[TrustReturn], str]:
        return lambda one: f"={_rating_cell(one, domain, IN_FORCE, period)}" if domain.id in one.tracks else '=""'


def score(one: TrustReturn, domain: str) -> float | None:
    """The score of a trust in a domain, None where it has none."""
    rated = one.rating.domains.get(domain)
    return None if rated is None else rated.score


def best_score(domain: Domain, sub_domain: str | None = None) -> float:
    """The best score that the indicators of a domain or sub-domain can get, by weight where they differ."""
    own = [i for i in domain.indicators.values() if sub_domain in (None, i.sub_domain)]
    return sum(i.weight * max(i.scores) for i in own) / sum(i.weight for i in own)


def _limits(one: TrustReturn, domain: Domain) -> list[tuple[str, float]]:
    """The address and the value of each limit between the categories of a domain, for a trust's type."""
    own = one.rulebook.domains.get(domain.id)
    if own is None or own.bands is None:
        return []
    values = [limit.value for limit in own.bands.limits.values()]
    return list(zip(band_limits(one.rulebook, own), values, strict=True))


def _rating_cell(one: TrustReturn, domain: Domain, column: int, period: str) -> str:
    """A cell of a domain's history on the Rating sheet of a trust."""
    cell = rating_layout(one.rulebook).cell(column, "track", domain.id, period)
    return f"{quoted('rating', one.trust.ods_code)}!{cell}"


def _stage(one: TrustReturn, domain: Domain, period: str) -> Stage | None:
    track = one.tracks.get(domain.id)
    if track is None:
        return None
    return track.now if period == NOW else track.shown[int(period)][1]
