"""Reading returned workbooks: values exactly as entered, a finding for whatever is wrong, and never an exception."""

import re
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from pfexcel.model import Finding
from pfexcel.organisations import in_scope, trusts
from pfexcel.periods import Period
from pfexcel.returns.preflight import inspect
from pfexcel.returns.read import ReturnFile, read_return
from pfexcel.rules.edition import Edition
from pfexcel.rules.load import SHIPPED, load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, rating_layout, return_layout
from tests.samples import good_return, random_returns

QUARTER = Period.parse("2011-12-Q4")
Book = dict[str, bytes]


class Made(NamedTuple):
    """A workbook of one acute and one ambulance trust, filled without a gap; most tests look at the first."""

    job: Job
    path: Path

    @property
    def first(self) -> TrustReturn:
        return self.job.returns[0]

    def cell(self, name: str) -> str:
        """The cell of an entry of the first trust."""
        return return_layout(self.first.rulebook).cell(name)

    def result(self, name: str) -> str:
        """The cell of a result of the first trust."""
        return address(*rating_layout(self.first.rulebook).named_cells[name])

    def part(self, sheet: str) -> str:
        with zipfile.ZipFile(self.path) as archive:
            sheets = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        return f"xl/worksheets/sheet{sheets.index(sheet) + 1}.xml"


def job_of(edition: Edition, period: Period, trust_types: Sequence[str]) -> Job:
    """A workbook of the first West Midlands trust of each type."""
    first = {trust.trust_type: trust for trust in reversed(in_scope(period.last_day, trust_types, "Q34"))}
    returns = [TrustReturn(first[kind], edition.rulebook(kind), period, {}) for kind in trust_types]
    return Job(edition, period, "Q34", "West Midlands", tuple(returns))


