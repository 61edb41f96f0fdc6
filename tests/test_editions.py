"""The shipped editions against lists typed from the rulebook's facts, not from the edition files."""

import operator
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pfexcel.engine.rate import rate
from pfexcel.model import Rating
from pfexcel.rules.edition import Edition, Mark, Rulebook
from pfexcel.rules.load import SHIPPED, load_edition, shipped_editions
from pfexcel.rules.schema import check_shape

# id, weight, where 3 begins, where 0 begins. How it is entered: `share` of a whole, `other` (a share or ratio that may
# exceed 1), `own` (a count or weeks), `plan` (cases against a plan, 1 standard deviation), `within` (two sides).
CANCER = """
share cancer_2ww               0.5   >= 0.93  < 0.88
share cancer_2ww_breast        0.5   >= 0.93  < 0.88
share cancer_31d_surgery       0.25  >= 0.94  < 0.89
share cancer_31d_drug          0.25  >= 0.98  < 0.93
share cancer_31d_first         0.25  >= 0.96  < 0.91
share cancer_31d_radiotherapy  0.25  >= 0.94  < 0.89
share cancer_62d_screening     0.5   >= 0.90  < 0.85
share cancer_62d_gp            0.5   >= 0.85  < 0.80
"""

EARLY = """
share cancelled_28d            1     <= 0.05  > 0.15
plan  mrsa                     1
plan  cdiff                    1
share rtt_admitted             1     >= 0.90  < 0.85
share rtt_non_admitted         1     >= 0.95  < 0.90
own   rtt_specialties          1     <= 0     > 20
share cancer_2ww               0.5   >= 0.93  < 0.88
share cancer_2ww_breast        0.5   >= 0.93  < 0.88
share cancer_31d_first         0.33  >= 0.96  < 0.91
share cancer_31d_surgery       0.33  >= 0.94  < 0.89
share cancer_31d_drug          0.34  >= 0.98  < 0.93
share cancer_62d_gp            0.33  >= 0.85  < 0.80
share cancer_62d_screening     0.33  >= 0.90  < 0.85
share cancer_62d_upgrade       0.34  >= 0.85  < 0.80
share chest_pain_2w            0.5   >= 0.98  < 0.95
share gum_48h                  0.5   >= 0.98  < 0.95
share reperfusion              1     >= 0.75  < 0.60
share revascularisation_13w    0.5   <= 0.001 > 0.002
share outpatient_13w           0.5   <= 0.0003 > 0.0015
share inpatient_26w            0.5   <= 0.0003 > 0.0015
share dtoc                     1     <= 0.035 > 0.05
share stroke_unit              1     >= 0.60  < 0.30
"""

CATEGORY_A = """
share cat_a_8min               1     >= 0.75  < 0.70
share cat_a_19min              1     >= 0.95  < 0.90
"""

MENTAL_HEALTH = """
share cpa_accommodation        1     >= 0.70  < 0.60
share cpa_employment           1     >= 0.10  < 0.06
share cpa_7day                 1     >= 0.95  < 0.90
share honos                    1     >= 0.90  < 0.80
share cpa_review               1     >= 0.95  < 0.90
share assaults                 1     <= 0.05  > 0.10
other awol                     1     <= 0.10  > 0.25
other early_intervention       1     >= 0.95  < 0.90
share gatekeeping              1     >= 0.95  < 0.90
own   under_16                 1     <= 0     >= 1
share dtoc                     1     <= 0.075 > 0.10
share ethnicity                1     >= 0.85  < 0.75
share mhmds                    1     >= 0.99  < 0.95
"""

GATEKEEPING = "gatekeeping              1     >= 0.95  < 0.90"
GATEKEEPING_2010 = "gatekeeping              1     >= 0.90  < 0.85"

