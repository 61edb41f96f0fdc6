"""The seal: whatever of a workbook is changed beside its entries is called by name, and saving it changes nothing."""

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from pfexcel.catalogue import catalogue
from pfexcel.model import Finding
from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.returns.integrity import check_integrity
from pfexcel.returns.read import read_return
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.given import given_cells
from pfexcel.workbook.history import HistoryPeriod
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, rating_layout, return_layout, rules_layout
from pfexcel.workbook.parts import canonical, pack, unpack
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


def without_sheet(name: str) -> Change:
    return swap_pattern("xl/workbook.xml", rf'<sheet name="{name}"[^>]*/>', "")


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
    "a sheet removed": Case([without_sheet(G)], "sheet-removed", G),
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
        edited(lambda b: setattr(b[R].column_dimensions["Z"], "protection", openpyxl.styles.Protection(locked=False))),
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
    assert len(found) <= 45
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
