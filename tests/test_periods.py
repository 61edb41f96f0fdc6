"""Periods: their names, days and labels, and which of them an edition has."""

from datetime import date

import pytest

import pfexcel
from pfexcel.periods import Period, period_of
from pfexcel.rules.load import load_edition

DAYS = {
    "2009-10-Q1": 91,
    "2009-10-Q2": 183,
    "2009-10-Q3": 275,
    "2009-10-Q4": 365,
    "2010-11-Q4": 365,
    "2011-12-Q1": 91,
    "2011-12-Q2": 183,
    "2011-12-Q3": 275,
    "2011-12-Q4": 366,
    "2012-13-M01": 30,
    "2012-13-M02": 61,
    "2012-13-M03": 91,
    "2012-13-M04": 122,
    "2012-13-M05": 153,
    "2012-13-M06": 183,
    "2012-13-M07": 214,
    "2012-13-M08": 244,
    "2012-13-M09": 275,
    "2012-13-M10": 306,
    "2012-13-M11": 334,
    "2012-13-M12": 365,
}


@pytest.mark.parametrize(("text", "days"), DAYS.items())
def test_days_elapsed(text: str, days: int) -> None:
    assert Period.parse(text).days_elapsed == days


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2011-12-Q1", date(2011, 6, 30)),
        ("2011-12-Q2", date(2011, 9, 30)),
        ("2011-12-Q3", date(2011, 12, 31)),
        ("2011-12-Q4", date(2012, 3, 31)),
        ("2012-13-M07", date(2012, 10, 31)),
        ("2012-13-M09", date(2012, 12, 31)),
        ("2012-13-M10", date(2013, 1, 31)),
        ("2012-13-M11", date(2013, 2, 28)),
        ("2012-13-M12", date(2013, 3, 31)),
        ("2011-12-M11", date(2012, 2, 29)),
        ("1999-00-Q3", date(1999, 12, 31)),
    ],
)
def test_last_day(text: str, day: date) -> None:
    assert Period.parse(text).last_day == day


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2011-12-Q1", "Quarter 1, April to June 2011"),
        ("2011-12-Q2", "Quarter 2, July to September 2011"),
        ("2011-12-Q3", "Quarter 3, October to December 2011"),
        ("2011-12-Q4", "Quarter 4, January to March 2012"),
        ("2012-13-M01", "April 2012"),
        ("2012-13-M12", "March 2013"),
    ],
)
def test_label(text: str, label: str) -> None:
    assert Period.parse(text).label == label


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2011-12",
        "2011-12-Q0",
        "2011-12-Q5",
        "2011-13-Q1",
        "2011-11-Q1",
        "2012-13-M00",
        "2012-13-M13",
        "2012-13-M7",
        "2011-12-q3",
        "2011/12 Q3",
        "11-12-Q3",
        "2011-12-Q3x",
        "٢٠١١-١٢-Q3",
    ],
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="write a quarter as 2011-12-Q3 or a month as 2012-13-M07"):
        Period.parse(text)


def test_spaces_around_a_period_do_not_matter() -> None:
    assert Period.parse(" 2011-12-Q3 ").text == "2011-12-Q3"


@pytest.mark.parametrize(
    ("edition", "text"),
    [
        ("2009-10", "2009-10-Q1"),
        ("2010-11", "2010-11-Q4"),
        ("2011-12", "2011-12-Q1"),
        ("2011-12", "2011-12-Q4"),
        ("2012-13", "2012-13-M01"),
        ("2012-13", "2012-13-M12"),
    ],
)
def test_period_of_an_edition(edition: str, text: str) -> None:
    period = period_of(load_edition(edition), text)
    assert period.text == text
    assert period.edition_id == edition


@pytest.mark.parametrize(
    ("edition", "text"),
    [
        ("2011-12", "2010-11-Q4"),
        ("2011-12", "2012-13-Q1"),
        ("2011-12", "2011-12-M03"),
        ("2012-13", "2012-13-Q1"),
        ("2012-13", "2011-12-M12"),
    ],
)
def test_period_outside_its_edition(edition: str, text: str) -> None:
    with pytest.raises(
        ValueError, match=f"period {text} is outside edition {edition}, which has (quarters|months) from"
    ):
        period_of(load_edition(edition), text)


def test_rate_refuses_a_period_outside_the_edition() -> None:
    with pytest.raises(ValueError, match="from 1 April 2011 to 31 March 2012"):
        pfexcel.rate("2011-12", "acute", {}, period="2012-13-M01")
    with pytest.raises(ValueError, match="is outside edition 2011-12"):
        pfexcel.rate("2011-12", "acute", {"period": "2010-11-Q1"})


def test_the_period_argument_wins_over_the_field() -> None:
    figures = {"debtors": 30, "ytd_income": 91, "period": "2011-12-Q3"}
    assert pfexcel.rate("2011-12", "acute", figures).period == "2011-12-Q3"
    rating = pfexcel.rate("2011-12", "acute", figures, period="2011-12-Q1")
    assert rating.period == "2011-12-Q1"
    assert rating.finance.indicators["debtor_days"].value == 30


def test_the_trust_type_argument_wins_over_the_field() -> None:
    assert pfexcel.rate("2011-12", None, {"trust_type": "ambulance"}).trust_type == "ambulance"
    assert pfexcel.rate("2011-12", "acute", {"trust_type": "ambulance"}).trust_type == "acute"
    assert pfexcel.rate("2011-12", None, {"trust_type": " "}).trust_type == "acute"
    with pytest.raises(ValueError, match="no rules for trust type 'dental'"):
        pfexcel.rate("2011-12", None, {"trust_type": "dental"})