MEASURES = {
    ("2009-10", "acute"): "share ae_4h 1 >= 0.98 < 0.97" + EARLY,
    ("2009-10", "ambulance"): CATEGORY_A + "share cat_b_19min 1 >= 0.95 < 0.90",
    ("2010-11", "acute"): "share ae_4h 1 >= 0.95 < 0.94" + EARLY,
    ("2010-11", "ambulance"): CATEGORY_A + "share cat_b_19min 1 >= 0.95 < 0.90",
    ("2010-11", "mental-health"): MENTAL_HEALTH.replace(GATEKEEPING, GATEKEEPING_2010),
    ("2011-12", "acute"): f"""
share ae_4h                    1     >= 0.95  < 0.94
within ae_data_completeness    1
plan  mrsa                     1
plan  cdiff                    1
own   rtt_admitted_95th        0.5   <= 23    > 27.7
own   rtt_non_admitted_95th    0.5   <= 18.3  > 20
own   rtt_incomplete_95th      0.5   <= 28    > 36
share rtt_admitted             0.75  >= 0.90  < 0.85
share rtt_non_admitted         0.75  >= 0.95  < 0.90
{CANCER}
share stroke_unit              1     >= 0.80  < 0.60
share dtoc                     1     <= 0.035 > 0.05
share mixed_sex                1     <= 0     > 0.005
share vte                      1     >= 0.90  < 0.80
""",
    ("2011-12", "ambulance"): CATEGORY_A,
    ("2011-12", "mental-health"): MENTAL_HEALTH,
    ("2012-13", "acute"): f"""
share ae_4h                    1     >= 0.95  < 0.94
plan  mrsa                     1
plan  cdiff                    1
share rtt_admitted             1     >= 0.90  < 0.85
share rtt_non_admitted         1     >= 0.95  < 0.90
share rtt_incomplete           1     >= 0.92  < 0.87
own   rtt_specialties          1     <= 0     > 20
share diagnostics_6w           1     <  0.01  >= 0.05
{CANCER}
share dtoc                     1     <= 0.035 > 0.05
share mixed_sex                1     <= 0     > 0.005
share vte                      1     >= 0.90  < 0.80
""",
    ("2012-13", "ambulance"): CATEGORY_A,
    ("2012-13", "mental-health"): MENTAL_HEALTH,
}

TOTALS = {
    ("2009-10", "acute"): 15.5,
    ("2009-10", "ambulance"): 3,
    ("2010-11", "acute"): 15.5,
    ("2010-11", "ambulance"): 3,
    ("2010-11", "mental-health"): 13,
    ("2011-12", "acute"): 14,
    ("2011-12", "ambulance"): 2,
    ("2011-12", "mental-health"): 13,
    ("2012-13", "acute"): 14,
    ("2012-13", "ambulance"): 2,
    ("2012-13", "mental-health"): 13,
}

FINANCE = {
    "planned_outturn": ("planning", 5, {"deficit": 0.02, "near": 0.03}),
    "ytd_operating": ("ytd", 20, {"deficit": 0.02, "near": 0.03}),
    "ytd_ebitda_margin": ("ytd", 5, {"three": 0.05, "two": 0.01}),
    "forecast_operating": ("forecast", 20, {"deficit": 0.02, "near": 0.03}),
    "forecast_ebitda_margin": ("forecast", 5, {"three": 0.05, "two": 0.01}),
    "forecast_change": ("forecast", 15, {"deficit": 0.02, "near": 0.03}),
    "underlying_position": ("underlying", 5, {"deficit": 0.02}),
    "underlying_ebitda_margin": ("underlying", 5, {"three": 0.05, "two": 0.01}),
    "bppc_value": ("processes", 2.5, {"three": 0.95, "two": 0.60}),
    "bppc_number": ("processes", 2.5, {"three": 0.95, "two": 0.60}),
    "current_ratio": ("processes", 5, {"three": 1, "two": 0.5}),
    "debtor_days": ("processes", 5, {"three": 30, "two": 60}),
    "creditor_days": ("processes", 5, {"three": 30, "two": 60}),
}
SUB_DOMAINS = {"planning": 5, "ytd": 25, "forecast": 40, "underlying": 10, "processes": 20}

THEMES = {
    "acute": {
        "ue_access": 84.2,
        "ue_coordinated": 64.6,
        "ue_information": 67.2,
        "ue_relationships": 83.0,
        "ue_environment": 79.1,
    },
    "mental-health": {"ue_access": 71.0, "ue_coordinated": 69.0, "ue_information": 68.0, "ue_relationships": 85.0},
    "ambulance": {},
}

