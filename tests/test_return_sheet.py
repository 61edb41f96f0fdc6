"""What a trust types into: the Return sheets as Excel would read them, in every edition and for every trust type."""

from collections.abc import Iterator
from typing import NamedTuple

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pfexcel.organisations import in_scope
from pfexcel.periods import period_of
from pfexcel.rules.edition import Field
from pfexcel.rules.load import load_edition
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.job import Job, TrustReturn

PERIODS = {"2009-10": "2009-10-Q3", "2010-11": "2010-11-Q4", "2011-12": "2011-12-Q3", "2012-13": "2012-13-M07"}
LABEL, FIGURE, UNIT, CHECK, DERIVED, LAST, HINT, COMMENT, GUIDANCE = "ABCDEFGHI"
REST = ["Gives", "Last period", "Against last", "Comment", "Guidance"]


class Made(NamedTuple):
    """A workbook with one trust of each type, and what it was made of."""

    job: Job
    book: Workbook

    def returns(self) -> Iterator[tuple[TrustReturn, Worksheet]]:
        for one in self.job.returns:
            yield one, self.book[one.return_sheet]


class Entry(NamedTuple):
    """An entry of the rulebook with the cell its name stands for."""

    field: Field
    sheet: Worksheet
    row: int

    def cell(self, column: str) -> Cell:
        cell = self.sheet[f"{column}{self.row}"]
        assert isinstance(cell, Cell)
        return cell


@pytest.fixture(scope="module", params=PERIODS, ids=str)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    edition = load_edition(request.param)
    period = period_of(edition, PERIODS[edition.id])
    trusts = {trust.trust_type: trust for trust in in_scope(period.last_day, edition.trust_types, "Q34")}
    assert set(trusts) == set(edition.trust_types)
    returns = [TrustReturn(trusts[kind], edition.rulebook(kind), period, {}) for kind in trusts]
    job = Job(edition, period, "Q34", "West Midlands", tuple(returns))
    path = tmp_path_factory.mktemp("return") / "blank.xlsx"
    write_workbook(job, path)
    return Made(job, openpyxl.load_workbook(path))


@pytest.fixture(scope="module")
def entries(made: Made) -> list[Entry]:
    found = []
    for one, sheet in made.returns():
        for field in one.rulebook.fields.values():
            name, address = sheet.defined_names[field.name].attr_text.split("!")
            assert name == f"'{sheet.title}'"
            column, row = address.lstrip("$").split("$")
            assert column == FIGURE, field.name
            found.append(Entry(field, sheet, int(row)))
    return found


@pytest.fixture(scope="module")
def validations(made: Made) -> dict[tuple[str, str], DataValidation]:
    return {
        (sheet.title, str(validation.sqref)): validation
        for _, sheet in made.returns()
        for validation in sheet.data_validations.dataValidation
    }


def validation_of(entry: Entry, validations: dict[tuple[str, str], DataValidation]) -> DataValidation:
    return validations[entry.sheet.title, f"{FIGURE}{entry.row}"]


def test_every_entry_and_nothing_else_has_a_name_of_its_sheet(made: Made, entries: list[Entry]) -> None:
    for one, sheet in made.returns():
        fields = set(one.rulebook.fields)
        assert set(sheet.defined_names) == fields | {f"{name}_comment" for name in fields}
        rows = [entry.row for entry in entries if entry.sheet is sheet]
        assert len(set(rows)) == len(rows)
    assert not made.book.defined_names


def test_every_name_stands_for_the_cell_beside_its_label(entries: list[Entry]) -> None:
    for entry in entries:
        assert entry.cell(LABEL).value == entry.field.label


def test_every_entry_says_its_unit(entries: list[Entry]) -> None:
    for entry in entries:
        assert entry.cell(UNIT).value == entry.field.unit.words
        assert entry.field.unit.words


def test_every_entry_has_all_of_its_guidance(entries: list[Entry]) -> None:
    for entry in entries:
        assert (entry.cell(GUIDANCE).value or "") == entry.field.guidance


def test_every_section_has_its_title_and_its_guidance(made: Made) -> None:
    for one, sheet in made.returns():
        column = [cell.value for cell in sheet[LABEL]]
        for section in one.rulebook.sections:
            if section.fields:
                assert column[column.index(section.title) + 1] == section.guidance


def test_every_entry_is_checked_beside_it(entries: list[Entry]) -> None:
    for entry in entries:
        assert str(entry.cell(CHECK).value).startswith("=")


