"""Risk ratings: worked cases as data, every limit, random figures against the rules stated apart, bad files."""

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfexcel.engine.monitor import financial_risk_rating, governance_risk_rating, mandatory_services_rating
from pfexcel.model import Rag
from pfexcel.rules.load import parse
from pfexcel.rules.monitor import SHIPPED, build_monitor, forms, load_monitor
from pfexcel.rules.problems import EditionError

CASES = tomllib.loads((Path(__file__).parent / "cases_escalation" / "monitor.toml").read_text(encoding="utf-8"))
BEST = CASES["financial"]


def worked(kind: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in CASES[f"{kind}_case"]]


@pytest.mark.parametrize("case", worked("financial"))
def test_financial_cases(case: dict[str, Any]) -> None:
    rated = financial_risk_rating({**BEST, **case.get("values", {})})
    assert case["source"]
    assert (rated.score, rated.rating) == (case["score"], case["rating"])
    assert rated.uncapped_rating == case.get("uncapped_rating", rated.uncapped_rating)
    assert [cap.id for cap in rated.caps] == case["caps"]
    assert [cap.id for cap in rated.caps if cap.binding] == case.get("binding", [])


@pytest.mark.parametrize("case", worked("governance"))
def test_governance_cases(case: dict[str, Any]) -> None:
    assert case["source"]
    for score, rating in case["rated"]:
        assert governance_risk_rating(score, form=case["form"], **case.get("given", {})).rating == rating


@pytest.mark.parametrize("case", worked("mandatory"))
def test_mandatory_services_cases(case: dict[str, Any]) -> None:
    assert case["source"]
    assert mandatory_services_rating(case["declared"]).rating == case["rating"]


# --- financial -------------------------------------------------------------------------------------------------------

# OUHF, in percent, days and percent of the weight: weight, group, lower limits of 5, 4, 3, 2.
OUHF = {
    "ebitda_margin": (25, "underlying performance", "0.11 0.09 0.05 0.01"),
    "ebitda_achieved": (10, "achievement of plan", "1.00 0.85 0.70 0.50"),
    "net_return_after_financing": (20, "financial efficiency", "0.03 0.02 -0.005 -0.05"),
    "surplus_margin": (20, "financial efficiency", "0.03 0.02 0.01 -0.02"),
    "liquidity_days": (25, "liquidity", "60 25 15 10"),
}


