"""Making return workbooks: the same bytes every time, whole files only, and text that stays text."""

import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NoReturn

import openpyxl
import pytest

from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.rules.load import load_edition
from pfexcel.workbook import build, generate
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.generate import BuiltReturns, build_returns
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import return_layout

EDITION, QUARTER = "2011-12", "2011-12-Q3"
SMALL = "Q33"  # East Midlands: trusts of all three types
HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "http://x", "\t=1", "\r=1", "mailto:a@b", "{=1}", "#N/A"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltReturns:
    """Blank workbooks of four SHAs, one of which has no NHS trust left."""
    return build_returns(EDITION, QUARTER, tmp_path_factory.mktemp("blank"), sha=["Q30", SMALL, "Q34", "Q38"])


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


# --- what is made ---


def test_a_workbook_for_each_sha_with_trusts_in_scope(built: BuiltReturns) -> None:
    assert [path.name for path in built.files] == [
        "pf-return_2011-12-Q3_Q33_east-midlands.xlsx",
        "pf-return_2011-12-Q3_Q34_west-midlands.xlsx",
        "pf-return_2011-12-Q3_Q38_south-central.xlsx",
    ]


def test_an_sha_without_trusts_gets_no_workbook_and_one_line(built: BuiltReturns) -> None:
    assert built.notes == ("Q30 North East: no trust in scope on 31 December 2011; no workbook",)


def test_sheets_stand_in_the_contracts_order(built: BuiltReturns) -> None:
    for path in built.files:
        sheets = re.findall(r'<sheet name="([^"]+)"', parts(path)["xl/workbook.xml"])
        first = next(index for index, sheet in enumerate(sheets) if sheet.endswith(" Return"))
        assert [s for s in ("Cover", "Guide", "Summary", "Dashboard", "Checks") if s in sheets] == sheets[:first]
        assert sheets[-1] == "Rules"
        returns = sheets[first:-1:2]
        assert sheets[first + 1 : -1 : 2] == [sheet.replace("Return", "Rating") for sheet in returns]


@pytest.mark.parametrize(("by", "files"), [("sha", 9), ("cluster", 4), ("trust", 92)])
def test_every_trust_in_scope_is_in_one_workbook(
    by: str, files: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "write_workbook", lambda _, path: path.write_bytes(b""))
    built = build_returns(EDITION, QUARTER, tmp_path, by=by)
    entries = json.loads(built.manifest.read_text(encoding="utf-8"))
    found = Counter(code for entry in entries for code in entry["trusts"])
    expected = in_scope(date(2011, 12, 31), ["acute", "ambulance", "mental-health"])
    assert found == Counter(trust.ods_code for trust in expected)
    assert len(built.files) == len(set(built.files)) == files


def test_files_are_named_for_whom_they_are_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "write_workbook", lambda _, path: path.write_bytes(b""))
    by_trust = build_returns(EDITION, QUARTER, tmp_path, sha="Q38", by="trust").files
    assert "pf-return_2011-12-Q3_RTH_oxford-university-hospitals-nhs-trust.xlsx" in [path.name for path in by_trust]
    by_cluster = build_returns(EDITION, QUARTER, tmp_path, sha="Q38", by="cluster").files
    assert [path.name for path in by_cluster] == ["pf-return_2011-12-Q3_cluster_south-of-england.xlsx"]


def test_manifest_tells_each_file(built: BuiltReturns) -> None:
    entries = json.loads(built.manifest.read_text(encoding="utf-8"))
    assert [entry["file"] for entry in entries] == [path.name for path in built.files]
    for entry, path in zip(entries, built.files, strict=True):
        assert set(entry) == {"file", "sha256", "edition", "period", "trusts"}
        assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (entry["edition"], entry["period"]) == (EDITION, QUARTER)
        assert re.findall(r'"(\w+) Return"', parts(path)["xl/workbook.xml"]) == entry["trusts"]


def test_nothing_but_the_files_is_left_in_the_folder(built: BuiltReturns) -> None:
    assert set(built.manifest.parent.iterdir()) == {*built.files, built.manifest}


def test_a_whole_sha_is_under_a_megabyte(built: BuiltReturns) -> None:
    [west_midlands] = [path for path in built.files if "Q34" in path.name]
    assert west_midlands.stat().st_size < 1_000_000


def test_no_cell_is_written_twice(built: BuiltReturns) -> None:
    """The Open XML validator does not see this; Excel calls such a file damaged."""
    for path in built.files:
        for name, content in parts(path).items():
            if name.startswith("xl/worksheets/sheet"):
                cells = Counter(re.findall(r'<c r="([A-Z]+\d+)"', content))
                assert cells
                assert max(cells.values()) == 1, (path.name, name, cells.most_common(1))


# --- the same bytes ---


def test_the_same_arguments_give_the_same_bytes(built: BuiltReturns, tmp_path: Path) -> None:
    again = build_returns(EDITION, Period.parse(QUARTER), tmp_path, sha=["Q33", "Q38"])
    for path in again.files:
        assert path.read_bytes() == (built.manifest.parent / path.name).read_bytes()


