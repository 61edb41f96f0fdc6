"""The Open XML SDK's validator finds nothing wrong with a return workbook, for Excel 2010 and for today's."""

from pathlib import Path

import pytest

from pfexcel.organisations import in_scope
from pfexcel.periods import period_of
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.job import Job, TrustReturn
from tests import hosts

PERIODS = ["2009-10-Q3", "2010-11-Q4", "2011-12-Q3", "2012-13-M07"]


def write(text: str, path: Path, filled: bool) -> Path:
    """A workbook with one trust of each type."""
    edition = load_edition(text[:7])
    period = period_of(edition, text)
    returns = []
    for trust in {trust.trust_type: trust for trust in in_scope(period.last_day, edition.trust_types, "Q33")}.values():
        rulebook = edition.rulebook(trust.trust_type)
        values = sample_values(rulebook, trust.ods_code, period) if filled else {}
        returns.append(TrustReturn(trust, rulebook, period, values))
    write_workbook(Job(edition, period, "Q33", "East Midlands", tuple(returns)), path)
    return path


@pytest.mark.host
@pytest.mark.parametrize("period", PERIODS)
def test_a_blank_workbook_is_valid(period: str, tmp_path: Path) -> None:
    hosts.require_validator()
    path = write(period, tmp_path / "blank.xlsx", filled=False)
    assert hosts.validate_ooxml([path]) == {path: []}


@pytest.mark.host
def test_a_filled_workbook_is_valid(tmp_path: Path) -> None:
    hosts.require_validator()
    path = write("2011-12-Q3", tmp_path / "filled.xlsx", filled=True)
    assert hosts.validate_ooxml([path]) == {path: []}
