"""Cut and paste of an entry: Excel rewrites what refers to the cell, even if locked; the rating must not follow."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pfexcel.organisations import find_trust
from pfexcel.periods import Period
from pfexcel.returns.read import read_return
from pfexcel.rules.load import load_edition
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, rating_layout, return_layout
from tests.hosts import Cell, Value, ironcalc_cells
from tests.samples import good_return

# Cut, and the entry it is pasted over: on a protected sheet only an unlocked cell takes it.
CUT, OVER = "ytd_ebitda", "forecast_surplus"
QUARTER = Period.parse("2011-12-Q3")
Book = dict[str, bytes]


@pytest.fixture(scope="module")
def trust() -> TrustReturn:
    rulebook, royal = load_edition("2011-12").rulebook("acute"), find_trust("RXK")
    assert royal is not None
    return TrustReturn(royal, rulebook, QUARTER, good_return(rulebook))


@pytest.fixture(scope="module")
def filled(trust: TrustReturn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "filled.xlsx"
    write_workbook(Job(trust.rulebook.edition, QUARTER, "Q34", "West Midlands", (trust,)), path)
    return path


def place(trust: TrustReturn, name: str) -> str:
    return return_layout(trust.rulebook).cell(name)


def follow(formula: str, own_sheet: bool, sheet: str, old: str, new: str) -> str:
    """A formula after `old` was cut on `sheet` and pasted over `new`, as Excel leaves it.

    What referred to `new` has lost it; what referred to `old`, alone or as the end of a range, follows.
    """

    def moved(cell: re.Match[str]) -> str:
        plain = cell["cell"].replace("$", "")
        on_sheet = cell["sheet"] == f"'{sheet}'!" if cell["sheet"] else own_sheet
        if not on_sheet or plain not in (old, new):
            return cell[0]
        if plain == new:
            return f"{cell['sheet'] or ''}#REF!"
        fixed = "$" if cell["cell"].startswith("$") else ""
        column, row = re.findall(r"[A-Z]+|\d+", new)
        return f"{cell['sheet'] or ''}{fixed}{column}{fixed}{row}"

    def outside_texts(part: str) -> str:
        return re.sub(r"(?P<sheet>'[^']+'!|\b\w+!)?(?<![\w$])(?P<cell>\$?[A-Z]{1,3}\$?\d+)\b(?!\()", moved, part)

    return "".join(p if p.startswith('"') else outside_texts(p) for p in re.split(r'("[^"]*")', formula))


def cut_and_paste(path: Path, out: Path, trust: TrustReturn) -> Path:
    """The workbook after the cell of CUT was cut and pasted over that of OVER."""
    old, new = place(trust, CUT), place(trust, OVER)
    sheet = trust.return_sheet

    def change(book: Book) -> None:
        order = re.findall(r'<sheet name="([^"]+)"', book["xl/workbook.xml"].decode())
        for number, name in enumerate(order, start=1):
            part = f"xl/worksheets/sheet{number}.xml"
            book[part] = re.sub(
                rb"<(f|formula|formula1|formula2)>([^<]*)</",
                lambda f, own=name == sheet: b"<%s>%s</" % (f[1], follow(f[2].decode(), own, sheet, old, new).encode()),
                book[part],
            )
        own = f"xl/worksheets/sheet{order.index(sheet) + 1}.xml"
        value = re.search(rb'<c r="%s"[^>]*>(<v>[^<]*</v>)</c>' % old.encode(), book[own])
        assert value
        book[own] = put(put(book[own], new, value[1]), old, b"")
        book["xl/workbook.xml"] = re.sub(
            rb"(<definedName [^>]*>)([^<]*)",
            lambda f: f[1] + follow(f[2].decode(), False, sheet, old, new).encode(),
            book["xl/workbook.xml"],
        )

    return rewrite(path, out, change)


def put(sheet: bytes, cell: str, content: bytes) -> bytes:
    """The sheet with another content in a cell; b"" leaves it blank."""
    changed, count = re.subn(
        rb'<c r="%s"( s="\d+")?[^>/]*(/>|>.*?</c>)' % cell.encode(),
        rb'<c r="%s"\1>%s</c>' % (cell.encode(), content),
        sheet,
    )
    assert count == 1
    return changed


def rewrite(path: Path, out: Path, change: Callable[[Book], None]) -> Path:
    with zipfile.ZipFile(path) as archive:
        book = {name: archive.read(name) for name in archive.namelist()}
    change(book)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in book.items():
            archive.writestr(name, content)
    return out


@pytest.fixture(scope="module")
def moved(filled: Path, trust: TrustReturn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut_and_paste(filled, tmp_path_factory.mktemp("moved") / "moved.xlsx", trust)


def result(cells: dict[Cell, Value], trust: TrustReturn, name: str) -> Value:
    """A result of the Rating sheet by name."""
    return cells.get((trust.rating_sheet, address(*rating_layout(trust.rulebook).named_cells[name])))


def margin(trust: TrustReturn) -> float:
    return trust.values["ytd_ebitda"] / trust.values["ytd_income"]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("B14*2", "B20*2"),
        ("$B$14+B140+AB14", "$B$20+B140+AB14"),
        ("SUM(B6:B14)", "SUM(B6:B20)"),
        ("B20+1", "#REF!+1"),
        ("'RXK Rating'!B14+\"B14\"", "'RXK Rating'!B14+\"B14\""),
        ("'RLT Return'!$B$14", "'RLT Return'!$B$20"),
        ("INDEX($B$1:$B$104,14)", "INDEX($B$1:$B$104,14)"),
    ],
)
def test_the_rewriting_is_excels(formula: str, expected: str) -> None:
    assert follow(formula, True, "RLT Return", "B14", "B20") == expected


def test_name_and_value_move_with_the_cell(moved: Path, trust: TrustReturn) -> None:
    with zipfile.ZipFile(moved) as archive:
        names = archive.read("xl/workbook.xml").decode()
    fixed = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", place(trust, OVER))
    assert re.search(rf'name="{CUT}"[^>]*>\'{trust.return_sheet}\'!{re.escape(fixed)}<', names)
    assert re.search(rf'name="{OVER}"[^>]*>\'{trust.return_sheet}\'!#REF!<', names)
    assert ironcalc_cells(moved)[trust.return_sheet, place(trust, OVER)] == trust.values[CUT]


def test_before_the_cut_the_rating_is_complete(filled: Path, trust: TrustReturn) -> None:
    cells = ironcalc_cells(filled)
    assert result(cells, trust, "finance_category") == "Performing"
    assert result(cells, trust, "ytd_ebitda_margin_value") == pytest.approx(margin(trust), abs=1e-9)


def test_the_rating_does_not_follow_a_cut_cell(moved: Path, trust: TrustReturn) -> None:
    cells = ironcalc_cells(moved)
    layout = return_layout(trust.rulebook)
    assert cells[trust.return_sheet, address(layout.entry_rows[CUT], layout.CHECK)] == "Missing"
    assert result(cells, trust, "ytd_ebitda_margin_value") in (None, "")
    assert result(cells, trust, "ytd_ebitda_margin_score") in (None, "")
    assert result(cells, trust, "finance_category") == "Not assessed"


def test_the_cell_pasted_over_counts_as_what_stands_in_it(moved: Path, trust: TrustReturn) -> None:
    cells = ironcalc_cells(moved)
    expected = trust.values[CUT] / trust.values["forecast_income"]
    surplus = trust.values[OVER] / trust.values["forecast_income"]
    assert expected != pytest.approx(surplus)
    assert result(cells, trust, "forecast_operating_value") == pytest.approx(expected, abs=1e-9)


def test_another_figure_in_the_cells_old_place_counts(moved: Path, trust: TrustReturn) -> None:
    other = round(trust.values[CUT] / 2)
    cells = ironcalc_cells(moved, {(trust.return_sheet, place(trust, CUT)): other})
    assert result(cells, trust, "ytd_ebitda_margin_value") == pytest.approx(
        other / trust.values["ytd_income"], abs=1e-9
    )
    assert result(cells, trust, "finance_category") != "Not assessed"


def test_no_formula_lost_its_reference(moved: Path) -> None:
    assert not [cell for cell, value in ironcalc_cells(moved).items() if str(value).startswith("#")]


def test_the_reader_goes_by_address_too(moved: Path, trust: TrustReturn) -> None:
    [read] = read_return(moved).returns
    assert read.values[CUT] is None
    assert read.values[OVER] == trust.values[CUT]
    assert [f.cell for f in read.findings if f.id == "entry-missing"] == [place(trust, CUT)]
