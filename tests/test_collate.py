"""Collating: by trust, in any order and number of processes, twice, stopped, and from folders and zip files."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import pfexcel
from pfexcel.periods import Period
from pfexcel.returns import collate as collating
from pfexcel.returns.collate import Collated, CollatedFile, collate
from pfexcel.returns.collate_sources import find
from pfexcel.returns.pool import Failure, Kind, Limits
from pfexcel.returns.register import Register
from pfexcel.rules.load import load_edition
from pfexcel.workbook.build import sealed_parts
from pfexcel.workbook.generate import Given, Unit, make_job
from pfexcel.workbook.parts import pack
from tests.faults import COUNT, DEADLINE, FAULTS, MONEY, Form, clean_forms, zipped

PERIOD = Period.parse("2011-12-Q3")
STOPS = 50 if os.environ.get("PFEXCEL_FAULTS") == "full" else 2
BEFORE, AFTER = datetime(2012, 1, 19, 12, tzinfo=UTC), datetime(2012, 1, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def forms() -> list[Form]:
    return list(clean_forms(6, [PERIOD.text]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder, apart from where the register is."""
    path = tmp_path / "returned"
    path.mkdir()
    return path


@pytest.fixture
def register(tmp_path: Path) -> Path:
    return tmp_path / "register.sqlite"


def put(folder: Path, files: Mapping[str, bytes], when: datetime = BEFORE) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (when.timestamp(), when.timestamp()))


def digest(path: Path) -> str:
    with Register(path, create=False) as register:
        assert register.verify() == []
        return register.digest()


def by_name(found: Collated) -> dict[str, CollatedFile]:
    return {Path(one.file).name: one for one in found.files}


def ids(one: CollatedFile) -> list[str]:
    return [found.id for found in one.findings]


def standing(path: Path, period: Period = PERIOD) -> dict[str, dict[str, Any]]:
    with Register(path, create=False) as register:
        return {one.ods_code: dict(one.values) for one in register.standing(period)}


# --- the same, however it is done ---


def test_content_does_not_depend_on_processes_order_or_how_often(
    forms: list[Form], folder: Path, tmp_path: Path
) -> None:
    kinds = ("no bytes", "macros", "a password", "another SHA's trust", "an error value")
    put(folder, {form.name: form.content for form in forms})
    put(folder, {f"{kind}.xlsx": FAULTS[kind].make(forms[0]) for kind in kinds})
    copies = ("macros", "a password", "no bytes")
    put(folder, {f"a copy of {kind}.xlsx": (folder / f"{kind}.xlsx").read_bytes() for kind in copies}, AFTER)
    one, two = tmp_path / "one", tmp_path / "two"
    first = collate(folder, one, jobs=1)
    files = [path.file for path in first.files]
    assert collate(files[::-1], two, jobs=3).has_errors
    assert digest(one) == digest(two)

    again = collate([folder, *files], one, jobs=2)
    assert digest(one) == digest(two)
    known = {"read": "read before", "read before": "read before", "refused": "refused"}
    assert [path.outcome for path in again.files] == [known[path.outcome] for path in first.files]
    assert [path.findings for path in again.files] == [path.findings for path in first.files]
    assert again.has_errors
    assert not any(path.new or path.corrected for path in again.files)


def test_a_copy_is_a_duplicate(forms: list[Form], folder: Path, register: Path) -> None:
    put(folder, {"a.xlsx": forms[0].content, "b.xlsx": forms[0].content})
    found = by_name(collate(folder, register, jobs=2))
    assert [one.outcome for one in found.values()] == ["read", "read before"]
    assert "file-duplicate" in ids(found["b.xlsx"])
    assert len(standing(register)) == 1


def start(*arguments: object) -> subprocess.Popen[str]:
    """The command line in a process of its own."""
    command = [sys.executable, "-m", "pfexcel.cli", "collate", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def files_in(register: Path) -> int:
    if not register.is_file():
        return 0
    try:
        with Register(register, create=False) as opened:
            return len(opened.files())
    except ValueError:  # it is being made just now
        return 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
@pytest.mark.parametrize("ends", ["SIGINT", "SIGKILL"])
def test_stopped_at_any_moment_it_is_completed_to_the_same(
    forms: list[Form], folder: Path, tmp_path: Path, ends: str
) -> None:
    put(folder, {form.name: form.content for form in forms})
    collate(folder, tmp_path / "undisturbed", jobs=1)
    chance = random.Random(ends)
    for number in range(STOPS):
        register = tmp_path / f"register {number}"
        process = start(folder, "--register", register, "--jobs", 2)
        wanted, until = chance.randrange(len(forms)), time.monotonic() + 60
        while files_in(register) < wanted and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.2))
        process.send_signal(signal.Signals[ends])
        said = process.communicate(timeout=60)[1]
        if ends == "SIGINT" and wanted:
            # The last: Python itself was ending already.
            assert (process.returncode, said[:8]) in ((2, "Stopped."), (0, ""), (-signal.SIGINT, "")), said
        with Register(register) as opened:
            assert opened.verify() == []
            assert all(len(one.trusts) == 1 for one in opened.files())
        collate(folder, register, jobs=1)
        assert digest(register) == digest(tmp_path / "undisturbed")


