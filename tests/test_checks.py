"""Each check of the catalogue fires on its own faulty return, in Python and on the Checks sheet, on no clean one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pfexcel import checks_page
from pfexcel.catalogue import catalogue
from pfexcel.engine.check_rules import load_checks, read_checks
from pfexcel.engine.checks import is_first, unknown_names
from pfexcel.engine.rate import rate
from pfexcel.model import Finding
from pfexcel.organisations import in_scope
from pfexcel.periods import Period
from pfexcel.returns.checks import run_checks
from pfexcel.returns.read import read_return
from pfexcel.rules.edition import Rulebook
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.samples import sample_values
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.check_rows import check_rows
from pfexcel.workbook.checks_sheet import CELL, CHECK, CODE, ENTRY, HEADER, SEVERITY, TO_DO, rows_needed, to_do
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, return_layout
from tests.books import differences, pretend_trust
from tests.hosts import Cell, IronCalcBook, Value, ironcalc_cells, xlsx_values
from tests.samples import good_return, random_returns, sample_period

STEADY = ("planned_", "sha_expected", "forecast_surplus", "ue_")
FAULTY = tomllib.loads((Path(__file__).parent / "checks" / "faulty.toml").read_text(encoding="utf-8"))
BOOKS = [load_edition(name).rulebook(kind) for name in shipped_editions() for kind in load_edition(name).trust_types]
ENTRY_CHECKS = {name for name, table in catalogue().items() if table.get("row") == "entry"}


@dataclass(frozen=True, eq=False)
class Faulty:
    """A return that one check finds fault with."""

    check: str
    at: str
    one: TrustReturn
    comments: Mapping[str, str]


def clean(rulebook: Rulebook, period: Period) -> dict[str, Any]:
    """A good return whose figures to date fit the period."""
    values = good_return(rulebook)
    share = period.months_elapsed / 12
    return values | {name: value * share for name, value in values.items() if name.startswith(("ytd_", "bppc_"))}


def clean_last(rulebook: Rulebook, period: Period) -> dict[str, Any]:
    """Last period's figures to go with it: plans and forecast as they are, everything else a little less."""
    numbers = {n: v for n, v in clean(rulebook, period).items() if rulebook.fields[n].unit.is_number}
    return {n: v if n.startswith(STEADY) else v * 0.9 for n, v in numbers.items()}


@cache
def faulty(check: str) -> Faulty:
    table = FAULTY[check]
    period = Period.parse(table.get("period", "2011-12-Q3"))
    kind = table.get("trust_type", "acute")
    rulebook = load_edition(period.edition_id).rulebook(kind)
    values = clean(rulebook, period) | table.get("set", {})
    last = clean_last(rulebook, period) | table.get("last", {})
    trust = pretend_trust(f"P{list(FAULTY).index(check):02d}", kind)
    return Faulty(check, table["at"], TrustReturn(trust, rulebook, period, values, (), last), table.get("comment", {}))


def findings(one: TrustReturn, comments: Mapping[str, str]) -> list[Finding]:
    """What the engine says of the entries, and the checks of the figures."""
    rated = rate(one.rulebook.edition, one.rulebook.trust_type, one.values, one.period).findings
    return [
        *(found for found in rated if found.id in ENTRY_CHECKS),
        *run_checks(one.rulebook, one.values, one.previous, comments, one.period),
    ]


def job_of(*returns: TrustReturn) -> Job:
    return Job(returns[0].rulebook.edition, returns[0].period, "Q00", "Nowhere", returns)


def left(cells: Mapping[Cell, Value], job: Job) -> list[tuple[Value, ...]]:
    """Trust, cell, words and severity of the rows of the Checks sheet that leave something to do."""
    found = []
    for row in range(HEADER + 1, HEADER + 1 + rows_needed(job)):
        line = {column: cells.get(("Checks", address(row, column))) for column in range(TO_DO + 1)}
        if line[TO_DO]:
            found.append(tuple(line[column] for column in (CODE, ENTRY, CELL, SEVERITY)))
    return found


# --- the catalogue ---


