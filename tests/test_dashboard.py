"""The Dashboard: its order by need of attention, counts, charts and trends, as other programs recalculate them."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from pfexcel.organisations import Trust, in_scope
from pfexcel.periods import Period, period_of
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.dashboard_layout import PERIODS, DashboardLayout
from pfexcel.workbook.dashboard_workings import Workings
from pfexcel.workbook.history import HistoryPeriod
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, band_limits, return_layout
from tests.books import mismatches
from tests.hosts import (
    Cell,
    IronCalcBook,
    Value,
    ironcalc_cells,
    require_soffice,
    require_validator,
    soffice_recalculate,
    validate_ooxml,
    xlsx_values,
)

SHEET = "Dashboard"
QUARTERS = {
    "2009-10": ("2009-10-Q3", ["2009-10-Q1", "2009-10-Q2"]),
    "2010-11": ("2010-11-Q4", ["2010-11-Q1", "2010-11-Q2", "2010-11-Q3"]),
    "2011-12": ("2011-12-Q3", [f"2010-11-Q{number}" for number in range(1, 5)] + ["2011-12-Q1", "2011-12-Q2"]),
    "2012-13": ("2012-13-M07", [f"2012-13-M{number:02}" for number in range(1, 7)]),
}
FUNCTIONS = {
    *("IF", "IFERROR", "AND", "OR", "NOT", "ISNUMBER", "INDEX", "MATCH", "SUM", "SUMPRODUCT", "COUNT", "COUNTIFS"),
    *("MIN", "MAX", "ABS", "SQRT", "ROUND"),
}
NAMES = ["Performing", "Performance under review", "Underperforming", "Challenged"]
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
XM = "{http://schemas.microsoft.com/office/excel/2006/main}"


@dataclass
class Made:
    """A workbook file and what it was made of."""

    path: Path
    job: Job

    @property
    def layout(self) -> DashboardLayout:
        return DashboardLayout(self.job)

    def parts(self, folder: str) -> list[ElementTree.Element]:
        with zipfile.ZipFile(self.path) as archive:
            names = sorted(name for name in archive.namelist() if re.fullmatch(rf"xl/{folder}/[^/]+\.xml", name))
            return [ElementTree.fromstring(archive.read(name)) for name in names]

    @cached_property
    def cells(self) -> dict[str, Value]:
        return {cell: value for (sheet, cell), value in xlsx_values(self.path).items() if sheet == SHEET}

    @cached_property
    def formulas(self) -> dict[str, str]:
        rows = openpyxl.load_workbook(self.path)[SHEET].iter_rows()
        return {
            c.coordinate: c.value for row in rows for c in row if isinstance(c.value, str) and c.value.startswith("=")
        }


def past(one: TrustReturn, texts: list[str]) -> TrustReturn:
    """The return with a history of its own: random categories, here and there a period without a return."""
    own = random.Random(one.trust.ods_code)
    domains = [domain for domain in one.rulebook.domains.values() if domain.ladder]
    periods = []
    for text in texts[own.randrange(3) :]:
        categories = {d.id: own.choice([*d.scale.names[:1], *d.scale.names[:3]]) for d in domains if own.random() < 0.9}
        periods.append(HistoryPeriod(Period.parse(text), categories, {}))
    return replace(one, history=tuple(periods))


def make_job(edition_id: str, number: int = 7, with_past: bool = True) -> Job:
    """Trusts of each type with sample figures, one without any, the codes out of order."""
    edition = load_edition(edition_id)
    text, texts = QUARTERS[edition_id]
    period = period_of(edition, text)
    by_type: dict[str, list[Trust]] = {}
    for trust in in_scope(period.last_day, edition.trust_types):
        by_type.setdefault(trust.trust_type, []).append(trust)
    mixed = [trust for rank in range(number) for trusts in by_type.values() for trust in trusts[rank : rank + 1]]
    returns = []
    for rank, trust in enumerate(mixed[:number]):
        rulebook = edition.rulebook(trust.trust_type)
        values = {} if rank == 2 else sample_values(rulebook, trust.ods_code, period)
        one = TrustReturn(trust, rulebook, period, values)
        returns.append(past(one, texts) if with_past and rank % 3 else one)
    random.Random(edition_id).shuffle(returns)
    return Job(edition, period, "Q00", "Everywhere", tuple(returns))


def write(job: Job, path: Path) -> Made:
    write_workbook(job, path)
    return Made(path, job)


@pytest.fixture(scope="module", params=QUARTERS, ids=str)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return write(make_job(request.param), tmp_path_factory.mktemp("dashboard") / f"{request.param}.xlsx")


def attention(one: TrustReturn) -> tuple[float, float, str]:
    """Where a trust stands in the order, by the rule in words."""
    rating = one.rating
    decided = ("finance", "overall") if "overall" in rating.domains else ("finance", "quality")
    places = [NAMES.index(c) if (c := str(rating.domains[d].category)) in NAMES else 0.5 for d in decided]
    places += [NAMES.index(str(one.tracks[d].now.category)) for d in decided if one.tracks[d].now.category in NAMES]
    score = rating.domains["finance"].score
    return (-max(places), 0.0 if score is None else score, one.trust.ods_code)


def shown_order(layout: DashboardLayout, value: Callable[[str], Any]) -> list[Any]:
    rows = range(layout.first, layout.first + len(layout.job.returns))
    return [value(address(row, layout.CODE)) for row in rows]


# --- what it says ---


def test_trusts_stand_by_need_of_attention(made: Made) -> None:
    expected = [one.trust.ods_code for one in sorted(made.job.returns, key=attention)]
    cells = made.cells
    assert shown_order(made.layout, cells.__getitem__) == expected
    assert len({attention(one)[0] for one in made.job.returns}) > 1


def test_a_line_says_what_the_rating_says(made: Made) -> None:
    layout, cells = made.layout, made.cells
    for row, one in enumerate(sorted(made.job.returns, key=attention), start=layout.first):

        def at(column: int, row: int = row) -> Value:
            return cells.get(address(row, column)) or None

        assert layout.second is not None
        ipm, finance = one.rating.ipm, one.rating.finance
        assert at(layout.NAME) == one.trust.name
        assert at(layout.SCORE) == pytest.approx(finance.score)
        assert at(layout.FINANCE) == finance.category
        assert at(layout.second_column) == one.rating.domains[layout.second.id].category
        assert at(layout.measures) == pytest.approx(ipm.score)
        if layout.further is not None:
            assert at(layout.measures + 1) == one.rating.domains["tfa"].category
        for column, sub_domain in enumerate(layout.sub_domains, start=layout.SHARES):
            own = [i for i in one.rulebook.domains["finance"].indicators.values() if i.sub_domain == sub_domain]
            scores = [finance.indicators[i.id].score for i in own]
            known = [score * i.weight for score, i in zip(scores, own, strict=True) if score is not None]
            share = sum(known) / sum(3 * i.weight for i in own) if len(known) == len(own) else None
            assert at(column) == pytest.approx(share)


def test_counts_are_those_of_the_ratings(made: Made) -> None:
    layout, cells = made.layout, made.cells
    seen = set()
    for counts in layout.counts:
        for column, domain in enumerate(counts.domains, start=layout.SHARES):
            seen.add(domain.id)
            ratings = [one.rating.domains.get(domain.id) for one in made.job.returns]
            rated = [str(rating.category) for rating in ratings if rating is not None]
            found = {name: cells[address(counts.header + 1 + n, column)] for n, name in enumerate(counts.names)}
            assert found == {name: rated.count(name) for name in counts.names}
            assert sum(map(rated.count, counts.names)) == len(rated)
    assert seen == {domain.id for domain in layout.domains}


def test_the_history_says_last_period_and_now(made: Made) -> None:
    layout, cells = made.layout, made.cells
    first = layout.history + 4
    for row, one in enumerate(sorted(made.job.returns, key=attention), start=first):
        assert cells[address(row, layout.CODE)] == one.trust.ods_code
        for name, (last, _, now) in layout.history_columns.items():
            stages = list(one.tracks[name].stages)
            before = str(stages[-2].category) if len(stages) > 1 else ""
            assert (cells.get(address(row, last)) or "") == before
            assert cells[address(row, now)] == stages[-1].category
    assert set(layout.history_columns) == {d for one in made.job.returns for d in one.tracks}


def test_trends_run_over_the_places_of_the_periods(made: Made) -> None:
    layout, cells = made.layout, made.cells
    sheet = next(part for part in made.parts("worksheets") if part.find(f".//{X14}sparklineGroup") is not None)
    found = {str(s.findtext(f"{XM}sqref")): str(s.findtext(f"{XM}f")) for s in sheet.iter(f"{X14}sparkline")}
    assert len(found) == len(made.job.returns) * len(layout.history_columns)
    for row, one in enumerate(sorted(made.job.returns, key=attention), start=layout.history + 4):
        for name, (_, trend, _) in layout.history_columns.items():
            [(_, first), (_, last)] = [(key, layout.near_columns[f"{name} {key}"]) for key in (PERIODS[0], PERIODS[-1])]
            above = row - layout.history - 4 + layout.first
            assert found[address(row, trend)] == f"{SHEET}!{address(above, first)}:{address(above, last)}"
            names = one.rulebook.domains[name].scale.names
            stages = one.tracks[name].stages[-len(PERIODS) :]
            bars = [4 - names.index(s.category) if s.category in names else 0 for s in stages]
            drawn = [cells[address(above, column)] for column in range(first, last + 1)]
            assert drawn == [0] * (len(PERIODS) - len(bars)) + bars


# --- what it is made of ---


def test_charts_say_in_words_what_they_show(made: Made) -> None:
    [drawing] = made.parts("drawings")
    said = [str(frame.get("descr")) for frame in drawing.iter(f"{DRAWING}cNvPr")]
    assert len(said) == len(made.parts("charts")) == len(made.layout.counts) + 2
    assert all(len(words) > 80 for words in said)
    assert len(set(said)) == len(said)


def test_charts_of_scores_have_titles_axes_and_the_limits_of_the_rules_sheet(made: Made) -> None:
    layout, formulas = made.layout, made.formulas
    charts = [chart for chart in made.parts("charts") if chart.find(f".//{CHART}lineChart") is not None]
    assert len(charts) == 2
    for chart, domain in zip(charts, layout.charted, strict=True):
        titles = ["".join(title.itertext()) for title in chart.iter(f"{CHART}title")]
        assert titles[0] == f"{domain.title}: score"
        assert titles[1:] == ["Trust, in order of need of attention", "Score"]
        lines = chart.findall(f".//{CHART}lineChart/{CHART}ser")
        used = [str(line.findtext(f"./{CHART}val/{CHART}numRef/{CHART}f")) for line in lines]
        assert used == [_range(layout, key) for key in layout.limits(domain)]
        workings = Workings(layout)
        for number, key in enumerate(layout.limits(domain)):
            for one in made.job.returns:
                limits = band_limits(one.rulebook, one.rulebook.domains[domain.id])
                assert formulas[workings.at(key, one)] == f"={limits[number]}"


def _range(layout: DashboardLayout, key: str) -> str:
    """A line of a chart, with the cell before and after."""
    column, last = layout.near_columns[key], layout.first + len(layout.job.returns)
    return f"{SHEET}!{address(layout.first - 1, column, True)}:{address(last, column, True)}"


def test_no_limit_is_typed(made: Made) -> None:
    for cell, formula in made.formulas.items():
        numbers = [i.value for i in Tokenizer(formula).items if i.type == Token.OPERAND and i.subtype == Token.NUMBER]
        assert not {"2.4", "2.40", "2.1", "2.10"} & set(numbers), (cell, formula)


def test_formulas_use_only_functions_that_every_program_knows(made: Made) -> None:
    for cell, formula in made.formulas.items():
        items = Tokenizer(formula).items
        used = {i.value.rstrip("(") for i in items if i.type == Token.FUNC and i.subtype == Token.OPEN}
        assert used <= FUNCTIONS, (cell, formula)


def test_the_sheet_is_locked_and_prints_one_page_wide(made: Made) -> None:
    book = openpyxl.load_workbook(made.path)
    assert book.sheetnames[:5] == ["Cover", "Guide", "Summary", SHEET, "Checks"]
    sheet = book[SHEET]
    assert sheet["A1"].value == "Dashboard"
    assert sheet.protection.sheet
    assert not sheet.merged_cells.ranges
    assert all(cell.protection.locked for row in sheet.iter_rows() for cell in row)
    setup = sheet.page_setup
    assert (setup.paperSize, setup.fitToWidth or 1, setup.fitToHeight) == (9, 1, 0)  # no width written is one page
    assert sheet.print_area == f"'{SHEET}'!$A$1:{address(made.layout.last, made.layout.to_do, True)}"


# --- other programs ---


def wrong(path: Path, found: Mapping[Cell, Value]) -> list[Any]:
    """The cells of the Dashboard that another program finds otherwise."""
    return [difference for difference in mismatches(path, found) if difference[0][0] == SHEET]


def test_ironcalc_agrees_in_every_cell(made: Made) -> None:
    assert wrong(made.path, ironcalc_cells(made.path)) == []


@pytest.mark.host
def test_libreoffice_agrees_in_every_cell(tmp_path: Path) -> None:
    require_soffice()
    books = [write(make_job(edition, 4), tmp_path / f"{edition}.xlsx").path for edition in QUARTERS]
    for book, recalculated in zip(books, soffice_recalculate(books, tmp_path / "out"), strict=True):
        assert wrong(book, xlsx_values(recalculated)) == []


@pytest.mark.host
def test_the_validator_finds_nothing_wrong(tmp_path: Path) -> None:
    require_validator()
    books = [
        write(make_job("2012-13", 3), tmp_path / "three.xlsx").path,
        write(make_job("2011-12", 1), tmp_path / "one.xlsx").path,
    ]
    assert validate_ooxml(books) == {book: [] for book in books}


CHANGES: list[dict[str, Any]] = [
    {"finance_major_failing": "Challenged", "finance_major_failing_by": "The SHA"},
    {"current_assets": 0, "debtors": 10**7, "ytd_ebitda": 0},
    {"forecast_surplus": -50_000, "ytd_surplus": -50_000},
    {"ytd_surplus": None},
    {"cqc_enforcement": "Yes"},
    {"loan_repayment_missed": "Yes"},
]


@pytest.mark.parametrize("edition", QUARTERS)
def test_the_order_follows_the_entries(edition: str, tmp_path: Path) -> None:
    """Type other figures: the Dashboard then is, in every cell, that of a workbook made with those figures."""
    job = make_job(edition, number=4)
    book = IronCalcBook(write(job, tmp_path / "before.xlsx").path)
    orders = {tuple(one.trust.ods_code for one in Workings(DashboardLayout(job)).ordered)}
    for number, change in enumerate(CHANGES):
        one = job.returns[number % 4]
        taken = {name: value for name, value in change.items() if name in one.rulebook.fields}
        for name, value in taken.items():
            book.set(one.return_sheet, return_layout(one.rulebook).cell(name), value)
        book.evaluate()
        changed = replace(one, values={**one.values, **taken})
        job = replace(job, returns=tuple(changed if other is one else other for other in job.returns))
        order = shown_order(DashboardLayout(job), lambda cell: book.value(SHEET, cell))
        assert order == [r.trust.ods_code for r in sorted(job.returns, key=attention)]
        orders.add(tuple(order))
    assert len(orders) > 1
    assert wrong(write(job, tmp_path / "after.xlsx").path, book.values()) == []


# --- how many trusts ---


@pytest.mark.parametrize("number", [1, pytest.param(30, marks=pytest.mark.slow)])
def test_one_trust_or_many(number: int, tmp_path: Path) -> None:
    made = write(make_job("2011-12", number), tmp_path / "many.xlsx")
    assert wrong(made.path, ironcalc_cells(made.path)) == []
    assert shown_order(made.layout, made.cells.__getitem__) == [
        one.trust.ods_code for one in sorted(made.job.returns, key=attention)
    ]


def test_what_is_not_known_comes_just_before_what_is_well(tmp_path: Path) -> None:
    edition = load_edition("2011-12")
    period = period_of(edition, "2011-12-Q3")
    acute = edition.rulebook("acute")
    values = sample_values(acute, "RXK", period)
    poor = {**values, "loan_repayment_missed": "Yes"}
    trusts = in_scope(period.last_day, ["acute"])[:4]
    sent = [{}, values, poor, {**values, "ytd_surplus": None}]
    returns = [TrustReturn(trust, acute, period, given) for trust, given in zip(trusts, sent, strict=True)]
    made = write(Job(edition, period, "Q00", "Everywhere", tuple(returns)), tmp_path / "four.xlsx")
    blank, well, worst, partly = (trust.ods_code for trust in trusts)
    assert shown_order(made.layout, made.cells.__getitem__) == [worst, *sorted([blank, partly]), well]
    words = [made.cells[address(row, made.layout.WORST)] for row in range(made.layout.first, made.layout.first + 4)]
    assert words == ["Underperforming", "Not assessed", "Not assessed", "Performing"]


def test_without_any_figures_the_order_is_that_of_the_codes(tmp_path: Path) -> None:
    job = make_job("2011-12", with_past=False)
    job = replace(job, returns=tuple(replace(one, values={}) for one in job.returns))
    made = write(job, tmp_path / "blank.xlsx")
    assert shown_order(made.layout, made.cells.__getitem__) == sorted(one.trust.ods_code for one in job.returns)
    assert wrong(made.path, ironcalc_cells(made.path)) == []
