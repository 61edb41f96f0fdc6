"""What holds of any return of any edition: better figures never rate worse, caps never raise, `rate` never raises."""

import math
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfexcel.engine.escalation import escalate, quarter_ends
from pfexcel.engine.rate import rate
from pfexcel.model import Category, Rating
from pfexcel.rules.load import load_edition, shipped_editions
from tests.samples import sample_period
from tests.test_cases import base_inputs

Book = tuple[str, str]

BASES: dict[Book, str] = {
    ("2009-10", "acute"): "good_2009-10",
    ("2009-10", "ambulance"): "good_ambulance_2009-10",
    ("2010-11", "acute"): "good_2010-11",
    ("2010-11", "ambulance"): "good_ambulance_2010-11",
    ("2010-11", "mental-health"): "good_mental_health",
    ("2011-12", "acute"): "good",
    ("2011-12", "ambulance"): "good_ambulance",
    ("2011-12", "mental-health"): "good_mental_health",
    ("2012-13", "acute"): "good_2012-13",
    ("2012-13", "ambulance"): "good_ambulance_2012-13",
    ("2012-13", "mental-health"): "good_mental_health_2012-13",
}
RULEBOOKS = {book: load_edition(book[0]).rulebook(book[1]) for book in BASES}
PERIODS = {book: sample_period(rulebook.edition) for book, rulebook in RULEBOOKS.items()}

BOOKS = st.sampled_from(sorted(BASES))
EFFORT = settings(max_examples=250)


def rated(book: Book, values: dict[str, Any]) -> Rating:
    return rate(*book, values, period=PERIODS[book])


def rank(book: Book, domain: str, category: Any) -> int:
    """The place of a category, 0 for the best."""
    return RULEBOOKS[book].domains[domain].scale.ranks[category]


def test_every_edition_and_type_has_a_base() -> None:
    assert set(BASES) == {(name, kind) for name in shipped_editions() for kind in load_edition(name).trust_types}


# --- returns


def money(*, lowest: int = -30_000) -> st.SearchStrategy[float]:
    """Figures to the pound, with those at which limits lie among them."""
    at_limits = [lowest, -8_000, -5_000, -4_000, -0.001, 0, 0.001, 4_000, 5_000, 8_000, 12_000, 20_000]
    return st.sampled_from([f for f in at_limits if f >= lowest]) | st.integers(lowest * 1000, 500_000_000).map(
        lambda pounds: pounds / 1000
    )


@st.composite
def returns(draw: st.DrawFn, book: Book) -> dict[str, Any]:
    """A complete return of an edition and type: no entry missing or refused."""
    fields = RULEBOOKS[book].fields
    values: dict[str, Any] = base_inputs(BASES[book])
    for name in draw(st.sets(st.sampled_from(sorted(values)), max_size=12)):
        entry = fields[name]
        if entry.unit.choices:
            values[name] = draw(st.sampled_from(entry.unit.choices))
        elif entry.unit.id == "money":
            above = entry.above is not None
            values[name] = draw(money(lowest=0 if above or entry.minimum == 0 else -30_000)) + (1 if above else 0)
        elif entry.unit.id == "points":
            values[name] = draw(st.integers(0, 1000)) / 10
        elif entry.unit.id == "weeks":
            values[name] = draw(st.integers(0, 500)) / 10
        elif entry.unit.id == "year":
            values[name] = draw(st.integers(2005, 2012))
        elif name.endswith(("_numerator", "_paid")):
            whole = values[entry.not_above] if entry.not_above else 2 * values[name]
            values[name] = draw(st.integers(0, int(whole)))
        elif not name.endswith(("_denominator", "_total")):
            values[name] = draw(st.integers(0, 60))
    for name, entry in fields.items():
        if entry.not_above is not None and name in values:
            values[name] = min(values[name], values[entry.not_above])
    return values


