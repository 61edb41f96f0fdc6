"""What a category hangs on: a scenario rates as an edition with its numbers written in does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pfexcel
from pfexcel.engine.sensitivity import EDITION, Scenario, sensitivity
from pfexcel.rules.load import SHIPPED, load_edition
from tests.samples import random_returns

PERIOD = "2011-12-Q4"

CHANGED = [
    (
        "finance",
        Scenario(weights={"planned_outturn": 2.5, "bppc_value": 5}),
        [
            ('planned_outturn = { sub_domain = "planning", weight = 5,', "planned_outturn = {P weight = 2.5,"),
            ('label = "Initial planning", weight = 5,', 'label = "Initial planning", weight = 2.5,'),
            ('bppc_value = { sub_domain = "processes", weight = 2.5,', "bppc_value = {S weight = 5,"),
            ('balance sheet", weight = 20,', 'balance sheet", weight = 22.5,'),
        ],
    ),
    (
        "finance",
        Scenario(limits={"debtor_days.three": 25, "finance.upper": 2.5}),
        [
            (
                'debtor_days = { sub_domain = "processes", weight = 5, three = 30',
                "debtor_days = {S weight = 5, three = 25",
            ),
            ("upper = 2.4", "upper = 2.5"),
        ],
    ),
    (
        "ipm",
        Scenario(limits={"ae_4h.performing": 0.97}),
        [("ae_4h = { weight = 1, performing = 0.95", "ae_4h = { weight = 1, performing = 0.97")],
    ),
]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(random_returns(load_edition("2011-12").rulebook("acute"), 400, seed=5))


def edited(path: Path, changes: list[tuple[str, str]]) -> Path:
    text = (SHIPPED / "2011-12.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(
            old, new.replace("{P", '{ sub_domain = "planning",').replace("{S", '{ sub_domain = "processes",')
        )
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("domain", "scenario", "changes"), CHANGED, ids=["weights", "limits and bands", "measures"])
def test_a_scenario_rates_as_an_edition_with_its_numbers(
    domain: str, scenario: Scenario, changes: list[tuple[str, str]], frame: pd.DataFrame, tmp_path: Path
) -> None:
    found = sensitivity("2011-12", "acute", frame, PERIOD, domain, {"other": scenario})
    for edition, column in (("2011-12", EDITION), (str(edited(tmp_path / "own.toml", changes)), "other")):
        table = pfexcel.rate_table(edition, "acute", frame, PERIOD)
        np.testing.assert_array_equal(found.scores[column], table[f"{domain}_score"])
        assert found.categories[column].tolist() == table[f"{domain}_category"].tolist()
    assert found.changed["other"].any()


def test_numbers_are_tried_one_at_a_time(frame: pd.DataFrame) -> None:
    found = pfexcel.sensitivity("2011-12", "acute", frame, PERIOD)
    rulebook = load_edition("2011-12").rulebook("acute")
    finance = rulebook.domains["finance"].indicators.values()
    limits = sum(len(indicator.limits) for indicator in finance) + 2
    assert len(found.changed.columns) == 3 * len(finance) + 2 * limits
    without = found.categories["without forecast_operating"]
    rows = [row for row in frame.index if without[row] != found.categories[EDITION][row]]
    assert rows
    assert "without forecast_operating" in found.hangs_on(rows[0])
    summary = found.summary()
    assert (summary.drop(columns="changed").sum(axis=1) == len(frame)).all()
    assert summary.loc["without forecast_operating", "changed"] == len(rows)
    assert summary.loc[EDITION, "changed"] == 0


def test_trust_types_and_periods_may_be_mixed() -> None:
    edition = load_edition("2012-13")
    rows = [
        {**one, "trust_type": kind, "period": period}
        for kind in edition.trust_types
        for period in ("2012-13-M01", "2012-13-M12")
        for one in random_returns(edition.rulebook(kind), 20, seed=9)
    ]
    frame = pd.DataFrame(rows)
    found = pfexcel.sensitivity(edition, None, frame, domain="ipm")
    table = pfexcel.rate_table(edition, None, frame)
    assert found.categories[EDITION].tolist() == table["ipm_category"].tolist()


@pytest.mark.parametrize(
    ("domain", "scenario", "said"),
    [
        ("quality", Scenario(), "no score of 'quality'; use one of finance, ipm, ue"),
        ("finance", Scenario(weights={"ae_4h": 1}), "indicator 'ae_4h' is unknown"),
        ("finance", Scenario(limits={"debtor_days": 1}), "limit 'debtor_days' is unknown"),
    ],
)
def test_what_is_not_there_is_named(domain: str, scenario: Scenario, said: str, frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match=said):
        sensitivity("2011-12", "acute", frame, PERIOD, domain, {"x": scenario})
