"""The checks of a return as read: findings with their cells, and the comments that answer them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pfexcel.engine.checks import applicable, figures_of, is_number
from pfexcel.model import Finding, Severity
from pfexcel.periods import Period
from pfexcel.rules.edition import Rulebook


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