def filled(job: Job, values: Callable[[TrustReturn], Mapping[str, Any]], path: Path) -> Made:
    job = replace(job, returns=tuple(replace(one, values=values(one)) for one in job.returns))
    write_workbook(job, path)
    return Made(job, path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    job = job_of(load_edition("2011-12"), QUARTER, ("acute", "ambulance"))
    return filled(job, lambda one: good_return(one.rulebook), tmp_path_factory.mktemp("read") / "return.xlsx")


def changed(made: Made, out: Path, change: Callable[[Book], None]) -> Path:
    """The workbook with some of its parts changed."""
    with zipfile.ZipFile(made.path) as archive:
        book = {name: archive.read(name) for name in archive.namelist()}
    change(book)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in book.items():
            archive.writestr(name, content)
    return out


def with_cell(made: Made, out: Path, sheet: str, cell: str, content: str) -> Path:
    """The workbook with another cell element; `{s}` in it stands for the style the cell had."""

    def change(book: Book) -> None:
        part = made.part(sheet)
        pattern = rf'<c r="{cell}"( s="\d+")?[^>/]*(?:/>|>.*?</c>)'
        text, count = re.subn(pattern, lambda m: content.replace("{s}", m[1] or ""), book[part].decode())
        assert count == 1
        book[part] = text.encode()

    return changed(made, out, change)


def edited(made: Made, out: Path, edit: Callable[[openpyxl.Workbook], None]) -> Path:
    """The workbook after an edit and saving by a program that does not calculate."""
    book = openpyxl.load_workbook(made.path)
    edit(book)
    book.save(out)
    return out


def ids(read: ReturnFile) -> list[str]:
    return [found.id for found in read.findings]


def about(read: ReturnFile, check: str) -> list[Finding]:
    return [found for found in read.findings if found.id == check]


# --- what was entered comes back ---


def test_a_complete_return_gives_its_values_back_and_no_finding(made: Made) -> None:
    read = read_return(made.path)
    assert (read.edition, read.period, read.sha) == ("2011-12", QUARTER.text, "Q34")
    assert [one.ods_code for one in read.returns] == [one.trust.ods_code for one in made.job.returns]
    for one, given in zip(read.returns, made.job.returns, strict=True):
        assert one.values == as_entered(given)
        assert one.trust_type == given.trust.trust_type
    assert read.findings == ()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("edition", ["2009-10", "2010-11", "2011-12", "2012-13"])
def test_any_return_comes_back_exactly_and_rates_the_same(edition: str, seed: int, tmp_path: Path) -> None:
    loaded = load_edition(edition)
    period = Period.parse(f"{edition}-M07" if loaded.frequency == "month" else f"{edition}-Q2")
    job = job_of(loaded, period, loaded.trust_types)
    given = filled(job, lambda one: random_returns(one.rulebook, 1, seed)[0], tmp_path / "random.xlsx")
    read = read_return(given.path)
    assert "rating-differs" not in ids(read)
    for found, expected in zip(read.returns, given.job.returns, strict=True):
        assert found.values == as_entered(expected)
        assert found.rating.domains == expected.rating.domains


def test_sample_figures_come_back_with_their_dates(tmp_path: Path) -> None:
    job = job_of(load_edition("2011-12"), QUARTER, ("acute", "ambulance", "mental-health"))
    declared = {"finance_major_failing": "Challenged", "finance_major_failing_date": date(2011, 12, 5)}
    given = filled(
        job, lambda one: sample_values(one.rulebook, one.trust.ods_code, QUARTER) | declared, tmp_path / "sample.xlsx"
    )
    read = read_return(given.path)
    assert [one.values for one in read.returns] == [as_entered(one) for one in given.job.returns]
    assert all(one.rating.finance.category == "Challenged" for one in read.returns)


def as_entered(one: TrustReturn) -> dict[str, Any]:
    """What stands in the cells: Yes and No in words."""
    words = {True: "Yes", False: "No"}
    values = {name: one.values.get(name) for name in one.rulebook.fields}
    return {name: words[value] if isinstance(value, bool) else value for name, value in values.items()}


def test_reading_leaves_the_file_as_it_is(made: Made) -> None:
    before = made.path.read_bytes()
    read_return(made.path)
    assert made.path.read_bytes() == before


# --- entries that cannot be used ---


@pytest.mark.parametrize(
    ("name", "content", "check", "value"),
    [
        ("ytd_surplus", ' t="inlineStr"><is><t>plenty</t></is>', "entry-not-a-number", "plenty"),
        ("ytd_surplus", ' t="inlineStr"><is><t>1,250</t></is>', "entry-not-a-number", "1,250"),
        ("ytd_surplus", ' t="str"><v>=1+1</v>', "entry-not-a-number", "=1+1"),
        ("ytd_surplus", ' t="e"><v>#N/A</v>', "entry-not-a-number", "#N/A"),
        ("ytd_surplus", ' t="e"><f>1/0</f><v>#DIV/0!</v>', "entry-not-a-number", "#DIV/0!"),
        ("ytd_surplus", ' t="b"><v>1</v>', "entry-not-a-number", True),
        ("ytd_surplus", ' t="d"><v>2011-12-05</v>', "entry-not-a-number", date(2011, 12, 5)),
        ("ytd_surplus", "><v>1e999</v>", "entry-out-of-bounds", float("inf")),
        ("ytd_income", "><v>-5</v>", "entry-out-of-bounds", -5.0),
        ("ytd_income", "><v>0</v>", "entry-out-of-bounds", 0.0),
        ("mrsa", "><v>1.5</v>", "entry-out-of-bounds", 1.5),
        ("ue_access", "><v>100.1</v>", "entry-out-of-bounds", 100.1),
        ("ae_4h_numerator", "><v>999999999</v>", "entry-above-other", 999999999.0),
        ("loan_repayment_missed", ' t="str"><v>Maybe</v>', "entry-not-a-choice", "Maybe"),
        ("loan_repayment_missed", ' t="e"><v>#REF!</v>', "entry-not-a-choice", "#REF!"),
        ("loan_repayment_missed", "><v>1</v>", "entry-not-a-choice", 1.0),
        ("ytd_surplus", ">", "entry-missing", None),
        ("ytd_surplus", ' t="str"><v> </v>', "entry-missing", None),
        ("ae_4h_numerator", ">", "entry-missing-query", None),
        ("ytd_surplus", "><f>SUM(1,2)</f><v>3</v>", "entry-is-a-formula", 3.0),
    ],
)
def test_what_is_wrong_with_an_entry_is_found_at_its_cell(
    made: Made, tmp_path: Path, name: str, content: str, check: str, value: object
) -> None:
    cell = made.cell(name)
    path = with_cell(made, tmp_path / "changed.xlsx", made.first.return_sheet, cell, f'<c r="{cell}"{{s}}{content}</c>')
    read = read_return(path)
    assert read.returns[0].values[name] == value
    [found] = about(read, check)
    assert (found.organisation, found.sheet, found.cell) == (made.first.trust.ods_code, made.first.return_sheet, cell)
    assert found.message
    assert found.action


def test_a_date_typed_into_a_number_cell_is_found(made: Made, tmp_path: Path) -> None:
    """Excel keeps it as a number that looks like a date."""

    def type_a_date(book: openpyxl.Workbook) -> None:
        book[made.first.return_sheet][made.cell("ytd_surplus")].value = date(2011, 12, 5)

    [found] = about(read_return(edited(made, tmp_path / "date.xlsx", type_a_date)), "entry-not-a-number")
    assert found.cell == made.cell("ytd_surplus")


def test_a_choice_in_other_letters_counts(made: Made, tmp_path: Path) -> None:
    cell = made.cell("loan_repayment_missed")
    content = f'<c r="{cell}"{{s}} t="str"><v>yes</v></c>'
    read = read_return(with_cell(made, tmp_path / "yes.xlsx", made.first.return_sheet, cell, content))
    assert read.returns[0].values["loan_repayment_missed"] == "yes"
    assert read.returns[0].rating.inputs.values["loan_repayment_missed"] == "Yes"
    assert "entry-not-a-choice" not in ids(read)


def test_a_formula_without_a_result_is_missing(made: Made, tmp_path: Path) -> None:
    cell = made.cell("ytd_surplus")
    content = f'<c r="{cell}"{{s}}><f>1+1</f></c>'
    read = read_return(with_cell(made, tmp_path / "formula.xlsx", made.first.return_sheet, cell, content))
    assert read.returns[0].values["ytd_surplus"] is None
    assert {"entry-is-a-formula", "entry-missing"} <= set(ids(read))


# --- a Rating sheet that says otherwise ---


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("finance_score", "><v>1.05</v>"),
        ("finance_category", ' t="str"><v>Challenged</v>'),
        ("ytd_ebitda_margin_value", ' t="e"><v>#REF!</v>'),
        ("ae_4h_score", ">"),
    ],
)
def test_a_changed_result_is_found_at_its_cell(made: Made, tmp_path: Path, name: str, content: str) -> None:
    cell = made.result(name)
    path = with_cell(made, tmp_path / "changed.xlsx", made.first.rating_sheet, cell, f'<c r="{cell}"{{s}}{content}</c>')
    [found] = read_return(path).findings
    assert (found.id, found.sheet, found.cell) == ("rating-differs", made.first.rating_sheet, cell)
    assert name in found.message


