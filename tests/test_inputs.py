"""What is entered: blanks, text, bounds, choices and names that are no entries."""

import math
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pfexcel.engine.inputs import accept, is_blank, read_inputs
from pfexcel.engine.rate import rate
from pfexcel.model import Finding
from pfexcel.rules.load import load_edition

RULEBOOK = load_edition("2011-12").rulebook("acute")
BLANKS = [None, "", " ", "\t\n", "\u00a0", math.nan, np.nan, pd.NA, pd.NaT, Decimal("NaN")]


def read(**given: Any) -> tuple[dict[str, Any], list[Finding]]:
    inputs = read_inputs(RULEBOOK, given, {"days_elapsed": None})
    return inputs.values, inputs.findings


def refused(name: str, value: Any) -> Finding:
    """The finding of an entry that is refused and so counts as missing."""
    values, findings = read(**{name: value})
    assert values[name] is None
    assert len(findings) == 1
    assert findings[0].field == name
    return findings[0]


# --- blanks


@pytest.mark.parametrize("value", [*BLANKS, Decimal("sNaN")], ids=repr)
def test_blank(value: Any) -> None:
    assert is_blank(value)
    values, findings = read(debtors=value, loan_repayment_missed=value, finance_major_failing=value)
    assert (values["debtors"], values["loan_repayment_missed"], values["finance_major_failing"]) == (None, None, "No")
    assert findings == []


@pytest.mark.parametrize("value", [0, 0.0, -0.0, False, "0", "No", [], {}, Decimal(0)], ids=repr)
def test_not_blank(value: Any) -> None:
    assert not is_blank(value)


@pytest.mark.parametrize("name", ["debtors_note", "ae_4h", "ae_4h_score"])
@pytest.mark.parametrize("value", BLANKS, ids=repr)
def test_blank_under_any_name_is_nothing(name: str, value: Any) -> None:
    assert read(**{name: value})[1] == []


# --- numbers


@pytest.mark.parametrize(
    "value",
    [24_000, 24_000.0, np.float64(24_000), np.int32(24_000), np.float32(24_000), Fraction(24_000)],
    ids=lambda v: type(v).__name__,
)
def test_a_number_of_any_kind(value: Any) -> None:
    values, findings = read(debtors=value)
    assert values["debtors"] == 24_000
    assert type(values["debtors"]) is float
    assert findings == []


@pytest.mark.parametrize(
    "value", ["12", "24,000", "n/a", "#N/A", "=1+1", True, False, [1], {}, 1j, date(2011, 4, 1), b"12"], ids=repr
)
def test_what_is_no_number(value: Any) -> None:
    finding = refused("debtors", value)
    assert finding.id == "entry-not-a-number"
    shown = "2011-04-01" if isinstance(value, date) else value
    assert finding.message == f"Debtors is {shown!r}, which is not a number"
    assert finding.action == "Type the figure as a number, without units or spaces"


@pytest.mark.parametrize(
    ("name", "value", "bound"),
    [
        ("debtors", -0.001, "0 or more"),
        ("debtors", -math.inf, "a finite number"),
        ("debtors", math.inf, "a finite number"),
        ("ytd_income", 0, "above 0"),
        ("ytd_income", -1, "above 0"),
        ("mrsa", 1.5, "a whole number"),
        ("mrsa", -1, "0 or more"),
        ("cqc_warning_notices", 0.5, "a whole number"),
        ("ue_access", 100.1, "100 or less"),
        ("ue_access", -0.1, "0 or more"),
        ("ue_survey_year", 1989, "1990 or more"),
        ("rtt_admitted_95th", -1, "0 or more"),
        ("vte_numerator", -1, "0 or more"),
    ],
)
def test_a_number_out_of_bounds(name: str, value: float, bound: str) -> None:
    finding = refused(name, value)
    assert finding.id == "entry-out-of-bounds"
    assert finding.message.endswith(f"but must be {bound}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("debtors", 0),
        ("ytd_income", 0.001),
        ("ytd_surplus", -1e9),
        ("ue_access", 0),
        ("ue_access", 100),
        ("mrsa", 0),
        ("mrsa_plan", 8.5),
        ("planned_surplus", 1e15),
    ],
)
def test_a_number_within_bounds(name: str, value: float) -> None:
    values, findings = read(**{name: value})
    assert values[name] == value
    assert findings == []