def test_entries_and_their_comments_are_the_only_unlocked_cells(made: Made, entries: list[Entry]) -> None:
    expected = {(entry.sheet.title, f"{column}{entry.row}") for entry in entries for column in (FIGURE, COMMENT)}
    cover = made.book["Cover"]
    expected |= {("Cover", name.attr_text.split("!")[1].replace("$", "")) for name in cover.defined_names.values()}
    unlocked = {
        (sheet.title, cell.coordinate)
        for sheet in made.book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    assert unlocked == expected


def test_whole_rows_and_columns_are_locked(made: Made) -> None:
    """A blank cell that the file does not write takes its lock from its column or row."""
    for sheet in made.book.worksheets:
        for dimension in (*sheet.column_dimensions.values(), *sheet.row_dimensions.values()):
            assert dimension.protection.locked, (sheet.title, dimension.index)


def test_every_sheet_is_protected(made: Made) -> None:
    for sheet in made.book.worksheets:
        assert sheet.protection.sheet, sheet.title
        assert not sheet.protection.selectUnlockedCells, sheet.title


def test_every_entry_has_one_validation_of_its_kind(
    entries: list[Entry], validations: dict[tuple[str, str], DataValidation]
) -> None:
    assert len(validations) == 2 * len(entries)
    kinds = {"choice": "list", "date": "date", "text": "textLength"}
    for entry in entries:
        unit = entry.field.unit
        expected = kinds.get(unit.kind, "whole" if unit.whole else "decimal")
        assert validation_of(entry, validations).type == expected, entry.field.name


def test_choices_are_offered_as_a_list(
    entries: list[Entry], validations: dict[tuple[str, str], DataValidation]
) -> None:
    for entry in entries:
        if entry.field.unit.choices:
            source = validation_of(entry, validations).formula1 or ""
            assert source == f'"{",".join(entry.field.unit.choices)}"'
            assert len(source) < 255


def test_bounds_are_those_of_the_entry(
    entries: list[Entry], validations: dict[tuple[str, str], DataValidation]
) -> None:
    for entry in entries:
        field, found = entry.field, validation_of(entry, validations)
        if field.unit.kind != "number":
            continue
        allowed = (found.operator or "between", *(float(f) for f in (found.formula1, found.formula2) if f is not None))
        if field.above is not None:
            assert allowed == ("greaterThan", field.above)
        elif field.maximum is not None:
            assert allowed == ("between", field.minimum, field.maximum)
        elif field.minimum is not None:
            assert allowed == ("greaterThanOrEqual", field.minimum)
        else:
            assert allowed == ("between", -1e12, 1e12)


def test_every_entry_says_what_to_type_and_stops_what_is_wrong(
    entries: list[Entry], validations: dict[tuple[str, str], DataValidation]
) -> None:
    for entry in entries:
        found = validation_of(entry, validations)
        assert found.showInputMessage
        assert found.showErrorMessage
        assert found.errorStyle in (None, "stop")
        assert found.allowBlank
        assert 0 < len(found.promptTitle or "") <= 32
        assert 0 < len(found.errorTitle or "") <= 32
        assert 0 < len(found.prompt or "") <= 255
        assert 0 < len(found.error or "") <= 255
        assert entry.field.guidance in (found.prompt or "")


def test_title_is_in_a1(made: Made) -> None:
    for one, sheet in made.returns():
        assert sheet["A1"].value == f"{one.trust.ods_code} return: {one.trust.name}"
    for sheet in made.book.worksheets:
        assert sheet["A1"].value, sheet.title


def test_no_cells_are_merged(made: Made) -> None:
    for sheet in made.book.worksheets:
        assert not sheet.merged_cells.ranges, sheet.title


def test_header_stays_in_view(made: Made, entries: list[Entry]) -> None:
    for _, sheet in made.returns():
        first = min(entry.row for entry in entries if entry.sheet is sheet)
        assert sheet.freeze_panes == "B6"
        assert [cell.value for cell in sheet[5]] == ["Entry", "Figure", "Unit", "Check", *REST]
        assert first > 5


def test_sheets_print_on_a4_one_page_wide(made: Made) -> None:
    for sheet in made.book.worksheets:
        assert sheet.page_setup.paperSize == 9, sheet.title
        setup = sheet.sheet_properties.pageSetUpPr
        assert setup is not None, sheet.title
        assert setup.fitToPage, sheet.title
        assert sheet.page_setup.fitToWidth in (None, 1), sheet.title
        assert sheet.page_setup.fitToHeight == 0, sheet.title


def test_all_of_a_return_prints_with_its_header_on_every_page(made: Made, entries: list[Entry]) -> None:
    for _, sheet in made.returns():
        last = max(entry.row for entry in entries if entry.sheet is sheet)
        first_cell, last_cell = sheet.print_area.split("!")[-1].replace("$", "").split(":")
        assert first_cell == "A1"
        assert last_cell.startswith(COMMENT)
        assert int(last_cell[1:]) >= last
        assert sheet.print_title_rows == "$5:$5"