def test_a_changed_formula_is_found_by_its_result(made: Made, tmp_path: Path) -> None:
    cell = made.result("finance_category")
    content = f'<c r="{cell}"{{s}} t="str"><f>"Challenged"</f><v>Challenged</v></c>'
    [found] = read_return(with_cell(made, tmp_path / "f.xlsx", made.first.rating_sheet, cell, content)).findings
    assert (found.id, found.value, found.cell) == ("rating-differs", "Challenged", cell)


def test_a_file_saved_without_calculating_is_noted_and_rated(made: Made, tmp_path: Path) -> None:
    read = read_return(edited(made, tmp_path / "saved.xlsx", lambda _: None))
    assert ids(read) == ["rating-not-calculated"] * 2
    assert {found.severity.value for found in read.findings} == {"note"}
    assert [one.values for one in read.returns] == [one.values for one in read_return(made.path).returns]
    assert read.returns[0].rating.finance.category.value == "Performing"


# --- where findings stand ---


def test_findings_come_in_the_order_of_the_sheets_and_their_rows(made: Made, tmp_path: Path) -> None:
    one, other = made.job.returns

    def spoil(book: openpyxl.Workbook) -> None:
        book[other.return_sheet][return_layout(other.rulebook).cell("creditors")] = "many"
        for name in ("debtors", "planned_income", "ytd_income"):
            book[one.return_sheet][made.cell(name)] = "many"
        book["Cover"]["A1"] = "My return"
        book["Rules"]["E6"] = "Splendid"

    read = read_return(edited(made, tmp_path / "spoilt.xlsx", spoil), integrity=True)
    order = {name: number for number, name in enumerate(openpyxl.load_workbook(made.path).sheetnames)}
    places = [(order[f.sheet], int(f.cell[1:] or 0)) for f in read.findings if f.sheet]
    assert places == sorted(places)
    assert [f.sheet for f in read.findings[: len(read.findings) - len(places)]] == [""] * (
        len(read.findings) - len(places)
    )
    assert {"Cover", "Rules", one.return_sheet, other.return_sheet} <= {f.sheet for f in read.findings}
    own = read.returns[0].findings
    assert [f for f in read.findings if f in own] == list(own)