def test_two_at_once_come_to_the_same(forms: list[Form], folder: Path, tmp_path: Path, register: Path) -> None:
    put(folder, {form.name: form.content for form in forms})
    put(folder, {"bad.xlsx": b"", "macros.xlsx": FAULTS["macros"].make(forms[0])})
    collate(folder, tmp_path / "undisturbed", jobs=1)
    processes = [start(folder, "--register", register, "--jobs", 1) for _ in range(2)]
    assert [process.communicate(timeout=120)[1] for process in processes] == ["", ""]
    assert [process.returncode for process in processes] == [1, 1]
    assert digest(register) == digest(tmp_path / "undisturbed")


# --- returns are taken by trust ---


def sha_copy(filled: list[Form], blank: list[Form]) -> bytes:
    """A workbook of several trusts of which only some are filled in."""
    edition = load_edition(PERIOD.edition_id)
    trusts = tuple(form.trust for form in (*filled, *blank))
    first = trusts[0]
    values = {form.trust.ods_code: form.values for form in filled}
    job = make_job(edition, PERIOD, Unit(first.sha_code, first.sha_name, "", trusts), Given(values, {}, {}), DEADLINE)
    return pack(sealed_parts(job))


def test_part_filled_copies_merge_and_blank_sheets_supersede_nothing(
    forms: list[Form], folder: Path, register: Path
) -> None:
    one, other = forms[:2]
    put(folder, {"one.xlsx": sha_copy([one], [other]), "form.xlsx": other.content})
    put(folder, {"blank.xlsx": sha_copy([], [one, other])}, AFTER)
    found = by_name(collate(folder, register, jobs=1))
    assert standing(register) == {form.trust.ods_code: form.entered for form in (one, other)}
    assert (found["one.xlsx"].new, found["one.xlsx"].blank) == ((one.trust.ods_code,), (other.trust.ods_code,))
    assert found["blank.xlsx"].blank == tuple(sorted(form.trust.ods_code for form in (one, other)))
    assert (found["blank.xlsx"].outcome, ids(found["blank.xlsx"])) == ("read", [])


def test_a_blank_return_alone_is_none(forms: list[Form], folder: Path, register: Path) -> None:
    put(folder, {"blank.xlsx": sha_copy([], forms[:2])})
    [one] = collate(folder, register, jobs=1).files
    assert set(ids(one)) == {"return-blank"}
    assert standing(register) == {}


def test_a_return_whose_rows_were_moved_is_no_blank_one(forms: list[Form], folder: Path, register: Path) -> None:
    form = forms[0]
    book = openpyxl.load_workbook(io.BytesIO(form.content))
    book[f"{form.trust.ods_code} Return"].insert_rows(2)
    book.save(folder / "moved.xlsx")
    [one] = collate(folder, register, jobs=1, integrity=False).files
    assert "label-moved" in ids(one)


def test_a_later_return_stands_and_the_earlier_is_kept(forms: list[Form], folder: Path, register: Path) -> None:
    form = forms[0]
    put(folder, {"first.xlsx": form.content})
    put(folder, {"second.xlsx": form.entering(MONEY, "><v>777</v>")}, AFTER)
    found = by_name(collate(folder, register, jobs=2))
    assert found["first.xlsx"].new == found["second.xlsx"].corrected == (form.trust.ods_code,)
    assert {"return-corrected", "return-late"} <= set(ids(found["second.xlsx"]))
    assert "return-late" not in ids(found["first.xlsx"])
    assert standing(register)[form.trust.ods_code] == form.entered | {MONEY: 777.0}
    with Register(register) as opened:
        versions = opened.versions(form.trust.ods_code, PERIOD)
        assert [version.one.file.name for version in versions] == ["first.xlsx", "second.xlsx"]


def test_a_partly_complete_return_is_taken_with_its_findings(forms: list[Form], folder: Path, register: Path) -> None:
    put(folder, {"part.xlsx": forms[0].entering(COUNT, ">")})
    [one] = collate(folder, register, jobs=1).files
    assert {"entry-missing", "return-partly-complete"} <= set(ids(one))
    assert one.new == (forms[0].trust.ods_code,)


