"""The register: what stands does not depend on the order of arrival, and nothing that was entered is ever lost."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfexcel.model import Severity
from pfexcel.returns.register import Received, Register, merge
from pfexcel.returns.register.content import decode, decode_all, encode, encode_all, text_of
from pfexcel.rules.load import load_edition
from pfexcel.workbook.layout import return_layout
from tests.received import BEGIN, CODES, PERIODS, content_of, file_of, take_in, unreadable

QUARTER = PERIODS[0]


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register(tmp_path / "register.sqlite") as opened:
        yield opened


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A path for a register that is not there yet, as many as are asked for."""
    folder, numbers = tmp_path_factory.mktemp("registers"), count()
    return lambda: folder / f"{next(numbers)}.sqlite"


def ids(found: Sequence[Any]) -> list[str]:
    return [one.id for one in found]


# --- whatever the order ---

VERSIONS = st.none() | st.integers(0, 4)
FILES = st.builds(
    file_of,
    st.tuples(VERSIONS, VERSIONS, VERSIONS),
    period=st.sampled_from(PERIODS),
    minutes=st.integers(0, 5),
    name=st.sampled_from(["a.xlsx", "b.xlsx"]),
) | st.builds(unreadable, st.integers(0, 2), minutes=st.integers(0, 5))


def expected(files: Sequence[Received]) -> dict[tuple[str, str], dict[str, Any]]:
    """What stands, by the rule alone: of each trust and period the content whose first receipt is the last."""
    first: dict[str, tuple[tuple[datetime, str, str], str, str, dict[str, Any]]] = {}
    for file in files:
        came = min((f.received, f.name, f.sha256) for f in files if f.sha256 == file.sha256)
        for one in file.returns:
            if not one.blank:
                entry = came, one.ods_code, file.period, dict(one.values)
                content = text_of([one.ods_code, file.period, {n: encode(v) for n, v in one.values.items()}])
                first[content] = min(first.get(content, entry), entry, key=lambda e: e[0])
    ordered = sorted(first.values(), key=lambda entry: entry[0])
    return {(code, period): values for _, code, period, values in ordered}


@settings(max_examples=30)
@given(st.data())
def test_the_same_files_in_any_order_twice_and_by_merging_come_to_the_same(
    fresh: Callable[[], Path], data: st.DataObject
) -> None:
    files = data.draw(st.lists(FILES, max_size=8))
    again = data.draw(st.permutations([*files, *files[:3]]))
    parts = data.draw(st.lists(st.booleans(), min_size=len(again), max_size=len(again)))
    plain, one, two = (fresh() for _ in range(3))
    take_in(plain, files)
    take_in(one, [file for file, first in zip(again, parts, strict=True) if first])
    take_in(two, [file for file, first in zip(again, parts, strict=True) if not first])
    merge(two, one)
    merge(one, two)
    assert content_of(plain) == content_of(one) == content_of(two)
    assert sum(merge(two, one)[table] for table in ("readings", "returns", "ratings", "findings")) == 0
    with Register(plain) as register:
        stands = {(one.ods_code, p): one.values for p in register.periods() for one in register.standing(p)}
        assert stands == {key: decode_all(encode_all(values)) for key, values in expected(files).items()}
        said = [register.file_findings(file.sha256) for file in register.files()]
        opened = [register.open_findings(period) for period in PERIODS]
    with Register(two) as register:
        assert said == [register.file_findings(file.sha256) for file in register.files()]
        assert opened == [register.open_findings(period) for period in PERIODS]


# --- receiving ---


def test_a_file_is_read_once(register: Register) -> None:
    file = file_of([1, 2, 0])
    assert register.receive(file).new == ("RTH", "RXQ")
    before = register.digest()
    again = register.receive(file)
    assert (again.duplicate, again.new) == (True, ())
    assert register.receive_again(file.sha256, file.name, file.received).duplicate
    assert register.has_read(file.sha256)
    assert register.digest() == before


def test_a_copy_under_another_name_is_a_duplicate_and_the_first_receipt_counts(register: Register) -> None:
    file = file_of([1], minutes=60, name="copy.xlsx")
    register.receive(file)
    register.receive(replace(file, name="first.xlsx", received=BEGIN))
    [entry] = register.files()
    assert (entry.name, entry.names, entry.received) == ("first.xlsx", ("first.xlsx", "copy.xlsx"), BEGIN)
    [duplicate] = [found for found in register.file_findings(file.sha256) if found.id == "file-duplicate"]
    assert duplicate.message.startswith("copy.xlsx is the same file as first.xlsx")


