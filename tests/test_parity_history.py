"""Escalation in the workbook: IronCalc and LibreOffice find what the engine says, over random histories."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from xlsxwriter import Workbook

import pfexcel
from pfexcel.periods import Period
from pfexcel.rules.edition import Domain, Edition
from pfexcel.rules.load import load_edition
from pfexcel.workbook.build import OPTIONS
from pfexcel.workbook.history import HistoryPeriod
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import SHOWN, address, rating_layout, return_layout
from pfexcel.workbook.rating_sheet import add_rating_sheet
from pfexcel.workbook.return_sheet import add_return_sheet
from pfexcel.workbook.rules_sheet import add_rules_sheet
from pfexcel.workbook.style import Styles
from tests.books import Books, differences, pretend_trust
from tests.hosts import IronCalcBook, ironcalc_cells, require_soffice, soffice_recalculate, xlsx_values
from tests.samples import good_return

FULL = os.environ.get("PFEXCEL_PARITY") == "full"
HISTORIES = 200 if FULL else 25
# Of the months one that ends a quarter and one that does not, so early that quarters come before them.
PERIODS = ["2009-10-Q4", "2010-11-Q3", "2011-12-Q3", "2012-13-M03", "2012-13-M05"]
FRAMEWORK = ("Performing", "Performance under review", "Underperforming", "Challenged")
RAGS = ("Green", "Amber/Green", "Amber/Red", "Red")
REVIEW, UNDER, CHALLENGED = FRAMEWORK[1:]

# What may become of a good return, so that every category comes out.
FINANCE = [
    *({}, {}, {"loan_repayment_missed": "Yes"}, {"debtors": None}),
    {"planned_surplus": -1, "sha_expected_surplus": -1, "previous_forecast_surplus": -1, "forecast_surplus": -1},
    *({"finance_major_failing": UNDER}, {"finance_major_failing": CHALLENGED}),
]
QUALITY = [
    *({}, {}, {"cqc_warning_notices": 1}, {"cqc_warning_notices": 2}, {"cqc_warning_notices": None}),
    dict.fromkeys(("ue_access", "ue_coordinated", "ue_information", "ue_relationships", "ue_environment"), 0),
    *({"quality_major_failing": UNDER}, {"quality_major_failing": CHALLENGED}),
]


# --- random histories


def before(period: Period, number: int) -> list[Period]:
    """The periods before one, oldest first: the months of its own year, then quarters."""
    months = range(1, period.months_elapsed) if period.frequency == "month" else ()
    found = [Period.parse(f"{period.edition_id}-M{month:02}") for month in months]
    year, quarter = period.year, period.months_elapsed // 3 if period.frequency == "quarter" else 1
    while len(found) < number:
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
        found.insert(0, Period.parse(f"{year}-{(year + 1) % 100:02}-Q{quarter}"))
    return found[len(found) - number :]


def random_return(period: Period, number: int, chance: random.Random) -> TrustReturn:
    """A return whose figures and history are drawn: most histories have eight periods, the fourth is of any length."""
    edition = load_edition(period.edition_id)
    rulebook = edition.rulebook(edition.trust_types[number % len(edition.trust_types)] if number % 3 else "ambulance")
    values = good_return(rulebook) | chance.choice([{}, *FINANCE]) | chance.choice([{}, *QUALITY])
    values["tfa_judgement"] = chance.choice([*RAGS, "Red", None])
    values["tfa_submission_missed"] = chance.choice(["Yes", "No", "No", "No", None])
    values["tfa_delay_under_three_months"] = chance.choice(["Yes", "No", None])
    values = {name: value for name, value in values.items() if name in rulebook.fields}
    periods = before(period, 8 if number % 4 else chance.randint(0, 20))
    history = tuple(random_period(edition, one, chance) for one in periods if chance.random() < 0.9 or number % 4 == 1)
    return TrustReturn(pretend_trust(f"P{number:03d}", rulebook.trust_type), rulebook, period, values, history)


def random_period(edition: Edition, period: Period, chance: random.Random) -> HistoryPeriod:
    """What was reported and declared: quality's count goes on from that of 2009-10's performance measures."""
    reported = (*FRAMEWORK[:3], REVIEW, REVIEW, UNDER, UNDER, CHALLENGED, "", "")
    quality = {"2010-11": "quality" if period.edition_id == "2010-11" else "ipm", "2009-10": "overall"}
    names = ("finance", quality.get(edition.id, "quality"))
    categories = {name: chance.choice(reported if chance.random() < 0.6 else (REVIEW, UNDER)) for name in names}
    if period.frequency == "month":
        categories["tfa"] = chance.choice([*RAGS, "Red", "Red", "Red", ""])
    declarable = ("finance", "quality") if edition.id != "2009-10" else ("finance",)
    declared = {name: chance.choice(FRAMEWORK[1:]) for name in declarable if chance.random() < 0.06}
    return HistoryPeriod(period, {name: said for name, said in categories.items() if said}, declared)


@cache
def drawn(period: str) -> tuple[TrustReturn, ...]:
    chance = random.Random(period)
    return tuple(random_return(Period.parse(period), number, chance) for number in range(HISTORIES))


def write(returns: Sequence[TrustReturn], path: Path) -> Path:
    """Write Return and Rating sheets with their histories, and the Rules."""
    one = returns[0]
    job = Job(one.rulebook.edition, one.period, "Q00", "Nowhere", tuple(returns))
    workbook = Workbook(str(path), OPTIONS)
    styles = Styles(workbook)
    for one in returns:
        add_return_sheet(workbook, styles, job, one)
        add_rating_sheet(workbook, styles, job, one)
    add_rules_sheet(workbook, styles, job)
    workbook.close()
    return path


# Typed into the workbook, which knows no more than the histories.
CHANGED = {"loan_repayment_missed": "Yes", "finance_major_failing": None, "quality_major_failing": CHALLENGED}


class Drawn(NamedTuple):
    """A workbook, its cells as written and as IronCalc finds them, before and after figures of every trust changed."""

    returns: tuple[TrustReturn, ...]
    path: Path
    written: Books
    cells: Books
    changed: Books


@pytest.fixture(scope="module", params=PERIODS)
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    returns = drawn(request.param)
    path = write(returns, tmp_path_factory.mktemp("history") / f"{request.param}.xlsx")
    workbook = IronCalcBook(path)
    cells = workbook.values()
    for one in returns:
        for name, value in CHANGED.items():
            workbook.set(one.return_sheet, return_layout(one.rulebook).cell(name), value)
    workbook.evaluate()
    return Drawn(returns, path, xlsx_values(path), cells, workbook.values())


# --- what must come out, from `pfexcel.escalate` alone


def in_force(one: TrustReturn, domain: Domain, values: Mapping[str, Any]) -> str:
    """The category in force now."""
    rating = pfexcel.rate(one.rulebook.edition, one.rulebook.trust_type, values, period=one.period)
    sources = [name for name in (domain.id, domain.continues) if name]
    reported = [next((p.categories[name] for name in sources if name in p.categories), None) for p in one.history]
    more: dict[str, Any] = {}
    if domain.ladder == "framework":
        more["declared"] = {i: p.declared[domain.id] for i, p in enumerate(one.history) if domain.id in p.declared}
        failing = values.get(f"{domain.id}_major_failing")
        if failing in FRAMEWORK:
            more["declared"][len(one.history)] = failing
        more["counts"] = pfexcel.quarter_ends([p.period for p in (*one.history, one)])
    elif values.get("tfa_submission_missed") == "Yes":
        more["missed_submissions"] = {len(one.history): values["tfa_delay_under_three_months"]}
    now = rating.domains[domain.id].category
    return str(pfexcel.escalate([*reported, now], str(domain.ladder), **more)[-1].category)


def shown(one: TrustReturn, domain: Domain, cells: Books) -> Any:
    row, column = rating_layout(one.rulebook).named_cells[f"escalated_{domain.id}"]
    return cells.get((one.rating_sheet, address(row, column)))


def ladders(one: TrustReturn) -> list[Domain]:
    return [domain for domain in one.rulebook.domains.values() if domain.ladder]


# --- tests


def test_ironcalc_finds_what_the_engine_says_in_every_cell(book: Drawn) -> None:
    assert differences(book.written, book.cells) == []


@pytest.mark.host
def test_libreoffice_finds_what_the_engine_says_in_every_cell(book: Drawn, tmp_path: Path) -> None:
    require_soffice()
    [saved] = soffice_recalculate([book.path], tmp_path)
    assert differences(book.written, xlsx_values(saved)) == []


def test_the_category_in_force_is_the_last_stage(book: Drawn) -> None:
    for one in book.returns:
        for domain in ladders(one):
            assert shown(one, domain, book.cells) == in_force(one, domain, one.values), (one.trust, domain.id)


def test_another_answer_moves_the_category_in_force(book: Drawn) -> None:
    for one in book.returns:
        for domain in ladders(one):
            assert shown(one, domain, book.changed) == in_force(one, domain, {**one.values, **CHANGED}), (
                one.trust,
                domain.id,
            )


def test_finance_and_quality_escalate_apart(tmp_path: Path) -> None:
    """The implementation guidance of April 2011, paragraph 3.7."""
    period = Period.parse("2011-12-Q3")
    rulebook = load_edition("2011-12").rulebook("acute")
    figures = good_return(rulebook) | FINANCE[4]
    history = tuple(HistoryPeriod(one, {"finance": REVIEW, "quality": "Performing"}, {}) for one in before(period, 2))
    one = TrustReturn(pretend_trust("P000", "acute"), rulebook, period, figures, history)
    cells = ironcalc_cells(write([one], tmp_path / "apart.xlsx"))
    assert [shown(one, domain, cells) for domain in ladders(one)] == [UNDER, "Performing"]


@pytest.mark.parametrize("period", PERIODS)
def test_what_is_drawn_is_varied(period: str) -> None:
    ones = drawn(period)
    assert sum(len(one.history) > SHOWN for one in ones) > HISTORIES / 4
    assert any(len(one.history) > SHOWN + 5 for one in ones)
    assert any(p.declared for one in ones for p in one.history)
    assert any("finance" not in p.categories for one in ones for p in one.history)
    assert {UNDER, CHALLENGED} < {in_force(one, ladders(one)[0], one.values) for one in ones}
    if period.startswith("2012-13"):
        assert {p.period.frequency for one in ones for p in one.history} == {"month", "quarter"}
        assert set(RAGS) <= {in_force(one, ladders(one)[-1], one.values) for one in ones}