def test_another_process_gives_the_same_bytes(built: BuiltReturns, tmp_path: Path) -> None:
    """Also with other hash seeds, another time zone and another folder."""
    program = f"import pfexcel; pfexcel.build_returns({EDITION!r}, {QUARTER!r}, 'out', sha={SMALL!r})"
    [name] = [path.name for path in built.files if SMALL in path.name]
    for seed, zone in (("1", "UTC"), ("2", "Pacific/Auckland")):
        folder = tmp_path / seed
        folder.mkdir()
        own = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        subprocess.run([sys.executable, "-c", program], cwd=folder, env=own, check=True, timeout=120)
        assert (folder / "out" / name).read_bytes() == (built.manifest.parent / name).read_bytes()


# --- what cannot be done ---


@pytest.mark.parametrize(
    ("edition", "period", "sha", "message"),
    [
        (
            "2013-14",
            QUARTER,
            SMALL,
            r"edition '2013-14' is unknown; use one of 2009-10, .*, or the path of a TOML file",
        ),
        ("absent.toml", QUARTER, SMALL, r"edition file 'absent\.toml' cannot be read .*; check the path"),
        (
            EDITION,
            "2012-13-M07",
            SMALL,
            "outside edition 2011-12, which has quarters from 1 April 2011 to 31 March 2012",
        ),
        (EDITION, "2011-12-Q5", SMALL, "write a quarter as 2011-12-Q3"),
        (EDITION, "2011-13-Q3", SMALL, "write a quarter as 2011-12-Q3"),
        (EDITION, QUARTER, "Q99", "SHA 'Q99' is unknown; use one of Q30 North East, "),
        (EDITION, QUARTER, ["Q34", "q34"], "SHA 'q34' is unknown"),
    ],
)
def test_what_is_unknown_is_refused_with_what_to_do(
    edition: str, period: str, sha: str | list[str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        build_returns(edition, period, tmp_path / "out", sha=sha)
    assert not (tmp_path / "out").exists()


def test_clusters_begin_in_october_2011(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="clusters began on 1 October 2011, after 2011-12-Q2; use by sha or trust"):
        build_returns(EDITION, "2011-12-Q2", tmp_path / "out", by="cluster")
    with pytest.raises(ValueError, match="by 'region' is unknown; use one of sha, cluster, trust"):
        build_returns(EDITION, QUARTER, tmp_path / "out", by="region")


# --- whole files only ---


def fail(*_: object) -> NoReturn:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("where", ["add_rules_sheet", "_set_properties", "os.replace"])
def test_a_failure_leaves_the_old_file_whole_and_nothing_else(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_returns(EDITION, QUARTER, tmp_path, sha="Q38")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    module, name = (os, "replace") if where == "os.replace" else (build, where)
    monkeypatch.setattr(module, name, fail)
    with pytest.raises(OSError, match="No space"):
        build_returns(EDITION, QUARTER, tmp_path, sha="Q38", deadline=date(2012, 1, 20))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


# --- figures to begin with ---


def test_figures_fill_their_cells(tmp_path: Path) -> None:
    values = {"RWD": {"ytd_surplus": -1234.5, "loan_repayment_missed": True, "finance_major_failing_by": "A. Name"}}
    [path] = build_returns(EDITION, QUARTER, tmp_path, sha=SMALL, values=values).files
    sheet = openpyxl.load_workbook(path)["RWD Return"]
    layout = return_layout(load_edition(EDITION).rulebook("acute"))
    assert [sheet[layout.cell(name)].value for name in values["RWD"]] == [-1234.5, "Yes", "A. Name"]
    assert not sheet[layout.cell("ytd_surplus")].protection.locked


@pytest.mark.parametrize("text", HOSTILE, ids=repr)
def test_text_from_outside_stays_text(text: str, tmp_path: Path) -> None:
    """In every kind of entry, in the names of trust and SHA: no formula, no link, and the text as it was."""
    edition, period = load_edition(EDITION), Period.parse(QUARTER)
    rulebook = edition.rulebook("ambulance")
    trust = in_scope(period.last_day, ["ambulance"], SMALL)[0]
    plain = TrustReturn(trust, rulebook, period, {})
    hostile = replace(plain, trust=replace(trust, name=text), values=dict.fromkeys(rulebook.fields, text))
    made, clean = tmp_path / "hostile.xlsx", tmp_path / "clean.xlsx"
    write_workbook(Job(edition, period, SMALL, text, (hostile,)), made)
    write_workbook(Job(edition, period, SMALL, "East Midlands", (plain,)), clean)

    found, expected = parts(made), parts(clean)
    for name in expected:
        assert formulas(found[name]) == formulas(expected[name]), name
        assert found[name].count("<hyperlink ") == expected[name].count("<hyperlink "), name
        assert found[name].count("TargetMode") == 0, name
    sheet = openpyxl.load_workbook(made)[plain.return_sheet]
    for name in rulebook.fields:
        cell = sheet[return_layout(rulebook).cell(name)]
        assert cell.data_type == "s", name
        assert cell.value.replace("_x000D_", "\r") == text, name


def formulas(part: str) -> list[str]:
    return re.findall(r"<f>[^<]*</f>|<formula\d?>[^<]*</formula\d?>", part)
