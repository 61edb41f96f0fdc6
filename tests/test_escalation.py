"""Escalation: worked histories as data, the machine against the rules stated apart from it, broken files."""

import tomllib
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfexcel.engine.declarations import Declaration, declared_in
from pfexcel.engine.escalation import Stage, escalate, lead, quarter_ends
from pfexcel.model import Category, Rag
from pfexcel.rules.ladder import SHIPPED, load_ladder
from pfexcel.rules.problems import EditionError

CASES = Path(__file__).parent / "cases_escalation"
PERFORMING, REVIEW, UNDER, CHALLENGED = FRAMEWORK = (
    "Performing",
    "Performance under review",
    "Underperforming",
    "Challenged",
)
RAGS = ("Green", "Amber/Green", "Amber/Red", "Red")


def worked() -> list[Any]:
    found = []
    for ladder in ("framework", "tfa", "regime-2008"):
        for case in tomllib.loads((CASES / f"{ladder}.toml").read_text(encoding="utf-8"))["case"]:
            found.append(pytest.param(ladder, case, id=f"{ladder}: {case['name']}"))
    return found


@pytest.mark.parametrize(("ladder", "case"), worked())
def test_worked_histories(ladder: str, case: dict[str, Any]) -> None:
    periods = case["periods"]
    assert case["source"]
    more: dict[str, Any] = {}
    if any("counts" in period for period in periods):
        more["counts"] = [period.get("counts", True) for period in periods]
    if any("missed" in period for period in periods):
        more["missed_submissions"] = {i: period["missed"] for i, period in enumerate(periods) if "missed" in period}
    if any("risk" in period for period in periods):
        more["patient_safety_risks"] = [i for i, period in enumerate(periods) if "risk" in period]
    stages = escalate(
        [period["reported"] for period in periods],
        ladder,
        {i: period["declared"] for i, period in enumerate(periods) if "declared" in period},
        organisation=case.get("organisation"),
        **more,
    )
    assert [(stage.category, stage.consecutive) for stage in stages] == [
        (period["category"], period["consecutive"]) for period in periods
    ]
    for stage, period in zip(stages, periods, strict=True):
        blank = period["reported"] in ("", "not assessed", "Not assessed")
        assert stage.reported == ("Not assessed" if blank else period["reported"])
        for name in ("lead", "step", "next_step", "due"):
            if name in period:
                assert getattr(stage, name) == period[name]
        assert period.get("note_has", "") in stage.note
        assert stage.reference
        assert stage.provenance in ("printed", "inferred", "reconstructed")
        if ladder == "tfa":
            assert stage.note == stage.step


def test_stage_is_a_frozen_record_of_enum_strings() -> None:
    stage = escalate([Category.UNDER_REVIEW])[0]
    assert isinstance(stage.category, Category)
    assert isinstance(escalate(["red"], "tfa")[0].category, Rag)
    with pytest.raises(FrozenInstanceError):
        stage.category = "Performing"  # pyright: ignore[reportAttributeAccessIssue]


def test_each_stage_says_where_its_rule_stands() -> None:
    stages = escalate([None, REVIEW, REVIEW, REVIEW, REVIEW], declared={4: CHALLENGED})
    marks = [(stage.provenance, stage.reference) for stage in stages]
    guidance = "Department of Health, The NHS Performance Framework: Implementation guidance, April 2011, paragraph"
    assert marks[0] == ("reconstructed", "pfexcel, Notes on the sources, section 3")
    assert marks[1] == ("printed", f"{guidance} 3.6")
    assert marks[3] == ("inferred", f"{guidance} 3.7; HFMA, article on the NHS Performance Framework, 4 December 2010")
    assert marks[4] == ("printed", f"{guidance} 3.4")
    assert escalate(["Red"], "tfa")[0].reference.endswith("April 2012, Escalation Process")
    assert escalate(["Green"], "tfa")[0].reference == "pfexcel, Notes on the sources, section 3"
    short = escalate(["Red"], "tfa", missed_submissions={0: True})[0]
    assert (short.provenance, short.change) == ("inferred", "missed overall application submission date")
    due = escalate([UNDER, UNDER], "regime-2008")[1]
    assert due.reference == "Department of Health, Developing the NHS Performance Regime, June 2008, table 4"