@pytest.mark.parametrize("value", [10**400, Fraction(10**400)], ids=["whole", "fraction"])
@pytest.mark.parametrize("name", ["debtors", "debtor_days", "debtor_days_score"])
def test_a_number_too_large_for_a_computer_is_refused(name: str, value: Any) -> None:
    rating = rate("2011-12", "acute", {name: value}, period="2011-12-Q3")
    assert name in {finding.field for finding in rating.findings if finding.severity.value == "error"}


def test_a_list_of_numbers_is_refused() -> None:
    assert refused("debtors", np.array([1.0, 2.0])).id == "entry-not-a-number"


# --- a part and its whole


@pytest.mark.parametrize(("part", "whole", "kept"), [(5, 5, 5), (0, 0, 0), (4, 5, 4), (5, None, 5), (6, 5, None)])
def test_a_part_is_not_above_its_whole(part: float, whole: float | None, kept: float | None) -> None:
    values, findings = read(vte_numerator=part, vte_denominator=whole)
    assert values["vte_numerator"] == kept
    assert values["vte_denominator"] == whole
    assert [finding.id for finding in findings] == ([] if kept is not None else ["entry-above-other"])


def test_a_part_above_its_whole_names_both() -> None:
    _, findings = read(bppc_value_paid=1_500, bppc_value_total=1_000)
    assert findings[0].message == ("Bills paid within 30 days, value is 1,500, above All bills paid, value (1,000)")
    assert findings[0].field == "bppc_value_paid"


# --- choices


@pytest.mark.parametrize("value", ["Yes", "yes", "YES", True])
def test_yes(value: Any) -> None:
    assert read(loan_repayment_missed=value) == (read(loan_repayment_missed="Yes")[0], [])


@pytest.mark.parametrize("value", ["No", "no", "nO", False])
def test_no(value: Any) -> None:
    assert read(loan_repayment_missed=value)[0]["loan_repayment_missed"] == "No"


@pytest.mark.parametrize("value", ["Challenged", "challenged", "CHALLENGED"])
def test_a_choice_in_any_case(value: str) -> None:
    assert read(quality_major_failing=value)[0]["quality_major_failing"] == "Challenged"


@pytest.mark.parametrize("value", ["Y", "maybe", 1, 1.5, [], date(2011, 4, 1)], ids=repr)
def test_what_is_no_choice(value: Any) -> None:
    finding = refused("loan_repayment_missed", value)
    assert finding.id == "entry-not-a-choice"
    assert finding.action == "Choose one of Yes, No"


def test_a_category_that_cannot_be_declared() -> None:
    finding = refused("finance_major_failing", "Performing")
    assert finding.action == "Choose one of No, Underperforming, Challenged"


def test_a_refused_declaration_does_not_pass_as_no() -> None:
    rating = rate("2011-12", "acute", {"finance_major_failing": "Challengd"}, period="2011-12-Q3")
    assert rating.finance.category.value == "Not assessed"
    assert "finance_major_failing" in rating.finance.missing


# --- text and dates


def test_text_and_dates_are_kept_as_they_are() -> None:
    day = date(2011, 12, 1)
    values, findings = read(finance_major_failing_by="A. Name", finance_major_failing_date=day)
    assert (values["finance_major_failing_by"], values["finance_major_failing_date"]) == ("A. Name", day)
    assert findings == []


# --- other names