@EFFORT
@given(st.data())
def test_a_drawn_return_is_complete(data: st.DataObject) -> None:
    book = data.draw(BOOKS)
    found = rated(book, data.draw(returns(book)))
    assert {finding.id for finding in found.findings} <= {"cannot-be-worked-out", "no-activity"}


# --- better figures


FINANCE_HIGHER = ["ytd_ebitda", "forecast_ebitda", "underlying_ebitda", "underlying_surplus", "current_assets"]
FINANCE_LOWER = ["debtors", "creditors"]
PAID = {"bppc_value_paid": "bppc_value_total", "bppc_number_paid": "bppc_number_total"}


@EFFORT
@given(st.data())
def test_better_finance_figures_never_rate_worse(data: st.DataObject) -> None:
    book = data.draw(BOOKS)
    values = data.draw(returns(book))
    name = data.draw(st.sampled_from([*FINANCE_HIGHER, *FINANCE_LOWER, *PAID]))
    if name in PAID:
        better = data.draw(st.floats(values[name], max(values[name], values[PAID[name]])))
    elif name in FINANCE_LOWER:
        better = data.draw(st.floats(0, values[name]))
    else:
        better = values[name] + data.draw(money(lowest=0))
    never_worse(book, values, {name: better})


LOWER_IS_BETTER = {
    *("dtoc", "mixed_sex", "assaults", "awol", "cancelled_28d", "diagnostics_6w"),
    *("revascularisation_13w", "outpatient_13w", "inpatient_26w"),
}
TWO_SIDED = {"ae_data_completeness"}


@EFFORT
@given(st.data())
def test_better_shares_never_rate_worse(data: st.DataObject) -> None:
    book = data.draw(BOOKS)
    values = data.draw(returns(book))
    shares = [n.removesuffix("_numerator") for n in values if n.endswith("_numerator")]
    name = data.draw(st.sampled_from([share for share in shares if share not in TWO_SIDED]))
    part, whole = values[f"{name}_numerator"], values[f"{name}_denominator"]
    lower = name in LOWER_IS_BETTER
    better = data.draw(st.integers(0, int(part)) if lower else st.integers(int(part), int(max(part, whole))))
    never_worse(book, values, {f"{name}_numerator": better})


COUNTS = {
    *("mrsa", "cdiff", "rtt_admitted_95th", "rtt_non_admitted_95th", "rtt_incomplete_95th", "rtt_specialties"),
    *("under_16", "cqc_warning_notices"),
}
HIGHER = {
    *("mrsa_plan", "cdiff_plan", "ue_access", "ue_coordinated", "ue_information", "ue_relationships"),
    "ue_environment",
}


@EFFORT
@given(st.data())
def test_fewer_cases_shorter_waits_and_better_surveys_never_rate_worse(data: st.DataObject) -> None:
    book = data.draw(
        st.sampled_from(sorted(book for book in BASES if (COUNTS | HIGHER) & RULEBOOKS[book].fields.keys()))
    )
    values = data.draw(returns(book))
    name = data.draw(st.sampled_from(sorted((COUNTS | HIGHER) & values.keys())))
    if name in COUNTS:
        better = data.draw(st.integers(0, int(values[name])))
    else:
        better = values[name] + data.draw(st.integers(0, int(100 - values[name])))
    never_worse(book, values, {name: better})


def test_every_measure_of_quality_has_a_better_side() -> None:
    shares = {i.id for rulebook in RULEBOOKS.values() for i in rulebook.domains["ipm"].indicators.values()}
    higher = {i for i in shares if all(f.endswith(("_numerator", "_denominator")) for f in fields_of(i))}
    assert higher > LOWER_IS_BETTER | TWO_SIDED
    assert shares - higher == COUNTS - {"cqc_warning_notices"}


def fields_of(indicator: str) -> tuple[str, ...]:
    return next(r.indicators[indicator].fields for r in RULEBOOKS.values() if indicator in r.indicators)