def test_who_leads() -> None:
    assert [lead(category) for category in FRAMEWORK] == [
        "none",
        "PCT commissioner, overseen by the SHA",
        "SHA",
        "SHA on behalf of the Department",
    ]
    assert lead("") == lead(None) == lead("Not assessed") == "none"
    assert lead("UNDERPERFORMING") == "SHA"
    assert lead("Underperforming", "regime-2008") == "PCT commissioner, overseen by the SHA"
    assert lead("Underperforming", "regime-2008", organisation="pct") == "SHA"


def test_texts_are_read_in_any_case_and_blank_in_any_form() -> None:
    history = [None, float("nan"), " ", "NOT ASSESSED", " performance Under review "]
    assert [str(stage.category) for stage in escalate(history)] == ["Not assessed"] * 4 + [REVIEW]
    assert escalate([]) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"categories": ["Poor"]}, "'Poor' is unknown; use one of Performing, Performance under review"),
        ({"categories": ["Red"]}, "use one of Performing"),
        ({"categories": "Performing"}, "give a list"),
        ({"categories": [PERFORMING], "ladder": "tfa"}, "use one of Green, Amber/Green, Amber/Red, Red"),
        ({"categories": [REVIEW], "ladder": "regime-2008"}, "Seriously underperforming"),
        ({"categories": [PERFORMING], "ladder": "frame"}, "use one of framework, regime-2008, tfa"),
        ({"categories": [PERFORMING], "declared": {1: CHALLENGED}}, "position 1 is outside the history of 1 periods"),
        ({"categories": [PERFORMING], "declared": {-1: CHALLENGED}}, "position -1 is outside"),
        ({"categories": [PERFORMING], "declared": {"Q1": CHALLENGED}}, "'Q1' is no position"),
        ({"categories": [PERFORMING], "declared": {0: PERFORMING}}, "Performing cannot be declared; use one of"),
        ({"categories": [PERFORMING], "declared": {0: "Poor"}}, r"declared\[0\]: 'Poor' is unknown"),
        ({"categories": ["Red"], "ladder": "tfa", "declared": {0: "Red"}}, "no rule for declarations"),
        ({"categories": [PERFORMING], "missed_submissions": {0: False}}, "no rule for missed_submission"),
        ({"categories": ["Red"], "ladder": "tfa", "patient_safety_risks": [0]}, "no rule for patient_safety_risk"),
        ({"categories": ["Red"], "ladder": "tfa", "missed_submissions": {0: "Maybe"}}, "'Maybe' is unknown"),
        ({"categories": [PERFORMING], "counts": []}, "counts has 0 periods, categories 1"),
        ({"categories": [PERFORMING], "organisation": "GP"}, "organisation on ladder framework: 'GP' is unknown"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        escalate(**arguments)


# --- random histories against a statement of the rules written apart from the engine --------------------------------


def stated(reports: list[str | None], declared: dict[int, str], counting: list[bool]) -> list[tuple[str | None, int]]:
    """Decision 8 in plain Python: for each period the whole history is looked at again, from the start."""

    def rank(category: str) -> int:
        return FRAMEWORK.index(category)

    answers: list[tuple[str | None, int]] = []
    escalations: dict[int, str] = {}
    for now in range(len(reports)):
        returns = [i for i in range(now + 1) if reports[i] is not None and counting[i]]
        cleared = max((i for i in returns if reports[i] == PERFORMING), default=-1)
        holding = [declared[i] for i in range(max(cleared, 0), now + 1) if i in declared]
        holding += [CHALLENGED for i in range(max(cleared, 0), now + 1) if reports[i] == CHALLENGED]
        holding += [escalations[i] for i in range(cleared + 1, now) if i in escalations]
        if cleared in escalations:
            # The third period in a row at a declared level, reported Performing: that escalation came with the report.
            holding.append(escalations[cleared])
        candidates = holding + [str(reports[i]) for i in returns[-1:]]
        if not candidates:
            answers.append((None, 0))
            continue
        level = max(candidates, key=rank)
        before, count = answers[-1] if answers else (None, 0)
        if level != before:
            count = 1 if counting[now] else 0
        elif now in returns:
            count += 1
        if now in returns and count == 3 and level in (REVIEW, UNDER):
            level = escalations[now] = FRAMEWORK[rank(level) + 1]
            count = 1
        answers.append((level, count))
    return answers


reported = st.sampled_from([None, None, *FRAMEWORK[:3] * 3, CHALLENGED])
histories = st.lists(reported, max_size=24)
declarable = st.sampled_from([REVIEW, UNDER, CHALLENGED])


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[str | None], dict[int, str], list[bool]]:
    reports = draw(histories)
    places = st.integers(0, max(len(reports) - 1, 0))
    declared = draw(st.dictionaries(places, declarable, max_size=3)) if reports else {}
    counting = draw(st.lists(st.sampled_from([True, True, False]), min_size=len(reports), max_size=len(reports)))
    return reports, declared, counting