@pytest.mark.parametrize("first", [0, 1])
def test_a_rule_that_cannot_be_judged_stands_at_the_first_entry_it_lacks(
    made: Made, tmp_path: Path, first: int
) -> None:
    """The cap by user experience, where most of its themes are missing."""
    themes = [name for name in made.first.rulebook.indicators if name.startswith("ue_")][first:]

    def clear(book: openpyxl.Workbook) -> None:
        for name in themes:
            book[made.first.return_sheet][made.cell(name)] = None

    [found] = about(read_return(edited(made, tmp_path / "unknown.xlsx", clear)), "rule-not-applied")
    assert (found.sheet, found.cell) == (made.first.return_sheet, made.cell(themes[0]))


# --- sheets and rows that were moved ---


@pytest.mark.parametrize("what", ["delete_rows", "insert_rows"])
def test_moved_rows_are_found(made: Made, tmp_path: Path, what: str) -> None:
    row = int(made.cell("ytd_surplus")[1:])

    def move(book: openpyxl.Workbook) -> None:
        getattr(book[made.first.return_sheet], what)(row)

    read = read_return(edited(made, tmp_path / "moved.xlsx", move))
    [found] = about(read, "label-moved")
    assert (found.sheet, found.cell) == (made.first.return_sheet, made.cell("ytd_surplus"))
    layout = return_layout(made.first.rulebook)
    assert f"{sum(n + 1 >= row for n in layout.entry_rows.values())} of them" in found.message
    assert not about(read, "entry-missing")
    assert read.returns[0].rating.finance.category == "Not assessed"


@pytest.mark.parametrize(
    ("codes", "check", "words"),
    [
        (["RXK"], [], ""),
        (["RXK", "RX1"], ["trust-of-another-sha"], "RX1 belongs to East Midlands, the workbook to West Midlands"),
        (["RXK", "RL1"], ["trust-out-of-scope"], "RL1 is outside the framework at the end of 2011-12-Q4"),
    ],
)
def test_a_trust_that_has_no_place_in_the_workbook_is_found(
    codes: list[str], check: list[str], words: str, tmp_path: Path
) -> None:
    edition = load_edition("2011-12")
    found = [next(trust for trust in trusts() if trust.ods_code == code) for code in codes]
    returns = [TrustReturn(trust, edition.rulebook("acute"), QUARTER, {}) for trust in found]
    write_workbook(Job(edition, QUARTER, "Q34", "West Midlands", tuple(returns)), tmp_path / "placed.xlsx")
    placed = [f for f in read_return(tmp_path / "placed.xlsx").findings if f.id.startswith("trust-")]
    assert [f.id for f in placed] == check
    assert all(words in f.message and f.organisation == codes[-1] and f.severity == "error" for f in placed)