def stated(figures: dict[str, float], answers: dict[str, bool]) -> int:
    """Notes on the sources, section 4, in fractions; a float means the decimals it prints."""
    total, groups = Fraction(0), {}
    for name, (weight, group, limits) in OUHF.items():
        score = 5 - sum(Fraction(repr(figures[name])) < Fraction(limit) for limit in limits.split())
        total += weight * score
        groups.setdefault(group, []).append((weight, score))
    rating = int(total / 100 + Fraction(1, 2))
    rounded = [sum(w * s for w, s in parts) // sum(w for w, _ in parts) for parts in groups.values()]
    best = 5
    if answers["plan_late"] or answers["plan_incomplete"] or 2 in rounded:
        best = 3
    if answers["pdc_unpaid"] or answers["borrowing_breach"] or 1 in rounded or rounded.count(2) >= 2:
        best = 2
    if rounded.count(1) >= 2:
        best = 1
    return min(rating, best)


figures = st.fixed_dictionaries(
    {
        name: st.sampled_from([float(limit) for limit in limits.split()]).flatmap(
            lambda limit: st.sampled_from([limit, limit - 0.0001, limit + 0.0001, limit * 3, limit - 1])
        )
        for name, (_, _, limits) in OUHF.items()
    }
)
ANSWERS = ("plan_late", "plan_incomplete", "pdc_unpaid", "borrowing_breach")
answers = st.fixed_dictionaries({name: st.sampled_from([False, False, False, True]) for name in ANSWERS})


@given(figures, answers)
def test_random_figures_follow_the_rules(values: dict[str, float], said: dict[str, bool]) -> None:
    values = {name: round(value, 6) for name, value in values.items()}
    assert financial_risk_rating({**values, **said}).rating == stated(values, said)


@pytest.mark.parametrize("name", OUHF)
def test_every_limit_is_inclusive(name: str) -> None:
    for score, limit in zip((5, 4, 3, 2), OUHF[name][2].split(), strict=True):
        assert financial_risk_rating({**BEST, name: float(limit)}).indicators[name].score == score
        assert financial_risk_rating({**BEST, name: float(limit) - 1e-6}).indicators[name].score == score - 1


def test_a_ratio_that_floats_miss_is_at_its_limit() -> None:
    assert 1.0 - 0.91 < 0.09
    assert financial_risk_rating({**BEST, "ebitda_margin": 1.0 - 0.91}).indicators["ebitda_margin"].score == 4


@pytest.mark.parametrize("name", list(BEST))
def test_a_missing_input_leaves_no_rating_and_is_named(name: str) -> None:
    for blank in (None, "", float("nan")):
        rated = financial_risk_rating({**BEST, name: blank})
        assert (rated.rating, rated.missing) == (None, (name,))
        assert rated.score == (None if name in OUHF else 5)
    assert financial_risk_rating({}).missing == tuple(BEST)


def test_bad_input_is_a_finding_and_counts_as_missing() -> None:
    rated = financial_risk_rating({**BEST, "ebitda_margin": "high", "plan_late": "perhaps", "liquidity": 20})
    assert rated.missing == ("ebitda_margin", "plan_late")
    assert [finding.id for finding in rated.findings] == ["entry-not-a-number", "entry-not-a-choice", "unknown-field"]
    assert financial_risk_rating({**BEST, "plan_late": "NO"}).rating == 5


def test_financial_parts_and_explanation() -> None:
    rated = financial_risk_rating({**BEST, "surplus_margin": -0.02, "plan_late": True})
    assert rated.indicators["surplus_margin"].weighted == 0.4
    assert [(part.mean, part.score) for part in rated.criteria.values()] == [(5, 5), (5, 5), (3.5, 3), (5, 5)]
    rated_4 = financial_risk_rating({**BEST, "surplus_margin": 0.02, "liquidity_days": 25})
    assert [(part.mean, part.score) for part in rated_4.criteria.values()] == [(5, 5), (5, 5), (4.5, 4), (4, 4)]
    lines = rated.explain()
    assert lines[3].startswith("I&E surplus margin: −2% is at least −2%, scores 2; weight 20% (Oxford University")
    assert any(line.startswith("Score: 4.4 is at least 3.5, 4 (") for line in lines)
    assert any(line.startswith("Plan submitted late: at best 3, binding (") for line in lines)
    assert lines[-1].startswith("Rating 3: Regulatory concerns in one or more components")
    assert financial_risk_rating({}).explain()[-1] == "No rating: data are missing"


# --- governance and mandatory services -------------------------------------------------------------------------------


def test_ratings_are_the_rag_of_the_model_where_it_has_them() -> None:
    assert governance_risk_rating(2.0, form="2010").rating is Rag.AMBER_RED
    assert governance_risk_rating(2.0).rating is Rag.AMBER_RED
    assert governance_risk_rating(2.0, form="2008").rating == "Amber"


def test_governance_without_a_score() -> None:
    rated = governance_risk_rating(None)
    assert (rated.rating, rated.missing) == (None, ("score",))
    assert governance_risk_rating(None, "2008", repeated_half=True).rating is None
    assert governance_risk_rating(None, "2008", repeated_national="Yes").rating == "Red"
    assert governance_risk_rating(1.0, "2008", repeated_half=None).missing == ("repeated_half",)
    assert governance_risk_rating(-1).findings[0].id == "entry-out-of-bounds"


def test_2010_carries_the_repeated_failures_over_as_reconstructed() -> None:
    for name, best in (("repeated_half", "Amber/Green"), ("repeated_national", "Red")):
        rated = governance_risk_rating(0, "2010", **{name: True})
        assert (rated.rating, rated.caps[0].best, rated.caps[0].binding) == (best, best, True)
        assert rated.caps[0].provenance == "reconstructed"


def test_nothing_declared_is_green() -> None:
    for nothing in (None, "", [], {}, {"grave_concern": "No"}, "Green"):
        assert mandatory_services_rating(nothing).rating == "Green"
    assert mandatory_services_rating([]).explain()[0] == "No over-riding rule holds, nothing is declared"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: governance_risk_rating(1, form="2009"),
            "form '2009' of the governance risk rating is unknown; use one",
        ),
        (lambda: financial_risk_rating(BEST, form="2008"), "use one of 2011"),
        (
            lambda: governance_risk_rating(1, declared="Amber"),
            "declared: 'Amber' is unknown; use one of Green, Amber/G",
        ),
        (
            lambda: governance_risk_rating(1, "2008", declared=["fire"]),
            "'fire' is unknown; use one of self_certification",
        ),
        (lambda: mandatory_services_rating({"grave_concern": 2}), r"declared\['grave_concern'\]: '2' is unknown"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


# --- rule files ------------------------------------------------------------------------------------------------------

NAMES = sorted(path.stem for path in SHIPPED.glob("*.toml"))


def test_every_rule_has_a_source() -> None:
    for kind in ("financial", "governance", "mandatory-services"):
        for form in forms(kind):
            rules = load_monitor(kind, form)
            ladders = [ladder for ladder in (rules.bands, rules.criterion_bands) if ladder is not None]
            ladders += [indicator.ladder for indicator in rules.indicators.values()]
            marks = [rule.mark for rule in rules.over_riding] + [ladder.mark for ladder in ladders]
            marks += [limit.mark for ladder in ladders for limit in ladder.limits.values()]
            assert all(rules.cite(mark) for mark in marks)


BROKEN = [
    ("financial-2011", "total_weight = 100", "total_weight = 90", "rating.total_weight", "add up to 100, not 90"),
    ("financial-2011", "weight = 25", 'weight = "25"', "indicators.ebitda_margin.weight", "is not a number"),
    ("financial-2011", "five = 0.11, ", "", "indicators.ebitda_margin.scoring.1.when", "'five' is not defined"),
    ("financial-2011", "five = 0.11", "five = true", "indicators.ebitda_margin.five", "is not a number"),
    ("financial-2011", '"underlying_performance", w', '"luck", w', "indicators.ebitda_margin.criterion", "'luck'"),
    (
        "financial-2011",
        'when = "plan_late"',
        'when = "plan"',
        "over_riding.1.when",
        "'plan' is not defined. Use one of",
    ),
    (
        "financial-2011",
        'when = "criteria_at_1 == one"',
        'when = "criteria_at_1"',
        "over_riding.5.when",
        "no yes/no entry",
    ),
    ("financial-2011", 'when = "plan_late"', 'when = "plan_late +"', "over_riding.1", "cannot be read"),
    ("financial-2011", 'best = "3"', 'best = "6"', "over_riding.1.best", "Use one of 5, 4, 3, 2, 1"),
    ("financial-2011", 'rating = "1" },', 'rating = "0" },', "bands.lines", "'0' is unknown"),
    ("financial-2011", '  { rating = "1" },\n', "", "bands.4", "a line lacks its condition, or the last one has one"),
    ("financial-2011", "[criteria]", "[criterion]", "criterion", "this key is unknown"),
    ("financial-2011", 'stands_from = "1"', 'stands_from = "9"', "rating.stands_from", "'9' is unknown"),
    ("financial-2011", 'label = "EBITDA margin", ', "", "entries.ebitda_margin.label", "this key is missing"),
    ("governance-2008", "limits = { amber = 1.0", "limits = { amber = true", "bands.limits.amber", "is not a number"),
    ("governance-2008", 'marks = { red = "re', 'marks = { read = "re', "bands.marks", "which is not in the table"),
    ("governance-2008", 'best = "Amber"', 'bests = "Amber"', "over_riding.1.bests", "this key is unknown"),
    ("mandatory-services-2008", 'best = "Amber"', 'best = "Blue"', "findings.1.best", "Use one of Green, Amber, Red"),
    ("mandatory-services-2008", '[rating]\nid = "man', '[rating]\nname = "man', "rating.id", "this key is missing"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "key", "words"), BROKEN, ids=[f"{b[3]}: {b[4]}" for b in BROKEN])
def test_a_broken_file_says_key_and_what_to_do(name: str, right: str, wrong: str, key: str, words: str) -> None:
    text = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
    assert right in text
    with pytest.raises(EditionError) as caught:
        build_monitor(parse(text.replace(right, wrong, 1).encode(), name), f"{name}.toml")
    lines = [line for line in str(caught.value).splitlines() if line.startswith(f"{name}.toml: {key}: ")]
    assert any(words in line for line in lines), str(caught.value)


def test_every_file_loads() -> None:
    assert NAMES == ["financial-2011", "governance-2008", "governance-2010", "mandatory-services-2008"]
    for name in NAMES:
        assert build_monitor(parse((SHIPPED / f"{name}.toml").read_bytes(), name), name).id == name
