"""The files of a publication: the accessibility checklist of docs/publishing.md, a test a row, and hostile text."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from csvw import CSVW
from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from pfexcel.model import GRADES
from pfexcel.publish.all_tables import CSV_ONLY, LONG, all_tables
from pfexcel.publish.csvw import METADATA, csv_files
from pfexcel.publish.files import publication_files
from pfexcel.publish.odf import NAMESPACES
from pfexcel.publish.ods import ods_bytes
from pfexcel.publish.publication import OpenFinding, Publication
from pfexcel.publish.tables import Score, Table, words
from pfexcel.publish.workbook import workbook_bytes
from pfexcel.workbook.templates import template
from tests import hosts
from tests.publications import sample_publication
from tests.test_accessibility import ENOUGH, contrast

DOCS = Path(__file__).parents[1] / "docs"
EDITIONS = [("2009-10", 2), ("2011-12", 2), ("2012-13", 3)]
HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://example.com","click")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    " =1+1",
    "\t=1+1",
    "[read this](http://example.com)",
    "[one](http://a.b) [two](http://c.d)",
    "{=1+1}",
    "http://example.com",
    "$$note$$",
    "---",
    "a\x00\x07b\x1f",
    "<b>&\"'",
    "Zoë Müller, £5m − Ångström",
    "\u202emirrored\ntwo lines",
]


def some(publication: Publication, trusts: int = 3) -> Publication:
    """The same publication with a few trusts an SHA, to be written fast."""
    return replace(publication, shas=tuple(replace(sha, trusts=sha.trusts[:trusts]) for sha in publication.shas[:2]))


def hostile() -> Publication:
    """A publication in which whatever came from outside is hostile, a text a trust."""
    made = sample_publication("2011-12", 2)
    texts = iter(HOSTILE)
    shas = []
    for sha in made.shas[:3]:
        trusts = []
        for trust in sha.trusts:
            text = next(texts, "plain")
            found = OpenFinding("entry-missing", "query", text, text, "")
            change = {"lead_commissioner": text, "action_plan_date": text, "note": text, "findings": (found,)}
            trusts.append(replace(trust, **change))
        shas.append(replace(sha, trusts=tuple(trusts)))
    assert next(texts, None) is None
    return replace(made, shas=tuple(shas), notice=HOSTILE[0], notes=(HOSTILE[7],))


@pytest.fixture(scope="module", params=EDITIONS, ids=lambda param: param[0])
def publication(request: pytest.FixtureRequest) -> Publication:
    return some(sample_publication(*request.param))


@pytest.fixture(scope="module")
def tables(publication: Publication) -> list[Table]:
    return [one for one in all_tables(publication) if one.id not in LONG]


@pytest.fixture(scope="module")
def written(publication: Publication, tables: list[Table]) -> bytes:
    return workbook_bytes(publication, tables)


@pytest.fixture(scope="module")
def book(written: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(written))


@pytest.fixture(scope="module")
def ods(publication: Publication, tables: list[Table]) -> bytes:
    return ods_bytes(publication, tables)


def data_sheets(book: Workbook) -> Iterator[Worksheet]:
    """Every sheet with a table: all but the cover."""
    return (sheet for sheet in book.worksheets if sheet.title != words()["cover"]["sheet"])


def area(sheet: Worksheet) -> tuple[int, ...]:
    """The first column and row and the last column and row of the table of a sheet."""
    [table] = sheet.tables.values()
    return tuple(bound or 0 for bound in range_boundaries(table.ref))


# --- the checklist, on the workbook ---


def test_every_sheet_of_the_publication_has_its_title_in_a1(book: Workbook) -> None:
    theme = words()["theme"]
    for sheet in book.worksheets:
        look = theme["title" if sheet.title != "Cover" else "cover_title"]
        assert (sheet["A1"].font.sz, sheet["A1"].font.b) == (look["font_size"], True), sheet.title
        assert len(str(sheet["A1"].value)) >= len("Notes")


def test_every_table_of_the_publication_is_a_named_table(book: Workbook) -> None:
    names = []
    for sheet in data_sheets(book):
        [table] = sheet.tables.values()
        names.append(table.displayName)
        left, top, right, bottom = area(sheet)
        assert (left, right, bottom) == (1, sheet.max_column, sheet.max_row)
        for column, heading in zip(table.tableColumns, next(sheet.iter_rows(top, top)), strict=True):
            assert column.name.replace("_x000a_", "\n") == heading.value
    assert len(names) == len(set(names)) == len(list(data_sheets(book)))


def test_every_column_of_the_publication_has_a_heading_of_its_own(book: Workbook) -> None:
    for sheet in data_sheets(book):
        headings = [column.name for table in sheet.tables.values() for column in table.tableColumns]
        assert all(heading.strip() for heading in headings)
        assert len(headings) == len(set(headings)), sheet.title


def test_no_cell_of_the_publication_is_merged_blank_or_hidden(book: Workbook) -> None:
    for sheet in data_sheets(book):
        assert not sheet.merged_cells.ranges
        assert sheet.sheet_state == "visible"
        assert not any(d.hidden for d in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))
        left, top, right, bottom = area(sheet)
        for row in sheet.iter_rows(top, bottom, left, right):
            assert all(cell.value is not None for cell in row), (sheet.title, row[0].row)
        assert all(sheet.cell(row, 1).value is not None for row in range(1, top)), sheet.title


def test_the_contents_lead_to_every_sheet_and_back(book: Workbook) -> None:
    contents = book["Contents"]
    links = {cell.value: cell.hyperlink.location for row in contents for cell in row if cell.hyperlink}
    assert list(links) == [name for name in book.sheetnames if name not in ("Cover", "Contents")]
    assert all(location == f"'{name}'!A1" for name, location in links.items())
    for name in links:
        assert book[str(name)]["A2"].hyperlink.location == "'Contents'!A1"
        assert book[str(name)]["A2"].value == words()["back"]


def test_notes_are_numbered_in_order_and_all_explained(book: Workbook) -> None:
    notes = book["Notes"]
    left, top, right, bottom = area(notes)
    listed = [row[0].value for row in notes.iter_rows(top + 1, bottom, left, right)]
    used = [
        int(number)
        for sheet in data_sheets(book)
        if sheet.title not in ("Contents", "Notes")
        for row in sheet.iter_rows(max_row=12)
        for cell in row
        for number in re.findall(r"\[note (\d+)\]", str(cell.value))
    ]
    assert listed == list(range(1, len(listed) + 1)) == sorted(set(used)) == list(dict.fromkeys(used))


def test_shorthand_is_explained_where_it_stands(book: Workbook) -> None:
    for sheet in data_sheets(book):
        _, top, _, bottom = area(sheet)
        above = {str(sheet.cell(row, 1).value) for row in range(1, top)}
        here = {str(cell.value) for row in sheet.iter_rows(top + 1, bottom) for cell in row}
        for sign in words()["shorthand"].values():
            assert any(line.startswith(f"{sign}: ") for line in above) == (sign in here), (sheet.title, sign)


def test_colours_of_the_publication_have_contrast_and_words() -> None:
    colours = template("theme")["colours"]
    looks = {**words()["theme"], **words()["conditions"]}
    for name, look in looks.items():
        ink, ground = colours[look.get("font_color", "text")], colours[look.get("bg_color", "white")]
        assert contrast(ink, ground) >= ENOUGH, name
    assert set(words()["conditions"]) == {*GRADES, "Not assessed"}


def test_the_publication_has_a_title_and_its_day(book: Workbook, publication: Publication) -> None:
    assert book.properties.title == publication.title
    assert book.properties.created is not None
    assert book.properties.created.date() == publication.published


def test_a_score_at_a_limit_shows_its_side(publication: Publication) -> None:
    sha = publication.shas[0]
    trust = next(trust for trust in sha.trusts if trust.returned)
    domains = tuple(replace(one, score=2.4004) if one.domain == "finance" else one for one in trust.domains)
    near = replace(publication, shas=(replace(sha, trusts=(replace(trust, domains=domains),)),))
    [ratings] = [one for one in all_tables(near) if one.id == "ratings"]
    assert Score(2.4004, 4) in ratings.rows[0]
    sheet = openpyxl.load_workbook(io.BytesIO(workbook_bytes(near, [ratings])))["Ratings"]
    assert [cell.number_format for cell in sheet[sheet.max_row] if cell.value == 2.4004] == ["0.0000"]


def test_the_cover_names_the_tables_that_would_be_empty(publication: Publication, book: Workbook) -> None:
    full = all_tables(publication)
    here = {own["sheet"] for own in words()["tables"].values()} & set(book.sheetnames)
    listed = next(str(row[0].value) for row in book["Cover"] if "left out" in str(row[0].value))
    empty = {own["sheet"] for name, own in words()["tables"].items() if name not in {one.id for one in full}}
    assert set(listed.partition(": ")[2].rstrip(".").split(", ")) == empty
    assert here == {one.sheet for one in full if one.id not in LONG}


# --- the same in every form ---


def test_files_have_the_same_bytes_whenever_they_are_made(publication: Publication) -> None:
    assert publication_files(publication) == publication_files(publication)


def test_the_ods_file_has_the_same_cells_as_the_workbook(written: bytes, ods: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written))
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(ods))
    assert sheets.sheet_names == book.sheetnames
    for name in book.sheetnames:
        theirs = sheets.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for ours, row in zip(book[name].iter_rows(values_only=True), theirs, strict=True):
            shown = [cell.date() if isinstance(cell, datetime) else cell for cell in ours]
            assert ["" if cell is None else cell for cell in shown] == row, (name, ours)


def test_each_table_of_the_ods_file_is_a_named_range_with_its_heading_row(ods: bytes, book: Workbook) -> None:
    with zipfile.ZipFile(io.BytesIO(ods)) as archive:
        assert archive.namelist()[0] == "mimetype"
        assert archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
        root = ElementTree.fromstring(archive.read("content.xml"))
    assert [sheet.find("table:table-header-rows", NAMESPACES) is not None for sheet in sheets_of(root)][1:] == [
        True for _ in data_sheets(book)
    ]
    full = f"{{{NAMESPACES['table']}}}"
    found = {
        one.get(f"{full}name"): str(one.get(f"{full}target-range-address")).replace("'", "").replace(".", "!")
        for one in root.iter(f"{full}database-range")
    }
    expected = {}
    for sheet in data_sheets(book):
        [table] = sheet.tables.values()
        first, last = table.ref.split(":")
        expected[table.displayName] = f"{sheet.title}!{first}:{sheet.title}!{last}"
    assert found == expected


def sheets_of(root: ElementTree.Element) -> list[ElementTree.Element]:
    return list(root.iter(f"{{{NAMESPACES['table']}}}table"))


def test_csv_files_are_as_their_description_says(publication: Publication, tmp_path: Path) -> None:
    tables = all_tables(publication)
    for name, content in csv_files(publication, tables).items():
        (tmp_path / name).write_bytes(content)
    described: Any = CSVW(str(tmp_path / METADATA), validate=True)
    assert described.is_valid, described.warnings
    assert [len(list(one)) for one in described.tables] == [len(one.rows) for one in tables]
    first = next(iter(described.tables[0]))
    assert (first["basis"], first["in_scope"]) == ("Reported", publication.counts.in_scope)


def test_columns_of_the_csv_files_are_described_in_words(publication: Publication) -> None:
    described = json.loads(csv_files(publication, all_tables(publication))[METADATA])
    for table in described["tables"]:
        for column in table["tableSchema"]["columns"]:
            assert len(column["dc:description"]) > 10
            assert re.fullmatch(r"[a-z][a-z0-9_]*", column["name"])


def test_every_text_of_the_template_is_used(publication: Publication) -> None:
    made = {one.id for edition, last in EDITIONS for one in all_tables(sample_publication(edition, last))}
    assert made == set(words()["tables"])
    noted = {n for own in words()["tables"].values() for n in own["notes"]}
    assert noted | {own["note"] for own in words()["columns"].values() if "note" in own} == set(words()["notes"])
    assert set(CSV_ONLY) <= set(words()["columns"])


# --- in other programs ---


@pytest.mark.host
def test_the_publication_workbook_is_valid(written: bytes, hostile_files: dict[str, bytes], tmp_path: Path) -> None:
    hosts.require_validator()
    books = {"plain.xlsx": written, "hostile.xlsx": next(iter(hostile_files.values()))}
    for name, content in books.items():
        (tmp_path / name).write_bytes(content)
    paths = [tmp_path / name for name in books]
    assert hosts.validate_ooxml(paths) == {path: [] for path in paths}


@pytest.mark.host
def test_libreoffice_reads_the_ods_file_as_it_was_written(hostile_files: dict[str, bytes], tmp_path: Path) -> None:
    hosts.require_soffice()
    [content] = [content for name, content in hostile_files.items() if name.endswith(".ods")]
    path = tmp_path / "publication.ods"
    path.write_bytes(content)
    [saved] = hosts.soffice_recalculate([path], tmp_path / "saved")
    ours, theirs = CalamineWorkbook.from_path(path), openpyxl.load_workbook(saved)
    for name in ours.sheet_names:
        rows = ours.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for own, row in zip(rows, theirs[name].iter_rows(values_only=True), strict=False):
            shown = ["" if cell is None else cell.date() if isinstance(cell, datetime) else cell for cell in row]
            assert own == shown[: len(own)], name


# --- hostile text ---


@pytest.fixture(scope="module")
def hostile_files() -> dict[str, bytes]:
    return publication_files(hostile())


def test_no_text_from_outside_is_a_formula_or_a_link_in_a_workbook(hostile_files: dict[str, bytes]) -> None:
    books = [content for name, content in hostile_files.items() if name.endswith(".xlsx")]
    assert len(books) == 1 + len(hostile().shas)
    for content in books:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                part = archive.read(name)
                assert b"<f>" not in part, name
                assert b'TargetMode="External"' not in part, name
    sheet = openpyxl.load_workbook(io.BytesIO(books[0]))["Ratings"]
    shown = {cell.value for cell in sheet["N"]}
    assert {"=1+1", "@SUM(A1)", "Zoë Müller, £5m − Ångström", "[read this] (http://example.com)"} <= shown


def test_no_text_from_outside_is_a_formula_in_the_ods_file(hostile_files: dict[str, bytes]) -> None:
    [content] = [content for name, content in hostile_files.items() if name.endswith(".ods")]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = archive.read("content.xml").decode("utf-8")
    assert "table:formula" not in body
    assert "=1+1" in body
    assert not re.search(r'xlink:href="(?!#)', body)


def test_no_text_from_outside_is_a_formula_in_a_csv_file(hostile_files: dict[str, bytes]) -> None:
    found = {name: content for name, content in hostile_files.items() if name.endswith(".csv")}
    for name, content in found.items():
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            for cell in row:
                number = re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)
                assert number or not cell.lstrip().startswith(("=", "+", "-", "@")), (name, cell)
    assert "'=1+1" in found["csv/ratings.csv"].decode("utf-8-sig")


def test_an_advance_copy_holds_only_its_own_trusts(hostile_files: dict[str, bytes]) -> None:
    own = hostile()
    codes = {trust.ods_code: sha.code for sha, trust in own.trusts}
    for name, content in hostile_files.items():
        if name.startswith("advance/"):
            [sha] = re.findall(r"_(Q\d\d)_", name)
            book = openpyxl.load_workbook(io.BytesIO(content))
            found = {str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row} & set(
                codes
            )
            assert found == {code for code, place in codes.items() if place == sha}
            assert "Explanations" in book.sheetnames
            assert "Categories by type" not in book.sheetnames


def test_every_row_of_the_publishing_checklist_names_its_test() -> None:
    listed = set(re.findall(r"`(test_\w+)`", (DOCS / "publishing.md").read_text(encoding="utf-8")))
    here = re.findall(r"^def (test_\w+)", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE)
    assert listed
    assert listed <= set(here)