def shown(stages: list[Stage]) -> list[tuple[str | None, int]]:
    return [(None if stage.category == "Not assessed" else str(stage.category), stage.consecutive) for stage in stages]


@given(runs())
def test_random_histories_follow_the_rules(run: tuple[list[str | None], dict[int, str], list[bool]]) -> None:
    reports, declared, counting = run
    assert shown(escalate(reports, declared=declared, counts=counting)) == stated(reports, declared, counting)


@given(histories, st.dictionaries(st.integers(0, 23), declarable, max_size=3))
def test_at_most_one_level_worse_than_reported_or_held_but_by_declaration(
    reports: list[str | None], declared: dict[int, str]
) -> None:
    declared = {index: category for index, category in declared.items() if index < len(reports)}
    stages = escalate(reports, declared=declared)
    before = PERFORMING
    for index, (report, stage) in enumerate(zip(reports, stages, strict=True)):
        if stage.category == "Not assessed":
            continue
        worse = max(FRAMEWORK.index(report or PERFORMING), FRAMEWORK.index(before))
        allowed = max(worse + 1, FRAMEWORK.index(declared[index]) + 1 if index in declared else 0)
        assert FRAMEWORK.index(stage.category) <= allowed
        assert FRAMEWORK.index(stage.category) >= FRAMEWORK.index(report or PERFORMING)
        assert stage.consecutive >= 1
        assert stage.consecutive <= 2 or stage.category in (PERFORMING, CHALLENGED)
        before = str(stage.category)


@given(histories)
def test_periods_without_a_return_may_be_left_out(reports: list[str | None]) -> None:
    kept = [stage for stage, report in zip(escalate(reports), reports, strict=True) if report is not None]
    assert shown(kept) == shown(escalate([report for report in reports if report is not None]))


@given(runs())
def test_months_that_are_no_quarter_end_may_be_left_out(
    run: tuple[list[str | None], dict[int, str], list[bool]],
) -> None:
    reports, _, counting = run
    reports = [None if report == CHALLENGED else report for report in reports]
    kept = [stage for stage, counts in zip(escalate(reports, counts=counting), counting, strict=True) if counts]
    assert shown(kept) == shown(escalate([r for r, counts in zip(reports, counting, strict=True) if counts]))


@given(
    st.lists(st.sampled_from([None, *RAGS, "Red", "Red"]), max_size=15),
    st.dictionaries(st.integers(0, 14), st.booleans(), max_size=3),
)
def test_random_months_follow_the_tfa_rules(months: list[str | None], missed: dict[int, bool]) -> None:
    missed = {index: short for index, short in missed.items() if index < len(months)}
    reds: list[int] = []
    for index, rag in enumerate(months):
        before = reds[-1] if reds else 0
        red = rag == "Red" or index in missed
        reds.append(before + 1 if red else before if rag is None else 0)
    steps = ["none", "SHA cluster process", "SHA cluster process", "meeting and letter"]
    expected = [steps[count] if count < 4 else "second stage to be judged" for count in reds]
    expected = [
        "SHA and Department discussion" if missed.get(index) is False else step for index, step in enumerate(expected)
    ]
    stages = escalate(months, "tfa", missed_submissions=missed)
    assert [stage.note for stage in stages] == expected
    assert [stage.consecutive for stage in stages] == reds


SERIOUS = "Seriously underperforming"
REGIME = (PERFORMING, UNDER, SERIOUS, CHALLENGED, "Under Directions", "Failure regime")


@given(
    st.lists(st.sampled_from([None, *REGIME[:3]]), max_size=20),
    st.dictionaries(st.integers(0, 19), st.sampled_from(REGIME[1:]), max_size=4),
)
def test_in_2008_nothing_happens_without_a_report_or_a_declaration(
    reports: list[str | None], declared: dict[int, str]
) -> None:
    declared = {index: category for index, category in declared.items() if index < len(reports)}
    before = PERFORMING
    for index, stage in enumerate(escalate(reports, "regime-2008", declared)):
        if stage.category == "Not assessed":
            continue
        sources = [REGIME.index(name) for name in (reports[index], declared.get(index), before) if name is not None]
        assert REGIME.index(stage.category) <= max(sources)
        if index in declared:
            assert REGIME.index(stage.category) >= REGIME.index(declared[index])
        before = str(stage.category)


