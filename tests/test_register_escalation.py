"""Escalation over the register says what the Rating sheets say, whose history comes from it."""

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import pfexcel
from pfexcel.organisations import find_trust
from pfexcel.periods import Period
from pfexcel.returns.declared import declarations
from pfexcel.returns.read import ReadReturn, ReturnFile
from pfexcel.returns.register import Register, received_from
from pfexcel.rules.load import load_edition
from pfexcel.workbook.history import stage_words
from pfexcel.workbook.job import TrustReturn
from pfexcel.workbook.layout import address, rating_layout
from tests.hosts import ironcalc_cells
from tests.samples import good_return
from tests.test_parity_history import FINANCE, QUALITY, RAGS, ladders, write

CODES = ("RXK", "RYE")
PERIODS = [
    *("2009-10-Q4", "2010-11-Q1", "2010-11-Q2", "2010-11-Q3", "2011-12-Q3", "2011-12-Q4"),
    *("2012-13-M01", "2012-13-M02", "2012-13-M03", "2012-13-M04"),
]


def drawn(code: str, period: Period, chance: random.Random) -> dict[str, Any]:
    """A return's figures; nothing, where the trust sends none."""
    trust = find_trust(code)
    assert trust is not None
    rulebook = load_edition(period.edition_id).rulebook(trust.trust_type)
    if chance.random() < 0.15:
        return {}
    # the same trouble for some periods in a row, so that the ladder is climbed
    trouble = (FINANCE[chance.choice((0, 4, 4, 4, 6))], QUALITY[chance.choice((0, 2, 2, 2, 3, 7))])
    judged = {
        "tfa_judgement": chance.choice((*RAGS, "Red", "Red")),
        "tfa_submission_missed": chance.choice(("Yes", "No", "No")),
        "tfa_delay_under_three_months": chance.choice(("Yes", "No")),
    }
    values = good_return(rulebook) | trouble[0] | trouble[1] | judged
    return {name: value for name, value in values.items() if name in rulebook.fields}


def blank_or_filled(code: str, period: Period, values: dict[str, Any], register: Register) -> TrustReturn:
    """The trust's sheets as `generate --register` makes them, filled in."""
    trust = find_trust(code)
    assert trust is not None
    rulebook = load_edition(period.edition_id).rulebook(trust.trust_type)
    return TrustReturn(trust, rulebook, period, values, register.history(period).get(code, ()))


def send(one: TrustReturn, register: Register) -> None:
    """Receive a return as the reader would read it."""
    code, rulebook, period = one.trust.ods_code, one.rulebook, one.period
    made = dict(declarations(code, rulebook, one.values, period))
    read = ReadReturn(code, rulebook.trust_type, one.values, one.rating, (), tuple(made.values()))
    file = ReturnFile(Path(f"{code}.xlsx"), rulebook.edition.id, period.text, one.trust.sha_code, (read,), ())
    digest = hashlib.sha256(f"{code} {period.text}".encode()).hexdigest()
    register.receive(received_from(file, sha256=digest, size=1, received=datetime(2012, 1, 1, tzinfo=UTC)))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Register, list[tuple[Any, ...]]]]:
    """A register after all periods, and what each Rating sheet said: trust, domain, period, category and words."""
    folder, chance, said = tmp_path_factory.mktemp("escalation"), random.Random(12), []
    with Register(folder / "register.sqlite") as register:
        for text in PERIODS:
            period = Period.parse(text)
            ones = [blank_or_filled(code, period, drawn(code, period, chance), register) for code in CODES]
            cells = ironcalc_cells(write(ones, folder / f"{text}.xlsx"))
            for one in ones:
                layout = rating_layout(one.rulebook)
                for domain in ladders(one):
                    place = address(*layout.named_cells[f"escalated_{domain.id}"])
                    words = address(layout.rows["force", domain.id], layout.WORDS)
                    shown = (cells.get((one.rating_sheet, cell)) or "" for cell in (place, words))
                    said.append((one.trust.ods_code, domain.id, text, *shown))
                if one.values:
                    send(one, register)
        yield register, said


def test_the_register_says_what_every_rating_sheet_said(told: tuple[Register, list[tuple[Any, ...]]]) -> None:
    register, said = told
    found = []
    for code, domain, period, *_ in said:
        stages = register.stages(code, domain, period)
        assert list(stages) == PERIODS[: PERIODS.index(period) + 1]
        found.append((code, domain, period, str(stages[period].category), stage_words(stages[period])))
    assert found == said
    assert {one[3] for one in said} >= {
        "Performing",
        "Performance under review",
        "Underperforming",
        "Challenged",
        "Red",
    }


def test_later_periods_do_not_change_what_was_said(told: tuple[Register, list[tuple[Any, ...]]]) -> None:
    register, said = told
    whole = {
        (code, domain): register.stages(code, domain) for code, domain, period, *_ in said if period == PERIODS[-1]
    }
    for code, domain, period, category, _ in said:
        if (code, domain) in whole:
            assert whole[code, domain][period].category == category


def test_three_periods_under_review_are_escalated_in_the_register_as_in_python(tmp_path: Path) -> None:
    with Register(tmp_path / "register.sqlite") as register:
        for text in ("2011-12-Q1", "2011-12-Q2", "2011-12-Q3"):
            period = Period.parse(text)
            values = good_return(load_edition("2011-12").rulebook("acute")) | FINANCE[4]
            send(blank_or_filled("RXK", period, values, register), register)
        stages = list(register.stages("rxk", "finance").values())
        assert [str(stage.category) for stage in stages] == [*["Performance under review"] * 2, "Underperforming"]
        assert stages == pfexcel.escalate(["Performance under review"] * 3)
        assert register.escalations("2011-12-Q3")["RXK"]["finance"]["2011-12-Q3"] == stages[-1]


def test_a_trust_without_a_return_is_not_assessed_and_a_successor_starts_afresh(tmp_path: Path) -> None:
    with Register(tmp_path / "register.sqlite") as register:
        period = Period.parse("2011-12-Q3")
        send(blank_or_filled("RXK", period, {"finance_major_failing": "Challenged"}, register), register)
        assert str(register.stages("RXK", "finance", "2011-12-Q4")["2011-12-Q4"].category) == "Challenged"
        assert str(register.stages("RTH", "finance")["2011-12-Q3"].category) == "Not assessed"
        assert register.history("2011-12-Q4").keys() == {"RXK"}


def test_a_domain_that_does_not_escalate_is_refused(told: tuple[Register, list[tuple[Any, ...]]]) -> None:
    with pytest.raises(ValueError, match="'ipm' is no domain of RXK that escalates; those are: finance, quality, tfa"):
        told[0].stages("RXK", "ipm")
