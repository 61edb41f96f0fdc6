"""The seal: whatever of a workbook is changed beside its entries is called by name, and saving it changes nothing."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.styles import Protection
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from pfexcel import cli
from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.returns.integrity import check_integrity
from pfexcel.returns.read import read_return
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.given import given_cells, mark
from pfexcel.workbook.history import HistoryPeriod
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, rating_layout, return_layout, rules_layout
from pfexcel.workbook.parts import canonical, pack, unpack
from pfexcel.workbook.plain_cells import plain_cells
from pfexcel.workbook.pristine import pristine
from pfexcel.workbook.seal import PROPERTY, describe, digest, seal
from tests import hosts
from tests.test_cut_and_paste import cut_and_paste

EDITION, QUARTER = load_edition("2011-12"), Period.parse("2011-12-Q3")
ACUTE = EDITION.rulebook("acute")
RETURN, RATING, RULES = return_layout(ACUTE), rating_layout(ACUTE), rules_layout(EDITION)
KEY = b"a secret of the Department"
CODES = ["RXK", "RLT", "RYA"]
Book = dict[str, bytes]
Change = Callable[[Book], None]


def trusts(period: Period = QUARTER) -> list[TrustReturn]:
    edition = load_edition(period.edition_id)
    found = {t.ods_code: t for t in in_scope(period.last_day, sha="Q34") if t.ods_code in CODES}
    return [TrustReturn(found[code], edition.rulebook(found[code].trust_type), period, {}) for code in sorted(found)]


def write(path: Path, *returns: TrustReturn, period: Period = QUARTER, key: bytes | None = None) -> Path:
    edition = load_edition(period.edition_id)
    write_workbook(Job(edition, period, "Q34", "West Midlands", returns, (), date(2012, 1, 20)), path, "", key)
    return path


def fill(path: Path, out: Path, period: Period = QUARTER) -> Path:
    """The workbook with sample figures and a comment in each trust's entries, saved by openpyxl."""
    book = openpyxl.load_workbook(path)
    for one in trusts(period):
        layout, sheet = return_layout(one.rulebook), book[one.return_sheet]
        for name, value in sample_values(one.rulebook, one.trust.ods_code, period).items():
            if name in layout.entry_rows:
                sheet[layout.cell(name)].value = {True: "Yes", False: "No"}.get(value, value)
        sheet.cell(next(iter(layout.entry_rows.values())) + 1, layout.COMMENT + 1, "=1+1 is not a formula here")
        sheet.cell(next(iter(layout.entry_rows.values())) + 1, layout.COMMENT + 1).data_type = "s"
    book.save(out)
    return out


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of two acute trusts and an ambulance trust, without figures."""
    return write(tmp_path_factory.mktemp("sent") / "sent.xlsx", *trusts())


@pytest.fixture(scope="module")
def filled(sent: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(sent, tmp_path_factory.mktemp("filled") / "filled.xlsx")


# --- tampering by the file's XML ---


def tampered(path: Path, out: Path, *changes: Change) -> Path:
    book = unpack(path.read_bytes())
    for change in changes:
        change(book)
    out.write_bytes(pack(book))
    return out


def part_of(book: Book, sheet: str) -> str:
    sheets = re.findall(r'<sheet name="([^"]+)"', book["xl/workbook.xml"].decode())
    return f"xl/worksheets/sheet{sheets.index(sheet) + 1}.xml"


def put(sheet: str, cell: str, content: str, style: str = r"\1") -> Change:
    """Another content in a cell; its style stays unless another is given."""

    def change(book: Book) -> None:
        part = part_of(book, sheet)
        pattern = rf'<c r="{cell}"( s="\d+")?(?: t="\w+")?(?:/>|>.*?</c>)'
        book[part], count = re.subn(pattern.encode(), f'<c r="{cell}"{style}{content}</c>'.encode(), book[part])
        assert count == 1, (sheet, cell)

    return change


def number(value: float) -> str:
    return f"><v>{value}</v>"


def text(words: str) -> str:
    return f' t="inlineStr"><is><t>{words}</t></is>'


def formula(words: str, value: str = "") -> str:
    return f' t="str"><f>{words}</f><v>{value}</v>'


def swap(part: str, old: str, new: str, count: int = 1) -> Change:
    """Other text in a part, or in the part of a sheet."""

    def change(book: Book) -> None:
        name = part if part in book else part_of(book, part)
        assert old.encode() in book[name], (part, old)
        book[name] = book[name].replace(old.encode(), new.encode(), count)

    return change


def swap_pattern(part: str, old: str, new: str) -> Change:
    def change(book: Book) -> None:
        name = part if part in book else part_of(book, part)
        book[name], count = re.subn(old.encode(), new.encode(), book[name], count=1)
        assert count == 1, (part, old)

    return change


def style_of(book: Book, sheet: str, cell: str) -> str:
    match = re.search(rf'<c r="{cell}" s="(\d+)"', book[part_of(book, sheet)].decode())
    assert match
    return match[1]


def with_style_of(sheet: str, cell: str, other: str) -> Change:
    """The cell with the style of another cell of the sheet, as after a paste."""

    def change(book: Book) -> None:
        style = style_of(book, sheet, other)
        old = f'<c r="{cell}" s="{style_of(book, sheet, cell)}"'
        swap(sheet, old, f'<c r="{cell}" s="{style}"')(book)

    return change


def names_swapped(one: str, other: str) -> Change:
    def change(book: Book) -> None:
        content = book["xl/workbook.xml"]
        for old, new in ((one, "\0"), (other, one), ("\0", other)):
            content = content.replace(f'<sheet name="{old}"'.encode(), f'<sheet name="{new}"'.encode())
        book["xl/workbook.xml"] = content

    return change


def renamed_as_excel_does(old: str, new: str) -> Change:
    """Every formula, name and validation that refers to the sheet follows."""

    def change(book: Book) -> None:
        book["xl/workbook.xml"] = book["xl/workbook.xml"].replace(f'"{old}"'.encode(), f'"{new}"'.encode())
        for part, content in book.items():
            if part.endswith(".xml"):
                book[part] = content.replace(f"'{old}'!".encode(), f"'{new}'!".encode())

    return change


def property_set(name: str, value: str) -> Change:
    return swap_pattern("docProps/custom.xml", rf'(name="{name}"><vt:lpwstr>)[^<]*', rf"\g<1>{value}")


def sealed_anew(book: Book) -> None:
    """What someone with this program, but without the key, can do."""
    property_set(PROPERTY, seal(describe(book)))(book)


def rules_of(period: str) -> Change:
    """The Rules sheet of another edition's workbook, its texts written into the cells."""

    def change(book: Book) -> None:
        edition = load_edition(period[:7])
        layout = rules_layout(edition)
        sheet = book[part_of(book, "Rules")].decode()
        for one in layout.numbers:
            cell = address(layout.rows[one.key], layout.VALUE)
            content = number(one.value) if isinstance(one.value, float | int) else text(one.value)
            sheet = re.sub(
                rf'<c r="{cell}"( s="\d+")?(?: t="\w+")?(?:/>|>.*?</c>)', rf'<c r="{cell}"\1{content}</c>', sheet
            )
        book[part_of(book, "Rules")] = sheet.encode()

    return change