# --- periods and declarations ----------------------------------------------------------------------------------------


def test_quarter_ends() -> None:
    months = [f"2012-13-M{month:02}" for month in range(1, 13)]
    assert [month for month, ends in zip(months, quarter_ends(months), strict=True) if ends] == [
        "2012-13-M03",
        "2012-13-M06",
        "2012-13-M09",
        "2012-13-M12",
    ]
    assert quarter_ends([f"2011-12-Q{quarter}" for quarter in (1, 2, 3, 4)]) == [True] * 4


def declaration(
    period: str, category: str, day: int = 1, organisation: str = "RXK", domain: str = "finance"
) -> Declaration:
    return Declaration(
        organisation,
        domain,
        period,
        category,
        declared_by="NHS Chief Executive",
        declared_on=date(2011, 12, day),
        reference="letter of December 2011",
        follows="turnaround plan",
    )


def test_declarations_become_the_declared_argument() -> None:
    periods = ["2011-12-Q3", "2011-12-Q4", "2012-13-M01", "2012-13-M02", "2012-13-M03"]
    made = [
        declaration("2011-12-Q3", UNDER),
        declaration("2011-12-M11", CHALLENGED),
        declaration("2012-13-Q1", "underperforming"),
        declaration("2012-13-M07", CHALLENGED),
        declaration("2011-12-Q3", CHALLENGED, organisation="RYY"),
        declaration("2011-12-Q3", CHALLENGED, domain="quality"),
    ]
    assert declared_in(made, periods, "RXK", "finance") == {0: UNDER, 1: CHALLENGED, 4: UNDER}
    assert declared_in(made, periods, "RXK", "quality") == {0: CHALLENGED}
    assert declared_in(made, periods, "RZZ", "finance") == {}
    quarter = [declaration("2012-13-Q1", UNDER)]
    assert declared_in(quarter, ["2012-13-M01", "2012-13-M02", "2012-13-M03"], "RXK", "finance") == {2: UNDER}
    assert declared_in(quarter, ["2012-13-M03"], "RXK", "finance") == {0: UNDER}
    assert declared_in([declaration("2012-13-M02", UNDER)], ["2012-13-Q1"], "RXK", "finance") == {0: UNDER}


def test_of_two_declarations_in_a_period_the_worse_stands_or_the_later() -> None:
    made = [declaration("2011-12-Q3", CHALLENGED, day=5), declaration("2011-12-Q3", UNDER, day=9)]
    assert declared_in(made, ["2011-12-Q3"], "RXK", "finance") == {0: CHALLENGED}
    assert declared_in(made, ["2011-12-Q3"], "RXK", "finance", "regime-2008") == {0: UNDER}


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (declaration("2011-12-Q1", UNDER), "older than the history, which begins with 2011-12-Q2; give the history"),
        (declaration("2011-12-M03", UNDER), "older than the history"),
        (declaration("2010-11-Q4", UNDER), "older than the history"),
        (declaration("2011-12-Q2", "Poor"), "the category declared for RXK in 2011-12-Q2: 'Poor' is unknown"),
        (declaration("2011-12-Q2", ""), "names no category; name one"),
        (declaration("Q2", UNDER), "period 'Q2' is unknown"),
    ],
)
def test_declarations_that_make_no_sense_are_refused(made: Declaration, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        declared_in([made], ["2011-12-Q2", "2011-12-Q3"], "RXK", "finance")


# --- ladder files ----------------------------------------------------------------------------------------------------


def test_shipped_ladders_mark_every_rule() -> None:
    for name in ("framework", "tfa", "regime-2008"):
        ladder = load_ladder(name)
        marks = [ladder.marks, ladder.rules.marks, *(level.marks for level in ladder.levels)]
        marks += [level.escalation.marks for level in ladder.levels if level.escalation]
        marks += [step.marks for level in ladder.levels for step in level.steps]
        marks += [part.marks for part in (*ladder.events.values(), *ladder.remarks)]
        for mark in (mark for group in marks for mark in (group.table, *group.own.values())):
            assert mark.provenance in ("printed", "inferred", "reconstructed")
            assert ladder.cite(mark)


def test_a_ladder_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        (SHIPPED / "framework.toml").read_text(encoding="utf-8").replace("consecutive = 3", "consecutive = 2")
    )
    assert [str(stage.category) for stage in escalate([REVIEW] * 3, own)] == [REVIEW, UNDER, CHALLENGED]