def test_every_check_has_a_faulty_return_and_every_one_is_said_on_the_checks_sheet() -> None:
    native = {bound.check.id for rulebook in BOOKS for one in every_period(rulebook) for bound in check_rows(one)}
    conditions = {name for name, table in catalogue().items() if "when" in table}
    assert native == conditions == {check.id for check in load_checks()}
    assert set(FAULTY) == conditions | ENTRY_CHECKS


def test_figures_of_a_size_that_gives_nothing_are_found() -> None:
    rulebook = load_edition("2011-12").rulebook("acute")
    values = good_return(rulebook) | {"debtors": 1e308, "ytd_income": 1e-8}
    [found] = rate(rulebook.edition, "acute", values, Period.parse("2011-12-Q3")).findings
    assert (found.id, found.field) == ("figures-out-of-range", "debtor_days")


def test_every_finding_of_the_catalogue_is_named_in_a_test() -> None:
    folder = Path(__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".py", ".toml")]
    assert [name for name in catalogue() if not any(f'"{name}"' in text or f"[{name}]" in text for text in texts)] == []


def every_period(rulebook: Rulebook) -> list[TrustReturn]:
    year, trust = rulebook.edition.id, pretend_trust("P00", rulebook.trust_type)
    ends = ("Q1", "Q2", "Q4") if rulebook.edition.frequency == "quarter" else ("M01", "M06", "M12")
    periods = [Period.parse(f"{year}-{end}") for end in ends]
    return [
        TrustReturn(trust, rulebook, period, clean(rulebook, period), (), clean_last(rulebook, period))
        for period in periods
    ]


def test_the_sheet_runs_the_very_checks_of_python() -> None:
    for rulebook in BOOKS:
        for one in every_period(rulebook):
            needing = {bound.check.id for bound in check_rows(one) if bound.check.needs_previous}
            assert bool(needing) != is_first(one.period)
            without = check_rows(replace(one, previous={}))
            assert not any(bound.check.needs_previous for bound in without)


def test_no_name_is_misspelt() -> None:
    assert unknown_names(BOOKS) == []


def test_every_check_says_what_is_wrong_and_what_to_do_and_where_from() -> None:
    for check in load_checks():
        assert check.title
        assert check.message
        assert check.action
        assert check.reference
        assert all(limit.reason for limit in check.limits.values())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "red"}, "'colour' is no key"),
        ({"severity": "fatal"}, "severity 'fatal' is unknown"),
        ({"when": "a.b > 0"}, "an attribute is not allowed"),
        ({"message": "{nonsense}"}, "{nonsense} stands for nothing"),
        ({"limits": {"most": {"is": 1, "unit": "money"}}}, "limits.most has not just"),
        ({"limits": {"most": {"is": 1, "unit": "money", "reason": "so"}}}, "limit 'most' is used nowhere"),
        ({"needs": ["luck"]}, "'previous' is all a check may need"),
        ({"each": [{"a": "ytd_income"}, {"b": "ytd_income"}]}, "other names than the first"),
    ],
)
def test_a_broken_catalogue_is_refused_with_every_reason(change: Mapping[str, Any], words: str) -> None:
    table: dict[str, Any] = {"severity": "error", "title": "t", "when": "ytd_income > 0", "entry": "ytd_income"}
    table |= {"message": "m", "action": "a"}
    read_checks({"one": table})
    with pytest.raises(ValueError, match="one") as caught:
        read_checks({"one": {**table, **change}, "two": {"severity": "error", "message": "m"}})
    assert words in str(caught.value)
    assert "[two] 'action' is missing" in str(caught.value)


def test_the_page_is_up_to_date() -> None:
    written = checks_page.PAGE.read_text(encoding="utf-8")
    assert written == checks_page.page(), "run python -m pfexcel.checks_page"
    for check in catalogue():
        assert f"### {check}\n" in written or f'<a id="{check}"></a>' in written


# --- each check ---


@pytest.mark.parametrize("check", FAULTY)
def test_a_faulty_return_is_found_by_its_check_and_by_no_other(check: str) -> None:
    case = faulty(check)
    [found] = findings(case.one, case.comments)
    assert (found.id, found.field) == (check, case.at)
    assert str(found.severity) == catalogue()[check]["severity"]
    assert found.action


