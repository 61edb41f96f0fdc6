"""pfexcel register and generate --register: what they print, their exit status, and the same bytes."""

import csv
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import pfexcel
from pfexcel.model import Severity
from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.returns.register import Register
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.layout import rating_layout, return_layout, track_rows
from tests.command_line import Run, refused
from tests.received import PERIODS, file_of, take_in, unreadable

FILES = [
    file_of([3, 2, 1], PERIODS[0], name="first.xlsx"),
    file_of([1, 2, 0], PERIODS[1], minutes=1, name="second.xlsx"),
    file_of([4, None, None], PERIODS[1], minutes=9000, name="corrected.xlsx"),
    unreadable(1, minutes=2),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    take_in(tmp_path / "returns.sqlite", FILES)
    return tmp_path / "returns.sqlite"


def answer(run: Run, *arguments: object) -> Any:
    status, out, err = run("register", *arguments, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


# --- what is shown ---


def test_who_has_returned_and_who_has_not(run: Run, path: Path) -> None:
    view = answer(run, path)
    assert (view["period"], view["periods"]) == (PERIODS[1], list(PERIODS))
    assert view["counts"] == {"returned": 2, "blank": 1, "missing": 89, "errors": 0, "queries": 2}
    assert view["unreadable"] == ["broken-1.xlsx"]
    trusts = {one["ods_code"]: one for one in view["trusts"]}
    assert trusts["RTH"]["return"] | {"late": True} == trusts["RTH"]["return"]
    assert trusts["RHU"]["state"] == "blank"
    assert trusts["RHU"]["last_good"]["period"] == PERIODS[0]
    assert answer(run, "--register", path, "--period", PERIODS[0])["counts"]["returned"] == 3


def test_the_status_of_one_sha(run: Run, path: Path) -> None:
    view = answer(run, path, "--sha", "q38")
    assert {one["sha"] for one in view["trusts"]} == {"Q38"}
    assert view["counts"] == {"returned": 2, "blank": 1, "missing": 2, "errors": 0, "queries": 2}
    assert answer(run, path, "--sha", "Q30")["counts"]["queries"] == 0
    assert answer(run, path, "--sha", "Q30", "--findings") == []


def test_the_status_in_words(run: Run, path: Path) -> None:
    status, out, err = run("register", path)
    assert (status, err) == (0, "")
    assert "2011-12-Q3: 2 of 92 trusts returned. 4 files received in all." in out
    assert "Open: 0 errors, 2 queries." in out
    assert "Files that could not be read: broken-1.xlsx." in out
    [line] = [line.split() for line in out.splitlines() if " RHU " in line]
    assert line[:2] == ["Q38", "RHU"]
    assert line[-4:] == ["blank", "sheet", "2011-12-Q2", "16/01/2012"]


def test_the_history_of_a_trust(run: Run, path: Path) -> None:
    [view] = answer(run, path, "--trust", "rth")
    stages = view["domains"]["finance"]
    assert [(one["period"], one["reported"], one["consecutive"]) for one in stages] == [
        (PERIODS[0], "Performing", 1),
        (PERIODS[1], "Performance under review", 1),
    ]
    assert (stages[1]["lead"], stages[1]["next_step"], stages[1]["due"]) == (
        "PCT commissioner, overseen by the SHA",
        "escalation to Underperforming",
        2,
    )
    assert [one["category"] for one in view["domains"]["quality"]] == ["Performing", "Challenged"]
    assert [(one["period"], one["stands"]) for one in view["returns"]] == [
        (PERIODS[0], True),
        (PERIODS[1], False),
        (PERIODS[1], True),
    ]
    assert view["returns"][2]["differences"][0] == {
        "kind": "figure",
        "name": "ytd_surplus",
        "label": "Operating surplus or deficit to date",
        "earlier": -100.5,
        "later": -402.0,
    }


def test_the_history_in_words(run: Run, path: Path) -> None:
    _, out, _ = run("register", path, "--trust", "RTH")
    assert "Lead: PCT commissioner, overseen by the SHA. Next: escalation to Underperforming, in 2 periods." in out
    assert "Declared in 2011-12-Q3 for quality: Challenged, by Department, 03/01/2012, Letter 1" in out
    assert "Operating surplus or deficit to date -100.5 -402" in " ".join(out.split())
    _, out, _ = run("register", path, "--trust", "RYE")
    assert "No return in the register." in out


def test_files_and_findings(run: Run, path: Path) -> None:
    files = answer(run, path, "--files")
    assert [one["name"] for one in files] == ["first.xlsx", "second.xlsx", "broken-1.xlsx", "corrected.xlsx"]
    assert files[0]["trusts"] == ["RHU", "RTH", "RXQ"]
    assert {one["id"] for one in files[3]["findings"]} >= {"return-late", "return-corrected"}
    found = answer(run, path, "--findings")
    assert [(one["organisation"], one["id"], one["field"], one["file"]) for one in found] == [
        ("RXQ", "to-date-unchanged", "ytd_surplus", "second.xlsx"),
        ("RXQ", "to-date-unchanged", "ytd_income", "second.xlsx"),
    ]
    assert answer(run, path, "--findings", "--trust", "RTH") == []
    for option in ("--files", "--findings"):
        assert run("register", path, option).status == 0


def test_an_open_error_is_status_1(run: Run, path: Path) -> None:
    bad = file_of([2], PERIODS[1], minutes=9999)
    take_in(path, [replace(bad, findings=(replace(bad.findings[0], severity=Severity.ERROR),))])
    assert run("register", path).status == 1
    assert run("register", path, "--findings").status == 1
    assert run("register", path, "--trust", "RTH").status == 1
    assert run("register", path, "--period", PERIODS[0]).status == 0


def test_a_register_without_returns(run: Run, tmp_path: Path) -> None:
    take_in(tmp_path / "empty.sqlite", [FILES[3]])
    assert "1 file received, no return yet." in run("register", tmp_path / "empty.sqlite").out
    assert answer(run, tmp_path / "empty.sqlite")["trusts"] == []
    assert answer(run, tmp_path / "empty.sqlite", "--findings") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name one register"),
        (["absent.sqlite"], "There is no register absent.sqlite"),
        (["table.csv"], "table.csv is no register"),
        (["{path}", "--register", "other.sqlite"], "Name one register"),
        (["{path}", "--period", "2011"], "period '2011' is unknown"),
        (["{path}", "--trust", "XXX"], "XXX is no NHS trust"),
        (["{path}", "--sha", "Q99"], "SHA Q99 is unknown"),
        (["{path}", "--merge", "absent.sqlite"], "There is no register absent.sqlite"),
        (["{path}", "--merge", "table.csv"], "table.csv cannot be read as a register"),
        (["absent.sqlite", "--merge", "table.csv"], "table.csv cannot be read as a register"),
        (["{path}", "--set", "remark=x"], "Name the trust of --set remark=x"),
        (["{path}", "--trust", "RTH", "--set", "remark"], "--set remark sets nothing"),
        (["{path}", "--trust", "RTH", "--set", "colour=red"], "'colour' is no kind of note"),
        (["{path}", "--notes", "table.csv"], "table.csv needs a column ods_code"),
        (["{path}", "--export", "out", "--kind", "xls"], "'xls' is no kind of table"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_one_sentence(
    run: Run,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(path.parent)
    (path.parent / "table.csv").write_text("code,name\nRTH,x\n", encoding="utf-8")
    assert said in refused(run("register", *(one.format(path=path) for one in arguments)))
    assert not (path.parent / "absent.sqlite").exists()


def test_a_damaged_register_is_one_sentence(run: Run, path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:-4096] = b"x" * (len(content) - 8192)
    path.write_bytes(content)
    assert "malformed" in refused(run("register", path))
    assert path.read_bytes() == content


# --- what is done ---


def test_merging(run: Run, path: Path, tmp_path: Path) -> None:
    target = tmp_path / "department.sqlite"
    merged = answer(run, target, "--merge", path)
    assert (merged["new"]["files"], merged["new"]["returns"]) == (4, 7)
    assert "0 files and 0 returns new" in run("register", target, "--merge", path).out
    assert answer(run, target)["digest"] == answer(run, path)["digest"]


def test_notes_one_by_one_and_from_a_table(run: Run, path: Path) -> None:
    run("register", path, "--trust", "RTH", "--set", "lead_commissioner=NHS Oxfordshire", "--by", "SHA")
    run("register", path, "--period", PERIODS[1], "--set", "deadline=2012-01-31")
    table = path.parent / "plans.csv"
    table.write_text(
        "ods_code,action_plan_date,lead_commissioner\nRTH,2012-02-29,\nRXQ,,NHS Buckinghamshire\n", encoding="utf-8"
    )
    assert "Noted: 2 entries" in run("register", path, "--notes", table).out
    trusts = {one["ods_code"]: one for one in answer(run, path)["trusts"]}
    assert (trusts["RTH"]["lead_commissioner"], trusts["RTH"]["action_plan_date"]) == ("NHS Oxfordshire", "2012-02-29")
    assert trusts["RXQ"]["lead_commissioner"] == "NHS Buckinghamshire"
    assert not trusts["RTH"]["return"]["late"]
    out = run("register", path, "--trust", "RTH").out
    assert "Lead commissioner: NHS Oxfordshire (entered by SHA, " in out
    assert "Action plan date: 29/02/2012" in out
    answer(run, path, "--notes", table)
    with Register(path) as register:
        assert len(register.notes()) == 4


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_export_has_every_table_and_the_same_bytes_whatever_the_order(
    run: Run,
    path: Path,
    tmp_path: Path,
    kind: str,
) -> None:
    take_in(tmp_path / "other.sqlite", FILES[::-1])
    exported = answer(run, path, "--export", tmp_path / "one", "--kind", kind)
    assert len(exported) == 12
    run("register", tmp_path / "other.sqlite", "--export", tmp_path / "two", "--kind", kind)
    for one in map(Path, exported):
        assert one.read_bytes() == (tmp_path / "two" / one.name).read_bytes()
    read = pd.read_csv if kind == "csv" else pd.read_parquet
    inputs = read(tmp_path / "one" / f"inputs.{kind}")
    assert len(inputs) == 3 * 6
    [row] = inputs[(inputs.ods_code == "RTH") & (inputs.field == "ytd_surplus") & (inputs.number == -402)].to_dict(
        "records"
    )
    assert row["period"] == PERIODS[1]


def test_text_in_an_export_is_no_formula(run: Run, path: Path, tmp_path: Path) -> None:
    run("register", path, "--export", tmp_path / "out")
    with (tmp_path / "out" / "comments.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["comment"] for row in csv.DictReader(file)} == {"'=Version 3", "'=Version 1"}


def test_verify(run: Run, path: Path) -> None:
    assert "Every entry is what was received." in run("register", path, "--verify").out
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("DROP TRIGGER returns_no_update")
    status, out, _ = run("register", path, "--verify")
    assert status == 1
    assert "returns_no_update" in out


# --- generate --register ---


@pytest.fixture(scope="module")
def quarter_1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with the first quarter of the one trust of an SHA."""
    folder = tmp_path_factory.mktemp("quarter")
    edition, period = load_edition("2011-12"), Period.parse("2011-12-Q1")
    [trust] = in_scope(period.last_day, edition.trust_types, "Q30")
    values = {trust.ods_code: sample_values(edition.rulebook(trust.trust_type), trust.ods_code, period)}
    built = pfexcel.build_returns(edition, period, folder, "Q30", values=values)
    pfexcel.collate(built.files, folder / "register.sqlite", jobs=1, received=datetime(2011, 7, 19, tzinfo=UTC))
    return folder / "register.sqlite"


def test_generate_fills_history_and_last_periods_figures_from_the_register(
    run: Run,
    quarter_1: Path,
    tmp_path: Path,
) -> None:
    arguments = ["generate", "-e", "2011-12", "-p", "2011-12-Q2", "--sha", "Q30", "--register", quarter_1]
    for out in ("one", "two"):
        assert run(*arguments, "-o", tmp_path / out).status == 0
    [one], [two] = ((tmp_path / out).glob("*.xlsx") for out in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    with Register(quarter_1) as register:
        [last] = register.standing("2011-12-Q1")
    book = openpyxl.load_workbook(one)
    rulebook = load_edition("2011-12").rulebook("ambulance")
    layout, rating = return_layout(rulebook), rating_layout(rulebook)
    sheet = book[f"{last.ods_code} Return"]
    shown = {n: sheet.cell(row + 1, layout.LAST + 1).value for n, row in layout.entry_rows.items()}
    assert shown["ytd_income"] == last.values["ytd_income"]
    row = rating.rows["track", "finance", track_rows()[-2]]
    cells = [book[f"{last.ods_code} Rating"].cell(row + 1, column).value for column in (1, 2)]
    assert cells == ["2011-12-Q1", last.domains["finance"].category]
    read = pfexcel.read_return(one, integrity=True)
    assert {found.id for found in read.findings} <= {"entry-missing", "entry-missing-query", "rule-not-applied"}


def test_generate_from_what_is_no_register_makes_nothing(run: Run, tmp_path: Path) -> None:
    arguments = ["generate", "-e", "2011-12", "-p", "2011-12-Q2", "--sha", "Q30", "-o", tmp_path / "out"]
    assert "There is no register" in refused(run(*arguments, "--register", tmp_path / "absent.sqlite"))
    assert not (tmp_path / "out").exists()
