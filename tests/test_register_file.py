"""The file of a register: notes and publications in it, entries that stay as they are, other files, other versions."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pfexcel.returns.register import Register, RegisterError, merge
from pfexcel.returns.register.schema import TABLES, VERSION
from tests.received import BEGIN, PERIODS, content_of, file_of, many_files, take_in

VERSION_1 = Path(__file__).parent / "registers" / "version-1.sql"
QUARTER = PERIODS[0]


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register(tmp_path / "register.sqlite") as opened:
        yield opened


# --- notes and publications ---


def test_the_last_note_of_a_kind_stands_and_the_earlier_is_kept(register: Register) -> None:
    for number, value in enumerate(("NHS Oxfordshire", "NHS Berkshire", "NHS Berkshire")):
        when = datetime(2012, 2, 1 + number, tzinfo=UTC)
        register.note("lead_commissioner", value, ods_code="rth", entered_by="SHA", entered=when)
    register.note("action_plan_date", date(2012, 3, 1), ods_code="RTH", period=QUARTER)
    assert [one.value for one in register.notes("RTH", "lead_commissioner")] == ["NHS Oxfordshire", "NHS Berkshire"]
    assert register.noted("lead_commissioner", QUARTER)["RTH"].value == "NHS Berkshire"
    assert register.noted("action_plan_date", QUARTER)["RTH"].value == "2012-03-01"
    assert register.noted("action_plan_date") == {}


@pytest.mark.parametrize(
    ("what", "value", "trust", "period", "said"),
    [
        ("colour", "red", "RTH", "", "'colour' is no kind of note"),
        ("remark", "x", "XXX", "", "'XXX' is no NHS trust"),
        ("remark", " ", "RTH", "", "is blank"),
        ("action_plan_date", "soon", "RTH", "", "'soon' is no date"),
        ("deadline", "2012-01-20", "", "", "noted for a period"),
        ("deadline", "2012-01-20", "", "2012", "period '2012' is unknown"),
    ],
)
def test_a_note_that_makes_no_sense_is_refused(
    register: Register, what: str, value: str, trust: str, period: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        register.note(what, value, ods_code=trust, period=period)
    assert register.notes() == []


def test_a_publication_is_kept_with_the_digest_of_what_it_was_made_from(register: Register, tmp_path: Path) -> None:
    register.receive(file_of([1]))
    content = {"rows": [["RTH", 1.5, None]]}
    before = register.digest()
    made = register.record_publication(QUARTER, BEGIN, content)
    assert register.record_publication(QUARTER, BEGIN, content) == made
    assert register.publications(QUARTER) == [made]
    assert (made.register, made.content, register.digest()) == (before, content, before)
    assert merge(register.path, tmp_path / "other.sqlite")["publications"] == 1


# --- the file itself ---


def test_what_another_process_receives_is_seen_at_once(register: Register) -> None:
    assert register.files() == []
    take_in(register.path, [file_of([1])])
    assert [one.ods_code for one in register.standing(QUARTER)] == ["RTH"]


def test_no_entry_is_ever_changed_or_removed(register: Register) -> None:
    take_in(register.path, many_files(9))
    with closing(sqlite3.connect(register.path)) as other:
        for table, columns in TABLES.items():
            rows = list(other.execute(f"SELECT * FROM {table}"))
            if table not in ("notes", "publications"):
                assert rows
                with pytest.raises(sqlite3.IntegrityError, match="never changed or removed"):
                    other.execute(f"UPDATE {table} SET {columns[-1]} = ''")
                with pytest.raises(sqlite3.IntegrityError, match="never changed or removed"):
                    other.execute(f"DELETE FROM {table}")
                other.execute(f"REPLACE INTO {table} VALUES ({','.join('?' * len(columns))})", rows[0])
                assert list(other.execute(f"SELECT * FROM {table}")) == rows


@pytest.mark.parametrize("table", ["returns", "findings", "ratings"])
def test_an_entry_that_was_altered_all_the_same_is_found_and_not_merged(
    register: Register, tmp_path: Path, table: str
) -> None:
    take_in(register.path, [file_of([1])])
    column = {"returns": "content", "findings": "message", "ratings": "results"}[table]
    with closing(sqlite3.connect(register.path)) as other, other:
        other.execute(f"DROP TRIGGER {table}_no_update")
        other.execute(f"UPDATE {table} SET {column} = replace({column}, 'e', 'o')")
    assert len(register.verify()) == 2
    with pytest.raises(RegisterError, match="is not merged"):
        merge(register.path, tmp_path / "other.sqlite")
    assert content_of(tmp_path / "other.sqlite")


def no_register(folder: Path, kind: str) -> Path:
    path = folder / "file.sqlite"
    if kind == "text":
        path.write_text("ods_code,period\n", encoding="utf-8")
    elif kind == "a byte":
        path.write_bytes(b"S")
    elif kind == "cut short":
        take_in(path, [file_of([1])])
        path.write_bytes(path.read_bytes()[:5000])
    else:
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("CREATE TABLE readings (id)")
            other.execute(f"PRAGMA application_id = {'7' if kind == 'other program' else '0'}")
    return path


@pytest.mark.parametrize("kind", ["text", "a byte", "cut short", "other program", "other tables"])
def test_a_file_that_is_no_register_is_refused_and_left_as_it_is(tmp_path: Path, kind: str) -> None:
    path = no_register(tmp_path, kind)
    before = path.read_bytes()
    with pytest.raises(RegisterError, match="register"):
        Register(path)
    assert path.read_bytes() == before


def test_a_register_that_is_not_there_is_made_only_where_asked(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="There is no register"):
        Register(tmp_path / "a.sqlite", create=False)
    with pytest.raises(RegisterError, match="There is no register"):
        Register(tmp_path)
    with Register(tmp_path / "folder" / "b.sqlite") as made:
        assert made.periods() == []


def test_a_register_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "newer.sqlite"
    take_in(path, [file_of([1])])
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(RegisterError, match=f"version {VERSION + 1}.*install a newer pfexcel"):
        Register(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)
        assert other.execute("SELECT count(*) FROM returns").fetchone() == (1,)


# --- versions of the register ---


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    path = tmp_path / "version-1.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1.read_text(encoding="utf-8"))
    return path


def test_a_register_of_version_1_is_brought_up_to_date(version_1: Path) -> None:
    with Register(version_1) as register:
        assert register.verify() == []
        assert register.digest() == "06daf37d3665ed1ff5a5dee368cf4853620a93ac971a6cde846fd3f4f96364bc"
        [one] = register.standing(QUARTER)
        assert one.values["finance_major_failing_date"] == date(2011, 10, 3)
        assert one.declarations[0].reference == "Letter 12"
        assert register.publications() == []
    with closing(sqlite3.connect(version_1)) as other:
        assert other.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_merging_leaves_a_register_of_version_1_as_it_is(version_1: Path, tmp_path: Path) -> None:
    before = version_1.read_bytes()
    assert merge(version_1, tmp_path / "new.sqlite")["files"] == 2
    assert version_1.read_bytes() == before
