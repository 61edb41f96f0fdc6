"""Formulas are prepared sooner than XlsxWriter does it, and come out the same."""

from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter.worksheet import Worksheet

import pfexcel
from pfexcel.workbook.prepared import PreparedWorksheet

NAMES = ["SUM", "IF", "XLOOKUP", "STDEV.S", "FILTER", "LET", "T.TEST", "MY_SUM", "_xlfn.STDEV.S", "A.DROP", "SORT"]
PIECES = st.sampled_from(
    [*(f"{name}(" for name in NAMES), "A1", "$B$2", "'R1 Return'!C3", ")", ",", '"FILTER("', "{", "}"]
)


@given(st.lists(PIECES, min_size=1, max_size=8).map("".join), st.sampled_from(["", "=", "{="]), st.booleans())
def test_a_formula_comes_out_as_xlsxwriter_writes_it(body: str, start: str, expand: bool) -> None:
    formula = f"{start}{body}{'}' if start == '{=' else ''}"
    assert PreparedWorksheet()._prepare_formula(formula, expand) == Worksheet()._prepare_formula(formula, expand)


def test_a_workbook_is_the_same_xml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soon = pfexcel.build_returns("2012-13", "2012-13-M07", tmp_path / "soon", ["Q38"]).files[0]
    monkeypatch.setattr(PreparedWorksheet, "_prepare_formula", Worksheet._prepare_formula)
    later = pfexcel.build_returns("2012-13", "2012-13-M07", tmp_path / "later", ["Q38"]).files[0]
    with ZipFile(soon) as one, ZipFile(later) as other:
        assert one.namelist() == other.namelist()
        assert all(one.read(name) == other.read(name) for name in one.namelist())
