"""Declarations of major failings on a Return sheet become a register: who, when, reference, what follows."""

from datetime import date
from pathlib import Path

import pytest

import pfexcel
from pfexcel.periods import Period
from pfexcel.returns.read import ReturnFile
from pfexcel.rules.load import load_edition
from pfexcel.workbook.history import HistoryPeriod, follow

MADE = {
    "finance_major_failing": "Challenged",
    "finance_major_failing_by": "Director of Finance, NHS West Midlands",
    "finance_major_failing_date": date(2011, 11, 14),
    "finance_major_failing_reference": "Letter 27",
    "quality_major_failing": "No",
}


@pytest.fixture
def returned(tmp_path: Path) -> ReturnFile:
    values = {"RXH": MADE, "RTP": {"quality_major_failing": "Underperforming"}}
    built = pfexcel.build_returns("2011-12", "2011-12-Q3", tmp_path, sha="Q37", values=values)
    return pfexcel.read_return(built.files[0])


def test_a_declaration_is_read_with_who_when_and_reference(returned: ReturnFile) -> None:
    [made] = [one for one in returned.declarations if one.organisation == "RXH"]
    assert (made.domain, made.category, made.period) == ("finance", "Challenged", "2011-12-Q3")
    assert (made.declared_by, made.declared_on, made.reference) == (
        "Director of Finance, NHS West Midlands",
        date(2011, 11, 14),
        "Letter 27",
    )
    assert "SHA on behalf of the Department" in made.follows
    assert "quarter" in made.follows


def test_no_is_no_declaration(returned: ReturnFile) -> None:
    assert len(returned.declarations) == 2


def test_what_a_declaration_lacks_is_a_query_at_its_cell(returned: ReturnFile) -> None:
    [query] = [found for found in returned.findings if found.id == "declaration-incomplete"]
    assert (query.severity, query.organisation, query.sheet) == ("query", "RTP", "RTP Return")
    assert "who, when, reference" in query.message
    assert query.cell


def test_the_register_feeds_the_escalation(returned: ReturnFile) -> None:
    periods = ["2011-12-Q2", "2011-12-Q3", "2011-12-Q4"]
    declared = pfexcel.declared_in(returned.declarations, periods, "RXH", "finance")
    stages = pfexcel.escalate(["Performing", "Performing", "Performance under review"], declared=declared)
    assert [str(stage.category) for stage in stages] == ["Performing", "Challenged", "Challenged"]


def test_a_declaration_on_the_domain_before_holds_on_the_one_that_continues_it() -> None:
    domain = load_edition("2010-11").rulebook("acute").domains["quality"]
    before = HistoryPeriod(Period.parse("2009-10-Q4"), {"ipm": "Underperforming"}, {"ipm": "Underperforming"})
    track = follow(domain, (before,), Period.parse("2010-11-Q1"), "Performance under review", None, None)
    assert str(track.now.category) == "Underperforming"