def test_a_file_that_could_not_be_read_may_be_read_again(register: Register) -> None:
    good = file_of([1])
    failed = replace(good, readable=False, returns=(), period="")
    register.receive(failed)
    assert not register.has_read(good.sha256)
    assert register.periods() == []
    assert register.receive(good).new == ("RTH",)
    register.receive(failed)
    assert register.periods() == [QUARTER]


def test_a_newer_program_may_read_a_file_again(register: Register) -> None:
    file = file_of([1])
    register.receive(file)
    [changed] = [replace(one, results={"finance_score": 3.0}) for one in file.returns]
    newer = replace(file, program="0.10.0", returns=(changed,))
    assert register.receive(newer).duplicate
    assert register.standing(QUARTER)[0].results["finance_score"] == 2.0
    register.receive(newer, again=True)
    register.receive(replace(file, program="0.9.0"), again=True)
    assert register.standing(QUARTER)[0].results["finance_score"] == 3.0
    assert len(register.versions("RTH", QUARTER)) == 1


def test_part_filled_copies_of_a_workbook_merge_by_trust(register: Register) -> None:
    for minutes, versions in enumerate(([1, 0, 0], [0, 2, 0], [0, 0, 3], [0, 0, 0])):
        register.receive(file_of(versions, minutes=minutes))
    assert {one.ods_code: one.values["ytd_income"] for one in register.standing(QUARTER)} == {
        "RTH": 50_001,
        "RXQ": 50_002,
        "RHU": 50_003,
    }


def test_an_older_copy_does_not_bring_back_what_was_corrected(register: Register) -> None:
    register.receive(file_of([1, 0]))
    register.receive(file_of([2, 0], minutes=1, name="corrected.xlsx"))
    later = file_of([1, 3], minutes=2, name="older-copy.xlsx")
    register.receive(later)
    assert [one.values["ytd_income"] for one in register.standing(QUARTER)] == [50_002, 50_003]
    [found] = [found for found in register.file_findings(later.sha256) if found.id == "return-replaced-before"]
    assert (found.organisation, found.severity) == ("RTH", "query")
    assert "corrected.xlsx" in found.message


def test_what_was_entered_comes_back_as_it_was(register: Register) -> None:
    values = {
        "text": "Bücher\ud800 \0",
        "number": 0.1 + 0.2,
        "whole": 10**60 + 1,
        "yes": True,
        "day": date(2012, 2, 29),
        "moment": datetime(2012, 2, 29, 12, 30),
        "span": timedelta(days=1, seconds=3),
        "endless": float("inf"),
    }
    register.receive(_with(values))
    [one] = register.standing(QUARTER)
    assert dict(one.values) == values
    assert type(one.values["yes"]) is bool


def _with(values: dict[str, Any]) -> Received:
    file = file_of([1], name="caf\udce9.xlsx")
    return replace(file, returns=(replace(file.returns[0], values=values),))


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates() | st.datetimes())
def test_any_value_survives_the_register(value: Any) -> None:
    assert decode(json.loads(text_of(encode(value)))) == value


def test_a_number_is_the_same_return_whole_or_with_a_point(register: Register) -> None:
    register.receive(_with({"ytd_income": 5}))
    other = replace(_with({"ytd_income": 5.0, "debtors": None}), sha256="f" * 64)
    assert register.receive(other).known == ("RTH",)


def test_returns_of_no_period_are_refused_and_nothing_is_kept(register: Register) -> None:
    with pytest.raises(ValueError, match="period 'soon' is unknown"):
        register.receive(file_of([1], period="soon"))
    assert register.files() == []


# --- what only the register can tell ---


def test_a_correction_is_kept_beside_what_it_corrects_and_the_difference_shown(register: Register) -> None:
    register.receive(file_of([3], name="first.xlsx"))
    later = file_of([4], minutes=5, name="second.xlsx")
    register.receive(later)
    first, second = register.versions("RTH", QUARTER)
    assert (first.stands, second.stands, first.differences) == (False, True, ())
    assert [(d.kind, d.name, d.earlier, d.later) for d in second.differences] == [
        ("figure", "ytd_surplus", -301.5, -402.0),
        ("figure", "ytd_income", 50_003.0, 50_004.0),
        ("comment", "ytd_surplus", "=Version 3", None),
    ]
    assert second.differences[0].label == "Operating surplus or deficit to date"
    [found] = [found for found in register.findings(second.one) if found.id == "return-corrected"]
    assert "first.xlsx" in found.message
    assert "-301.5, now -402" in found.message


