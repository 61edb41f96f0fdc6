"""Python, IronCalc and LibreOffice agree in every cell of the workbook: random returns, and returns at every limit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pfexcel.periods import Period
from pfexcel.rules.edition import Rulebook
from pfexcel.rules.load import load_edition, shipped_editions
from tests.books import mismatches, write_returns
from tests.hosts import ironcalc_cells, require_soffice, soffice_recalculate, xlsx_values
from tests.samples import limit_returns, random_returns, sample_period

FULL = os.environ.get("PFEXCEL_PARITY") == "full"
BATCH = 60
RULEBOOKS = [(name, kind) for name in shipped_editions() for kind in load_edition(name).trust_types]
MAIN = ("2011-12", "acute")


def sample(rulebook: Rulebook) -> list[dict[str, Any]]:
    """Random returns, clean and dirty, and returns at the limits; in full many more of them."""
    main = (rulebook.edition.id, rulebook.trust_type) == MAIN
    number, every = ((2000, 1) if main else (500, 5)) if FULL else ((40, 12) if main else (8, 40))
    found = random_returns(rulebook, number - number // 4, seed=1)
    found += random_returns(rulebook, number // 4, seed=2, dirty=True)
    entered = [{k: v for k, v in values.items() if k in rulebook.fields} for _, values in limit_returns(rulebook)]
    at_limits = list({tuple(sorted((k, str(v)) for k, v in values.items())): values for values in entered}.values())
    return found + at_limits[::every]


def batches(found: list[Any], size: int) -> list[list[Any]]:
    return [found[start : start + size] for start in range(0, len(found), size)]


@pytest.fixture(scope="module", params=RULEBOOKS, ids=lambda pair: "-".join(pair))
def books(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    edition, trust_type = request.param
    rulebook = load_edition(edition).rulebook(trust_type)
    period = Period.parse(sample_period(rulebook.edition))
    folder = tmp_path_factory.mktemp("books")
    return [
        write_returns(rulebook, period, batch, folder / f"{edition}-{trust_type}-{number}.xlsx")
        for number, batch in enumerate(batches(sample(rulebook), BATCH))
    ]


def test_ironcalc_agrees_in_every_cell(books: list[Path]) -> None:
    for book in books:
        assert mismatches(book, ironcalc_cells(book)) == []


@pytest.mark.host
def test_libreoffice_agrees_in_every_cell(books: list[Path], tmp_path: Path) -> None:
    require_soffice()
    for few in batches(books, 4):
        for book, recalculated in zip(few, soffice_recalculate(few, tmp_path), strict=True):
            assert mismatches(book, xlsx_values(recalculated)) == []
