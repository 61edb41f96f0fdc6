"""A trust under review for three quarters is escalated alike in workbook, register, publication and dashboard."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from playwright.sync_api import sync_playwright

import pfexcel
from pfexcel.organisations import find_trust
from pfexcel.periods import Period
from pfexcel.publish.publishing import Published
from pfexcel.returns.register import Register
from pfexcel.rules.load import load_edition
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, rating_layout
from tests import hosts
from tests.samples import good_return

TRUST = "RXK"
QUARTERS = ("2011-12-Q1", "2011-12-Q2", "2011-12-Q3")
REPORTED, IN_FORCE, LEAD = "Performance under review", "Underperforming", "SHA"


class Way(NamedTuple):
    workbook: Path
    register: Path
    published: Published


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    """Three quarters of one trust: each workbook knows the register's history, is filled in, and collated."""
    folder = tmp_path_factory.mktemp("way")
    edition, register = load_edition("2011-12"), folder / "register.sqlite"
    trust = find_trust(TRUST)
    assert trust is not None
    rulebook = edition.rulebook(trust.trust_type)
    values = good_return(rulebook) | {"cqc_warning_notices": 1}
    path = folder
    for text in QUARTERS:
        period, path = Period.parse(text), folder / f"{text}.xlsx"
        with Register(register) as opened:
            history = opened.history(period).get(TRUST, ())
        one = TrustReturn(trust, rulebook, period, values, history)
        write_workbook(Job(edition, period, trust.sha_code, trust.sha_name, (one,)), path)
        collated = pfexcel.collate(
            path, register, jobs=1, received=datetime.combine(period.last_day, datetime.min.time())
        )
        assert [one.new for one in collated.files] == [(TRUST,)]
    published = pfexcel.publish(register, QUARTERS[-1], folder / "published", published=date(2012, 2, 1))
    return Way(path, register, published)


def test_the_workbook_says_so(way: Way) -> None:
    layout = rating_layout(load_edition("2011-12").rulebook("acute"))
    sheet = f"{TRUST} Rating"
    cells = {name: (sheet, address(*layout.named_cells[name])) for name in ("quality_category", "escalated_quality")}
    found = hosts.ironcalc_cells(way.workbook)
    assert [found[cell] for cell in cells.values()] == [REPORTED, IN_FORCE]


def test_the_register_says_so(way: Way) -> None:
    with Register(way.register) as register:
        stages = register.stages(TRUST, "quality", QUARTERS[-1])
    assert [(str(stage.category), stage.consecutive) for stage in stages.values()] == [
        (REPORTED, 1),
        (REPORTED, 2),
        (IN_FORCE, 1),
    ]
    assert stages[QUARTERS[-1]].lead == LEAD


def test_the_publication_says_so(way: Way) -> None:
    with (way.published.folder / "csv" / "interventions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if TRUST in row]
    assert [IN_FORCE in row and LEAD in row for row in rows] == [True]
    workbook = next(
        path for path in way.published.files if path.suffix == ".xlsx" and path.parent == way.published.folder
    )
    sheets = openpyxl.load_workbook(workbook, read_only=True)
    told = [row for sheet in sheets for row in sheet.iter_rows(values_only=True) if TRUST in row and IN_FORCE in row]
    assert told


@pytest.mark.host
def test_the_dashboard_says_so(way: Way) -> None:
    program = hosts.require_chromium()
    page_file = next(path for path in way.published.files if path.suffix == ".html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        page = browser.new_page()
        page.goto(f"{page_file.as_uri()}#/Q34/{TRUST}/quality")
        said = page.locator("main").inner_text()
        browser.close()
    assert REPORTED in said
    assert IN_FORCE in said
    assert LEAD in said.split()