def test_figures_that_went_missing_in_a_correction_are_a_query(register: Register) -> None:
    register.receive(file_of([1]))
    file = file_of([1, None, 0], minutes=1)
    register.receive(replace(file, returns=(replace(file.returns[0], values={"ytd_income": 1}),)))
    [found] = [one.finding for one in register.open_findings(QUARTER) if one.finding.id == "return-entries-gone"]
    assert found.message.startswith("2 entries that were filled in")


@pytest.mark.parametrize(("day", "late"), [(20, False), (21, True)])
def test_a_return_is_late_from_the_day_after_the_deadline(register: Register, day: int, late: bool) -> None:
    register.receive(file_of([1], received=datetime(2012, 1, day, 23, 59)))
    [one] = register.standing(QUARTER)
    assert one.file.late is late
    assert ("return-late" in ids(register.findings(one))) is late


def test_a_deadline_that_was_noted_counts_in_place_of_the_files(register: Register) -> None:
    register.receive(file_of([1], received=datetime(2012, 1, 25, tzinfo=UTC)))
    register.note("deadline", date(2012, 1, 31), period=QUARTER)
    assert not register.standing(QUARTER)[0].file.late


def test_duplicate_blank_and_partly_complete_have_findings(register: Register) -> None:
    first, second = file_of([3, 0, None]), file_of([3, 0, 1], minutes=1)
    register.receive(first)
    register.receive(second)
    assert [(f.organisation, f.id) for f in register.file_findings(first.sha256) if f.id != "no-activity"] == [
        ("RTH", "return-partly-complete"),
        ("RXQ", "return-blank"),
    ]
    assert [(f.organisation, f.id) for f in register.file_findings(second.sha256) if f.id != "no-activity"] == [
        ("RTH", "return-duplicate"),
        ("RXQ", "return-blank"),
    ]


def test_last_periods_figures_come_from_the_register_where_the_workbook_had_none(register: Register) -> None:
    register.receive(file_of([1], PERIODS[0]))
    register.receive(file_of([1], PERIODS[1], minutes=1))
    [one] = register.standing(PERIODS[1])
    found = [f for f in register.findings(one) if f.id == "to-date-unchanged"]
    layout = return_layout(load_edition("2011-12").rulebook("acute"))
    assert [(f.field, f.sheet, f.cell) for f in found] == [
        (name, "RTH Return", layout.cell(name)) for name in ("ytd_surplus", "ytd_income")
    ]
    assert register.previous("2011-12-Q4") == {"RTH": {"ytd_surplus": -100.5, "ytd_income": 50_001.0}}
    assert register.previous("2012-13-M01") == {}


# --- who has returned ---


def test_status_names_who_returned_who_did_not_and_the_last_good_return(register: Register) -> None:
    register.receive(file_of([1, 2, 3], PERIODS[0]))
    register.receive(file_of([1, 0, None], PERIODS[1], minutes=1))
    states = {one.trust.ods_code: one for one in register.status(PERIODS[1])}
    assert [states[code].state for code in CODES] == ["returned", "blank", "missing"]
    assert [one.period for code in CODES if (one := states[code].last_good)] == [PERIODS[1], PERIODS[0], PERIODS[0]]
    missing = {one.trust.ods_code for one in register.missing(PERIODS[1])}
    assert missing == states.keys() - {"RTH"}
    assert len(states) == 92


def test_a_return_with_an_error_is_not_good(register: Register) -> None:
    good, bad = file_of([1]), file_of([2], minutes=1)
    error = replace(bad.findings[0], severity=Severity.ERROR)
    register.receive(good)
    register.receive(replace(bad, findings=(error,)))
    [one] = [one for one in register.status(QUARTER) if one.trust.ods_code == "RTH"]
    assert (one.errors, one.last_good and one.last_good.file.sha256) == (1, good.sha256)


def test_a_file_without_returns_is_open_until_its_sha_sends_another(register: Register) -> None:
    error = replace(unreadable(1).findings[0], id="edition-unknown")
    register.receive(file_of([], findings=(error,), readable=False))
    assert [one.finding.id for one in register.open_findings(QUARTER)] == ["edition-unknown"]
    register.receive(file_of([1], minutes=1))
    assert register.open_findings(QUARTER) == []