RULES_OF_FINANCE = {
    "forecast_deficit_beyond_plan": "Underperforming",
    "loan_repayment_missed": "Underperforming",
    "ytd_deficit_adverse_to_plan": "Performance under review",
    "forecast_deficit_within_plan": "Performance under review",
    "finance_major_failing": None,
}

PERIODS = {"2009-10": "2009-10-Q4", "2010-11": "2010-11-Q3", "2011-12": "2011-12-Q3", "2012-13": "2012-13-M09"}

FINANCE_FIGURES = {
    "planned_surplus": 1000,
    "sha_expected_surplus": 1000,
    "planned_income": 100_000,
    "ytd_planned_surplus": 750,
    "ytd_surplus": 750,
    "ytd_income": 75_000,
    "ytd_ebitda": 6000,
    "forecast_surplus": 1000,
    "previous_forecast_surplus": 1000,
    "forecast_income": 100_000,
    "forecast_ebitda": 8000,
    "underlying_surplus": 1000,
    "underlying_income": 100_000,
    "underlying_ebitda": 8000,
    "bppc_value_paid": 9800,
    "bppc_value_total": 10_000,
    "bppc_number_paid": 980,
    "bppc_number_total": 1000,
    "current_assets": 12_000,
    "current_liabilities": 10_000,
    "debtors": 3000,
    "creditors": 1000,
    "ytd_non_pay_expenditure": 25_000,
    "loan_repayment_missed": "No",
}

SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class Row(NamedTuple):
    """A line of the lists above."""

    entered: str
    id: str
    weight: float
    best_sign: str = ""
    performing: float = 0.0
    worst_sign: str = ""
    underperforming: float = 0.0

    def score(self, value: float) -> int:
        if SIGNS[self.best_sign](value, self.performing):
            return 3
        return 0 if SIGNS[self.worst_sign](value, self.underperforming) else 2


def rows(text: str) -> list[Row]:
    found = []
    for words in (line.split() for line in text.splitlines() if line.strip()):
        entered, name, weight, *limits = words
        if limits:
            best, performing, worst, underperforming = limits
            found.append(Row(entered, name, float(weight), best, float(performing), worst, float(underperforming)))
        else:
            found.append(Row(entered, name, float(weight)))
    return found


def good_return(edition: str, trust_type: str) -> dict[str, Any]:
    """A full return on which everything is Performing."""
    values: dict[str, Any] = dict(FINANCE_FIGURES)
    for row in rows(MEASURES[edition, trust_type]):
        if row.entered == "own":
            values[row.id] = 0
        elif row.entered == "plan":
            values |= {row.id: 2, f"{row.id}_plan": 4}
        else:
            most = row.best_sign in ("<", "<=")
            values |= {f"{row.id}_numerator": 0 if most else 200, f"{row.id}_denominator": 200}
    values |= dict.fromkeys(THEMES[trust_type], 90)
    if edition != "2009-10":
        values |= {"cqc_warning_notices": 0, "cqc_enforcement": "No"}
    if edition == "2012-13":
        values |= {"tfa_judgement": "Green", "tfa_submission_missed": "No"}
    return values


def rated(edition: str, trust_type: str, **changes: Any) -> Rating:
    return rate(edition, trust_type, {**good_return(edition, trust_type), **changes}, period=PERIODS[edition])


each = pytest.mark.parametrize(("edition", "trust_type"), MEASURES)
with_quality = pytest.mark.parametrize(("edition", "trust_type"), [key for key in MEASURES if key[0] != "2009-10"])


# --- the lists -------------------------------------------------------------------------------------------------------


def test_the_shipped_editions_and_their_types() -> None:
    assert shipped_editions() == ("2009-10", "2010-11", "2011-12", "2012-13")
    assert [(e, t) for e in shipped_editions() for t in load_edition(e).trust_types] == list(MEASURES)


@pytest.mark.parametrize("edition", shipped_editions())
def test_an_edition_passes_the_check_of_its_shape(edition: str) -> None:
    check_shape(tomllib.loads((SHIPPED / f"{edition}.toml").read_text(encoding="utf-8")), edition)