def test_a_measure_by_its_own_name_has_its_bounds() -> None:
    inputs = read_inputs(RULEBOOK, {"ae_4h": 0.936, "debtor_days": 22, "vte": 1.01, "underlying_position": -0.5}, {})
    assert inputs.measures == {"ae_4h": 0.936, "debtor_days": 22, "underlying_position": -0.5}
    assert [(finding.id, finding.field) for finding in inputs.findings] == [("entry-out-of-bounds", "vte")]


def test_a_measure_given_is_rounded_as_one_worked_out() -> None:
    assert read_inputs(RULEBOOK, {"bppc_value": 0.57 / 0.6}, {}).measures == {"bppc_value": 0.95}


@pytest.mark.parametrize("name", ["planned_outturn", "ytd_operating", "forecast_operating", "forecast_change"])
def test_an_indicator_of_two_measures_needs_its_entries(name: str) -> None:
    _, findings = read(**{name: 0.01})
    assert [finding.id for finding in findings] == ["unknown-field"]
    assert f"{name} needs its inputs" in findings[0].action


@pytest.mark.parametrize(
    ("name", "scores"),
    [("debtor_days", [1, 2, 3]), ("vte", [0, 2, 3]), ("mrsa", [0, 2, 3]), ("ue_access", [0, 2, 3])],
)
def test_the_scores_an_indicator_has(name: str, scores: list[int]) -> None:
    for score in range(-1, 5):
        inputs = read_inputs(RULEBOOK, {f"{name}_score": score}, {})
        assert inputs.scores == ({name: score} if score in scores else {})
        assert [finding.id for finding in inputs.findings] == ([] if score in scores else ["entry-not-a-score"])


def test_arguments_are_no_unknown_names() -> None:
    assert read(period="2011-12-Q3", trust_type="acute", ods_code="RXK")[1] == []


@pytest.mark.parametrize(
    "name", ["turnover", "ytd_ebitda_margin_value", "finance_score", "_score", "score", "rtt_incomplete"]
)
def test_an_unknown_name_is_a_note(name: str) -> None:
    _, findings = read(**{name: 3})
    assert [(finding.id, finding.severity.value) for finding in findings] == [("unknown-field", "note")]
    assert name in findings[0].message


def test_accept_takes_one_entry() -> None:
    entry = RULEBOOK.fields["debtors"]
    assert accept(entry, 5) == (5.0, None)
    assert accept(entry, " ") == (None, None)
    usable, finding = accept(entry, "five")
    assert usable is None
    assert finding is not None


# --- the names users rely on

FINANCE_INPUTS = """planned_surplus sha_expected_surplus planned_income ytd_planned_surplus ytd_surplus ytd_income
ytd_ebitda forecast_surplus previous_forecast_surplus forecast_income forecast_ebitda underlying_surplus
underlying_income underlying_ebitda bppc_value_paid bppc_value_total bppc_number_paid bppc_number_total current_assets
current_liabilities debtors creditors ytd_non_pay_expenditure loan_repayment_missed finance_major_failing"""
QUALITY_INPUTS = """cqc_warning_notices cqc_enforcement cqc_conditions_outstanding quality_major_failing ue_access
ue_coordinated ue_information ue_relationships ue_environment ue_survey_year mrsa mrsa_plan cdiff cdiff_plan"""


def test_the_entries_users_rely_on() -> None:
    assert {*FINANCE_INPUTS.split(), *QUALITY_INPUTS.split()} <= RULEBOOK.fields.keys()


def test_a_share_has_a_numerator_and_a_denominator() -> None:
    for indicator in RULEBOOK.domains["ipm"].indicators.values():
        own = {indicator.id} & RULEBOOK.fields.keys()
        assert own or {f"{indicator.id}_numerator", f"{indicator.id}_denominator"} <= RULEBOOK.fields.keys()


def test_a_zero_in_a_choice_is_how_some_programs_read_an_empty_cell() -> None:
    missed = RULEBOOK.fields["loan_repayment_missed"]
    assert accept(missed, 0) == (None, None)
    assert accept(missed, 0.0) == (None, None)
    assert accept(missed, False) == ("No", None)
