"""The checklist of docs/accessibility.md, a test a row."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import pfexcel
from pfexcel.model import GRADES
from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.templates import template

PERIOD = Period.parse("2011-12-Q3")
ENOUGH = 4.5
DOCS = Path(__file__).parent.parent / "docs"

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    edition = load_edition("2011-12")
    values = {
        trust.ods_code: sample_values(edition.rulebook(trust.trust_type), trust.ods_code, PERIOD)
        for trust in in_scope(PERIOD.last_day, edition.trust_types, "Q37")
    }
    built = pfexcel.build_returns(edition, PERIOD, tmp_path_factory.mktemp("book"), sha="Q37", values=values)
    return built.files[0]


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


def headers(sheet: Worksheet) -> Iterator[int]:
    """The header rows: cells with the thick blue line below."""
    for row in range(1, sheet.max_row + 1):
        below = sheet.cell(row, 1).border.bottom
        if below is not None and below.style == "medium":
            yield row


def test_every_sheet_has_its_title_in_a1(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert isinstance(sheet["A1"].value, str)
        assert sheet["A1"].font.sz == template("theme")["styles"]["title"]["font_size"], sheet.title


def test_no_cell_is_merged(book: Workbook) -> None:
    assert [sheet.title for sheet in book.worksheets if sheet.merged_cells.ranges] == []


def test_no_row_of_a_table_is_blank(book: Workbook) -> None:
    for name in ("Summary", "Checks", "Rules"):
        sheet = book[name]
        ref = sheet.auto_filter.ref or next(iter(sheet.tables.values())).ref
        left, top, right, bottom = range_boundaries(ref)
        for row in sheet.iter_rows(top, bottom, left, right):
            assert any(cell.value is not None for cell in row), (name, row[0].row)


def test_every_column_of_figures_has_a_heading(book: Workbook) -> None:
    for name in ("Summary", "Checks", "Rules", "RXH Return"):
        sheet = book[name]
        [header, *_] = headers(sheet)
        for column in range(1, sheet.max_column + 1):
            if any(sheet.cell(row, column).value is not None for row in range(header + 1, sheet.max_row + 1)):
                assert sheet.cell(header, column).value, (name, column)


def test_a_further_table_stands_under_its_heading(book: Workbook) -> None:
    """The heading stands above the header, with notes and a line of groups between them at most."""
    blue = template("theme")["colours"]["blue"].removeprefix("#")
    tables = {sheet.title: list(headers(sheet)) for sheet in book.worksheets}
    assert {name for name, rows in tables.items() if len(rows) == 1} >= {"Summary", "Rules"}
    assert sum(map(len, tables.values())) > 2 * len(tables)
    for name, rows in tables.items():
        for row in rows[1:]:
            above = [book[name].cell(near, 1) for near in range(row - 3, row)]
            assert any(cell.fill.fgColor.rgb == f"FF{blue}" and cell.value for cell in above), (name, row)


def test_the_summary_is_a_named_table(book: Workbook) -> None:
    [table] = book["Summary"].tables.values()
    assert table.displayName == "Summary"
    assert table.autoFilter is not None


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_style_has_enough_contrast() -> None:
    theme = template("theme")
    colours: dict[str, str] = theme["colours"]
    found: dict[str, dict[str, Any]] = {**theme["styles"], **theme["conditions"]}
    for name, style in found.items():
        ink, ground = (colours[style.get(k, d)] for k, d in (("font_color", "text"), ("bg_color", "white")))
        assert contrast(ink, ground) >= ENOUGH, name
    assert contrast(colours["text"], colours["pale_blue"]) >= ENOUGH


def test_colours_come_with_their_words() -> None:
    named = set(template("theme")["conditions"]) - {"problem"}
    spoken = {*GRADES, "Not assessed", *template("return")["states"].values()}
    spoken |= set(template("return")["status"].values())
    assert named <= spoken


def test_links_say_where_they_lead(book: Workbook) -> None:
    vague = re.compile(r"^(here|link|click.*|)$", re.IGNORECASE)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.hyperlink is not None:
                    assert not vague.match(str(cell.value)), (sheet.title, cell.coordinate)
                    assert cell.hyperlink.tooltip, (sheet.title, cell.coordinate)


def test_nothing_is_hidden(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.sheet_state == "visible"
        assert not any(d.hidden for d in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))


def test_sheets_stand_in_reading_order(book: Workbook) -> None:
    names = book.sheetnames
    assert names[:3] == ["Cover", "Guide", "Summary"]
    assert names[-1] == "Rules"
    trusts = [name for name in names if name.endswith((" Return", " Rating"))]
    codes = sorted({name[:3] for name in trusts})
    assert trusts == [f"{code} {kind}" for code in codes for kind in ("Return", "Rating")]


def test_charts_have_alternative_texts(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        drawings = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/drawings/drawing")]
    for drawing in drawings:
        for properties in re.findall(r"<xdr:cNvPr [^>]*>", drawing):
            assert re.search(r'descr="[^"]{20,}"', properties), properties


def test_the_document_has_a_title(book: Workbook) -> None:
    assert "NHS Performance Framework return" in (book.properties.title or "")


def test_accents_and_signs_survive(tmp_path: Path) -> None:
    said = "Zoë Müller, £5m − Ångström"
    values = {"RXH": {"finance_major_failing": "Challenged", "finance_major_failing_by": said}}
    [made] = pfexcel.build_returns("2011-12", "2011-12-Q3", tmp_path, sha="Q37", values=values).files
    [declared] = pfexcel.read_return(made).declarations
    assert declared.declared_by == said


def test_every_row_of_the_checklist_names_its_test() -> None:
    listed = set(re.findall(r"`(test_\w+)`", (DOCS / "accessibility.md").read_text(encoding="utf-8")))
    here = set(re.findall(r"^def (test_\w+)", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == here - {"test_every_row_of_the_checklist_names_its_test"}