@pytest.mark.parametrize("check", [check.id for check in load_checks()])
def test_a_message_names_its_figures_with_their_units(check: str) -> None:
    case = faulty(check)
    [found] = findings(case.one, case.comments)
    assert "{" not in found.message
    unit = case.one.rulebook.fields[case.at].unit
    if unit.id == "money":
        assert "GBP" in found.message
        assert "thousand" in found.message
    elif unit.is_number and not check.startswith("measures"):
        assert f"{case.one.values[case.at]:,.10g}".replace(",", "") in found.message.replace(",", "")


@pytest.fixture(
    scope="module", params=sorted({(f.one.period.text, f.one.rulebook.trust_type) for f in map(faulty, FAULTY)})
)
def recalculated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The faulty returns of one period and trust type in one workbook, recalculated with their comments."""
    kinds = [f for f in map(faulty, FAULTY) if (f.one.period.text, f.one.rulebook.trust_type) == request.param]
    job = job_of(*(f.one for f in kinds))
    path = tmp_path_factory.mktemp("checks") / "faulty.xlsx"
    write_workbook(job, path)
    edits = {}
    for case in kinds:
        layout = return_layout(case.one.rulebook)
        for name, comment in case.comments.items():
            edits[case.one.return_sheet, address(layout.entry_rows[name], layout.COMMENT)] = comment
    return job, kinds, path, ironcalc_cells(path, edits)


def test_the_checks_sheet_finds_the_same(recalculated: Any) -> None:
    job, kinds, _, cells = recalculated
    found = left(cells, job)
    for case in kinds:
        own = [row for row in found if row[0] == case.one.trust.ods_code]
        cell = return_layout(case.one.rulebook).cell(case.at)
        [(_, said, place, severity)] = own
        assert (place, severity) == (cell, catalogue()[case.check]["severity"]), case.check
        titles = [b.title for b in check_rows(case.one) if b.check.id == case.check and b.entry.name == case.at]
        assert said in (titles or [case.one.rulebook.fields[case.at].label])


def test_the_checks_sheet_shows_the_same_before_it_is_recalculated(recalculated: Any) -> None:
    job, _, path, _ = recalculated
    both = differences(xlsx_values(path), ironcalc_cells(path))
    assert [difference for difference in both if difference[0][0] == "Checks"] == []
    counts = [to_do(one) for one in job.returns]
    assert xlsx_values(path)["Checks", address(3, TO_DO)] == sum(count.total() for count in counts)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("edition", shipped_editions())
def test_random_returns_give_the_same_in_python_and_on_the_sheet(edition: str, seed: int, tmp_path: Path) -> None:
    loaded = load_edition(edition)
    period = Period.parse(f"{edition}-M07" if loaded.frequency == "month" else f"{edition}-Q2")
    returns = []
    for number, kind in enumerate(loaded.trust_types):
        now, last = random_returns(loaded.rulebook(kind), 2, seed, dirty=bool(seed))
        trust = pretend_trust(f"P{number:02d}", kind)
        returns.append(TrustReturn(trust, loaded.rulebook(kind), period, now, (), last))
    job = job_of(*returns)
    write_workbook(job, tmp_path / "random.xlsx")
    both = differences(xlsx_values(tmp_path / "random.xlsx"), ironcalc_cells(tmp_path / "random.xlsx"))
    assert [difference for difference in both if difference[0][0] == "Checks"] == []


# --- clean returns ---


@pytest.mark.parametrize("rulebook", BOOKS, ids=lambda book: f"{book.edition.id} {book.trust_type}")
def test_no_check_fires_on_a_clean_return(rulebook: Rulebook) -> None:
    whole = TrustReturn(
        pretend_trust("P00", rulebook.trust_type),
        rulebook,
        Period.parse(sample_period(rulebook.edition)),
        good_return(rulebook),
    )
    for one in (whole, *every_period(rulebook)):
        assert findings(one, {}) == []


@pytest.mark.parametrize("edition", shipped_editions())
def test_the_checks_sheet_of_clean_returns_leaves_nothing_to_do(edition: str, tmp_path: Path) -> None:
    books = [book for book in BOOKS if book.edition.id == edition]
    ones = [replace(every_period(b)[-1], trust=pretend_trust(f"P{n:02d}", b.trust_type)) for n, b in enumerate(books)]
    job = job_of(*ones)
    write_workbook(job, tmp_path / "clean.xlsx")
    cells = ironcalc_cells(tmp_path / "clean.xlsx")
    assert left(cells, job) == []
    assert cells["Checks", address(3, TO_DO)] == 0


@pytest.mark.parametrize("period", ["2011-12-Q2", "2011-12-Q3"])
def test_sample_figures_raise_queries_only(period: str) -> None:
    when = Period.parse(period)
    for trust in in_scope(when.last_day):
        rulebook = load_edition("2011-12").rulebook(trust.trust_type)
        found = run_checks(rulebook, sample_values(rulebook, trust.ods_code, when), {}, {}, when)
        assert {str(one.severity) for one in found} <= {"query"}


# --- as a return is read ---


@pytest.fixture(scope="module")
def returned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Path]:
    """A workbook of a real trust with last period's figures and one fault."""
    one = faulty("plan-changed").one
    trust = in_scope(one.period.last_day, ["acute"], "Q34")[0]
    job = replace(job_of(replace(one, trust=trust)), code="Q34", name="West Midlands")
    path = tmp_path_factory.mktemp("returned") / "return.xlsx"
    write_workbook(job, path)
    return job, path