# --- tampering by openpyxl ---


def edited(edit: Callable[[openpyxl.Workbook], object]) -> Callable[[Path, Path], Path]:
    def change(path: Path, out: Path) -> Path:
        book = openpyxl.load_workbook(path)
        edit(book)
        book.save(out)
        return out

    return change


def new_name(sheet: str, name: str, refers: str) -> Callable[[openpyxl.Workbook], None]:
    return lambda book: book[sheet].defined_names.__setitem__(name, DefinedName(name, attr_text=refers))


def new_rule(sheet: str, cell: str) -> Callable[[openpyxl.Workbook], None]:
    rule = DataValidation("whole", formula1="1", formula2="2")
    rule.add(cell)
    return lambda book: book[sheet].add_data_validation(rule)


def cell_of(name: str) -> str:
    return RETURN.cell(name)


def check_cell(name: str) -> str:
    return address(RETURN.entry_rows[name], RETURN.CHECK)


def limit(*key: str) -> str:
    return address(RULES.rows[key], RULES.VALUE)


SURPLUS, BREACH = cell_of("ytd_surplus"), cell_of("loan_repayment_missed")
CATEGORY = address(*RATING.named_cells["finance_category"])
SCORE = address(*RATING.named_cells["ae_4h_score"])
AE = limit("acute", "ipm", "ae_4h", "performing")
AE_UNDER = limit("acute", "ipm", "ae_4h", "underperforming")
WEIGHT = limit("acute", "ipm", "ae_4h", "weight")
DAYS = limit("context", "days_elapsed")
LABEL = "A" + SURPLUS[1:]
R, G, X = "RXK Return", "RXK Rating", "xl/workbook.xml"


class Case(NamedTuple):
    """A tampered copy: how it is made, and what must be found where, with which words."""

    how: Sequence[Change] | Callable[[Path, Path], Path]
    check: str
    sheet: str = ""
    cell: str = ""
    words: str = ""


