"""Plausible figures for demonstrations: each trust has a standing of its own, and the figures follow from it.

They are invented. Nothing here says how any trust did.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from pfexcel.periods import Period
from pfexcel.rules.edition import Indicator, Rulebook

COMPLETE = 0.998  # how much of the figures on quality of services a trust sends in
STANDINGS = ("strong", "strong", "strong", "sound", "sound", "recovering", "strained", "failing")


def sample_values(rulebook: Rulebook, ods_code: str, period: Period) -> dict[str, Any]:
    """Figures for one trust and period, the same every time.

    >>> from pfexcel.rules.load import load_edition
    >>> rulebook = load_edition("2011-12").rulebook("acute")
    >>> sample_values(rulebook, "RXK", Period.parse("2011-12-Q3"))["loan_repayment_missed"]
    'No'
    """
    own = random.Random(f"{ods_code} {period.year}")
    now = random.Random(f"{ods_code} {period.text}")
    standing = STANDINGS[own.randrange(len(STANDINGS))]
    values = _finance(own, now, standing, period, ods_code)
    for indicator in rulebook.indicators.values():
        if indicator.domain != "finance" and now.random() < COMPLETE:
            values.update(
                _against_plan(indicator, ods_code, period)
                if f"{indicator.id}_plan" in indicator.fields
                else _quality(indicator, now, standing)
            )
    notices = {"strong": 0, "sound": 0, "recovering": 0, "strained": now.choice((0, 1)), "failing": now.choice((1, 2))}[
        standing
    ]
    values |= {
        "cqc_warning_notices": notices,
        "cqc_enforcement": "Yes" if standing == "failing" and now.random() < 0.2 else "No",
        "cqc_conditions_outstanding": "No",
        "ue_survey_year": period.year - 1,
        "tfa_judgement": {"strong": "Green", "sound": "Amber/Green"}.get(standing, "Amber/Red"),
        "tfa_submission_missed": "No",
    }
    if standing == "failing" and own.random() < 0.35:
        values |= {
            "finance_major_failing": "Challenged",
            "finance_major_failing_by": "Director of Provider Development (sample)",
            "finance_major_failing_date": period.last_day,
            "finance_major_failing_reference": "Sample letter 1",
        }
    return {name: value for name, value in values.items() if name in rulebook.fields}


def _finance(own: random.Random, now: random.Random, standing: str, period: Period, ods_code: str) -> dict[str, Any]:
    """A year's accounts in GBP thousand that hang together, from period to period too."""
    part = period.months_elapsed / 12
    income = own.uniform(90_000, 620_000)
    plan = income * own.uniform(0.002, 0.012)
    if standing in ("failing", "recovering"):
        plan = -income * own.uniform(0.005, 0.02)
    slip = income * {"strong": 0.0, "sound": 0.0033, "recovering": 0.0, "strained": 0.007, "failing": 0.05}[standing]

    def slipped(months: int) -> float:
        """By how much the year is forecast to miss its plan after so many months."""
        return slip * random.Random(f"{ods_code} {period.year} slip {months}").uniform(0.8, 1.2) if months > 0 else 0.0

    forecast = plan - slipped(period.months_elapsed)
    margin = {"strong": 0.075, "sound": 0.06, "recovering": 0.052, "strained": 0.035, "failing": 0.008}[
        standing
    ] * now.uniform(0.85, 1.15)
    prompt = {"strong": 0.968, "sound": 0.93, "recovering": 0.9, "strained": 0.8, "failing": 0.56}[standing]
    days = {"strong": 22, "sound": 28, "recovering": 31, "strained": 41, "failing": 66}[standing]
    ytd_income, non_pay = income * part, income * part * 0.34
    bills, number = non_pay * 0.8, int(income * part * 0.11)
    liabilities = (
        income * {"strong": 0.11, "sound": 0.11, "recovering": 0.19, "strained": 0.19, "failing": 0.46}[standing]
    )
    ratio = {"strong": 1.15, "sound": 1.02, "recovering": 0.97, "strained": 0.8, "failing": 0.45}[standing]
    figures: dict[str, float] = {
        "planned_surplus": plan,
        "sha_expected_surplus": plan,
        "planned_income": income * 0.995,
        "ytd_planned_surplus": plan * part,
        "ytd_surplus": (plan - slipped(period.months_elapsed) * (0.6 + 0.4 * part)) * part,
        "ytd_income": ytd_income,
        "ytd_ebitda": ytd_income * margin,
        "forecast_surplus": forecast,
        "previous_forecast_surplus": plan
        - slipped(period.months_elapsed - (3 if period.frequency == "quarter" else 1)),
        "forecast_income": income,
        "forecast_ebitda": income * margin * 1.02,
        "underlying_surplus": forecast - income * 0.003,
        "underlying_income": income * 0.975,
        "underlying_ebitda": income * 0.975 * margin * 0.97,
        "bppc_value_paid": bills * min(1.0, prompt * now.uniform(0.99, 1.01)),
        "bppc_value_total": bills,
        "bppc_number_paid": number * min(1.0, prompt * now.uniform(0.97, 1.0)),
        "bppc_number_total": number,
        "current_assets": liabilities * ratio * now.uniform(0.97, 1.03),
        "current_liabilities": liabilities,
        "debtors": ytd_income / period.days_elapsed * days * now.uniform(0.85, 1.1),
        "creditors": non_pay / period.days_elapsed * days * now.uniform(0.9, 1.15),
        "ytd_non_pay_expenditure": non_pay,
    }
    missed = standing == "failing" and own.random() < 0.3
    return {name: round(value) for name, value in figures.items()} | {
        "loan_repayment_missed": "Yes" if missed else "No"
    }


