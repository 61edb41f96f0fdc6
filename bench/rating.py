"""Rating: one return against a score written by hand, a table against numpy's select."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

import pfexcel
from bench.timing import Compared, compare
from pfexcel.periods import Period
from pfexcel.samples import sample_values

PERIOD = "2011-12-Q3"
ROWS = 200_000


def run() -> Iterator[Compared]:
    """One return, then a table of the thirteen finance indicators' inputs."""
    edition = pfexcel.load_edition("2011-12")
    rulebook = edition.rulebook("acute")
    values = sample_values(rulebook, "RXK", Period.parse(PERIOD))
    yield compare(
        "pfexcel.rate, finance and quality, 1,000 returns",
        lambda: [pfexcel.rate(edition, "acute", values, PERIOD) for _ in range(1000)],
        "a finance score in plain Python",
        lambda: [plain_score(values) for _ in range(1000)],
    )
    finance = [f for i in rulebook.domains["finance"].indicators.values() for f in i.fields]
    names = list(dict.fromkeys(finance))
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: values[name] * rng.uniform(0.7, 1.3, ROWS) for name in names})
    yield compare(
        f"pfexcel.rate_table, {ROWS:,} returns, all domains and caps",
        lambda: pfexcel.rate_table(edition, "acute", frame, PERIOD),
        "np.select over the columns of the finance score",
        lambda: select_score({name: frame[name].to_numpy() for name in names}),
        rounds=3,
    )


def plain_score(v: dict[str, float]) -> float:
    """The finance score of 2011-12 as one would write it by hand, without rounding, findings or caps."""

    def operating(value: float, distance: float) -> int:
        return 1 if value <= -0.02 else 2 if value < 0 else 3 if distance <= 0.03 else 2

    def high(value: float, three: float, two: float) -> int:
        return 3 if value >= three else 2 if value >= two else 1

    def low(value: float, three: float, two: float) -> int:
        return 3 if value <= three else 2 if value <= two else 1

    income = v["forecast_income"]
    change = abs(v["forecast_surplus"] - v["previous_forecast_surplus"]) / income
    under = v["underlying_surplus"] / v["underlying_income"]
    scores = (
        5
        * operating(v["planned_surplus"] / v["planned_income"], abs(v["planned_surplus"] - v["sha_expected_surplus"])),
        20 * operating(v["ytd_surplus"] / income, abs(v["ytd_surplus"] - v["ytd_planned_surplus"]) / income),
        5 * high(v["ytd_ebitda"] / v["ytd_income"], 0.05, 0.01),
        20 * operating(v["forecast_surplus"] / income, abs(v["forecast_surplus"] - v["planned_surplus"]) / income),
        5 * high(v["forecast_ebitda"] / income, 0.05, 0.01),
        15 * (1 if v["forecast_surplus"] < 0 and change >= 0.02 else 3 if change <= 0.03 else 2),
        5 * (1 if under <= -0.02 else 2 if under < 0 else 3),
        5 * high(v["underlying_ebitda"] / v["underlying_income"], 0.05, 0.01),
        2.5 * high(v["bppc_value_paid"] / v["bppc_value_total"], 0.95, 0.6),
        2.5 * high(v["bppc_number_paid"] / v["bppc_number_total"], 0.95, 0.6),
        5 * high(v["current_assets"] / v["current_liabilities"], 1, 0.5),
        5 * low(v["debtors"] / v["ytd_income"] * 275, 30, 60),
        5 * low(v["creditors"] / v["ytd_non_pay_expenditure"] * 275, 30, 60),
    )
    return sum(scores) / 100


def select_score(v: dict[str, np.ndarray]) -> np.ndarray:
    """The same over columns, with numpy's select."""

    def operating(value: np.ndarray, distance: np.ndarray) -> np.ndarray:
        return np.select([value <= -0.02, value < 0, distance <= 0.03], [1, 2, 3], 2)

    def high(value: np.ndarray, three: float, two: float) -> np.ndarray:
        return np.select([value >= three, value >= two], [3, 2], 1)

    income = v["forecast_income"]
    change = abs(v["forecast_surplus"] - v["previous_forecast_surplus"]) / income
    under = v["underlying_surplus"] / v["underlying_income"]
    planned = abs(v["planned_surplus"] - v["sha_expected_surplus"]) / v["planned_income"]
    total = 5 * operating(v["planned_surplus"] / v["planned_income"], planned)
    total = total + 20 * operating(v["ytd_surplus"] / income, abs(v["ytd_surplus"] - v["ytd_planned_surplus"]) / income)
    total = total + 5 * high(v["ytd_ebitda"] / v["ytd_income"], 0.05, 0.01)
    distance = abs(v["forecast_surplus"] - v["planned_surplus"]) / income
    total = total + 20 * operating(v["forecast_surplus"] / income, distance)
    total = total + 5 * high(v["forecast_ebitda"] / income, 0.05, 0.01)
    deficit = v["forecast_surplus"] < 0
    total = total + 15 * np.select([deficit & (change >= 0.02), deficit, change <= 0.03], [1, 2, 3], 2)
    total = total + 5 * np.select([under <= -0.02, under < 0], [1, 2], 3)
    total = total + 5 * high(v["underlying_ebitda"] / v["underlying_income"], 0.05, 0.01)
    total = total + 2.5 * high(v["bppc_value_paid"] / v["bppc_value_total"], 0.95, 0.6)
    total = total + 2.5 * high(v["bppc_number_paid"] / v["bppc_number_total"], 0.95, 0.6)
    total = total + 5 * high(v["current_assets"] / v["current_liabilities"], 1, 0.5)
    total = total + 5 * high(-v["debtors"] / v["ytd_income"] * 275, -30, -60)
    total = total + 5 * high(-v["creditors"] / v["ytd_non_pay_expenditure"] * 275, -30, -60)
    return total / 100