BROKEN = [
    ("framework", 'note = "change"', 'notes = "change"', "ladder.notes", "this key is unknown. Remove it, or correct"),
    ("framework", 'note = "change"', 'note = "words"', "ladder.note", "'words' is unknown. Use one of change, step"),
    ("framework", 'id = "framework"\n', "", "ladder.id", "this key is missing. Add it: a text"),
    ("framework", "consecutive = 3", 'consecutive = "3"', "levels.2.escalation.consecutive", "is not a whole number"),
    ("framework", "consecutive = 3", "consecutive = true", "levels.2.escalation.consecutive", "is not a whole number"),
    ("framework", "consecutive = 3", "consecutive = 1", "levels.2.escalation", "escalates in the first period already"),
    ("framework", "consecutive = 3, ", "", "levels.2.escalation", "has neither consecutive nor after"),
    ("framework", "consecutive = 3", "consecutive = 3, after = 2", "levels.2.escalation", "both consecutive and after"),
    ("framework", '"in that period"', '"later"', "levels.2.escalation.happens", "'later' is unknown"),
    ("framework", 'to = "Challenged"', 'to = "Performing"', "levels.3.escalation.to", "which is no level after it"),
    ("framework", 'category = "Challenged"', 'category = "Performing"', "levels", "each with its own category"),
    ("framework", 'recovery = "Performing"', 'recovery = "Good"', "rules.recovery", "Use one of Performing"),
    ("framework", 'recovery = "Performing"\n', "", "rules.recovery", "Name the report that ends what holds"),
    (
        "framework",
        'declarations = "worsen"',
        'declarations = "none"',
        "rules.declarations",
        "levels that are declarable",
    ),
    ("framework", 'provenance = "printed"', 'provenance = "guessed"', "ladder.provenance", "'guessed' is unknown"),
    ("framework", 'ref = "IG11 3.7"\n', "", "ladder", "no provenance or no ref"),
    ("framework", 'ref = "IG11 3.7"\n', 'ref = "IG12 3.7"\n', "ladder", "'IG12 3.7' names no source"),
    ("framework", "marks = { declarations", "marks = { declaring", "rules.marks", "which is not in the table"),
    ("framework", "{ at = 1, step", "{ at = 2, step", "levels.1.steps", "Begin the first at 1"),
    ("framework", "[rules]", "[rule]", "rules", "this key is missing. Add it: a table"),
    ("framework", "\n[sources]", "\n[sources]\nX = 3", "sources", "is not a table of texts"),
    ("framework", "[[levels]]", "[levels]", "(file)", "no TOML text"),
    ("tfa", 'category = "Red"\nstep', 'category = "Crimson"\nstep', "events.missed_submission.category", "'Crimson'"),
    ("tfa", "counts = false", 'counts = "no"', "levels.1.counts", "is not true or false"),
    ("regime-2008", ', PCT = "SHA"', "", "levels.2.lead", "who leads for each organisation. Name"),
    ("regime-2008", 'due = "Challenged"', "due = 4", "events.patient_safety_risk.due", "4 is not a text"),
    ("regime-2008", 'lifted_by = "declaration"', 'lifted_by = "luck"', "levels.4.lifted_by", "report, declaration"),
]


@pytest.mark.parametrize(("ladder", "right", "wrong", "key", "words"), BROKEN, ids=[f"{b[3]}: {b[4]}" for b in BROKEN])
def test_a_broken_ladder_says_file_key_and_what_to_do(
    tmp_path: Path, ladder: str, right: str, wrong: str, key: str, words: str
) -> None:
    text = (SHIPPED / f"{ladder}.toml").read_text(encoding="utf-8")
    assert right in text
    broken = tmp_path / "broken.toml"
    broken.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(EditionError) as caught:
        load_ladder(broken)
    lines = [line for line in str(caught.value).splitlines() if f"broken.toml: {key}: " in line]
    assert any(words in line for line in lines), str(caught.value)


def test_a_ladder_file_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        load_ladder("nowhere.toml")
