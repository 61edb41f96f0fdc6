"""The RAG of a tripartite formal agreement (Notes on the sources, section 3), from the edition's own domain."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from pfexcel.engine.rate import rate
from pfexcel.engine.tfa import tfa_rag
from pfexcel.model import Category, Rag
from pfexcel.rules.load import SHIPPED, load_edition

CATEGORIES = ("Performing", "Performance under review", "Underperforming", "Challenged", None)
RAGS = ("Green", "Amber/Green", "Amber/Red", "Red")
RED, NOT_ASSESSED = "Red", "Not assessed"


def stated(finance: str | None, quality: str | None, judgement: str | None, missed: bool) -> str:
    """002, Integration with the NHS Performance Framework; Notes on the sources, section 3."""
    if missed or {finance, quality} & {"Underperforming", "Challenged"}:
        return RED
    if finance is None or quality is None or judgement is None:
        return NOT_ASSESSED
    if "Performance under review" in (finance, quality) and judgement in ("Green", "Amber/Green"):
        return "Amber/Red"
    return judgement


@pytest.mark.parametrize("missed", [False, True])
@pytest.mark.parametrize(("finance", "quality"), [*product(CATEGORIES, CATEGORIES)])
def test_every_combination(finance: str | None, quality: str | None, missed: bool) -> None:
    for judgement in (*RAGS, None):
        assert tfa_rag(finance, quality, judgement, missed) == stated(finance, quality, judgement, missed)


@pytest.mark.parametrize(
    ("finance", "quality", "judgement", "missed", "rag", "source"),
    [
        ("Underperforming", "Performing", "Green", False, "Red", "002: underperforming on either, must be red"),
        ("Performing", "Underperforming", "Green", False, "Red", "002: underperforming on either, must be red"),
        ("Performing", "Performance under review", "Green", False, "Amber/Red", "002: no better than amber/red"),
        ("Performance under review", "Performing", "Red", False, "Red", "002: no better than amber/red"),
        (
            "Performing",
            "Performing",
            "Amber/Green",
            False,
            "Amber/Green",
            "Notes on the sources, section 3: the SHA's own judgement otherwise",
        ),
        (
            "Challenged",
            "Performing",
            "Green",
            False,
            "Red",
            "Notes on the sources, section 3: Challenged counts as Underperforming",
        ),
        ("Performing", "Performing", "Green", True, "Red", "002: a missed submission automatically triggers red"),
        (
            "Performing",
            "Performing",
            None,
            False,
            "Not assessed",
            "Notes on the sources, section 3: never Green by default",
        ),
        (
            "Performing",
            "Performance under review",
            None,
            False,
            "Not assessed",
            "Notes on the sources, section 3: Red where forced, else not",
        ),
        ("Underperforming", None, None, False, "Red", "Notes on the sources, section 3: Red where forced"),
        (
            None,
            "Performing",
            "Green",
            False,
            "Not assessed",
            "Notes on the sources, section 3: a rule that lacks inputs",
        ),
        (None, None, None, True, "Red", "Notes on the sources, section 3: Red where forced"),
    ],
)
def test_worked_cases(finance: Any, quality: Any, judgement: Any, missed: bool, rag: str, source: str) -> None:
    assert tfa_rag(finance, quality, judgement, missed) == rag, source


def test_texts_in_any_case_and_blanks() -> None:
    assert tfa_rag("PERFORMING", " performing ", "amber/GREEN", "no") is Rag.AMBER_GREEN
    assert tfa_rag("Performing", "Performing", "Green", "YES") is Rag.RED
    assert tfa_rag(Category.PERFORMING, Category.PERFORMING, Rag.GREEN) is Rag.GREEN
    assert tfa_rag("", float("nan"), " ") is Category.NOT_ASSESSED
    assert tfa_rag("Not assessed", "Performing", "Not assessed") is Category.NOT_ASSESSED


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("Poor", "Performing"),
            "finance category: 'Poor' is unknown; use one of Performing, Performance under review",
        ),
        (("Performing", 3), "quality category: '3' is unknown"),
        (("Performing", "Performing", "Amber"), "judgement: 'Amber' is unknown; use one of Green, Amber/Green"),
        (("Performing", "Performing", "Green", "perhaps"), "Choose one of Yes, No"),
        (("Performing", "Performing", "Green", False, "2011-12"), "2011-12 has no domain tfa"),
    ],
)
def test_unknown_texts_are_refused(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tfa_rag(*arguments)


def test_the_rules_are_the_editions_own(tmp_path: Path) -> None:
    """Change the edition's rule, and the RAG follows: it is stated nowhere else."""
    text = (SHIPPED / "2012-13.toml").read_text(encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace('best = "Amber/Red"', 'best = "Amber/Green"'), encoding="utf-8")
    assert tfa_rag("Performance under review", "Performing", "Green", edition=own) is Rag.AMBER_GREEN


def values(finance: str, quality: str) -> dict[str, Any]:
    """A return of 2012-13 with these two ratings."""
    rulebook = load_edition("2012-13").rulebook("acute")
    given: dict[str, Any] = {f"{indicator.id}_score": 3 for indicator in rulebook.indicators.values()}
    given |= dict.fromkeys(("planned_surplus", "ytd_planned_surplus", "ytd_surplus", "forecast_surplus"), 0)
    given |= {"forecast_income": 1000, "loan_repayment_missed": "No"}
    given |= {"cqc_warning_notices": 0, "cqc_enforcement": "No"}
    if finance == "Performance under review":
        given |= {"planned_surplus": -1, "forecast_surplus": -1}
    if quality == "Performance under review":
        given["cqc_warning_notices"] = 1
    for name, category in (("finance", finance), ("quality", quality)):
        if category in ("Underperforming", "Challenged"):
            given[f"{name}_major_failing"] = category
    return given


@pytest.mark.parametrize(("finance", "quality"), [*product(CATEGORIES[:4], CATEGORIES[:4])])
def test_a_rated_return_has_the_same_rag(finance: str, quality: str) -> None:
    for judgement, missed in product((*RAGS, None), ("Yes", "No", None)):
        given = {**values(finance, quality), "tfa_judgement": judgement, "tfa_submission_missed": missed}
        rating = rate("2012-13", "acute", given, period="2012-13-M07")
        assert rating.finance.category == finance
        assert rating.quality is not None
        assert rating.quality.category == quality
        assert rating.tfa is not None
        assert rating.tfa.rag == tfa_rag(finance, quality, judgement, missed)
