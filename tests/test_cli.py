"""The command line: each verb's answer, the exit status, and one sentence where nothing could be done."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest
import typer

from pfexcel import cli
from pfexcel.demo import QUARTERS, run_demo
from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.tables import read_table
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import return_layout
from tests.command_line import Answer, Run, refused
from tests.samples import good_return

QUARTER = "2011-12-Q4"
VERBS = sorted(typer.main.get_group(cli.app).commands)
HOSTILE = "=cmd|' /C calc'!A0"


class Books(NamedTuple):
    blank: Path
    complete: Path
    codes: list[str]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Two acute trusts of South Central, without figures and with all of them."""
    folder = tmp_path_factory.mktemp("books")
    edition, period = load_edition("2011-12"), Period.parse(QUARTER)
    rulebook, trusts = edition.rulebook("acute"), in_scope(period.last_day, ["acute"], "Q38")[:2]
    for name, values in (("blank.xlsx", {}), ("complete.xlsx", good_return(rulebook))):
        returns = tuple(TrustReturn(trust, rulebook, period, values) for trust in trusts)
        write_workbook(Job(edition, period, "Q38", "South Central", returns), folder / name)
    return Books(folder / "blank.xlsx", folder / "complete.xlsx", [trust.ods_code for trust in trusts])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Inputs of two trusts, one of them with a hostile name."""
    path = tmp_path / "inputs.csv"
    good = good_return(load_edition("2011-12").rulebook("acute"))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["ods_code", "name", *good])
        writer.writeheader()
        writer.writerow({"ods_code": "RTH", "name": "Oxford Radcliffe Hospitals", **good})
        writer.writerow({"ods_code": "RXQ", "name": HOSTILE, "ytd_income": 100})
    return path


# --- every verb ---


def test_all_verbs_are_there() -> None:
    assert {"editions", "generate", "check", "rate", "explain", "demo"} <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(run: Run, verb: str) -> None:
    status, out, err = run(verb, "--help")
    assert (status, err) == (0, "")
    assert f"Usage: pfexcel {verb}" in out


def test_help_lists_every_verb(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    assert all(f"  {verb} " in out for verb in VERBS)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["editions", "--nonsense"],
        ["editions", "--diff", "2010-11", "2013-14"],
        ["generate", "--edition", "2011-12"],
        ["generate", "-e", "2013-14", "-p", QUARTER, "-o", "out"],
        ["generate", "-e", "2011-12", "-p", "2012-13-M07", "-o", "out"],
        ["generate", "-e", "2011-12", "-p", QUARTER, "-o", "out", "--sha", "Q99"],
        ["generate", "-e", "2011-12", "-p", QUARTER, "-o", "out", "--deadline", "Friday"],
        ["generate", "-e", "2011-12", "-p", QUARTER, "-o", "out", "--values", "absent.csv"],
        ["generate", "-e", "2011-12", "-p", QUARTER, "-o", "a-file", "--sha", "Q38"],
        ["check"],
        ["check", "absent.xlsx"],
        ["check", "a-file"],
        ["rate"],
        ["rate", "absent.csv"],
        ["rate", "a-file"],
        ["rate", "empty.csv"],
        ["explain", "absent.xlsx"],
        ["explain", "a-file", "--trust", "RXK"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").write_text("no table", encoding="utf-8")
    (tmp_path / "empty.csv").write_bytes(b"")
    refused(run(*arguments))


def test_a_process_ends_as_the_verb_does_whatever_the_code_page(books: Books, tmp_path: Path) -> None:
    def process(*arguments: object) -> Answer:
        command = [sys.executable, "-m", "pfexcel.cli", *map(str, arguments)]
        environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False)
        return Answer(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    assert refused(process("check", "absent.xlsx")) == "absent.xlsx cannot be read: there is no such file."
    explained = process("explain", books.complete)
    assert (explained.status, explained.err) == (0, "")
    assert "−" in explained.out


def test_an_edition_file_with_problems_lists_them_and_says_one_sentence(run: Run, table: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("x = 1\n", encoding="utf-8")
    answer = run("rate", table, "--edition", own)
    assert refused(answer) == f"{own} cannot be used: it has {len(answer.out.splitlines())} problems."
    assert "x: this key is unknown. Remove it" in answer.out


# --- editions ---


def test_editions_are_listed(run: Run) -> None:
    status, out, _ = run("editions")
    assert status == 0
    assert all(edition in out for edition in shipped_editions())


def test_editions_are_listed_for_programs(run: Run) -> None:
    rows = json.loads(run("editions", "--json").out)
    assert [row["id"] for row in rows] == list(shipped_editions())
    assert rows[2]["trust_types"] == ["acute", "ambulance", "mental-health"]


def test_changes_between_editions_are_shown(run: Run) -> None:
    status, out, _ = run("editions", "--diff", "2010-11", "2011-12")
    assert status == 0
    assert "A&E" in out
    assert len(json.loads(run("editions", "--diff", "2010-11", "2011-12", "--json").out)) > 10


# --- generate ---


def test_generate_writes_workbooks_and_manifest(run: Run, tmp_path: Path) -> None:
    arguments = ["generate", "-e", "2011-12", "-p", QUARTER, "-o", tmp_path, "--sha", "Q38", "--sha", "Q30"]
    status, out, err = run(*arguments, "--deadline", "2012-01-20")
    assert (status, err) == (0, "")
    assert "North East: no trust in scope" in out
    [path] = tmp_path.glob("*.xlsx")
    cover = openpyxl.load_workbook(path)["Cover"]
    assert "20 January 2012" in [cell.value for row in cover.iter_rows() for cell in row]
    manifest = json.loads(run(*arguments, "--json").out)
    assert manifest == json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest[0]["file"] == path.name


def test_generate_fills_in_figures(run: Run, table: Path, tmp_path: Path) -> None:
    status, _, _ = run("generate", "-e", "2011-12", "-p", QUARTER, "-o", tmp_path, "--sha", "Q38", "--values", table)
    assert status == 0
    [path] = tmp_path.glob("*.xlsx")
    cell = return_layout(load_edition("2011-12").rulebook("acute")).cell("ytd_income")
    assert openpyxl.load_workbook(path)["RXQ Return"][cell].value == 100


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ytd_income\n1\n", "has no column ods_code; it has ytd_income"),
        ("ods_code,ytd_income\nRTH,1\nrth ,2\n", "names RTH more than once; keep one row a trust"),
    ],
)
def test_a_table_of_figures_that_cannot_be_used_is_refused(run: Run, tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "values.csv"
    path.write_text(text, encoding="utf-8")
    arguments = ["generate", "-e", "2011-12", "-p", QUARTER, "-o", tmp_path / "out", "--sha", "Q38"]
    assert refused(run(*arguments, "--values", path)) == f"{path} {why}"


def test_gaps_of_a_parquet_table_are_blank(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "values.parquet"
    frame = pd.DataFrame({"ods_code": ["RTH", "RXQ"], "ytd_income": pd.array([7, None], dtype="Int64")})
    frame.to_parquet(path)
    arguments = ["generate", "-e", "2011-12", "-p", QUARTER, "-o", tmp_path, "--sha", "Q38", "--values", path]
    assert run(*arguments).status == 0


# --- check ---


def test_check_of_a_complete_return_ends_with_0(run: Run, books: Books) -> None:
    status, out, err = run("check", books.complete)
    assert (status, err) == (0, "")
    assert out.strip() == f"{books.complete}: 2 returns, 0 errors, 0 queries, 0 notes"


def test_check_of_a_blank_return_ends_with_1_and_says_where(run: Run, books: Books) -> None:
    status, out, err = run("check", books.blank)
    assert (status, err) == (1, "")
    cell = return_layout(load_edition("2011-12").rulebook("acute")).cell("ytd_income")
    [line] = [line for line in out.splitlines() if "Income to date is missing" in line and books.codes[0] in line]
    assert line.split()[:5] == ["error", books.codes[0], books.codes[0], "Return", cell]


def test_check_for_programs(run: Run, books: Books) -> None:
    status, out, _ = run("check", books.blank, books.complete, "--json")
    assert status == 1
    found = json.loads(out)
    assert {"id", "severity", "organisation", "sheet", "cell", "message", "action", "reference"} <= set(found[0])
    assert {one["file"] for one in found} == {str(books.blank)}
    assert json.loads(run("check", books.complete, "--json").out) == []


def test_check_goes_on_after_an_unreadable_file(run: Run, books: Books) -> None:
    status, out, err = run("check", "absent.xlsx", books.complete)
    assert (status, err) == (1, "")
    assert "absent.xlsx cannot be read: there is no such file" in out
    assert f"{books.complete}: 2 returns" in out


def test_check_of_unreadable_files_only_ends_with_2(run: Run) -> None:
    answer = run("check", "absent.xlsx", "--json")
    assert refused(answer) == "absent.xlsx cannot be read: there is no such file."
    assert [one["id"] for one in json.loads(answer.out)] == ["file-unreadable"]


def test_check_by_another_edition_says_so(run: Run, books: Books) -> None:
    status, out, _ = run("check", books.complete, "--edition", "2010-11", "--json")
    assert status == 2
    assert {"rulebook-differs", "period-unknown"} <= {one["id"] for one in json.loads(out)}


# --- rate ---


def test_rate_prints_scores_and_categories(run: Run, table: Path) -> None:
    status, out, _ = run("rate", table, "--type", "acute", "--period", QUARTER)
    assert status == 0
    [oxford] = [line for line in out.splitlines() if line.startswith("RTH")]
    assert "3.00" in oxford
    assert "Performing" in oxford


def test_rate_for_programs(run: Run, table: Path) -> None:
    rows = json.loads(run("rate", table, "--period", QUARTER, "--json").out)
    assert [row["ods_code"] for row in rows] == ["RTH", "RXQ"]
    assert (rows[0]["finance_score"], rows[0]["finance_category"]) == (3.0, "Performing")
    assert (rows[1]["finance_score"], rows[1]["finance_category"]) == (None, "Not assessed")


@pytest.mark.parametrize("given", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("wanted", ["csv", "xlsx", "parquet"])
def test_rate_reads_and_writes_every_kind_of_table(
    run: Run, table: Path, tmp_path: Path, given: str, wanted: str
) -> None:
    inputs, out = tmp_path / f"in.{given}", tmp_path / "deep" / f"out.{wanted}"
    frame = pd.read_csv(table).assign(name=["Oxford", 5])
    if given == "parquet":
        frame.astype({"name": str}).to_parquet(inputs)
    elif given == "xlsx":
        frame.to_excel(inputs, index=False)
    else:
        frame.to_csv(inputs, index=False)
    assert run("rate", inputs, "--period", QUARTER, "-o", out).status == 0
    rated = read_table(out)
    assert list(rated["finance_category"]) == ["Performing", "Not assessed"]
    assert rated["ae_4h_score"][0] == 3
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_rate_writes_no_formula_for_a_hostile_name(run: Run, table: Path, tmp_path: Path) -> None:
    run("rate", table, "-o", tmp_path / "out.csv")
    run("rate", table, "-o", tmp_path / "out.xlsx")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)][1] == f"'{HOSTILE}"
    cell = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]["B3"]
    assert (cell.value, cell.data_type) == (HOSTILE, "s")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--type", "dental"], "edition 2011-12 has no rules for trust type 'dental'"),
        (["--period", "2012-13-M07"], "period 2012-13-M07 is outside edition 2011-12"),
        (["--edition", "2013-14"], "edition '2013-14' is unknown"),
        (["-o", "out.txt"], "out.txt is no table that can be written; give one of .csv, .xlsx, .parquet"),
    ],
)
def test_rate_refuses_what_it_does_not_know(run: Run, table: Path, options: list[str], why: str) -> None:
    assert why in refused(run("rate", table, *options))


# --- explain ---


def test_explain_tells_each_step_with_its_reference(run: Run, books: Books) -> None:
    status, out, err = run("explain", books.complete, "--trust", books.codes[0].lower())
    assert (status, err) == (0, "")
    assert out.startswith(f"{books.codes[0]}, acute, {QUARTER}")
    assert "printed: " in out
    assert "paragraph " in out
    assert books.codes[1] not in out


def test_explain_for_programs(run: Run, books: Books) -> None:
    explained = json.loads(run("explain", books.complete, "--json").out)
    assert list(explained) == books.codes
    assert {"step", "value", "result", "reference"} <= set(explained[books.codes[0]][0])


def test_explain_of_an_unknown_trust_names_those_there_are(run: Run, books: Books) -> None:
    said = refused(run("explain", books.complete, "--trust", "XXX"))
    assert said == f"{books.complete} holds no return of XXX; it holds {', '.join(books.codes)}."


# --- demo ---


@pytest.mark.slow
def test_the_demonstration_goes_all_the_way(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run_demo(tmp_path, shas=("Q38",))
    out = capsys.readouterr().out
    for quarter in QUARTERS:
        assert len(list((tmp_path / "returned" / quarter).glob("*.xlsx"))) == 1
    paths = re.findall(re.escape(str(tmp_path)) + r"\S+\.(?:html|xlsx|sqlite)", out)
    assert len(paths) >= 5
    assert all(Path(path).is_file() for path in paths)
    assert "Finance, in force: " in out
    assert "Escalated in Quarter 4, January to March 2012" in out