def test_a_trust_pasted_into_anothers_workbook_is_not_taken(forms: list[Form], folder: Path, register: Path) -> None:
    faulty = FAULTS["another SHA's trust"].make(forms[0])
    put(folder, {"pasted.xlsx": faulty}, AFTER)
    pasted = by_name(collate(folder, register, jobs=1))["pasted.xlsx"]
    [code] = {found.organisation for found in pasted.findings if found.id == "trust-not-in-workbook"}
    assert list(standing(register)) == [forms[0].trust.ods_code] != [code]


def test_a_workbook_of_another_period_waits_until_it_is_wanted(forms: list[Form], folder: Path, register: Path) -> None:
    put(folder, {"one.xlsx": forms[0].content})
    refused = collate(folder, register, period="2011-12-Q4", jobs=1).files[0]
    assert (refused.outcome, ids(refused)) == ("refused", ["period-not-wanted"])
    assert collate(folder, register, period=PERIOD, jobs=1).files[0].outcome == "read"
    known = collate(folder, register, period="2011-12-Q4", jobs=1).files[0]
    assert known.outcome == "read before"
    assert "period-not-wanted" in ids(known)


# --- files that take their process down ---


@pytest.mark.parametrize(
    ("kind", "check"),
    [(Kind.DIED, "file-crashed"), (Kind.TOO_SLOW, "file-too-slow"), (Kind.TOO_LARGE, "file-too-large")],
)
def test_a_file_that_ends_its_process_is_reported_and_noted(
    forms: list[Form], folder: Path, register: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind, check: str
) -> None:
    def fails(work: object, tasks: Any, *_: object) -> Any:
        yield from ((task, Failure(kind, "SIGABRT")) for task in tasks)

    put(folder, {"one.xlsx": forms[0].content})
    with monkeypatch.context() as patch:
        patch.setattr(collating, "run", fails)
        [one] = collate(folder, register).files
    assert (one.outcome, ids(one)) == ("refused", [check])
    with Register(register) as opened:
        entry = opened.file(one.sha256)
        assert entry is not None
        assert [found.id for found in entry.findings] == [check]
    assert collate(folder, register, jobs=1).files[0].outcome == "read"


def test_a_file_that_takes_too_long_is_given_up(forms: list[Form], folder: Path, register: Path) -> None:
    put(folder, {"one.xlsx": forms[0].content})
    [one] = collate(folder, register, jobs=1, limits=Limits(seconds=0.001)).files
    assert ids(one) == ["file-too-slow"]


# --- folders ---


def test_folders_are_searched_and_what_is_no_return_is_left_out(
    forms: list[Form], folder: Path, register: Path
) -> None:
    put(folder, {"a/b/deep.XLSX": forms[0].content, "notes.txt": b"x", "a/picture.png": b"x", "manifest.json": b"[]"})
    put(folder, {"~$deep.xlsx": b"x", ".hidden.xlsx": b"x", ".git/one.xlsx": b"x", "__MACOSX/one.xlsx": b"x"})
    found = collate(folder, folder / "register.sqlite", jobs=1)
    assert list(by_name(found)) == ["deep.XLSX"]
    assert [Path(name).name for name in found.left_out] == ["picture.png", "notes.txt"]
    assert list(by_name(collate([folder], folder / "register.sqlite", jobs=1))) == ["deep.XLSX"]


