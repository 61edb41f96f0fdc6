"""The Open XML SDK's validator finds nothing wrong with a return workbook, for Excel 2010 and for today's."""

import zipfile
from pathlib import Path

import pytest

import pfexcel
from pfexcel.organisations import in_scope
from pfexcel.periods import Period, period_of
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.history import HistoryPeriod
from pfexcel.workbook.job import Job, TrustReturn
from tests import hosts
from tests.books import mismatches

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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """West Midlands, with last quarter's figures, two quarters of history and everything filled in."""
    edition, period = load_edition("2011-12"), Period.parse("2011-12-Q3")
    before = [Period.parse("2011-12-Q1"), Period.parse("2011-12-Q2")]
    history = tuple(HistoryPeriod(of, {"finance": "Underperforming", "quality": "Performing"}, {}) for of in before)
    trusts = in_scope(period.last_day, edition.trust_types, "Q34")

    def figures(of: Period) -> dict[str, dict[str, object]]:
        return {t.ods_code: sample_values(edition.rulebook(t.trust_type), t.ods_code, of) for t in trusts}

    told = {"history": {trust.ods_code: history for trust in trusts}, "previous": figures(before[-1])}
    out = tmp_path_factory.mktemp("whole")
    [path] = pfexcel.build_returns(edition, period, out, "Q34", values=figures(period), **told).files
    assert len(trusts) == 14
    return path


@pytest.mark.host
def test_the_whole_workbook_of_an_sha_is_valid(whole: Path) -> None:
    hosts.require_validator()
    assert hosts.validate_ooxml([whole]) == {whole: []}


def test_the_whole_workbook_of_an_sha_is_under_a_megabyte(whole: Path) -> None:
    assert whole.stat().st_size < 1_000_000
    with zipfile.ZipFile(whole) as archive:
        assert archive.testzip() is None


@pytest.mark.host
def test_libreoffice_finds_in_the_whole_workbook_what_is_cached(whole: Path, tmp_path: Path) -> None:
    hosts.require_soffice()
    [recalculated] = hosts.soffice_recalculate([whole], tmp_path)
    assert mismatches(whole, hosts.xlsx_values(recalculated)) == []