CASES = {
    # values
    "a label": Case([put(R, LABEL, text("Anything"))], "locked-cell-changed", R, LABEL, 'now "Anything"'),
    "a label cleared": Case([put(R, LABEL, ">")], "locked-cell-changed", R, LABEL, "now nothing"),
    "a title": Case([put(R, "A1", text("RXK return"))], "locked-cell-changed", R, "A1", 'now "RXK return"'),
    "the deadline": Case([put("Cover", "B8", text("1 May 2012"))], "locked-cell-changed", "Cover", "B8", "20 January"),
    "a text in a blank cell": Case([put(R, "E6", text("see below"))], "locked-cell-added", R, "E6", '"see below"'),
    "a cell further out": Case(edited(lambda b: b["Guide"].__setitem__("Z99", 1)), "locked-cell-added", "Guide", "Z99"),
    # the Rules sheet
    "a limit": Case([put("Rules", AE, number(0.9))], "locked-cell-changed", "Rules", AE, "held 0.95, now 0.9"),
    "a weight": Case([put("Rules", WEIGHT, number(0))], "locked-cell-changed", "Rules", WEIGHT, "held 1, now 0"),
    "the days": Case([put("Rules", DAYS, number(100))], "locked-cell-changed", "Rules", DAYS, "held 275, now 100"),
    "a category": Case([put("Rules", "E5", text("Splendid"))], "locked-cell-changed", "Rules", "E5", '"Performing"'),
    "two limits swapped": Case(
        [put("Rules", AE, number(0.94)), put("Rules", AE_UNDER, number(0.95))], "locked-cell-changed", "Rules", AE_UNDER
    ),
    "a limit by a formula": Case([put("Rules", AE, formula("1-0.1"))], "locked-cell-changed", "Rules", AE, "=1-0.1"),
    "rules of 2010-11": Case([rules_of("2010-11-Q3")], "rules-of-another-edition", "Rules", "", "edition 2010-11"),
    "rules of 2012-13": Case([rules_of("2012-13-M07")], "rules-of-another-edition", "Rules", "", "edition 2012-13"),
    # formulas
    "a result typed in": Case(
        [put(G, CATEGORY, text("Performing"))], "locked-cell-changed", G, CATEGORY, 'now "Performing"'
    ),
    "a formula of its own": Case([put(G, SCORE, formula("3"))], "locked-cell-changed", G, SCORE, "now =3"),
    "a limit in a formula": Case(
        edited(lambda b: b[G].__setitem__(SCORE, b[G][SCORE].value.replace(f"$E${AE[1:]}", "$E$1"))),
        "locked-cell-changed",
        G,
        SCORE,
        "'Rules'!$E$1",
    ),
    "an array formula": Case(
        [put(G, SCORE, f'><f t="array" ref="{SCORE}">3</f><v>3</v>')], "locked-cell-changed", G, SCORE, "{=3}"
    ),
    "a check that is always OK": Case(
        [put(R, check_cell("ytd_surplus"), formula('"OK"', "OK"))],
        "locked-cell-changed",
        R,
        check_cell("ytd_surplus"),
        '="OK"',
    ),
    "a summary": Case([put("Summary", "E6", number(3))], "locked-cell-changed", "Summary", "E6", "now 3"),
    "a row of the checks": Case([put("Checks", "F6", number(0))], "locked-cell-changed", "Checks", "F6", "now 0"),
    # names
    "a moved name": Case(
        edited(new_name(R, "ytd_surplus", f"'{R}'!$B$99")), "name-moved", R, SURPLUS, "The name ytd_surplus"
    ),
    "a name of another sheet": Case(edited(new_name(R, "ytd_surplus", "Rules!$E$5")), "name-changed", R, SURPLUS),
    "a name that is a number": Case(edited(new_name(R, "ytd_surplus", "1000")), "name-changed", R, SURPLUS, "to 1000"),
    "a name removed": Case(
        edited(lambda b: b[R].defined_names.pop("ytd_surplus")), "name-removed", R, SURPLUS, "ytd_surplus"
    ),
    "a name added": Case(edited(new_name(G, "my_rating", "3")), "name-added", G, "", "my_rating"),
    "a name that lost its cell": Case(edited(new_name(R, "ytd_surplus", f"'{R}'!#REF!")), "name-lost", R, SURPLUS),
    # validations, locks and formats of entries
    "a looser rule": Case(
        [
            swap_pattern(
                R, rf'(<dataValidation type="decimal" [^>]*sqref="{SURPLUS}">)<formula1>[^<]*', r"\1<formula1>-1e300"
            )
        ],
        "validation-changed",
        R,
        SURPLUS,
        "-1e+300",
    ),
    "a rule that only warns": Case(
        [swap_pattern(R, rf'<dataValidation ([^>]*sqref="{SURPLUS}")', r'<dataValidation errorStyle="warning" \1')],
        "validation-changed",
        R,
        SURPLUS,
        "not refused",
    ),
    "a rule removed": Case(
        [swap_pattern(R, rf'<dataValidation [^>]*sqref="{SURPLUS}">.*?</dataValidation>', "")],
        "validation-changed",
        R,
        SURPLUS,
        "now nothing",
    ),
    "another choice": Case(
        [swap_pattern(R, rf'(sqref="{BREACH}"><formula1>)[^<]*', r'\1"Yes,No,Perhaps"')],
        "validation-changed",
        R,
        BREACH,
        "Perhaps",
    ),
    "a rule for a locked cell": Case(edited(new_rule("Rules", AE)), "validation-changed", "Rules", AE),
    "an entry locked": Case([with_style_of(R, SURPLUS, LABEL)], "entry-lock-changed", R, SURPLUS),
    "an entry with another format": Case([with_style_of(R, SURPLUS, BREACH)], "entry-format-changed", R, SURPLUS),
    "a locked cell unlocked": Case([with_style_of(R, LABEL, SURPLUS)], "locked-cell-unlocked", R, LABEL),
    "a locked cell unlocked and changed": Case(
        [with_style_of(R, LABEL, SURPLUS), put(R, LABEL, number(7))], "locked-cell-changed", R, LABEL, "now 7"
    ),
    # sheets
    "a hidden sheet": Case(
        [swap(X, '<sheet name="Rules"', '<sheet name="Rules" state="hidden"')], "sheet-hidden", "Rules"
    ),
    "a very hidden sheet": Case(
        [swap(X, f'<sheet name="{G}"', f'<sheet name="{G}" state="veryHidden"')], "sheet-hidden", G, "", "no menu"
    ),
    "a sheet removed": Case(edited(lambda b: b.remove(b[G])), "sheet-removed", G),
    "a sheet added": Case(edited(lambda b: b.create_sheet("Mine")), "sheet-added", "Mine"),
    "a sheet renamed": Case(
        [renamed_as_excel_does(R, "R Return")], "sheet-renamed", "R Return", "", "that was called RXK Return"
    ),
    "another sheet renamed": Case(edited(lambda b: setattr(b["Rules"], "title", "Limits")), "sheet-renamed", "Limits"),
    "swapped sheets": Case(
        [names_swapped(R, "RLT Return")], "sheet-renamed", R, "", "is the one that was called RLT Return"
    ),
    "a sheet moved": Case(
        edited(lambda b: b.move_sheet("Rules", -20)), "sheet-moved", "Rules", "", "behind RYA Rating"
    ),
    # rows
    "a deleted row": Case(edited(lambda b: b[R].delete_rows(int(SURPLUS[1:]))), "rows-deleted", R, LABEL, SURPLUS[1:]),
    "deleted rules": Case(edited(lambda b: b["Rules"].delete_rows(20, 3)), "rows-deleted", "Rules", "A20", "20 to 22"),
    "an inserted row": Case(edited(lambda b: b[R].insert_rows(int(SURPLUS[1:]))), "rows-inserted", R, LABEL),
    # protection and links
    "a sheet without protection": Case([swap_pattern(R, "<sheetProtection [^>]*/>", "")], "protection-removed", R),
    "a looser protection": Case(
        [swap(R, '<sheetProtection sheet="1"', '<sheetProtection sheet="1" insertRows="0"')],
        "protection-removed",
        R,
        "",
        "insertRows",
    ),
    "a structure without lock": Case([swap(X, ' lockStructure="1"', "")], "protection-removed", "", "", "structure"),
    "a column unlocked": Case(
        edited(lambda b: setattr(b[R].column_dimensions["Z"], "protection", Protection(locked=False))),
        "locked-cell-unlocked",
        R,
    ),
    "a link to another place": Case([swap("Cover", f"'{R}'!A1", "'RLT Return'!A1")], "link-changed", "Cover"),
    # properties
    "the seal": Case([property_set(PROPERTY, "sha256:" + "0" * 64)], "seal-broken"),
    "a property": Case([property_set("pfexcel_name", "East Midlands")], "seal-broken"),
    "the list of trusts": Case([property_set("pfexcel_trusts", "RLT RXK")], "sheet-added", "RYA Return"),
    "all properties": Case([lambda b: b.__delitem__("docProps/custom.xml")], "seal-missing"),
    "all properties and a limit": Case(
        [lambda b: b.__delitem__("docProps/custom.xml"), put("Rules", AE, number(0.9))],
        "locked-cell-changed",
        "Rules",
        AE,
    ),
    "a limit, sealed anew": Case(
        [put("Rules", AE, number(0.9)), sealed_anew], "locked-cell-changed", "Rules", AE, "held 0.95, now 0.9"
    ),
}


