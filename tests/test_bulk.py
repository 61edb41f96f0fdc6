"""rate_table gives, row for row and bit for bit, what rate gives."""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pfexcel.engine import bulk_inputs
from pfexcel.engine.bulk import rate_table
from pfexcel.engine.rate import rate
from pfexcel.model import Rating
from pfexcel.rules.edition import Edition, Rulebook
from pfexcel.rules.load import SHIPPED, load_edition, shipped_editions
from tests.samples import good_return, limit_returns, random_returns, sample_period

COUNT = 10_000 if os.environ.get("PFEXCEL_PARITY") == "full" else 500
TYPES = [(name, trust_type) for name in shipped_editions() for trust_type in load_edition(name).trust_types]
EDITION = load_edition("2011-12")
RULEBOOK = EDITION.rulebook("acute")
PERIOD = sample_period(EDITION)


def expected(rating: Rating) -> dict[str, Any]:
    """A rating as one row of the table, written from the public names rather than from the code's."""
    row: dict[str, Any] = {}
    for name, domain in rating.domains.items():
        if domain.indicators:
            row[f"{name}_score"] = domain.score
        if domain.label is not None:
            row[f"{name}_label"] = domain.label
        row["tfa_rag" if name == "tfa" else f"{name}_category"] = domain.category.value
        if name == "finance" or (name == "ipm" and rating.edition == "2009-10"):
            row[f"{name}_uncapped_category"] = domain.uncapped_category.value
    for domain in rating.domains.values():
        for indicator in domain.indicators.values():
            row[f"{indicator.id}_value"] = indicator.value
            row[f"{indicator.id}_score"] = indicator.score
            row[f"{indicator.id}_weighted"] = indicator.weighted
    return row


def assert_rates_alike(
    edition: Edition, trust_type: str | None, frame: pd.DataFrame, rows: Sequence[Mapping[str, Any]], period: str | None
) -> pd.DataFrame:
    table = rate_table(edition, trust_type, frame, period)
    ratings = [expected(rate(edition, trust_type, row, period)) for row in rows]
    assert table.index.equals(frame.index)
    if len({tuple(row) for row in ratings}) == 1:
        assert list(table.columns) == list(ratings[0])
    for name in table.columns:
        for position, (found, rating) in enumerate(zip(table[name].tolist(), ratings, strict=True)):
            wanted = rating.get(name)
            assert is_same(found, wanted), (name, position, found, wanted, rows[position])
    return table


def is_same(found: Any, wanted: Any) -> bool:
    """NaN for None; numbers to the bit, the sign of zero included."""
    if wanted is None:
        return isinstance(found, float) and math.isnan(found)
    if isinstance(wanted, str):
        return isinstance(found, str) and found == wanted
    return isinstance(found, float) and found == wanted and math.copysign(1, found) == math.copysign(1, wanted)


def rulebook(edition: str, trust_type: str) -> Rulebook:
    return load_edition(edition).rulebook(trust_type)


@pytest.mark.parametrize(("edition", "trust_type"), TYPES)
@pytest.mark.parametrize("dirty", [False, True], ids=["clean", "dirty"])
@pytest.mark.parametrize("overrides", [False, True], ids=["inputs", "overrides"])
def test_random_returns_rate_alike(edition: str, trust_type: str, dirty: bool, overrides: bool):
    rules = rulebook(edition, trust_type)
    rows = random_returns(rules, COUNT, seed=1, dirty=dirty, overrides=overrides)
    assert_rates_alike(rules.edition, trust_type, pd.DataFrame(rows), rows, sample_period(rules.edition))


@pytest.mark.parametrize(("edition", "trust_type"), TYPES)
def test_returns_at_limits_rate_alike(edition: str, trust_type: str):
    rules = rulebook(edition, trust_type)
    names, rows = zip(*limit_returns(rules), strict=True)
    frame = pd.DataFrame(rows, index=names)
    assert_rates_alike(rules.edition, trust_type, frame, rows, sample_period(rules.edition))


