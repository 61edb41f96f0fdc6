from pathlib import Path

import pytest
import xlsxwriter

from tests import hosts


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Two sheets, a formula with a wrong cached value, an error, a text, a blank."""
    path = tmp_path / "small.xlsx"
    with xlsxwriter.Workbook(path) as book:
        inputs, results = book.add_worksheet("RXK Return"), book.add_worksheet("RXK Rating")
        inputs.write_row("A1", [0.1, 0.2, "Yes", True])
        results.write_formula("A1", "='RXK Return'!A1+'RXK Return'!B1", value=99)
        results.write_formula("A2", "=NA()", value=99)
        results.write_formula("A3", '=IF(\'RXK Return\'!C1="Yes","Challenged","")', value=99)
        results.write_formula("A4", "='RXK Return'!D1", value=99)
    return path


EXPECTED = {
    ("RXK Return", "A1"): 0.1,
    ("RXK Return", "B1"): 0.2,
    ("RXK Return", "C1"): "Yes",
    ("RXK Return", "D1"): True,
    ("RXK Rating", "A1"): 0.1 + 0.2,
    ("RXK Rating", "A2"): "#N/A",
    ("RXK Rating", "A3"): "Challenged",
    ("RXK Rating", "A4"): True,
}


def test_values_are_those_the_file_stores(workbook: Path) -> None:
    assert hosts.xlsx_values(workbook)["RXK Rating", "A1"] == 99.0


def test_ironcalc_recalculates(workbook: Path) -> None:
    assert hosts.ironcalc_cells(workbook) == EXPECTED


def test_ironcalc_takes_edits(workbook: Path) -> None:
    cells = hosts.ironcalc_cells(workbook, {("RXK Return", "A1"): None, ("RXK Return", "C1"): "No"})
    assert ("RXK Return", "A1") not in cells
    assert cells["RXK Rating", "A1"] == 0.2
    assert cells["RXK Rating", "A3"] == ""


@pytest.mark.host
def test_libreoffice_recalculates(workbook: Path, tmp_path: Path) -> None:
    hosts.require_soffice()
    [made] = hosts.soffice_recalculate([workbook], tmp_path / "out")
    assert hosts.xlsx_values(made) == {**EXPECTED, ("RXK Rating", "A1"): 0.3}


@pytest.mark.host
def test_libreoffice_says_what_it_could_not_make(tmp_path: Path) -> None:
    hosts.require_soffice()
    with pytest.raises(RuntimeError, match=r"absent\.xlsx"):
        hosts.soffice_recalculate([tmp_path / "absent.xlsx"], tmp_path / "out")


@pytest.mark.host
def test_libreoffice_prints_a_page_a_sheet(workbook: Path, tmp_path: Path) -> None:
    hosts.require_soffice()
    [pdf] = hosts.soffice_pdf([workbook], tmp_path)
    pages = hosts.pdf_to_png(pdf, tmp_path / "pages")
    assert [page.name for page in pages] == ["small-1.png", "small-2.png"]
    assert all(page.read_bytes().startswith(b"\x89PNG") for page in pages)


@pytest.mark.host
def test_validator_accepts_a_workbook_and_refuses_a_corrupt_one(workbook: Path, tmp_path: Path) -> None:
    hosts.require_validator()
    corrupt = tmp_path / "corrupt.xlsx"
    corrupt.write_bytes(workbook.read_bytes()[:-200])
    assert hosts.validate_ooxml([workbook, corrupt], ["Office2010"]) == {
        workbook: [],
        corrupt: ["Office2010: File contains corrupted data."],
    }


def test_a_missing_host_skips_here_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "_validator", lambda: None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="tools/test-hosts"):
        hosts.require_validator()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="tools/test-hosts"):
        hosts.require_validator()