def test_a_renamed_return_sheet_is_found(made: Made, tmp_path: Path) -> None:
    def rename(book: openpyxl.Workbook) -> None:
        book[made.first.return_sheet].title = "My figures"

    read = read_return(edited(made, tmp_path / "renamed.xlsx", rename))
    [found] = about(read, "no-return-sheet")
    assert (found.organisation, found.sheet) == (made.first.trust.ods_code, made.first.return_sheet)
    assert found.severity.value == "error"
    assert [one.ods_code for one in read.returns] == [made.job.returns[1].trust.ods_code]


def test_a_renamed_rating_sheet_is_found(made: Made, tmp_path: Path) -> None:
    def rename(book: openpyxl.Workbook) -> None:
        book[made.first.rating_sheet].title = "Old"

    read = read_return(edited(made, tmp_path / "renamed.xlsx", rename))
    assert [found.sheet for found in about(read, "rating-sheet-missing")] == [made.first.rating_sheet]
    assert len(read.returns) == 2


def test_no_return_sheet_at_all_is_found(made: Made, tmp_path: Path) -> None:
    def remove(book: openpyxl.Workbook) -> None:
        for one in made.job.returns:
            del book[one.return_sheet]

    read = read_return(edited(made, tmp_path / "none.xlsx", remove))
    assert ids(read) == ["no-return-sheet"]
    assert not read.readable


@pytest.mark.parametrize("code", ["XYZ", "RR8 old", "RHQ'", ""])
def test_a_return_of_an_unknown_trust_is_found(made: Made, tmp_path: Path, code: str) -> None:
    def add(book: openpyxl.Workbook) -> None:
        book.create_sheet(f"{code} Return")

    read = read_return(edited(made, tmp_path / "unknown.xlsx", add))
    assert [found.value for found in about(read, "trust-unknown")] == [code]
    assert len(read.returns) == 2


# --- edition and period ---


def with_property(made: Made, out: Path, name: str, value: str) -> Path:
    def change(book: Book) -> None:
        old = rb'(name="pfexcel_%s"><vt:lpwstr>)[^<]*' % name.encode()
        book["docProps/custom.xml"], count = re.subn(old, rb"\g<1>" + value.encode(), book["docProps/custom.xml"])
        assert count == 1

    return changed(made, out, change)


@pytest.mark.parametrize("period", ["2011-12-Q2", "2012-13-M07", "2010-11-Q3", "Christmas"])
def test_a_period_that_was_changed_is_refused(made: Made, tmp_path: Path, period: str) -> None:
    read = read_return(with_property(made, tmp_path / "period.xlsx", "period", period))
    [found] = read.findings
    assert (found.id, found.value) == ("period-unknown", period)
    assert not read.readable


def test_an_edition_that_is_not_at_hand_is_refused(made: Made, tmp_path: Path) -> None:
    [found] = read_return(with_property(made, tmp_path / "edition.xlsx", "edition", "2013-14")).findings
    assert (found.id, found.value) == ("edition-unknown", "2013-14")
    assert "--edition" in found.action