def _quality(indicator: Indicator, now: random.Random, standing: str) -> Mapping[str, Any]:
    """Inputs that give an indicator the score its standing makes likely."""
    odds = {
        "strong": (96, 4, 0),
        "sound": (80, 16, 4),
        "recovering": (74, 20, 6),
        "strained": (62, 24, 14),
        "failing": (42, 30, 28),
    }[standing]
    wanted = now.choices((3.0, 2.0, 0.0), odds)[0]
    best: dict[str, Any] = {}
    for _ in range(400):
        tried = _draw(indicator, now)
        measures = {name: indicator.measures[name] for name in indicator.ladder.names}
        values = [measure.function(*(tried[field] for field in measure.fields)) for measure in measures.values()]
        score = indicator.ladder.steps[indicator.ladder.first_true(*values)].score
        if score == wanted:
            return tried
        if score == 3.0 or not best:
            best = tried
    return best


def _against_plan(indicator: Indicator, ods_code: str, period: Period) -> Mapping[str, Any]:
    """A count to date and its plan, both of which grow over the year."""
    own = random.Random(f"{ods_code} {period.year} {indicator.id}")
    plan = own.randrange(4, 60)
    count, part = own.gauss(plan, plan**0.5), period.months_elapsed / 12
    return {indicator.id: max(0, round(count * part)), f"{indicator.id}_plan": round(plan * part)}


def _draw(indicator: Indicator, now: random.Random) -> dict[str, Any]:
    limits = [limit.value for limit in indicator.limits.values()]
    fields = indicator.fields
    if len(fields) == 2 and fields[0].endswith("_numerator"):
        whole = now.randrange(400, 9_000)
        top = max(limits)
        share = (
            now.uniform(0.86 * min(limits), min(1.0, top * 1.12)) if min(limits) > 0.2 else now.uniform(0, 1.8 * top)
        )
        return {fields[0]: round(whole * share), fields[1]: whole}
    unit = indicator.value.unit
    value = min(now.uniform(0.5 * max(limits), 1.3 * max(limits)), unit.maximum or float("inf"))
    return {fields[0]: round(value, 1) if unit.id in ("weeks", "points") else round(value)}
