"""The template workbook is what the generator makes, holds the registry's answers, and is well made."""

import math
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from pfexcel.functions import CODES, FUNCTIONS, CellError, call
from pfexcel.template.build import FILE, MADE_BY, SHIPPED, template_parts, write_template
from pfexcel.template.examples import examples
from pfexcel.template.headers import header
from pfexcel.template.sample import history, trusts_by_row
from pfexcel.workbook.parts import Parts, pack, properties, unpack
from pfexcel.workbook.templates import template
from tests import hosts
from tests.command_line import Run
from udfs.libreoffice.extension import build_extension

WORDS = template("functions")
A4 = 9
SHEETS = [sheet["name"] for sheet in WORDS["sheets"].values()]

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def made() -> Parts:
    return template_parts()


@pytest.fixture(scope="module")
def path(made: Parts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / FILE
    file.write_bytes(pack(made))
    return file


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    """The workbook with its formulas."""
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def stored(path: Path) -> dict[hosts.Cell, hosts.Value]:
    """The values that the workbook holds."""
    return hosts.xlsx_values(path)


def contents(content: bytes) -> dict[tuple[str, str], Any]:
    """Every cell of a workbook: its formula or value, whichever version of a library wrote it."""
    found = {}
    for data_only in (False, True):
        opened = openpyxl.load_workbook(BytesIO(content), data_only=data_only)
        for sheet in opened.worksheets:
            for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
                value = cell.value
                text = (value.ref, value.text) if isinstance(value, ArrayFormula) else value
                found[(sheet.title, f"{cell.coordinate} {data_only}")] = (text, cell.number_format)
    return found


# --- what the generator makes ---


def test_the_file_is_what_the_generator_makes(made: Parts) -> None:
    shipped = unpack(SHIPPED.read_bytes())
    command = "run make docs"
    if properties(shipped)[MADE_BY] == xlsxwriter.__version__:
        assert sorted(shipped) == sorted(made)
        assert [name for name in made if shipped[name] != made[name]] == [], command
    else:
        assert contents(SHIPPED.read_bytes()) == contents(pack(made)), command


def test_the_same_bytes_come_every_time(made: Parts, tmp_path: Path) -> None:
    first = write_template(tmp_path / "new" / FILE)
    assert first.read_bytes() == pack(made)
    assert [one.name for one in first.parent.iterdir()] == [FILE]


def test_the_command_builds_it_for_any_program(made: Parts, tmp_path: Path, run: Run) -> None:
    answer = run("functions", "build", "libreoffice", "--out", tmp_path / "out")
    assert (answer.status, answer.err) == (0, "")
    assert (tmp_path / "out" / FILE).read_bytes() == pack(made)
    assert [Path(line).name for line in answer.out.splitlines()] == [FILE, "pfexcel.oxt"]


def same(found: Any, wanted: Any) -> bool:
    """Is a stored value this one: nothing for an empty text, an error by its code, 15 digits of a number?"""
    wanted = wanted.code if isinstance(wanted, CellError) else wanted
    if found in (None, "") or wanted in (None, ""):
        return found in (None, "") and wanted in (None, "")
    if isinstance(found, float) and isinstance(wanted, (int, float)):
        return math.isclose(found, wanted, rel_tol=1e-14)
    return found == wanted


@pytest.mark.host
def test_libreoffice_answers_every_stored_value(path: Path, stored: dict[Any, Any], tmp_path: Path) -> None:
    hosts.require_soffice()
    with zipfile.ZipFile(BytesIO(build_extension())) as extension:
        extension.extractall(tmp_path / "bundled" / "pfexcel")
    bundled = f"-env:BUNDLED_EXTENSIONS={(tmp_path / 'bundled').resolve().as_uri()}"
    arguments = ("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(path))
    hosts.soffice(bundled, *arguments, profile=hosts.soffice_profile(tmp_path / "profile"))
    recalculated = hosts.xlsx_values(tmp_path / "out" / FILE)
    assert [cell for cell in {**stored, **recalculated} if not same(recalculated.get(cell), stored.get(cell))] == []


# --- what the workbook says ---


def test_the_sheets_stand_in_order_with_their_titles_in_a1(book: Workbook) -> None:
    assert book.sheetnames == SHEETS
    for sheet, words in zip(book.worksheets, WORDS["sheets"].values(), strict=True):
        assert sheet["A1"].value == words["title"]
        assert sheet["A1"].font.sz == template("theme")["styles"]["title"]["font_size"]


def test_every_function_argument_and_error_is_in_the_reference(stored: dict[Any, Any]) -> None:
    said = {str(value) for (sheet, _), value in stored.items() if sheet == "Reference"}
    for function in FUNCTIONS.values():
        assert {function.name, f"={function.syntax}", function.description, f"{function.errors}."} <= said
        assert {argument.help for argument in function.arguments} <= said
    assert {error["shown"] for error in WORDS["error"]} <= said


def test_every_example_is_alive(book: Workbook, stored: dict[Any, Any]) -> None:
    sheet = book["Examples"]
    bands = [row[0].value for row in sheet.iter_rows(max_col=1) if str(row[0].value).startswith("PF_")]
    assert bands == [f"{example.function}: {example.title}" for example in examples()]
    formulas = [cell for row in sheet.iter_rows(min_col=2, max_col=2) for cell in row if cell.data_type == "f"]
    assert sum("PF_" in str(getattr(cell.value, "text", cell.value)) for cell in formulas) == len(examples())


def test_every_function_is_at_work_on_the_sample_trusts(book: Workbook) -> None:
    at_work = ["Trusts by column", "Results", "Explanation", "Escalation"]
    cells = (cell.value for name in at_work for row in book[name].iter_rows() for cell in row)
    text = " ".join(str(getattr(value, "text", value)) for value in cells if value is not None)
    assert {name for name in FUNCTIONS if f"{name}(" in text} == set(FUNCTIONS)


def test_formulas_name_the_functions_plainly(made: Parts) -> None:
    formulas = [
        formula
        for name, part in made.items()
        if name.startswith("xl/worksheets/sheet")
        for formula in re.findall(r"<f[^>]*>([^<]*)</f>", part.decode())
    ]
    assert len(formulas) > 200
    assert not [formula for formula in formulas if re.search(r"_xl|[A-Z]:\\\\|\[\d+\]", formula)]


def test_errors_are_errors_and_arrays_have_their_whole_range(made: Parts, book: Workbook) -> None:
    for number, sheet in enumerate(book.worksheets, start=1):
        text = made[f"xl/worksheets/sheet{number}.xml"].decode()
        codes = set(re.findall(r't="e"><f[^<]*</f><v>([^<]*)|t="e"><v>([^<]*)', text))
        assert {code for pair in codes for code in pair if code} <= set(CODES)
        texts = re.findall(r't="str">(?:<f[^<]*</f>)?<v>([^<]*)', text)
        assert not set(CODES) & set(texts), sheet.title
    [ref] = {cell.value.ref for cell in book["Results"]["D"] if isinstance(cell.value, ArrayFormula)}
    first, last = (int(place[1:]) for place in ref.split(":"))
    assert last - first + 1 == WORDS["room"]
    results = openpyxl.load_workbook(BytesIO(pack(made)), data_only=True)["Results"]
    assert [cell.data_type for cell in results["D"] if cell.value in CODES] == ["e", "e"]


def test_excel_keeps_the_stored_values_until_something_changes(made: Parts) -> None:
    workbook = made["xl/workbook.xml"].decode()
    assert "fullCalcOnLoad" not in workbook
    assert 'calcId="191029"' in workbook


# --- the sample ---


def test_sample_headers_are_known() -> None:
    own = WORDS["by_row"]["own"]
    assert [name for name in trusts_by_row().headers if header(name) is None and name not in own] == []


def test_the_last_quarter_of_the_history_is_what_the_figures_give() -> None:
    table, past = trusts_by_row(), history()
    now = {
        domain: dict(zip((row[0] for row in table.rows), (row[0] for row in answers), strict=True))
        for domain, answers in (
            ("Finance", call("PF_FINANCE_RATING", table.heads().cells, table.body().cells)),
            ("Quality", call("PF_QUALITY_RATING", table.heads().cells, table.body().cells)),
        )
    }
    assert len(past.rows) == 2 * len(table.rows)
    for code, _, domain, *quarters in past.rows:
        category = now[domain][code]
        assert quarters[-1] == (None if category in ("Not assessed", CellError("#VALUE!", "")) else category), code


def test_the_sample_shows_every_category_and_what_goes_wrong(stored: dict[Any, Any]) -> None:
    shown = {value for (sheet, _), value in stored.items() if sheet == "Results"}
    assert {"Performing", "Performance under review", "Underperforming", "Challenged", "Not assessed"} <= shown
    assert {"Green", "Amber/Green", "Amber/Red", "Red", "#N/A", "#VALUE!", "OK"} <= shown


@pytest.mark.parametrize("edition", ["2009-10", "2010-11", "2011-12", "2012-13"])
def test_the_longest_explanation_fits(edition: str) -> None:
    rows: Any = call("PF_EXPLAIN", [["ytd_income", "zzz"]], [["n/a", 1]], None, edition)
    assert len(rows) <= WORDS["steps"]


# --- how it is made ---


def test_no_cell_is_merged_and_nothing_is_hidden_or_locked(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert sheet.sheet_state == "visible"
        assert not any(one.hidden for one in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))
        assert not sheet.protection.sheet


def tables(book: Workbook) -> list[tuple[Worksheet, Any]]:
    return [(sheet, table) for sheet in book.worksheets for table in sheet.tables.values()]


def test_tables_are_named_with_headers_that_differ_and_no_blank_row(book: Workbook) -> None:
    assert {table.displayName for _, table in tables(book)} == {"Trusts", "TrustsByColumn", "History", "Names"}
    for sheet, table in tables(book):
        left, top, right, bottom = range_boundaries(table.ref)
        head, *body = sheet.iter_rows(top, bottom, left, right)
        names = [cell.value for cell in head]
        assert all(isinstance(name, str) and name for name in names)
        assert len({str(name).casefold() for name in names}) == len(names)
        assert names == [column.name for column in table.tableColumns]
        assert all(any(cell.value is not None for cell in row) for row in body)


def test_drop_downs_offer_what_is_there(book: Workbook, stored: dict[Any, Any]) -> None:
    asked = 0
    for sheet in book.worksheets:
        for rule in sheet.data_validations.dataValidation:
            asked += 1
            if rule.formula1.startswith('"'):
                assert len(rule.formula1) <= 257
                continue
            name, _, reach = rule.formula1.replace("$", "").rpartition("!")
            left, top, right, bottom = range_boundaries(reach)
            rows = book[name.strip("'")].iter_rows(top, bottom, left, right)
            offered = [cell.value for row in rows for cell in row]
            assert stored[(sheet.title, str(rule.sqref))] in offered
            assert None not in offered
    assert asked > 10


def test_every_sheet_prints_on_a4_with_its_name(book: Workbook) -> None:
    for sheet in book.worksheets:
        setup: Any = sheet
        assert int(setup.page_setup.paperSize) == A4
        assert setup.print_area
        assert "&A" in setup.oddFooter.center.text
        assert setup.page_setup.scale or setup.sheet_properties.pageSetUpPr.fitToPage


@pytest.mark.host
def test_the_validator_finds_nothing(path: Path) -> None:
    hosts.require_validator()
    assert hosts.validate_ooxml([path]) == {path: []}


def test_no_cell_is_written_twice(made: Parts) -> None:
    for name, part in made.items():
        if name.startswith("xl/worksheets/sheet"):
            cells = re.findall(rb'<c r="([A-Z]+\d+)"', part)
            assert len(cells) == len(set(cells)), name