def test_what_is_no_file_is_reported_and_the_others_go_on(forms: list[Form], folder: Path, register: Path) -> None:
    put(folder, {"good.xlsx": forms[0].content, "folder.xlsx/inside.xlsx": forms[1].content})
    names = {"folder.xlsx": "it is a folder"}
    if os.name != "nt":
        (folder / "loop.xlsx").symlink_to(folder / "loop.xlsx")
        (folder / "dangling.xlsx").symlink_to(folder / "nowhere.xlsx")
        (folder / "up").symlink_to(folder, target_is_directory=True)
        os.mkfifo(folder / "pipe.xlsx")
        names |= {"loop.xlsx": "symbolic links", "dangling.xlsx": "no such file", "pipe.xlsx": "no ordinary file"}
    found = by_name(collate([folder, folder / "absent.xlsx"], register, jobs=1))
    names["absent.xlsx"] = "no such file"
    assert {name for name, one in found.items() if one.outcome == "read"} == {"good.xlsx", "inside.xlsx"}
    for name, why in names.items():
        [reason] = found[name].findings
        assert reason.id == "file-unreadable"
        assert why in reason.message
    assert found.keys() - names.keys() == {"good.xlsx", "inside.xlsx"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever runs the tests may read everything")
def test_a_file_that_may_not_be_read_is_reported(forms: list[Form], folder: Path, register: Path) -> None:
    put(folder, {"closed.xlsx": forms[0].content})
    (folder / "closed.xlsx").chmod(0)
    [one] = collate(folder, register, jobs=1).files
    assert "permission denied" in one.findings[0].message


def test_a_file_of_any_size_is_noted_and_not_read(folder: Path, register: Path) -> None:
    with (folder / "huge.xlsx").open("wb") as file:
        file.truncate(60_000_000)
    [one] = collate(folder, register, jobs=1).files
    assert (one.outcome, ids(one)) == ("refused", ["file-too-large"])
    with Register(register) as opened:
        assert [entry.size for entry in opened.files()] == [60_000_000]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_no_text_is_shown_and_kept(forms: list[Form], folder: Path, register: Path) -> None:
    path = os.path.join(os.fsencode(folder), b"caf\xe9\x1b[31m\n.xlsx")
    Path(os.fsdecode(path)).write_bytes(forms[0].content)
    [one] = collate(folder, register, jobs=1).files
    assert one.file.endswith("caf??[31m?.xlsx")
    assert one.outcome == "read"


# --- zip files ---


def member(name: str, change: Callable[[zipfile.ZipInfo], None], content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        info = zipfile.ZipInfo(name, (2012, 1, 19, 9, 0, 0))
        change(info)
        archive.writestr(info, content)
    return file.getvalue()


def encrypted(name: str, content: bytes) -> bytes:
    """A zip file that says its one member is encrypted."""
    packed = bytearray(zipped([(name, content)]))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + place] |= 1
    return bytes(packed)


def test_zip_files_are_read_without_unpacking_them(forms: list[Form], folder: Path, register: Path) -> None:
    names = ("a.xlsx", "q3/west/b.xlsx", "q3\\c.xlsx")
    good = [(name, form.content) for name, form in zip(names, forms, strict=False)]
    junk = [("__MACOSX/._a.xlsx", b"x"), ("q3/~$b.xlsx", b"x"), ("q3/", b""), ("q3/letter.docx", b"x")]
    put(folder, {"returns.zip": zipped(good + junk), "a.xlsx": forms[0].content})
    before = sorted(folder.rglob("*"))
    found = collate(folder, register, jobs=2)
    assert sorted(folder.rglob("*")) == before
    shown = [one.file.removeprefix(f"{folder}{os.sep}").replace(os.sep, "/") for one in found.files]
    assert shown == ["a.xlsx", "returns.zip/a.xlsx", "returns.zip/q3/c.xlsx", "returns.zip/q3/west/b.xlsx"]
    assert [one.outcome for one in found.files] == ["read", "read before", "read", "read"]
    assert [Path(name).name for name in found.left_out] == ["letter.docx"]
    assert set(standing(register)) == {form.trust.ods_code for form in forms[:3]}
    with Register(register) as opened:
        [entry] = [one for one in opened.files() if "returns.zip/q3/west/b.xlsx" in one.names]
        assert entry.received == datetime(2012, 1, 19, 9, tzinfo=UTC)


BAD_ARCHIVES: dict[str, tuple[Callable[[bytes], bytes], str, str]] = {
    "no zip": (lambda _: b"no zip at all", "bad.zip", "file-unreadable"),
    "half of one": (lambda good: zipped([("a.xlsx", good)])[:5000], "bad.zip", "file-unreadable"),
    "thousands": (
        lambda _: zipped([(f"{n}.xlsx", b"") for n in range(6000)], zipfile.ZIP_STORED),
        "bad.zip",
        "file-too-large",
    ),
    "a bomb": (lambda _: zipped([("a.xlsx", bytes(60_000_000))]), "a.xlsx", "file-too-large"),
    "a slip": (lambda good: zipped([("../../a.xlsx", good)]), "a.xlsx", "file-unsafe"),
    "a slip by drive": (lambda good: zipped([("C:\\a.xlsx", good)]), "a.xlsx", "file-unsafe"),
    "from the root": (lambda good: zipped([("/etc/a.xlsx", good)]), "a.xlsx", "file-unsafe"),
    "a password": (lambda good: encrypted("a.xlsx", good), "a.xlsx", "file-protected"),
    "a zip within": (lambda good: zipped([("more.zip", zipped([("a.xlsx", good)]))]), "more.zip", "archive-inside"),
    "no workbook in it": (lambda _: zipped([("a.xlsx", b"no workbook")]), "a.xlsx", "file-unreadable"),
}


@pytest.mark.parametrize("what", BAD_ARCHIVES)
def test_a_bad_zip_file_costs_itself_only(forms: list[Form], folder: Path, register: Path, what: str) -> None:
    make, name, check = BAD_ARCHIVES[what]
    put(folder, {"bad.zip": make(forms[0].content), "good.xlsx": forms[1].content})
    found = by_name(collate(folder, register, jobs=1))
    assert found["good.xlsx"].outcome == "read"
    assert (found[name].outcome, ids(found[name])) == ("refused", [check])
    assert all(path.is_relative_to(folder) for path in folder.parent.rglob("*.xlsx"))
    with Register(register) as opened:
        assert (opened.file(found[name].sha256) is not None) == bool(found[name].sha256)


def test_the_same_file_by_two_paths_is_read_once(forms: list[Form], folder: Path) -> None:
    put(folder, {"a.xlsx": forms[0].content, "other.dat": forms[1].content})
    found = find([folder, folder / "a.xlsx", folder / ".." / "returned" / "a.xlsx", folder / "other.dat"])
    assert [one.path.name for one in found.workbooks] == ["a.xlsx"]
    named = find([folder / "other.dat"])
    assert [one.path.name for one in named.workbooks] == ["other.dat"]


# --- the command line ---


def cli(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, str, str]:
    from pfexcel import cli as line

    monkeypatch.setattr("sys.argv", ["pfexcel", "collate", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        line.main()
    out, err = capsys.readouterr()
    return int(stopped.value.code or 0), out, err


def test_what_the_command_line_says(
    forms: list[Form],
    folder: Path,
    register: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(folder, {form.name: form.content for form in forms[:2]})
    status, out, err = cli(monkeypatch, capsys, folder, "--register", register, "--jobs", 1)
    assert (status, err) == (0, "")
    assert "2 files: 2 read\nReturns: 2 new, 0 corrected, 0 unchanged, 0 blank\n" in out
    assert f"Register:   {register}" in out
    missing = next(line for line in out.splitlines() if line.startswith(f"Missing from {forms[0].trust.sha_code}: "))
    assert forms[0].trust.ods_code not in missing
    assert forms[3].trust.ods_code in out

    put(folder, {"empty.xlsx": b"", "note.txt": b""})
    status, out, err = cli(monkeypatch, capsys, folder, "--register", register, "--jobs", 1)
    assert (status, err) == (1, "")
    assert "3 files: 2 read before, 1 refused" in out
    assert "note.txt" in out
    assert "file-empty" in out

    status, out, err = cli(monkeypatch, capsys, folder, "--register", register, "--jobs", 1, "--json")
    assert status == 1
    listed = {Path(one["file"]).name: one for one in json.loads(out)}
    assert listed["note.txt"]["outcome"] == "left out"
    assert listed["empty.xlsx"]["findings"][0]["severity"] == "error"
    assert listed[forms[0].name]["unchanged"] == [forms[0].trust.ods_code]


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        ({}, (), "There is no workbook (.xlsx) and no zip file in "),
        ({"a.txt": b"x"}, (), "a.txt"),
        ({"a.xlsx": b""}, (), "a.xlsx is empty: not one byte is in it."),
        ({"a.xlsx": b"", "b.xlsx": b"x"}, (), "None of 2 files could be read; a.xlsx is empty"),
        ({"a.xlsx": b"x"}, ("--period", "Christmas"), "Christmas"),
        ({"a.xlsx": b"x"}, ("--edition", "1999-00"), "edition '1999-00' is unknown"),
        ({"a.xlsx": b"x", "../register.sqlite": b"no register, but some other file"}, (), "is no register"),
    ],
)
def test_where_nothing_can_be_done_one_sentence_says_why(
    folder: Path,
    register: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    files: Mapping[str, bytes],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    put(folder, files)
    status, _, err = cli(monkeypatch, capsys, folder, "--register", register, *arguments)
    assert status == 2
    assert said in err
    assert err.count("\n") == 1


def test_progress_counts_every_file(forms: list[Form], folder: Path, register: Path) -> None:
    put(folder, {"a.xlsx": forms[0].content, "b.xlsx": b"", "c.xlsx": forms[0].content})
    told: list[tuple[int, int, str]] = []
    pfexcel.collate(folder, register, jobs=1, progress=lambda *one: told.append(one))
    assert [one[:2] for one in told] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert {Path(one[2]).name for one in told} == {"", "a.xlsx", "b.xlsx", "c.xlsx"}