@pytest.mark.parametrize("edition", shipped_editions())
def test_an_edition_spans_its_financial_year(edition: str) -> None:
    loaded = load_edition(edition)
    first = int(edition[:4])
    assert loaded.id == edition
    assert loaded.title.endswith(edition.replace("-", "/"))
    assert (loaded.first_day.isoformat(), loaded.last_day.isoformat()) == (f"{first}-04-01", f"{first + 1}-03-31")
    assert loaded.frequency == ("month" if edition == "2012-13" else "quarter")


@each
def test_finance_rows(edition: str, trust_type: str) -> None:
    domain = load_edition(edition).rulebook(trust_type).domains["finance"]
    assert {i.id: (i.sub_domain, i.weight, values(i.limits)) for i in domain.indicators.values()} == FINANCE
    assert list(domain.indicators) == list(FINANCE)
    assert {sub.id: sub.weight for sub in domain.sub_domains.values()} == SUB_DOMAINS
    assert (domain.total_weight, domain.weight_needed) == (100, 1)


@each
def test_integrated_performance_measures_rows(edition: str, trust_type: str) -> None:
    domain = load_edition(edition).rulebook(trust_type).domains["ipm"]
    expected = rows(MEASURES[edition, trust_type])
    assert [(i.id, i.weight) for i in domain.indicators.values()] == [(row.id, row.weight) for row in expected]
    for row in expected:
        limits = values(domain.indicators[row.id].limits)
        if row.entered == "plan":
            assert limits == {"deviations": 1}
        elif row.entered == "within":
            assert limits == {"low": 0.9, "high": 1.1, "lowest": 0.8, "highest": 1.2}
        else:
            assert limits == {"performing": row.performing, "underperforming": row.underperforming}
    total = TOTALS[edition, trust_type]
    assert domain.total_weight == total
    assert sum(i.weight for i in domain.indicators.values()) == pytest.approx(total, abs=1e-12)
    assert domain.weight_needed == 0.5


@each
def test_every_limit_scores_on_the_right_side(edition: str, trust_type: str) -> None:
    for row in rows(MEASURES[edition, trust_type]):
        if not row.best_sign:
            continue
        step = 1 if row.id in ("rtt_specialties", "under_16") else 1e-6
        top = 1 if row.entered == "share" else 100
        for limit in (row.performing, row.underperforming):
            for value in (limit - step, limit, limit + step):
                if 0 <= value <= top:
                    found = rate(edition, trust_type, {row.id: value}).ipm.indicators[row.id]
                    assert found.score == row.score(value), (row, value)


@pytest.mark.parametrize(("edition", "trust_type"), [key for key in MEASURES if key[1] == "acute"])
@pytest.mark.parametrize("name", ["mrsa", "cdiff"])
def test_cases_against_plan(edition: str, trust_type: str, name: str) -> None:
    scores = [
        rate(edition, trust_type, {name: cases, f"{name}_plan": 4}).ipm.indicators[name].score for cases in range(3, 8)
    ]
    assert scores == [3, 3, 2, 2, 0]


def test_completeness_of_accident_and_emergency_data_has_two_sides() -> None:
    limits = {0.799: 0, 0.8: 2, 0.899: 2, 0.9: 3, 1.1: 3, 1.101: 2, 1.2: 2, 1.201: 0}
    for value, score in limits.items():
        rating = rate("2011-12", "acute", {"ae_data_completeness": value})
        assert rating.ipm.indicators["ae_data_completeness"].score == score


@each
def test_user_experience_themes(edition: str, trust_type: str) -> None:
    domain = load_edition(edition).rulebook(trust_type).domains.get("ue")
    themes = THEMES[trust_type]
    if not themes:
        assert domain is None
        assert rate(edition, trust_type, {}).ue is None
        return
    assert domain is not None
    assert {i.id: (i.weight, values(i.limits)) for i in domain.indicators.values()} == {
        name: (1, {"mean": mean, "near": 2, "far": 6}) for name, mean in themes.items()
    }
    for name, mean in themes.items():
        for points, score in ((mean, 3), (mean - 2, 3), (mean - 2.01, 2), (mean - 6, 2), (mean - 6.01, 0)):
            ue = rate(edition, trust_type, {name: points}).ue
            assert ue is not None
            assert ue.indicators[name].score == score