@pytest.mark.parametrize(("edition", "trust_type"), TYPES)
def test_samples_are_good_and_varied(edition: str, trust_type: str):
    rules = rulebook(edition, trust_type)
    period = sample_period(rules.edition)
    good = rate(rules.edition, trust_type, good_return(rules), period)
    assert {domain.category.value for domain in good.domains.values()} <= {"Performing", "Green"}
    assert not good.findings
    rows = random_returns(rules, 400, seed=2)
    assert rows == random_returns(rules, 400, seed=2)
    table = rate_table(rules.edition, trust_type, pd.DataFrame(rows), period)
    assert set(table["finance_category"]) == {
        "Performing",
        "Performance under review",
        "Underperforming",
        "Challenged",
        "Not assessed",
    }
    for indicator in rules.indicators.values():
        assert len(set(table[f"{indicator.id}_score"].dropna())) >= 2, indicator.id


# --- what the columns may be -----------------------------------------------------------------------------------------

NUMBERS = [entry.name for entry in RULEBOOK.fields.values() if entry.unit.is_number]
CHOICES = [entry.name for entry in RULEBOOK.fields.values() if entry.unit.choices]
YES_NO = [entry.name for entry in RULEBOOK.fields.values() if entry.unit.choices == ("Yes", "No")]


def returns(count: int = 200, **kinds: bool) -> pd.DataFrame:
    return pd.DataFrame(random_returns(RULEBOOK, count, seed=3, **kinds))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def text_choices(frame: pd.DataFrame) -> pd.DataFrame:
    """Choices as texts only, blank where missing."""
    return frame.assign(**{name: frame[name].replace({True: "Yes", False: "No"}) for name in CHOICES})


def as_types(frame: pd.DataFrame, names: Iterable[str], dtype: Any) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].astype(dtype) for name in names})


