"""The explanation of a rating reads the same in Python, on the command line and on the Rating sheet."""

from pathlib import Path

import pytest

import pfexcel
from pfexcel.periods import Period
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.workbook.layout import address, rating_layout
from tests.books import write_returns
from tests.hosts import ironcalc_cells
from tests.samples import random_returns, sample_period

RULEBOOKS = [(name, kind) for name in shipped_editions() for kind in load_edition(name).trust_types]


@pytest.mark.parametrize(("edition", "trust_type"), RULEBOOKS)
def test_the_sheet_tells_each_step_as_python_does(edition: str, trust_type: str, tmp_path: Path) -> None:
    rulebook = load_edition(edition).rulebook(trust_type)
    period = Period.parse(sample_period(rulebook.edition))
    returns = random_returns(rulebook, 4, seed=5)
    layout = rating_layout(rulebook)
    cells = ironcalc_cells(write_returns(rulebook, period, returns, tmp_path / "book.xlsx"))
    for number, values in enumerate(returns):
        rating = pfexcel.rate(rulebook.edition, trust_type, values, period)
        for index, step in enumerate(rating.steps):
            row = layout.rows["trace", str(index)]
            shown = [cells.get((f"P{number:03d} Rating", address(row, column))) for column in (0, 1, 6)]
            assert shown == [step.step, step.result, f"{step.rule} [{step.provenance}: {step.reference}]".strip()]


def test_every_step_has_a_result_and_a_reference() -> None:
    rating = pfexcel.rate("2011-12", "acute", {"loan_repayment_missed": "Yes"}, period="2011-12-Q1")
    assert all(step.result and step.reference and step.provenance for step in rating.steps)


def test_a_cap_that_decides_says_so() -> None:
    rating = pfexcel.rate("2011-12", "acute", {"loan_repayment_missed": "Yes"}, period="2011-12-Q1")
    [line] = [line for line in rating.explain() if "Loan repayments missed" in line]
    assert "applies and decides: Underperforming" in line


def test_what_is_missing_is_never_scored() -> None:
    rating = pfexcel.rate("2011-12", "acute", {}, period="2011-12-Q1")
    assert rating.steps[0].result == "missing, not scored"