@each
def test_bands(edition: str, trust_type: str) -> None:
    for domain in load_edition(edition).rulebook(trust_type).scored:
        assert domain.bands is not None
        assert domain.bands.values == {"upper": 2.4, "lower": 2.1}
        categories = [domain.bands.steps[domain.bands.first_true(s)].category for s in (2.41, 2.4, 2.1, 2.09)]
        assert categories == [
            "Performing",
            "Performance under review",
            "Performance under review",
            "Underperforming",
        ]


@each
def test_domains_and_over_riding_rules(edition: str, trust_type: str) -> None:
    domains = load_edition(edition).rulebook(trust_type).domains
    rules = {d.id: {rule.id: rule.best for rule in d.over_riding} for d in domains.values()}
    moderates: dict[str, str | None] = (
        {} if trust_type == "ambulance" else {"user_experience_moderates": "Performance under review"}
    )
    expected: dict[str, dict[str, str | None]]
    if edition == "2009-10":
        fixed = dict.fromkeys(("forecast_deficit", "loan_repayment_missed"), "Underperforming")
        expected = {"finance": {**fixed, "finance_major_failing": None}, "ipm": {"quality_major_failing": None}}
        expected |= {"ue": {}, "overall": moderates}
    else:
        expected = {"finance": RULES_OF_FINANCE, "ipm": {}, "cqc": {}, "ue": {}}
        expected["quality"] = {**moderates, "quality_major_failing": None}
    if edition == "2012-13":
        expected["tfa"] = {"tfa_submission_missed": "Red"}
        if trust_type != "mental-health":
            for part in ("finance", "quality"):
                expected["tfa"] |= {f"tfa_{part}_underperforming": "Red", f"tfa_{part}_challenged": "Red"}
                expected["tfa"][f"tfa_{part}_under_review"] = "Amber/Red"
    if trust_type == "ambulance":
        del expected["ue"]
    assert rules == expected
    assert list(rules) == list(expected)
    ids = [rule.id for domain in domains.values() for rule in domain.over_riding]
    assert len(set(ids)) == len(ids)


def values(limits: Mapping[str, Any]) -> dict[str, float]:
    return {name: limit.value for name, limit in limits.items()}


# --- entries, labels, marks ------------------------------------------------------------------------------------------


@each
def test_the_required_entries_are_those_of_a_full_return(edition: str, trust_type: str) -> None:
    entries = load_edition(edition).rulebook(trust_type).fields.values()
    assert {entry.name for entry in entries if not entry.optional} == set(good_return(edition, trust_type))


@each
def test_labels_are_short_and_tell_entries_apart(edition: str, trust_type: str) -> None:
    rulebook = load_edition(edition).rulebook(trust_type)
    for labels in ([e.label for e in rulebook.fields.values()], [i.label for i in rulebook.indicators.values()]):
        assert all(label.strip() == label != "" for label in labels)
        assert len(set(labels)) == len(labels)
    assert max(len(i.label) for i in rulebook.indicators.values()) <= 45
    for section in rulebook.sections:
        assert section.title
        assert section.guidance
        assert section.fields


def marks(part: Any) -> Iterator[Mark]:
    """Every mark in a rulebook, wherever it stands."""
    if isinstance(part, Mark):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from marks(value)
    elif isinstance(part, (tuple, list)):
        for value in part:
            yield from marks(value)
    elif is_dataclass(part) and not isinstance(part, Edition):
        for entry in fields(part):
            yield from marks(getattr(part, entry.name))


PARAGRAPHS = {
    "IG11": {"3.3", "3.4", "3.5"},
    "MH11": {"24"},
    "NOTES": {"1", "2", "3"},
}


@each
def test_every_reference_resolves(edition: str, trust_type: str) -> None:
    loaded = load_edition(edition)
    found = set(marks(loaded.rulebook(trust_type)))
    assert found
    for mark in found:
        key, _, paragraph = mark.ref.partition(" ")
        assert key in loaded.sources
        assert paragraph in PARAGRAPHS.get(key, {""})
        assert mark.provenance in ("printed", "inferred", "reconstructed")
        assert (mark.provenance == "printed") <= (key != "NOTES")
        cited = loaded.cite(mark)
        assert "{" not in cited
        assert len(cited) > 20