def test_a_workbook_cannot_have_a_file_opened(made: Made, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes((SHIPPED / "2011-12.toml").read_bytes())
    [found] = read_return(with_property(made, tmp_path / "edition.xlsx", "edition", str(own))).findings
    assert found.id == "edition-unknown"


def test_another_text_of_the_rulebook_is_found(made: Made, tmp_path: Path) -> None:
    read = read_return(with_property(made, tmp_path / "rulebook.xlsx", "rulebook", "0" * 64))
    assert ids(read) == ["rulebook-differs"]
    assert len(read.returns) == 2


def test_the_cover_tells_edition_and_period_where_the_properties_are_lost(made: Made, tmp_path: Path) -> None:
    read = read_return(changed(made, tmp_path / "lost.xlsx", without("docProps/custom.xml")))
    assert (read.edition, read.period, read.sha) == ("2011-12", QUARTER.text, "Q34")
    assert read.findings == ()


def test_a_workbook_of_something_else_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    assert ids(read_return(tmp_path / "other.xlsx")) == ["not-a-return"]


def test_a_users_own_edition_makes_and_reads_its_workbooks(made: Made, tmp_path: Path) -> None:
    text = (SHIPPED / "2011-12.toml").read_text(encoding="utf-8")
    for old, new in (
        ("ae_4h = { weight = 1,", "ae_4h = { weight = 2,"),
        ("total_weight.acute = 14", "total_weight.acute = 15"),
        ("performing = 0.95, underperforming = 0.94", "performing = 0.97, underperforming = 0.94"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    job = job_of(load_edition(own), QUARTER, ["acute"])
    values = {**made.first.values, "ae_4h_numerator": 960, "ae_4h_denominator": 1000}
    path = filled(job, lambda _: values, tmp_path / "own.xlsx").path

    read = read_return(path, edition=own)
    assert read.findings == ()
    indicator = read.returns[0].rating.ipm.indicators["ae_4h"]
    assert (indicator.weight, indicator.score) == (2, 2)

    by_ours = read_return(path)
    assert {"rulebook-differs", "rating-differs"} <= set(ids(by_ours))
    assert by_ours.returns[0].rating.ipm.indicators["ae_4h"].score == 3


# --- files that cannot be read ---


def add_cell(part: str, cell: bytes) -> Callable[[Book], None]:
    def change(book: Book) -> None:
        book[part] = book[part].replace(b"</sheetData>", cell + b"</sheetData>")

    return change


def with_entities(part: str) -> Callable[[Book], None]:
    def change(book: Book) -> None:
        book[part] = book[part].replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>', 1)

    return change


def as_utf16(book: Book) -> None:
    part = "xl/worksheets/sheet5.xml"
    book[part] = book[part].decode().replace("UTF-8", "UTF-16").encode("utf-16")


def with_part(part: str, content: bytes) -> Callable[[Book], None]:
    return lambda book: book.__setitem__(part, content)


def without(part: str) -> Callable[[Book], None]:
    return lambda book: book.__delitem__(part)


SHEET, FAR = "xl/worksheets/sheet5.xml", b"XFD1048576"
CHANGES: dict[str, tuple[Callable[[Book], Any], str]] = {
    "cells at A1 and XFD1048576": (add_cell(SHEET, b'<row><c r="%s"/></row>' % FAR), "file-too-large"),
    "the same in single quotes": (add_cell(SHEET, b"<row><c r='%s'/></row>" % FAR), "file-too-large"),
    "the same with spaces": (add_cell(SHEET, b'<row><c r = "%s"/></row>' % FAR), "file-too-large"),
    "the same behind another attribute": (add_cell(SHEET, b'<row><c a-r="A1" r="%s"/></row>' % FAR), "file-too-large"),
    "the same by a character reference": (add_cell(SHEET, b'<row><c r="XFD&#49;048576"/></row>'), "file-too-large"),
    "the same without an address": (add_cell(SHEET, b'<row r="1048576"><c/></row>'), "file-too-large"),
    "the same in small letters": (add_cell(SHEET, b'<row><c r="xfd1048576"/></row>'), "file-unreadable"),
    "a row beyond all rows": (add_cell(SHEET, b'<row><c r="A999999999"/></row>'), "file-unreadable"),
    "too many columns": (add_cell(SHEET, b'<row r="200">%s</row>' % (b"<c/>" * 400)), "file-too-large"),
    "entities in a sheet": (with_entities(SHEET), "file-unsafe"),
    "entities in the workbook": (with_entities("xl/workbook.xml"), "file-unsafe"),
    "entities in the strings": (with_entities("xl/sharedStrings.xml"), "file-unsafe"),
    "a sheet in UTF-16": (as_utf16, "file-unreadable"),
    "half a sheet": (lambda book: book.__setitem__(SHEET, book[SHEET][:9999]), "file-unreadable"),
    "no workbook.xml": (without("xl/workbook.xml"), "file-unreadable"),
    "no relations": (without("xl/_rels/workbook.xml.rels"), "file-unreadable"),
    "a sheet without its part": (without(SHEET), "file-unreadable"),
    "strings that are no XML": (with_part("xl/sharedStrings.xml", b"rubbish"), "file-unreadable"),
    "no strings": (without("xl/sharedStrings.xml"), "file-unreadable"),
    "properties that are no XML": (with_part("docProps/custom.xml", b"<a"), "file-unreadable"),
    "a zip bomb": (with_part("xl/media/image1.png", bytes(90_000_000)), "file-too-large"),
    "thousands of parts": (lambda book: book.update({f"x{n}": b"" for n in range(3000)}), "file-too-large"),
    "two parts of one name": (lambda book: book.update({SHEET.title(): b""}), "file-unreadable"),
    "two sheets of one name": (
        lambda book: book.update({"xl/workbook.xml": book["xl/workbook.xml"].replace(b'"Guide"', b'"Cover"')}),
        "file-unreadable",
    ),
}


def refused(path: Path, check: str) -> None:
    """Refused with one finding, and left as it is; a file that could take the process down never gets to the reader."""
    before = path.read_bytes() if path.is_file() else None
    if check == "file-too-large":
        assert isinstance(inspect(path), Finding)
    read = read_return(path)
    [found] = read.findings
    assert (found.id, found.severity.value) == (check, "error")
    assert path.name in found.message
    assert found.action
    assert read.returns == ()
    assert not read.readable
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("what", CHANGES)
def test_a_hostile_or_damaged_workbook_is_refused(made: Made, tmp_path: Path, what: str) -> None:
    change, check = CHANGES[what]
    refused(changed(made, tmp_path / "hostile.xlsx", change), check)


@pytest.mark.parametrize(
    ("content", "check"),
    [
        (b"", "file-empty"),
        (b"no zip at all", "file-unreadable"),
        (b"PK\x03\x04" + bytes(200), "file-unreadable"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(512), "file-protected"),
    ],
    ids=["empty", "text", "zip head only", "password"],
)
def test_a_file_that_is_no_workbook_is_refused(content: bytes, check: str, tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    refused(path, check)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(made: Made, tmp_path: Path, share: float) -> None:
    content = made.path.read_bytes()
    path = tmp_path / "truncated.xlsx"
    path.write_bytes(content[: int(len(content) * share)])
    refused(path, "file-unreadable")


def test_a_damaged_part_is_refused(made: Made, tmp_path: Path) -> None:
    content = bytearray(made.path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(content)
    refused(path, "file-unreadable")


def test_a_part_larger_than_it_says_is_refused_and_not_unpacked(made: Made, tmp_path: Path) -> None:
    part = "xl/sharedStrings.xml"
    path = changed(made, tmp_path / "lies.xlsx", with_part(part, b"<sst>%s</sst>" % (b" " * 50_000_000)))
    with zipfile.ZipFile(path) as archive:
        size = struct.pack("<I", archive.getinfo(part).file_size)
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 1000)))
    tracemalloc.start()
    try:
        refused(path, "file-unreadable")
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "absent.xlsx", "file-unreadable")
    refused(tmp_path, "file-unreadable")


def test_an_edition_that_cannot_be_loaded_raises(made: Made) -> None:
    with pytest.raises(ValueError, match="edition 'x' is unknown"):
        read_return(made.path, edition="x")
