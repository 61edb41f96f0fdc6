"""The Open XML SDK's validator finds nothing wrong with a return workbook, for Excel 2010 and for today's."""

from dataclasses import replace
from pathlib import Path

import pytest

from pfexcel.organisations import shas
from pfexcel.periods import period_of
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.generate import make_job
from tests import hosts

PERIODS = ["2009-10-Q3", "2010-11-Q4", "2011-12-Q3", "2012-13-M07"]


def write(period: str, path: Path, filled: bool) -> Path:
    """A workbook with one trust of each type."""
    edition = load_edition(period[:7])
    job = make_job(edition, period_of(edition, period), shas()["Q33"], {})
    returns = {one.trust.trust_type: one for one in job.returns}.values()
    if filled:
        returns = [replace(one, values=sample_values(one.rulebook, one.trust.ods_code, one.period)) for one in returns]
    write_workbook(replace(job, returns=tuple(returns)), path)
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