def test_the_notes_have_the_sections_that_are_cited() -> None:
    notes = (Path(__file__).parents[1] / "docs" / "sources.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\d) (.+)$", notes, re.MULTILINE)
    assert [(number, title) for number, title in headings] == [
        ("1", "Finance"),
        ("2", "Quality of services"),
        ("3", "Intervention and escalation"),
        ("4", "Monitor's compliance framework"),
        ("5", "Organisations"),
        ("6", "Worked cases"),
    ]
    for edition in shipped_editions():
        for title in load_edition(edition).sources.values():
            assert title.startswith("pfexcel") or title in notes, title


def provenances(rulebook: Rulebook, domain: str) -> dict[str, set[str]]:
    return {
        i.id: {f"{name} {limit.mark.provenance}" for name, limit in i.limits.items()}
        | {f"weight {i.weight_mark.provenance}"}
        for i in rulebook.domains[domain].indicators.values()
    }


def test_provenance_of_finance_is_the_same_in_every_edition() -> None:
    for edition, trust_type in MEASURES:
        found = provenances(load_edition(edition).rulebook(trust_type), "finance")
        for name in ("planned_outturn", "ytd_operating"):
            assert found[name] == {"weight printed", "deficit printed", "near printed"}
        assert found["ytd_ebitda_margin"] == {"weight printed", "three printed", "two reconstructed"}
        inferred = {name for name, marked in found.items() if "weight inferred" in marked}
        assert inferred == {
            "forecast_operating",
            "forecast_ebitda_margin",
            "forecast_change",
            "bppc_value",
            "bppc_number",
            "creditor_days",
        }
        for name in list(FINANCE)[3:]:
            assert not any("printed" in marked for marked in found[name])


@each
def test_provenance_of_performance_measures(edition: str, trust_type: str) -> None:
    found = provenances(load_edition(edition).rulebook(trust_type), "ipm")
    if (edition, trust_type) == ("2012-13", "acute"):
        for name, marked in found.items():
            assert "weight printed" in marked
            assert marked & {"performing printed", "performing inferred", "deviations reconstructed"}
            assert marked & {"underperforming reconstructed", "underperforming inferred", "deviations reconstructed"}
            assert ("underperforming inferred" in marked) == (name == "ae_4h")
            assert ("performing inferred" in marked) == (name == "rtt_specialties")
        return
    printed = {"ae_4h", "ae_data_completeness"} if (edition, trust_type) == ("2011-12", "acute") else set()
    for name, marked in found.items():
        if name in printed:
            assert all(mark.endswith(" printed") for mark in marked)
        elif (edition, trust_type, name) == ("2011-12", "acute", "dtoc"):
            assert marked == {"weight inferred", "performing reconstructed", "underperforming reconstructed"}
        else:
            assert all(mark.endswith(" reconstructed") for mark in marked)


def test_the_deficit_rule_of_2012_13_is_printed_for_acute_trusts_only() -> None:
    loaded = load_edition("2012-13")
    found = {t: loaded.rulebook(t).domains["finance"].over_riding[0] for t in loaded.trust_types}
    assert {rule.id for rule in found.values()} == {"forecast_deficit_beyond_plan"}
    assert {t: rule.mark.provenance for t, rule in found.items()} == {
        "acute": "printed",
        "ambulance": "reconstructed",
        "mental-health": "reconstructed",
    }


# --- rating ----------------------------------------------------------------------------------------------------------


@each
def test_a_full_good_return_performs(edition: str, trust_type: str) -> None:
    rating = rated(edition, trust_type)
    assert rating.findings == ()
    for domain in rating.domains.values():
        assert str(domain.category) == ("Green" if domain.id == "tfa" else "Performing"), domain.id
        assert domain.missing == ()
        assert domain.caps == ()
    assert rating.finance.score == 3
    assert rating.ipm.score == 3
    assert rating.explain()