def made(case: Case, path: Path, out: Path) -> Path:
    return case.how(path, out) if callable(case.how) else tampered(path, out, *case.how)


@pytest.mark.parametrize("what", CASES)
def test_what_was_changed_is_called_by_name(sent: Path, tmp_path: Path, what: str) -> None:
    case = CASES[what]
    found = check_integrity(made(case, sent, tmp_path / "tampered.xlsx"))
    wanted = [f for f in found if f.id == case.check and f.sheet == case.sheet and case.words in f.message]
    wanted = [f for f in wanted if not case.cell or f.cell == case.cell]
    assert wanted, [(f.id, f.sheet, f.cell, f.message) for f in found]
    assert len(found) <= 100
    assert all(f.message and f.action for f in found)


def test_there_are_more_than_thirty_ways() -> None:
    assert len(CASES) > 30


@pytest.mark.parametrize("what", [what for what, case in CASES.items() if case.cell and "swapped" not in what])
def test_nothing_else_is_accused(sent: Path, tmp_path: Path, what: str) -> None:
    """A change of one cell gives findings about that cell, or about the rows that moved with it, and no others."""
    case = CASES[what]
    found = check_integrity(made(case, sent, tmp_path / "tampered.xlsx"))
    others = [f for f in found if (f.sheet, f.cell) != (case.sheet, case.cell) and f.id not in ("seal-missing",)]
    if case.check.startswith("rows-"):
        others = [f for f in others if f.sheet != case.sheet]
    assert [f for f in others if f.severity != "note"] == []


