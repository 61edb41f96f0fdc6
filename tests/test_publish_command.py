"""The verb `publish`: what it prints, its exit status, and one sentence where nothing could be done."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import pfexcel
from pfexcel.publish import files
from pfexcel.publish.folder import MANIFEST
from pfexcel.returns.register import Register
from tests.command_line import Run, refused
from tests.published import read_values, receive, register_of
from tests.samples import good_return

PERIOD = "2011-12-Q3"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A publication of two small files: what is in them is tested elsewhere."""

    def made(publication: object, jobs: int = 1) -> dict[str, bytes]:
        from pfexcel.publish.publication import Publication, to_json
        from pfexcel.publish.stored import RECORDS

        assert isinstance(publication, Publication)
        own = {RECORDS: to_json(publication).encode("utf-8")}
        return {**own, MANIFEST: files._manifest(publication, own)}

    monkeypatch.setattr("pfexcel.publish.publishing.publication_files", made)


@pytest.fixture
def register(tmp_path: Path) -> Path:
    good = good_return(pfexcel.load_edition("2011-12").rulebook("acute"))
    return register_of(tmp_path / "register.sqlite", [(PERIOD, {"RTH": good, "RXQ": good})])


def test_a_publication_says_what_it_says_and_where_it_is(run: Run, register: Path, tmp_path: Path) -> None:
    made = run("publish", "--register", register, "--period", PERIOD, "--out", tmp_path / "out", "--date", "2012-03-01")
    assert (made.status, made.err) == (0, "")
    assert made.out.startswith("Quarter 3, October to December 2011: revision 1, published 2012-03-01\n2 of 92 trusts")
    assert "Finance, in force: Performing 2, Not assessed 90\n" in made.out
    assert str(tmp_path / "out" / f"pf-publication_{PERIOD}.xlsx") in made.out

    again = run("publish", "--register", register, "--period", PERIOD, "--out", tmp_path / "out")
    assert again.out.startswith("Quarter 3, October to December 2011: revision 1, unchanged since 2012-03-01\n")


def test_json_is_the_manifest(run: Run, register: Path, tmp_path: Path) -> None:
    made = run("publish", "-r", register, "-p", PERIOD, "-o", tmp_path / "out", "--date", "2012-03-01", "--json")
    assert made.out == (tmp_path / "out" / MANIFEST).read_text(encoding="utf-8")
    said = json.loads(made.out)
    assert (said["period"], said["revision"], said["published"]) == (PERIOD, 1, "2012-03-01")


def test_errors_that_are_open_give_status_1(run: Run, register: Path, tmp_path: Path) -> None:
    good = good_return(pfexcel.load_edition("2011-12").rulebook("acute"))
    with Register(register) as opened:
        read = read_values(PERIOD, {"RTH": {**good, "ytd_income": None}})
        receive(opened, read, datetime(2012, 2, 1, tzinfo=UTC))
    made = run("publish", "-r", register, "-p", PERIOD, "-o", tmp_path / "out")
    assert made.status == 1
    assert "1 error open in the returns published: see the sheet Open findings" in made.out


def test_a_correction_is_counted(run: Run, register: Path, tmp_path: Path) -> None:
    run("publish", "-r", register, "-p", PERIOD, "-o", tmp_path / "out")
    good = good_return(pfexcel.load_edition("2011-12").rulebook("acute"))
    with Register(register) as opened:
        read = read_values(PERIOD, {"RTH": {**good, "cqc_warning_notices": 2}})
        receive(opened, read, datetime(2012, 2, 1, tzinfo=UTC))
    made = run("publish", "-r", register, "-p", PERIOD, "-o", tmp_path / "out")
    assert "changes to 1 trust since revision 1" in made.out
    replayed = run("publish", "-r", register, "-p", PERIOD, "-o", tmp_path / "first", "--replay", 1)
    assert "revision 1, again as it was" in replayed.out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-p", "2011-12-Q4"], "the register has no return for 2011-12-Q4"),
        (["-p", "2011-12-Q9"], "period '2011-12-Q9' is unknown"),
        (["-p", "2012-13-Q1"], "period 2012-13-Q1 is outside edition 2012-13"),
        (["-p", PERIOD, "--replay", "1"], "2011-12-Q3 has no revision 1 to replay; it was never published"),
        (["-p", PERIOD, "--replay", "0"], "Invalid value for '--replay'"),
        (["-p", PERIOD, "--date", "1 March"], "Invalid value for '--date'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    run: Run, register: Path, tmp_path: Path, options: list[str], expected: str
) -> None:
    assert expected in refused(run("publish", "-r", register, "-o", tmp_path / "out", *options))
    assert not (tmp_path / "out").exists()


def test_no_register_is_one_sentence_and_none_is_made(run: Run, tmp_path: Path) -> None:
    said = refused(run("publish", "-r", tmp_path / "none.sqlite", "-p", PERIOD, "-o", tmp_path / "out"))
    assert "There is no register" in said
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_one_sentence(run: Run, register: Path, tmp_path: Path) -> None:
    said = refused(run("publish", "-r", register, "-p", PERIOD, "-o", tmp_path))
    assert "also holds register.sqlite" in said
    assert register.is_file()