@each
def test_an_empty_return_is_not_assessed(edition: str, trust_type: str) -> None:
    rating = rate(edition, trust_type, {}, period=PERIODS[edition])
    assert {str(domain.category) for domain in rating.domains.values()} == {"Not assessed"}
    assert rating.finance.score is None


def test_domains_that_an_edition_lacks_are_none() -> None:
    early, late = rated("2009-10", "acute"), rated("2012-13", "acute")
    assert (early.cqc, early.quality, early.tfa) == (None, None, None)
    assert early.overall is not None
    assert late.overall is None


WORST = {"ue_access": 0, "ue_coordinated": 0, "ue_information": 0, "ue_relationships": 0, "ue_environment": 0}


@pytest.mark.parametrize(
    ("changes", "finance", "ipm", "overall"),
    [
        ({"forecast_surplus": -1, "planned_surplus": -500}, "Underperforming", "Performing", "Underperforming"),
        ({"loan_repayment_missed": "Yes"}, "Underperforming", "Performing", "Underperforming"),
        ({"ytd_surplus": -5500}, "Performing", "Performing", "Performing"),
        ({"finance_major_failing": "Challenged"}, "Challenged", "Performing", "Challenged"),
        ({"quality_major_failing": "Underperforming"}, "Performing", "Underperforming", "Underperforming"),
        ({"quality_major_failing": "Challenged"}, "Performing", "Challenged", "Challenged"),
        (WORST, "Performing", "Performing", "Performance under review"),
        ({**WORST, "loan_repayment_missed": "Yes"}, "Underperforming", "Performing", "Underperforming"),
        (dict.fromkeys(WORST), "Performing", "Performing", "Performing"),
        ({"debtors": None}, "Not assessed", "Performing", "Not assessed"),
        ({"debtors": None, "quality_major_failing": "Challenged"}, "Not assessed", "Challenged", "Challenged"),
    ],
)
def test_overall_of_2009_10_is_the_worse_of_the_two(
    changes: dict[str, Any], finance: str, ipm: str, overall: str
) -> None:
    rating = rated("2009-10", "acute", **changes)
    assert rating.overall is not None
    found = (rating.finance.category, rating.ipm.category, rating.overall.category)
    assert tuple(str(category) for category in found) == (finance, ipm, overall)


def test_breast_symptoms_before_january_2010_are_left_out_as_no_activity() -> None:
    before = {"cancer_2ww_breast_numerator": 0, "cancer_2ww_breast_denominator": 0}
    rating = rated("2009-10", "acute", **before)
    assert rating.ipm.score == 3
    assert rating.ipm.indicators["cancer_2ww_breast"].state == "no activity"
    assert [found.severity for found in rating.findings] == ["note"]


@with_quality
def test_cqc_and_user_experience_in_quality(edition: str, trust_type: str) -> None:
    for changes, category in (
        ({"cqc_warning_notices": 1, "cqc_conditions_outstanding": "Yes"}, "Performance under review"),
        ({"cqc_conditions_outstanding": "Yes"}, "Performing"),
        ({"cqc_warning_notices": 2}, "Underperforming"),
        ({"cqc_enforcement": "Yes"}, "Underperforming"),
        ({"quality_major_failing": "Challenged"}, "Challenged"),
    ):
        quality = rated(edition, trust_type, **changes).quality
        assert quality is not None
        assert str(quality.category) == category
    if trust_type != "ambulance":
        worst = dict.fromkeys(THEMES[trust_type], 0)
        quality = rated(edition, trust_type, **worst).quality
        assert quality is not None
        assert str(quality.category) == "Performance under review"


@with_quality
def test_over_riding_rules_of_finance(edition: str, trust_type: str) -> None:
    for changes, category in (
        ({"forecast_surplus": -501, "planned_surplus": -500}, "Underperforming"),
        ({"forecast_surplus": -500, "planned_surplus": -500}, "Performance under review"),
        ({"loan_repayment_missed": "Yes"}, "Underperforming"),
        ({"ytd_planned_surplus": 0, "ytd_surplus": -1999}, "Performing"),
        ({"ytd_planned_surplus": 0, "ytd_surplus": -2000}, "Performance under review"),
        ({"finance_major_failing": "Challenged"}, "Challenged"),
    ):
        assert str(rated(edition, trust_type, **changes).finance.category) == category, changes
    big = {
        "forecast_income": 1_000_000,
        "forecast_ebitda": 80_000,
        "planned_surplus": 1000,
        "ytd_planned_surplus": 0,
    }
    for deficit, category in ((-4999, "Performing"), (-5000, "Performance under review")):
        assert str(rated(edition, trust_type, **big, ytd_surplus=deficit).finance.category) == category