def test_a_query_is_read_with_its_cell_and_last_periods_figures(returned: tuple[Job, Path]) -> None:
    job, path = returned
    [found] = read_return(path).findings
    layout = return_layout(job.returns[0].rulebook)
    assert (found.id, str(found.severity)) == ("plan-changed", "query")
    assert (found.sheet, found.cell) == (job.returns[0].return_sheet, layout.cell("planned_income"))
    assert "GBP 366,000 thousand; last period it was GBP 365,000 thousand" in found.message


def test_a_comment_answers_a_query(returned: tuple[Job, Path], tmp_path: Path) -> None:
    import openpyxl

    job, path = returned
    layout = return_layout(job.returns[0].rulebook)
    cell = address(layout.entry_rows["planned_income"], layout.COMMENT)
    book = openpyxl.load_workbook(path)
    book[job.returns[0].return_sheet][cell] = "Agreed with the SHA on 2 December"
    book.save(tmp_path / "commented.xlsx")
    found = {one.id: one for one in read_return(tmp_path / "commented.xlsx").findings}["plan-changed"]
    assert str(found.severity) == "note"
    assert found.message.endswith("Comment: Agreed with the SHA on 2 December")


def test_a_comment_answers_a_query_on_the_sheet_too(returned: tuple[Job, Path]) -> None:
    job, path = returned
    one = job.returns[0]
    layout = return_layout(one.rulebook)
    book = IronCalcBook(path)
    [row] = [n for n in range(HEADER + 1, HEADER + 1 + rows_needed(job)) if book.value("Checks", address(n, TO_DO))]
    assert book.value("Checks", address(row, CHECK)) == "Explain"
    book.set(one.return_sheet, address(layout.entry_rows["planned_income"], layout.COMMENT), "Agreed")
    book.evaluate()
    said = [book.value("Checks", address(row, column)) for column in (CHECK, SEVERITY, TO_DO)]
    assert said == ["Explained", "note", 0.0]


def test_a_comment_answers_for_a_missing_figure_that_is_a_query(tmp_path: Path) -> None:
    one = faulty("entry-missing-query").one
    job = job_of(one)
    write_workbook(job, tmp_path / "missing.xlsx")
    layout = return_layout(one.rulebook)
    comment = address(layout.entry_rows["ae_4h_numerator"], layout.COMMENT)
    cells = ironcalc_cells(tmp_path / "missing.xlsx", {(one.return_sheet, comment): "SitRep is late"})
    assert left(cells, job) == []