ANSWERS = {
    "loan_repayment_missed": ["Yes", "No"],
    "cqc_enforcement": ["Yes", "No"],
    "finance_major_failing": ["Challenged", "Underperforming", "No"],
    "quality_major_failing": ["Challenged", "Underperforming", "No"],
    "tfa_submission_missed": ["Yes", "No"],
    "tfa_judgement": ["Red", "Amber/Red", "Amber/Green", "Green"],
}


@EFFORT
@given(st.data())
def test_better_answers_never_rate_worse(data: st.DataObject) -> None:
    book = data.draw(BOOKS)
    name = data.draw(st.sampled_from([name for name in ANSWERS if name in RULEBOOKS[book].fields]))
    worse, better = sorted(data.draw(st.lists(st.integers(0, len(ANSWERS[name]) - 1), min_size=2, max_size=2)))
    values = data.draw(returns(book)) | {name: ANSWERS[name][worse]}
    never_worse(book, values, {name: ANSWERS[name][better]})


def never_worse(book: Book, values: dict[str, Any], better: dict[str, Any]) -> None:
    """No score and no category of any domain is worse with the better figure."""
    before, after = rated(book, values), rated(book, values | better)
    for name, domain in before.domains.items():
        changed = after.domains[name]
        if domain.score is not None and changed.score is not None:
            assert changed.score >= domain.score
        if Category.NOT_ASSESSED not in (domain.category, changed.category):
            assert rank(book, name, changed.category) <= rank(book, name, domain.category)


# --- caps and missing entries


@EFFORT
@given(st.data())
def test_a_cap_never_raises_a_category(data: st.DataObject) -> None:
    book = data.draw(BOOKS)
    values = data.draw(returns(book))
    for name in data.draw(st.sets(st.sampled_from(sorted(values)), max_size=3)):
        del values[name]
    for name, domain in rated(book, values).domains.items():
        if domain.category is Category.NOT_ASSESSED:
            continue
        own = rank(book, name, domain.category)
        assert own >= max((rank(book, name, cap.best) for cap in domain.caps), default=0)
        if domain.uncapped_category is not Category.NOT_ASSESSED:
            assert own >= rank(book, name, domain.uncapped_category)
            assert (domain.category is not domain.uncapped_category) == any(cap.binding for cap in domain.caps)
        assert all(cap.best is domain.category for cap in domain.caps if cap.binding)


BLANK_MEANS_NO = {"finance_major_failing", "quality_major_failing"}


@EFFORT
@given(st.data())
def test_blanking_an_entry_never_assesses_what_was_not_assessed(data: st.DataObject) -> None:
    book = data.draw(BOOKS)
    values = data.draw(returns(book))
    values |= dict.fromkeys(data.draw(st.sets(st.sampled_from(sorted(values)), max_size=25)))
    blanked = data.draw(st.sampled_from(sorted(values.keys() - BLANK_MEANS_NO)))
    before, after = rated(book, values), rated(book, values | {blanked: None})
    for name, domain in before.domains.items():
        if domain.category is Category.NOT_ASSESSED:
            # Without one of its better indicators a part of quality may come out as Underperforming, which stands.
            stands = {"quality": "Underperforming", "overall": "Underperforming", "tfa": "Red"}.get(name)
            assert after.domains[name].category in (Category.NOT_ASSESSED, stands)
    if after.finance.category is not Category.NOT_ASSESSED:
        assert after.finance.category is before.finance.category


@EFFORT
@given(st.data())
def test_a_category_has_a_score_or_a_rule_that_makes_it(data: st.DataObject) -> None:
    book = data.draw(BOOKS)
    values = data.draw(returns(book))
    values |= dict.fromkeys(data.draw(st.sets(st.sampled_from(sorted(values)), max_size=5)))
    found = rated(book, values).finance
    if found.category is Category.NOT_ASSESSED:
        assert found.missing
    elif found.score is None:
        assert any(cap.binding for cap in found.caps)


# --- escalation of what was rated


