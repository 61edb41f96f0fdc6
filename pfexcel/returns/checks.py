"""The checks of a return as read: findings with their cells and in the order of the sheets, comments that answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pfexcel.catalogue import at, finding
from pfexcel.engine.checks import applicable, figures_of, is_number
from pfexcel.engine.inputs import is_blank
from pfexcel.model import Finding, Severity
from pfexcel.periods import Period
from pfexcel.rules.edition import OverRidingRule, Rulebook
from pfexcel.workbook.layout import rating_layout, return_layout, sheet_name

_PLACE = re.compile(r"([A-Z]{1,3})(\d+)")


def run_checks(
    rulebook: Rulebook,
    values: Mapping[str, Any],
    previous: Mapping[str, Any],
    comments: Mapping[str, str],
    period: Period,
) -> list[Finding]:
    """The findings of the catalogue's checks about one return's figures.

    Args:
        rulebook: the rules of the trust's type.
        values: figures as entered, by entry; what the engine refuses counts as missing.
        previous: last period's figures, by entry; without any, the checks that need them do not run.
        comments: what the Comment cells say, by entry.
        period: the period of the return.

    >>> from pfexcel.rules.load import load_edition
    >>> rulebook, period = load_edition("2011-12").rulebook("acute"), Period.parse("2011-12-Q3")
    >>> [found] = run_checks(rulebook, {"ytd_income": 310_000, "forecast_income": 300_000}, {}, {}, period)
    >>> found.message
    'Income to date is GBP 310,000 thousand, above the forecast for the whole year (GBP 300,000 thousand)'
    """
    figures = figures_of(rulebook, values, previous, comments, period)
    compared = any(is_number(value) for value in figures.previous.values())
    return [bound.finding(figures) for bound in applicable(rulebook, period, compared) if bound.fires(figures)]


def answered(findings: Iterable[Finding], sheet: str, comments: Mapping[str, str]) -> Iterator[Finding]:
    """The findings, each query about a cell of `sheet` with a comment (by cell) as a note that carries it."""
    for found in findings:
        comment = comments.get(found.cell) if found.sheet == sheet else None
        if comment and found.severity is Severity.QUERY:
            yield replace(found, severity=Severity.NOTE, message=f"{found.message}. Comment: {comment.strip()}")
        else:
            yield found


def placed(
    findings: Iterable[Finding], code: str, rulebook: Rulebook, values: Mapping[str, Any], moved: Collection[str] = ()
) -> Iterator[Finding]:
    """The findings about a trust's figures with their cells.

    A finding about an indicator goes to the first of its entries, one about an over-riding rule to the first entry that
    it lacks, or where it lacks none to the rule on the Rating sheet. That an entry is missing whose row was `moved` is
    left out: it has been said.
    """
    layout, sheet = return_layout(rulebook), sheet_name("return", code)
    rules = {rule.id: (domain.id, rule) for domain in rulebook.domains.values() for rule in domain.over_riding}
    for found in findings:
        name = found.field
        if name in moved and found.id.startswith("entry-missing"):
            continue
        if name in rules and name not in layout.entry_rows:
            domain, rule = rules[name]
            name = next((entry for entry in _entries_of(rule, rulebook) if is_blank(values.get(entry))), "")
            if not name:
                cell = rating_layout(rulebook).cell(0, "rule", domain, rule.id)
                yield at(found, code, sheet_name("rating", code), cell)
                continue
        elif name not in layout.entry_rows:
            indicator = rulebook.indicators.get(name)
            name = next((n for n in indicator.fields if n in layout.entry_rows), "") if indicator else ""
        yield at(found, code, sheet, layout.cell(name) if name else "")


def _entries_of(rule: OverRidingRule, rulebook: Rulebook) -> Iterator[str]:
    """The entries that an over-riding rule hangs on: its own, then those of the domains whose category it names."""
    yield from rule.fields
    for name in rule.names:
        domain = rulebook.domains.get(name.removesuffix("_category"))
        for indicator in domain.indicators.values() if domain is not None else ():
            yield from indicator.fields


def moved_rows(names: Sequence[str], code: str, rulebook: Rulebook) -> Iterator[Finding]:
    """One finding for all rows of a Return sheet that do not carry the label of their entry."""
    if names:
        label, cell = rulebook.fields[names[0]].label, return_layout(rulebook).cell(names[0])
        found = finding("label-moved", field=names[0], value=label, count=len(names))
        yield at(found, code, sheet_name("return", code), cell)


def in_order(findings: Iterable[Finding], sheets: Iterable[str]) -> tuple[Finding, ...]:
    """The findings as one meets them: those of the file, then sheet by sheet and row by row."""
    order = {name: number for number, name in enumerate(sheets)}

    def place(found: Finding) -> tuple[int, int, int, str]:
        cell = _PLACE.fullmatch(found.cell)
        row, column = (int(cell[2]), cell[1]) if cell else (0, "")
        return order.get(found.sheet, len(order)) if found.sheet else -1, row, len(column), column

    return tuple(sorted(findings, key=place))