def test_many_changes_of_a_sheet_are_summed_up(sent: Path, tmp_path: Path) -> None:
    rows = list(RETURN.entry_rows.values())

    def clear(book: openpyxl.Workbook) -> None:
        for row in rows:
            book[R].cell(row + 1, RETURN.GUIDANCE + 1, "Anything")
            book[R].cell(row + 1, RETURN.FIGURE + 1).number_format = "0.0000"

    found = check_integrity(edited(clear)(sent, tmp_path / "many.xlsx"))
    guided = sum(1 for one in RETURN.entry_rows if ACUTE.fields[one].guidance)
    assert sum(f.id == "locked-cell-changed" for f in found) == min(20, guided)
    assert sum(f.id == "locked-cell-added" for f in found) == min(20, len(rows) - guided)
    [others] = [f for f in found if f.id == "locked-cells-changed"]
    assert others.value == max(0, guided - 20) + max(0, len(rows) - guided - 20)
    [entries] = [f for f in found if f.id == "entries-changed"]
    assert (entries.value, entries.sheet) == (len(rows) - 20, R)
    assert str(address(rows[-1], RETURN.FIGURE)) in entries.message


def test_many_changes_of_names_are_summed_up(sent: Path, tmp_path: Path) -> None:
    found = check_integrity(edited(lambda book: book[R].defined_names.clear())(sent, tmp_path / "names.xlsx"))
    [others] = [f for f in found if f.id == "names-changed"]
    entries = len(RETURN.entry_rows)
    assert (others.sheet, others.value) == (R, 2 * entries - sum(f.id == "name-removed" for f in found))
    assert sum(f.id == "name-removed" for f in found) == 20


def test_formulas_that_follow_a_deleted_row_are_counted(sent: Path, tmp_path: Path) -> None:
    """As Excel deletes a row: what refers to the rows below it refers to one row higher."""
    row = int(SURPLUS[1:])

    def higher(match: re.Match[str]) -> str:
        number = int(match[2])
        return f"{match[1]}{number - (number > row)}" if number != row else "#REF!"

    def delete(book: openpyxl.Workbook) -> None:
        book[R].delete_rows(row)
        for cells in book["Checks"].iter_rows():
            for cell in cells:
                if isinstance(cell, Cell) and isinstance(cell.value, str) and cell.value.startswith(f"='{R}'!"):
                    cell.value = re.sub(r"(![A-Z]+)(\d+)", higher, cell.value)

    found = check_integrity(edited(delete)(sent, tmp_path / "deleted.xlsx"))
    [moved] = [f for f in found if f.id == "formulas-moved"]
    below = sum(number + 1 > row for number in RETURN.entry_rows.values())
    assert (moved.sheet, moved.value) == ("Checks", below)