@settings(max_examples=60)
@given(st.data())
def test_in_force_is_at_most_one_level_worse_than_reported_or_held_but_by_declaration(data: st.DataObject) -> None:
    book = data.draw(BOOKS)
    edition = RULEBOOKS[book].edition
    quarters, months = [f"{edition.id}-Q{n}" for n in range(1, 5)] * 2, [f"{edition.id}-M{n:02}" for n in range(1, 13)]
    periods = quarters if edition.frequency == "quarter" else months
    given_in = [data.draw(returns(book)) for _ in periods]
    ratings = [rated(book, values) for values in given_in]
    for name, domain in RULEBOOKS[book].domains.items():
        if domain.ladder != "framework":
            continue
        declares = domain.declares or ""
        declared = {i: v[declares] for i, v in enumerate(given_in) if v.get(declares, "No") != "No"}
        reported = [rating.domains[name].category for rating in ratings]
        before = 0
        for i, stage in enumerate(escalate(reported, "framework", declared, counts=quarter_ends(periods))):
            if stage.category != Category.NOT_ASSESSED:
                worse = max(0 if reported[i] == Category.NOT_ASSESSED else rank(book, name, reported[i]), before)
                assert i in declared or rank(book, name, stage.category) <= worse + 1
                before = rank(book, name, stage.category)


# --- anything at all

ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=8),
    st.sampled_from(["Yes", "No", "Challenged", "nan", "1e400", "{value}", "%s"]),
    st.floats(),
    st.sampled_from([1e308, -1e308, 5e-324, -0.0, math.inf, -math.inf, math.nan]),
    st.integers(-(10**6), 10**6),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
    st.binary(max_size=3),
    st.complex_numbers(max_magnitude=10),
    st.decimals(allow_nan=False),
    st.dates(),
    st.builds(object),
)


@settings(max_examples=200)
@given(st.data())
def test_rate_takes_anything_and_returns_no_nan(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(shipped_editions()))
    edition = load_edition(name)
    trust_type = data.draw(st.sampled_from(edition.trust_types))
    rulebook = edition.rulebook(trust_type)
    names = [*rulebook.fields, *rulebook.indicators, *(f"{indicator}_score" for indicator in rulebook.indicators)]
    values: dict[str, Any] = dict(base_inputs(BASES[name, trust_type])) if data.draw(st.booleans()) else {}
    values |= data.draw(st.dictionaries(st.sampled_from(names) | st.text(max_size=5), ANYTHING, max_size=12))
    quarter = "M07" if edition.frequency == "month" else "Q3"
    found = rate(edition, trust_type, values, period=data.draw(st.sampled_from([None, f"{name}-{quarter}"])))
    no_nan(found)
    assert all(finding.message and finding.action for finding in found.findings)


def no_nan(found: Rating) -> None:
    for domain in found.domains.values():
        numbers = [domain.score, *(n for i in domain.indicators.values() for n in (i.value, i.score, i.weighted))]
        assert all(number is None or math.isfinite(number) for number in numbers)


@pytest.mark.parametrize("book", BASES, ids="-".join)
@pytest.mark.parametrize("value", [1e308, -1e308, 5e-324, 1e-300, 1e17, 2**53 + 1])
def test_extreme_figures_rate_without_an_exception(book: Book, value: float) -> None:
    base = base_inputs(BASES[book])
    no_nan(rated(book, {name: value if isinstance(own, int | float) else own for name, own in base.items()}))
    for name in base:
        no_nan(rated(book, base | {name: value}))


@pytest.mark.parametrize("book", BASES, ids="-".join)
@pytest.mark.parametrize(
    "value", [Decimal("1e400"), [1], {"a": 1}, object(), date(2011, 4, 1), 1j], ids=lambda v: type(v).__name__
)
def test_one_impossible_entry_is_a_finding_never_an_exception(book: Book, value: Any) -> None:
    for name in base_inputs(BASES[book]):
        found = rated(book, base_inputs(BASES[book]) | {name: value})
        assert name in {finding.field for finding in found.findings}, name