def rows_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Each number column a stride through one array."""
    numbers = np.ascontiguousarray(frame[NUMBERS].to_numpy(dtype=float))
    return pd.concat([pd.DataFrame(numbers, columns=NUMBERS, copy=False), frame[CHOICES]], axis=1)


CONVERSIONS = {
    "float32": lambda f: as_types(f, NUMBERS, "float32"),
    "Float64": lambda f: as_types(f, NUMBERS, "Float64"),
    "int64": lambda f: as_types(f.fillna(dict.fromkeys(NUMBERS, 0)).round(), NUMBERS, "int64"),
    "uint8": lambda f: as_types(f.assign(mrsa=f["mrsa"].fillna(3)), ["mrsa"], "uint8"),
    "Int64": lambda f: as_types(f.round(), NUMBERS, "Int64"),
    "object": lambda f: f.astype(object),
    "category": lambda f: text_choices(f).astype("category"),
    "string": lambda f: as_types(text_choices(f), CHOICES, "string"),
    "str": lambda f: as_types(text_choices(f), CHOICES, "str"),
    "boolean": lambda f: as_types(
        f.assign(**{n: f[n].map({"Yes": True, "No": False}) for n in YES_NO}), YES_NO, "boolean"
    ),
    "bool": lambda f: f.assign(**{name: f[name] == "Yes" for name in YES_NO}),
    "bool for a number": lambda f: f.assign(planned_surplus=True, mrsa=f["mrsa"] > 1),
    "numbers for choices": lambda f: f.assign(cqc_enforcement=1, loan_repayment_missed=np.nan),
    "dates": lambda f: f.assign(planned_income=pd.Timestamp("2011-04-01"), ytd_income=pd.NaT),
    "complex": lambda f: f.assign(planned_income=f["planned_income"].astype(complex)),
    "texts for numbers": lambda f: f.assign(planned_income="400000", ytd_income=""),
    "pyarrow": lambda f: text_choices(f).convert_dtypes(dtype_backend="pyarrow"),
    "rows first": rows_first,
}


@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_columns_of_any_type_rate_alike(conversion: str):
    frame = CONVERSIONS[conversion](returns())
    assert_rates_alike(EDITION, "acute", frame, records(frame), PERIOD)


def test_figures_out_of_bounds_rate_alike():
    rows = random_returns(RULEBOOK, COUNT, seed=6, dirty=True)
    rows = [{n: v for n, v in row.items() if n in CHOICES or not isinstance(v, str)} for row in rows]
    frame = pd.DataFrame(rows)
    assert {frame[name].dtype.kind for name in NUMBERS} == {"f"}
    assert_rates_alike(EDITION, "acute", frame, rows, PERIOD)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_tables_with_few_columns_rate_alike(kept: float):
    frame = pd.DataFrame(random_returns(RULEBOOK, 60, seed=7, overrides=True))
    for seed in range(8):
        fewer = frame.sample(frac=kept, axis=1, random_state=seed)
        assert_rates_alike(EDITION, "acute", fewer, records(fewer), PERIOD)


CELLS = [
    *(None, math.nan, pd.NA, pd.NaT, np.float64("nan"), "", "  ", Decimal("NaN")),
    *(1, 0, -1, 0.95, 1.0, 3, True, False, 2**70, 10**400, math.inf, -math.inf, -0.0, 1e308, 5e-324),
    *(Decimal("0.95"), Fraction(19, 20), 1j, np.float32(0.95), np.int64(3), np.bool_(True)),
    *("Yes", "no", "YES ", "Underperforming", "CHALLENGED", "0.95", "n/a", [1], {}, pd.Timestamp("2011-04-01")),
]


GIVEN_AS = """
ytd_income ytd_ebitda ytd_ebitda_margin ytd_ebitda_margin_score planned_outturn planned_outturn_score
ae_4h ae_4h_numerator ae_4h_denominator ae_4h_score mrsa mrsa_score mrsa_plan ue_access
cqc_warning_notices cqc_enforcement loan_repayment_missed finance_major_failing
"""


@pytest.mark.parametrize("name", GIVEN_AS.split())
def test_cells_of_any_kind_rate_alike(name: str):
    good = good_return(RULEBOOK)
    rows = [{**good, name: cell} for cell in CELLS]
    assert_rates_alike(EDITION, "acute", pd.DataFrame(rows), rows, PERIOD)
    for cell in CELLS:
        frame = pd.DataFrame([good]).assign(**{name: pd.Series([cell])})
        assert_rates_alike(EDITION, "acute", frame, records(frame), PERIOD)


# --- groups, blocks and names ----------------------------------------------------------------------------------------


def mixed_rows(edition: str, periods: Sequence[Any]) -> list[dict[str, Any]]:
    rows = []
    for trust_type in load_edition(edition).trust_types:
        for position, row in enumerate(random_returns(rulebook(edition, trust_type), 60, seed=4)):
            named = {"trust_type": trust_type, "period": periods[position % len(periods)]}
            rows.append({**row, **named})
    for position, row in enumerate(rows):
        if row["trust_type"] == "acute" and position % 5 == 0:
            row["trust_type"] = (None, "", math.nan)[position % 3]
    return rows[::2] + rows[1::2]


@pytest.mark.parametrize("block", [7, 50, 65_536])
@pytest.mark.parametrize(
    ("edition", "periods"),
    [
        ("2011-12", ["2011-12-Q1", "2011-12-Q4", None, " 2011-12-Q3 ", ""]),
        ("2012-13", ["2012-13-M07", "2012-13-M12", math.nan]),
    ],
)
def test_types_and_periods_from_columns(edition: str, periods: list[Any], block: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk_inputs, "BLOCK", block)
    rows = mixed_rows(edition, periods)
    table = assert_rates_alike(load_edition(edition), None, pd.DataFrame(rows), rows, None)
    assert table.loc[[row["trust_type"] == "ambulance" for row in rows], "ue_category"].isna().all()
    assert "awol_score" in table.columns
    assert "ae_4h_score" in table.columns


def test_arguments_win_over_columns():
    rows = [{**row, "trust_type": "ambulance", "period": "2011-12-Q1"} for row in random_returns(RULEBOOK, 50, seed=5)]
    table = assert_rates_alike(EDITION, "acute", pd.DataFrame(rows), rows, "2011-12-Q4")
    without = pd.DataFrame(rows).drop(columns=["trust_type", "period"])
    pd.testing.assert_frame_equal(table, rate_table("2011-12", None, without, "2011-12-Q4"))


def test_unknown_and_foreign_columns_are_ignored():
    frame = returns()
    rated = rate_table(EDITION, "acute", frame, PERIOD)
    more = frame.assign(ods_code="RXK", planned_outturn=0.5, nonsense_score=3)
    more[7] = 1
    pd.testing.assert_frame_equal(rate_table(EDITION, "acute", more, PERIOD), rated)


def test_the_index_is_kept_and_the_table_is_left_alone():
    frame = returns().set_index(pd.Index(["RXK", "RR1"] * 100, name="ods_code"))
    before = frame.copy(deep=True)
    table = assert_rates_alike(EDITION, "acute", frame, records(frame), PERIOD)
    pd.testing.assert_frame_equal(frame, before)
    assert table.index.name == "ods_code"
    assert ((table["finance_category"] == "Challenged") == [c == "Challenged" for c in table["finance_category"]]).all()
    others = table.drop(columns="finance_score")
    table.loc["RXK", "finance_score"] = 1.5
    pd.testing.assert_frame_equal(table.drop(columns="finance_score"), others)


@pytest.mark.parametrize("trust_type", [None, "acute", "mental-health"])
def test_no_rows_give_no_rows(trust_type: str | None):
    frame = returns().iloc[:0]
    table = rate_table(EDITION, trust_type, frame)
    assert table.shape[0] == 0
    assert list(table.columns) == list(rate_table(EDITION, trust_type or "acute", returns(3)).columns)


def test_no_columns_give_not_assessed():
    table = assert_rates_alike(EDITION, "acute", pd.DataFrame(index=[1, 1]), [{}, {}], None)
    assert (table["finance_category"] == "Not assessed").all()


@pytest.mark.parametrize(
    ("arguments", "columns", "message"),
    [
        ((None, None), {"trust_type": ["acute", "hospital"]}, "'hospital'"),
        ((None, None), {"period": ["2011-12-Q1", "2010-11-Q1"]}, "2010-11-Q1 is outside edition 2011-12"),
        (("acute", "Q1"), {}, "period 'Q1' is unknown"),
    ],
)
def test_unknown_types_and_periods_are_refused(arguments: tuple[Any, Any], columns: dict[str, Any], message: str):
    trust_type, period = arguments
    with pytest.raises(ValueError, match=message):
        rate_table(EDITION, trust_type, returns(2).assign(**columns), period)


def test_a_column_that_stands_twice_is_refused():
    frame = returns(2)
    with pytest.raises(ValueError, match="'ytd_income' stands in the table more than once"):
        rate_table(EDITION, "acute", pd.concat([frame, frame[["ytd_income"]]], axis=1))


def test_a_division_by_zero_inside_a_minimum_has_no_result(tmp_path: Path):
    text = (SHIPPED / "2011-12.toml").read_text(encoding="utf-8")
    share = "{id}_numerator / {id}_denominator"
    changed = text.replace(f'"{share}"', f'"min({share}, {{id}}_numerator)"')
    assert changed != text
    own = tmp_path / "own.toml"
    own.write_text(changed, encoding="utf-8")
    names = ("ae_data_completeness_numerator", "ae_data_completeness_denominator")
    rows = [{**good_return(RULEBOOK), **dict(zip(names, (n, d), strict=True))} for n in (0, 1) for d in (0, 1, 2)]
    table = assert_rates_alike(load_edition(own), "acute", pd.DataFrame(rows), rows, PERIOD)
    assert table["ae_data_completeness_score"].isna().tolist() == [True, False, False] * 2