def test_a_long_formula_is_shown_from_where_it_differs(sent: Path, tmp_path: Path) -> None:
    book = unpack(sent.read_bytes())
    was = next(s for s in describe(book)["sheets"] if s["name"] == G)["cells"][CATEGORY]
    now = was[1:-20] + "ROUND(1,0)" + was[-20:]
    change = put(G, CATEGORY, formula(now.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")))
    [found] = check_integrity(tampered(sent, tmp_path / "long.xlsx", change))
    assert "ROUND(1,0)" in found.message
    assert len(found.message) < 280


def test_the_command_line_shows_it(sent: Path, tmp_path: Path) -> None:
    read = read_return(made(CASES["a limit"], sent, tmp_path / "tampered.xlsx"), integrity=True)
    [found] = [f for f in read.findings if f.id == "locked-cell-changed"]
    assert (found.sheet, found.cell, found.severity) == ("Rules", AE, "error")
    assert len(read.returns) == 3


# --- filled in and saved ---


def test_as_it_was_sent_it_is_clean(sent: Path) -> None:
    assert check_integrity(sent) == []
    assert check_integrity(sent, thorough=False) == []


def test_filled_in_and_saved_by_openpyxl_it_is_clean(filled: Path) -> None:
    assert check_integrity(filled) == []


@pytest.mark.host
@pytest.mark.parametrize("period", ["2009-10-Q3", "2010-11-Q4", "2011-12-Q3", "2012-13-M07"])
def test_filled_in_and_saved_by_libreoffice_it_is_clean(period: str, tmp_path: Path) -> None:
    """But for the lock of the structure, which it leaves out: a note."""
    hosts.require_soffice()
    of = Period.parse(period)
    path = fill(write(tmp_path / "sent.xlsx", *trusts(of), period=of, key=KEY), tmp_path / "filled.xlsx", of)
    assert [f.id for f in check_integrity(path)] == ["seal-not-checked"]
    [saved] = hosts.soffice_recalculate([path], tmp_path / "saved")
    [again] = hosts.soffice_recalculate([saved], tmp_path / "again")
    for one in (path, saved, again):
        assert {f.severity for f in check_integrity(one)} == {"note"}
        assert {f.id for f in check_integrity(one, key=KEY)} <= {"protection-removed"}


def test_written_as_other_programs_may_write_it_it_is_clean(sent: Path, tmp_path: Path) -> None:
    """Shared formulas, strings in the cell, all digits of a number, merged and split rules, the strict namespace."""

    def rewrite(book: Book) -> None:
        strings = re.findall(rb"<si><t[^>]*>(.*?)</t></si>", book["xl/sharedStrings.xml"], re.S)
        for part in [name for name in book if name.startswith("xl/worksheets/sheet")]:
            content = book[part]
            content = re.sub(
                rb't="s"><v>(\d+)</v>',
                lambda m: b't="inlineStr"><is><r><t xml:space="preserve">%s</t></r></is>' % strings[int(m[1])],
                content,
            )
            content = content.replace(b"<v>0.95</v>", b"<v>0.94999999999999996</v>")
            content = re.sub(rb'<c r="([A-Z]+\d+)" s="(\d+)"', rb"<c s='\2' r='\1'", content)
            content = content.replace(b"spreadsheetml/2006/main", b"spreadsheetml/main")
            book[part] = content.replace(
                b"schemas.openxmlformats.org/spreadsheetml", b"purl.oclc.org/ooxml/spreadsheetml"
            )
        book["xl/workbook.xml"] = book["xl/workbook.xml"].replace(b">'Rules'!", b">Rules!")

    def share(book: Book) -> None:
        """The To do column of the Checks sheet, one formula for all rows that have the first row's."""
        part = part_of(book, "Checks")
        first = re.search(rb"<c [^>]*r='F6'[^>]*><f>([^<]*)</f>", book[part])
        assert first

        def shared(cell: re.Match[bytes]) -> bytes:
            if cell["formula"] != re.sub(rb"\b([A-Z])6\b", rb"\g<1>%s" % cell["row"], first[1]):
                return cell[0]
            own = b' ref="F6:F999" si="0">%s</f>' % first[1] if cell["row"] == b"6" else b' si="0"/>'
            return cell["start"] + b'<f t="shared"' + own

        pattern = rb"(?P<start><c [^>]*r='F(?P<row>\d+)'[^>]*>)<f>(?P<formula>[^<]*)</f>"
        book[part] = re.sub(pattern, shared, book[part])
        assert book[part].count(b't="shared"') > 100

    path = tampered(sent, tmp_path / "rewritten.xlsx", rewrite, share)
    assert check_integrity(path) == []
    assert digest(describe(path)) == digest(describe(sent))


def test_a_figure_or_a_comment_does_not_touch_the_seal(sent: Path, filled: Path) -> None:
    assert digest(describe(filled)) == digest(describe(sent))
    assert seal(describe(sent)) == describe(sent)["properties"][PROPERTY]


def test_the_description_is_that_of_the_workbook_made_again(sent: Path) -> None:
    again = pristine(EDITION, QUARTER, describe(sent))
    assert again is not None
    assert again.description == describe(sent)


def test_both_ways_of_reading_cells_find_the_same(
    sent: Path, filled: Path, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = [describe(path) for path in (sent, filled, told)]
    monkeypatch.setattr("pfexcel.workbook.seal.plain_cells", lambda content: None)
    assert [describe(path) for path in (sent, filled, told)] == fast


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="str"><f>1+1&amp;""</f><v>2</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<row", b"<!-- <row --><row"),
        (b'<c r="A1"', b"<c r='A1'"),
        (b'<c r="A1"', b'<c r="A1" x="1"'),
        (b"<f>", b'<f t="shared" si="0">'),
        (b"1+1", b"<![CDATA[1+1]]>"),
        (b"1+1", b"1&#43;1"),
        (b'<row r="1"', b'<row r="1" s="3" customFormat="1"'),
        (b"</row>", b"</row> "),
        (b"<sheetData>", b"<x><sheetData></sheetData></x><sheetData>"),
        (b"/main", b"/other"),
        (b"<v>2</v>", b"<v>2</v><f>3</f>"),
    ],
)
def test_cells_that_are_not_plain_are_left_to_the_parser(old: bytes, new: bytes) -> None:
    assert plain_cells(SHEET) is not None
    assert plain_cells(SHEET.replace(old, new, 1)) is None


# --- pasting ---


def test_a_paste_into_an_entry_gives_notes_only(sent: Path, tmp_path: Path) -> None:
    """What Excel pastes from elsewhere: a locked cell with another format and without a rule."""
    rule = swap_pattern(R, rf'<dataValidation [^>]*sqref="{SURPLUS}">.*?</dataValidation>', "")
    found = check_integrity(tampered(sent, tmp_path / "paste.xlsx", with_style_of(R, SURPLUS, LABEL), rule))
    assert {f.id for f in found} == {"entry-lock-changed", "validation-changed"}
    assert {(f.sheet, f.cell, f.severity) for f in found} == {(R, SURPLUS, "note")}
    assert {f.organisation for f in found} == {"RXK"}


def test_cut_and_paste_of_an_entry_gives_notes_only(tmp_path: Path) -> None:
    """Excel takes names and references along; no formula of ours has a reference that it could take."""
    one = next(one for one in trusts() if one.trust.ods_code == "RXK")
    path = write(tmp_path / "one.xlsx", filled_in(one))
    found = check_integrity(cut_and_paste(path, tmp_path / "moved.xlsx", filled_in(one)))
    assert {f.id for f in found} == {"name-moved", "name-lost"}
    assert {f.severity for f in found} == {"note"}


def filled_in(one: TrustReturn) -> TrustReturn:
    values = sample_values(one.rulebook, one.trust.ods_code, QUARTER)
    return TrustReturn(one.trust, one.rulebook, QUARTER, values)


# --- seals ---


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook sealed with a key, with earlier periods and last period's figures of one trust."""
    return write(tmp_path_factory.mktemp("told") / "told.xlsx", *with_history(), key=KEY)


def with_history() -> list[TrustReturn]:
    first, *others = trusts()
    periods = ("2011-12-Q1", "Performing"), ("2011-12-Q2", "Underperforming")
    history = tuple(HistoryPeriod(Period.parse(text), {"finance": said, "quality": said}, {}) for text, said in periods)
    previous = sample_values(first.rulebook, first.trust.ods_code, QUARTER)
    return [TrustReturn(first.trust, first.rulebook, QUARTER, {}, history, previous), *others]


FIRST = min(CODES)
LAST = address(return_layout(ACUTE).entry_rows["ytd_surplus"], RETURN.LAST)


def reported(path: Path) -> str:
    """The cell that says Underperforming for the quarter before."""
    cells = next(s for s in describe(path)["sheets"] if s["name"] == f"{FIRST} Rating")["cells"]
    given = given_cells(ACUTE)["rating"]
    return next(cell for cell in given if cells.get(cell) == "'Underperforming")


def test_what_the_generator_knew_is_sealed(told: Path) -> None:
    assert check_integrity(told, key=KEY) == []
    assert [f.id for f in check_integrity(told)] == ["seal-not-checked"]


def test_a_changed_history_is_found_by_its_mark(told: Path, tmp_path: Path) -> None:
    cell = reported(told)
    path = tampered(told, tmp_path / "history.xlsx", put(f"{FIRST} Rating", cell, text("Performing")))
    for key in (None, KEY):
        [found] = [f for f in check_integrity(path, key=key) if f.severity == "error"]
        assert (found.id, found.sheet, found.cell) == ("locked-cell-changed", f"{FIRST} Rating", cell)
        assert 'now "Performing"' in found.message


def test_a_changed_figure_of_last_period_is_found_by_its_mark(told: Path, tmp_path: Path) -> None:
    path = tampered(told, tmp_path / "last.xlsx", put(f"{FIRST} Return", LAST, number(1)))
    [found] = [f for f in check_integrity(path, key=KEY) if f.severity == "error"]
    assert (found.id, found.sheet, found.cell) == ("locked-cell-changed", f"{FIRST} Return", LAST)


def forged(told: Path, out: Path) -> Path:
    """A changed history with the marks and the seal made anew, as someone without the key can."""

    def mark_anew(book: Book) -> None:
        sheet = next(s for s in describe(book)["sheets"] if s["name"] == f"{FIRST} Rating")
        marks = "".join(mark(sheet, cell) for cell in given_cells(ACUTE)["rating"])
        property_set(f"pfexcel_given_{FIRST}_rating", marks)(book)

    return tampered(told, out, put(f"{FIRST} Rating", reported(told), text("Performing")), mark_anew, sealed_anew)


def test_marks_of_another_layout_are_no_reason_to_give_up(told: Path, tmp_path: Path) -> None:
    path = tampered(told, tmp_path / "layout.xlsx", property_set(f"pfexcel_given_{FIRST}_rating", "AA"))
    assert [f.id for f in check_integrity(path, key=KEY)] == ["seal-broken"]


def test_a_key_notices_what_a_digest_does_not(told: Path, tmp_path: Path) -> None:
    path = forged(told, tmp_path / "forged.xlsx")
    assert check_integrity(path) == []
    [found] = check_integrity(path, key=KEY)
    assert (found.id, found.severity) == ("seal-broken", "error")
    assert "without the key" in found.message


def test_a_key_explains_what_was_changed(told: Path, tmp_path: Path) -> None:
    path = tampered(told, tmp_path / "limit.xlsx", put("Rules", AE, number(0.9)))
    assert [(f.id, f.cell) for f in check_integrity(path, key=KEY)] == [("locked-cell-changed", AE)]
    also = tampered(path, tmp_path / "also.xlsx", property_set("pfexcel_given_RLT_rating", ""))
    assert "seal-broken" in {f.id for f in check_integrity(also, key=KEY)}


def test_another_key_does_not_fit(told: Path) -> None:
    [found] = check_integrity(told, key=b"another secret, as long")
    assert found.id == "seal-broken"
    assert "the key given is probably not the one it was made with" in found.message


def test_a_deleted_row_is_said_once_by_the_reader_and_once_by_the_seal(filled: Path, tmp_path: Path) -> None:
    read = read_return(made(CASES["a deleted row"], filled, tmp_path / "deleted.xlsx"), integrity=True)
    [deleted] = [f for f in read.findings if f.id == "rows-deleted"]
    [moved] = [f for f in read.findings if f.id == "label-moved"]
    assert (deleted.sheet, moved.sheet) == (R, R)
    assert not [f for f in read.findings if f.sheet == R and f.id == "entry-missing"]


def test_a_register_knows_the_history_better(told: Path, tmp_path: Path) -> None:
    path, cell = forged(told, tmp_path / "forged.xlsx"), reported(told)
    history = {one.trust.ods_code: one.history for one in with_history()}
    assert [f.id for f in check_integrity(told, history=history)] == ["seal-not-checked"]
    [found] = check_integrity(path, history=history)
    assert (found.id, found.sheet, found.cell) == ("locked-cell-changed", f"{FIRST} Rating", cell)
    assert 'held "Underperforming", now "Performing"' in found.message


def test_another_version_is_checked_as_a_whole(sent: Path, tmp_path: Path) -> None:
    older = [property_set("pfexcel_version", "0.0.1"), put("Rules", AE, number(0.9)), sealed_anew]
    path = tampered(sent, tmp_path / "older.xlsx", *older)
    [found] = check_integrity(path)
    assert (found.id, found.severity) == ("version-differs", "note")
    assert "0.0.1" in found.message
    changed = check_integrity(tampered(path, tmp_path / "changed.xlsx", put("Rules", AE, number(0.8))))
    assert [f.id for f in changed] == ["version-differs", "seal-broken"]


def test_an_edition_of_ones_own_is_checked_as_a_whole(sent: Path, tmp_path: Path) -> None:
    """Where the edition is not at hand, the digest alone speaks."""
    other = tampered(sent, tmp_path / "other.xlsx", property_set("pfexcel_rulebook", "0" * 64), sealed_anew)
    assert check_integrity(other) == []
    [found] = check_integrity(tampered(other, tmp_path / "changed.xlsx", put("Rules", AE, number(0.9))))
    assert found.id == "seal-broken"
    assert "cannot be told" in found.message


@pytest.mark.parametrize("trusts", ["RXK RXK", "XXX", "", "=1", "RXK RYA RLT R1A"])
def test_hostile_properties_raise_nothing(sent: Path, tmp_path: Path, trusts: str) -> None:
    path = tampered(sent, tmp_path / "hostile.xlsx", property_set("pfexcel_trusts", trusts))
    assert {f.id for f in check_integrity(path)} & {"seal-broken", "sheet-removed", "sheet-added"}


def test_a_damaged_sheet_raises_nothing(sent: Path, tmp_path: Path) -> None:
    path = tampered(sent, tmp_path / "damaged.xlsx", put("Rules", AE, ' t="s"><v>999999</v>'))
    assert [f.id for f in check_integrity(path)] == ["file-unreadable"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rules!$E$12", "'Rules'!$E$12"),
        ("SUM(E17:E17)", "SUM(E17)"),
        ('IF(A1="",TRUE,FALSE)', 'IF(A1="",TRUE(),FALSE())'),
        ("A1*0.50", "A1*0.5"),
        ("A1>0.0000000001", "A1>1E-10"),
        ("-1000000000000.0", "-1000000000000"),
    ],
)
def test_formulas_that_say_the_same_are_the_same(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rules!$E$12", "Rules!E12"),
        ('A1&"0.50"', 'A1&"0.5"'),
        ("'A1:A1'!B2", "'A1'!B2"),
        ("A1:A10", "A1"),
        ("SUM(B2:B20)", "SUM(B2:B2)"),
        ('"TRUE"', '"TRUE()"'),
        ("SHEET1!A1", "SHEET2!A1"),
    ],
)
def test_formulas_that_differ_stay_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_check_takes_a_key(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = []
    for name, key in (("right", KEY), ("wrong", b"another secret, as long")):
        (tmp_path / name).write_bytes(key + b"\n")
        monkeypatch.setattr(sys, "argv", ["pfexcel", "check", str(told), "--key", str(tmp_path / name), "--json"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 1  # a workbook that nobody filled in
        found.append({one["id"] for one in json.loads(capsys.readouterr().out)})
    assert found[1] - found[0] == {"seal-broken"}
