"""The worksheet functions that rate the returns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from pfexcel.functions.asked import Asked, said
from pfexcel.functions.cells import Cell, CellError, Grid, answer, refused, text, unavailable
from pfexcel.functions.entries import entries_of_category, entries_of_indicator, entries_of_score, indicator_named
from pfexcel.model import Rating

WHAT = ("value", "score", "weighted")
EXPLAINED = ("Step", "Value", "Result", "Rule and reference")
MISSING = ("entry-missing", "entry-missing-query")
MOST_SAID = 5


def finance_score(fields: Any, values: Any, edition: Any = None) -> Cell | Grid:
    """The finance score of each return, from 1.00 to 3.00.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraph 3.3.

    >>> from pfexcel.rules.load import load_edition
    >>> scores = [f"{name}_score" for name in load_edition("2011-12").rulebook("acute").domains["finance"].indicators]
    >>> finance_score([scores], [[3] * 13, [2] * 13])
    [[3.0], [2.0]]
    """
    return _scores("finance", Asked(fields, values, None, edition))


def finance_rating(fields: Any, values: Any, edition: Any = None) -> Cell | Grid:
    """The finance category of each return, after the over-riding rules.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraphs 3.3 and 3.4.

    >>> finance_rating([["finance_major_failing"], ["ytd_surplus"]], [["Challenged", "No"], [None, 120]])
    [['Challenged', 'Not assessed']]
    """
    return _categories("finance", Asked(fields, values, None, edition))


def quality_score(fields: Any, values: Any, trust_type: Any = None, edition: Any = None) -> Cell | Grid:
    """The integrated performance measures score of each return.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraph 3.5.

    >>> quality_score([["ae_4h"]], [[0.96]])
    CellError('#N/A', ...)
    """
    return _scores("ipm", Asked(fields, values, trust_type, edition))


def quality_rating(fields: Any, values: Any, trust_type: Any = None, edition: Any = None) -> Cell | Grid:
    """The quality of services category of each return: performance measures, CQC registration and user experience.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraph 3.5.

    >>> quality_rating([["cqc_warning_notices", "cqc_enforcement"]], [[0, "Yes"]])
    'Underperforming'
    """
    return _categories("quality", Asked(fields, values, trust_type, edition))


def indicator(
    indicator: Any, fields: Any, values: Any, what: Any = None, trust_type: Any = None, edition: Any = None
) -> Cell | Grid:
    """The value, the score or the weighted score of one indicator, for each return.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraphs 3.3 and 3.5.

    >>> indicator("YTD EBITDA margin", [["ytd_ebitda", "ytd_income"]], [[6, 100], [2, 100]], "score")
    [[3.0], [2.0]]
    """
    label, wanted = text(indicator, "indicator", ""), text(what, "what", WHAT[0]).casefold()
    if wanted not in WHAT:
        raise refused(f"what is {wanted!r}; use one of {', '.join(WHAT)}")
    asked = Asked(fields, values, trust_type, edition)
    if not any(indicator_named(rulebook, label) for rulebook in asked.rulebooks):
        raise refused(f"indicator {label!r} is unknown in edition {asked.edition.id}; use an id or its label")

    def of(rating: Rating) -> Cell:
        found = indicator_named(rating.rulebook, label)
        assert found is not None
        rated = rating.domains[found.domain].indicators[found.id]
        figure = getattr(rated, wanted)
        if figure is None:
            raise unavailable(f"{rated.label} has no {wanted}: {rated.state or 'its score was given'}")
        return figure

    return asked.each(partial(entries_of_indicator, label=label), of)


def explain(fields: Any, values: Any, trust_type: Any = None, edition: Any = None) -> Grid:
    """How one return is rated: every step with its value, result, rule and reference, then the findings.

    Source: each step names its own.

    >>> rows = explain([["ytd_ebitda", "ytd_income"]], [[6, 100]])
    >>> rows[0][:3], rows[3][:3]
    (['Step', 'Value', 'Result'], ['YTD EBITDA margin', '6%', 'score 3'])
    """
    asked = Asked(fields, values, trust_type, edition)
    if len(asked.table.returns) != 1:
        raise refused(f"values holds {len(asked.table.returns)} returns; PF_EXPLAIN explains one")
    rating = asked.rated(asked.table.returns[0])
    rows: Grid = [list(EXPLAINED)]
    for step in rating.steps:
        rule = f"{step.rule}; " if step.rule else ""
        rows.append([step.step, step.value, step.result, f"{rule}{step.provenance}: {step.reference}"])
    for found in rating.findings:
        value = "" if found.value is None else str(found.value)
        rows.append([f"Finding, {found.severity}", value, found.message, found.action])
    return rows


def check(fields: Any, values: Any, trust_type: Any = None, edition: Any = None) -> Cell | Grid:
    """What is wrong with the figures of each return, in words; also why another function answers an error.

    >>> check([["ytd_income", "ytd_incme"]], [["many", 100]])
    "Income to date is 'many', which is not a number. ... 'ytd_incme' is no entry of this edition ..."
    """
    try:
        asked = Asked(fields, values, trust_type, edition)
    except (CellError, ValueError) as error:
        return _sentence(error)
    return answer(asked.table.lined_up([_checked(asked, cells) for cells in asked.table.returns]))


def _scores(domain: str, asked: Asked) -> Cell | Grid:
    def of(rating: Rating) -> Cell:
        rated = rating.domains[domain]
        if rated.score is None:
            wanted = entries_of_score(rating.rulebook, domain) | rating.rulebook.edition.context.keys()
            missing = [name for name in rated.missing if name in wanted]
            raise unavailable(f"there is no score; missing: {_listed(rating, missing)}")
        return rated.score

    return asked.each(partial(entries_of_score, domain=domain), of)


def _categories(domain: str, asked: Asked) -> Cell | Grid:
    def of(rating: Rating) -> Cell:
        return str(rating.domains[domain].category)

    return asked.each(partial(entries_of_category, domain=domain), of)


def _checked(asked: Asked, cells: Sequence[Cell]) -> str:
    """What is wrong with one return: what was refused in full, what is missing by name."""
    try:
        rating = asked.rated(cells)
    except (CellError, ValueError) as error:
        return _sentence(error)
    told = [said(found) for found in rating.findings if found.id not in MISSING]
    if len(told) > MOST_SAID:
        told[MOST_SAID:] = [f"{len(told) - MOST_SAID} more findings: see PF_EXPLAIN."]
    missing = [found.field for found in rating.findings if found.id in MISSING]
    if missing:
        told.append(f"Missing: {_listed(rating, missing)}.")
    return " ".join(told) or "OK"


def _listed(rating: Rating, missing: Sequence[str]) -> str:
    """The first names of what is missing; the period for what is counted from it."""
    names = ["period" if name in rating.rulebook.edition.context else name for name in missing]
    more = f" and {len(names) - MOST_SAID} more" if len(names) > MOST_SAID else ""
    return f"{', '.join(names[:MOST_SAID])}{more}"


def _sentence(error: Exception) -> str:
    return str(error)