# --- tripartite formal agreements ------------------------------------------------------------------------------------

FINANCE_AS: dict[str, dict[str, Any]] = {
    "P": {},
    "R": {"forecast_surplus": -100, "planned_surplus": -100, "sha_expected_surplus": -100},
    "U": {"finance_major_failing": "Underperforming"},
    "C": {"finance_major_failing": "Challenged"},
    "-": {"debtors": None},
}
QUALITY_AS: dict[str, dict[str, Any]] = {
    "P": {},
    "R": {"cqc_warning_notices": 1},
    "U": {"cqc_warning_notices": 2},
    "C": {"quality_major_failing": "Challenged"},
    "-": {"cqc_enforcement": None},
}


@pytest.mark.parametrize("trust_type", ["acute", "ambulance"])
@pytest.mark.parametrize(
    ("finance", "quality", "judgement", "missed", "rag"),
    [
        ("P", "P", "Green", "No", "Green"),
        ("P", "P", "Amber/Green", "No", "Amber/Green"),
        ("P", "P", "Amber/Red", "No", "Amber/Red"),
        ("P", "P", "Red", "No", "Red"),
        ("U", "P", "Green", "No", "Red"),
        ("P", "U", "Green", "No", "Red"),
        ("C", "P", "Green", "No", "Red"),
        ("P", "C", "Green", "No", "Red"),
        ("R", "P", "Green", "No", "Amber/Red"),
        ("P", "R", "Amber/Green", "No", "Amber/Red"),
        ("R", "R", "Amber/Red", "No", "Amber/Red"),
        ("R", "R", "Red", "No", "Red"),
        ("R", "U", "Green", "No", "Red"),
        ("P", "P", "Green", "Yes", "Red"),
        ("P", "P", None, "Yes", "Red"),
        ("-", "-", None, "Yes", "Red"),
        ("U", "-", None, None, "Red"),
        ("P", "P", None, "No", "Not assessed"),
        ("R", "R", None, "No", "Not assessed"),
        ("-", "P", "Green", "No", "Not assessed"),
        ("P", "-", "Amber/Red", "No", "Not assessed"),
        ("-", "U", "Green", "No", "Red"),
        ("P", "P", "Green", None, "Not assessed"),
    ],
)
def test_tfa_rag(
    trust_type: str, finance: str, quality: str, judgement: str | None, missed: str | None, rag: str
) -> None:
    changes = {**FINANCE_AS[finance], **QUALITY_AS[quality]}
    for delay in (None, "Yes", "No"):
        tfa = rated(
            "2012-13",
            trust_type,
            **changes,
            tfa_judgement=judgement,
            tfa_submission_missed=missed,
            tfa_delay_under_three_months=delay,
        ).tfa
        assert tfa is not None
        assert str(tfa.rag) == rag


@pytest.mark.parametrize(
    ("judgement", "missed", "rag"),
    [
        ("Green", "No", "Green"),
        ("Amber/Red", "No", "Amber/Red"),
        ("Green", "Yes", "Red"),
        (None, "Yes", "Red"),
        (None, "No", "Not assessed"),
    ],
)
@pytest.mark.parametrize("part", ["P", "R", "U", "C", "-"])
def test_tfa_rag_of_mental_health_trusts_is_the_judgement(
    part: str, judgement: str | None, missed: str, rag: str
) -> None:
    changes = {**FINANCE_AS[part], **QUALITY_AS[part]}
    tfa = rated("2012-13", "mental-health", **changes, tfa_judgement=judgement, tfa_submission_missed=missed).tfa
    assert tfa is not None
    assert str(tfa.rag) == rag
