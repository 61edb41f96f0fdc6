"""One token of an edition changed at a time: each time some worked case must notice, or the loader refuse.

Edition 2011-12 is changed throughout; of another only what is not as in 2011-12. So nothing can go wrong unseen in what
they have in common either: a number that is mistyped in one of them differs from then on, and has no case.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from pfexcel.rules.build import build_edition
from pfexcel.rules.load import SHIPPED, shipped_editions
from pfexcel.rules.problems import EditionError
from tests.test_cases import Case, cases, mismatches

MAIN = "2011-12"
NUDGE = 1e-4  # of a limit; some case stands closer to it than that
BAND_STEP = 0.025  # the smallest step of a finance score
NEEDED_STEP = 0.15  # of weight_needed: five equal themes have nothing between 0.4 and 0.6
WEIGHT_STEP = 0.1
SHARES = 4  # of the changes, each share a test

SWAPPED = {
    **{"<=": "<", "<": "<=", ">=": ">", ">": ">=", "==": "!=", "!=": "==", "and": "or", "or": "and"},
    **{"+": "-", "-": "+", "*": "-", "/": "*", "min": "max", "max": "min", "abs": "", "sqrt": ""},
}
TOKEN = re.compile(r"[<>=!]=|[<>+*/-]|\b(?:and|or|min|max|abs|sqrt)\b")

WHOLE = "a count is whole: none lies in between"
EQUIVALENT: Mapping[str, Mapping[str, str]] = {
    "2009-10": {
        "domains.ipm.rows.acute.rtt_specialties.performing: 0 up": WHOLE,
        "domains.ipm.rows.acute.rtt_specialties.underperforming: 20 up": WHOLE,
    },
    "2010-11": {
        "domains.ipm.rows.acute.rtt_specialties.performing: 0 up": WHOLE,
        "domains.ipm.rows.acute.rtt_specialties.underperforming: 20 up": WHOLE,
    },
    "2011-12": {
        "scorings.few.scores.3.score: 2 to 3": WHOLE,
        "domains.ipm.rows.mental-health.under_16.performing: 0 up": WHOLE,
        "domains.ipm.rows.mental-health.under_16.underperforming: 1 down": WHOLE,
    },
    "2012-13": {
        "domains.ipm.rows.acute.rtt_specialties.performing: 0 up": WHOLE,
        "domains.ipm.rows.acute.rtt_specialties.underperforming: 20 up": WHOLE,
    },
}

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutant:
    """An edition with other values at some keys."""

    edition: str
    what: str
    changes: tuple[tuple[Key, Any], ...]

    def __str__(self) -> str:
        key = (str(part + 1 if isinstance(part, int) else part) for part in self.changes[0][0])
        return f"{'.'.join(key)}: {self.what}"


@cache
def tables(edition: str) -> dict[str, Any]:
    return tomllib.loads((SHIPPED / f"{edition}.toml").read_text(encoding="utf-8"))


def at(edition: str, key: Key) -> Any:
    found: Any = tables(edition)
    for part in key:
        found = found[part]
    return found


def leaves(value: Any, key: Key = (), named: Key = ()) -> Iterator[tuple[Key, Key]]:
    """The key of every number and text in an edition, and the same with rules named instead of counted."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, (*key, name), (*named, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            own = f"{part['id']} {part.get('types', 'every')}" if isinstance(part, dict) and "id" in part else number
            yield from leaves(part, (*key, number), (*named, own))
    else:
        yield key, named


@cache
def main_values() -> dict[Key, Any]:
    return {named: at(MAIN, key) for key, named in leaves(tables(MAIN))}


@cache
def own_keys(edition: str) -> tuple[Key, ...]:
    """The keys to change: all of the main edition, of another those whose value is not the main edition's."""
    main = {} if edition == MAIN else main_values()
    return tuple(key for key, named in leaves(tables(edition)) if named not in main or main[named] != at(edition, key))


def mutants(edition: str) -> Iterator[Mutant]:
    for key in own_keys(edition):
        for what, value in other_values(edition, key, at(edition, key)):
            yield Mutant(edition, what, ((key, value),))
        if key[-1] == "weight" and "rows" in key and "marks" not in key:
            yield from two_weights(edition, key)


def other_values(edition: str, key: Key, value: Any) -> Iterator[tuple[str, Any]]:
    """What else might stand at a key."""
    name = key[-1]
    if name in ("is", "when", "not_applicable") and isinstance(value, str):
        for token in TOKEN.finditer(value):
            other = value[: token.start()] + SWAPPED[token[0]] + value[token.end() :]
            yield f"{value} to {other}", other
    elif name in ("best", "category", "stands_from"):
        grades = next(scale["names"] for scale in tables(edition)["scales"].values() if value in scale["names"])
        other = grades[(grades.index(value) + 1) % len(grades)]
        yield f"{value} to {other}", other
    elif "lowest_of" in key:
        yield f"without {value}", next(part for part in at(edition, key[:-1]) if part != value)
    elif name == "label" and "labels" in key:
        yield "another label", "other"
    elif name == "unknown":
        yield "to Not assessed", ""
    elif name == "score":
        yield f"{value} to {value + 1}", value + 1
    elif name == "weight_needed":
        yield from moved(value, NEEDED_STEP)
    elif key[0] == "bands" and isinstance(value, float):
        yield from moved(value, BAND_STEP)
    elif key[0] == "domains" and isinstance(value, int | float) and name != "weight" and "total_weight" not in key:
        yield from moved(value, abs(value) * NUDGE or NUDGE)


def moved(value: float, step: float) -> Iterator[tuple[str, float]]:
    yield f"{value} up", value + step
    yield f"{value} down", value - step


def two_weights(edition: str, key: Key) -> Iterator[Mutant]:
    """This weight a little up, the next one down, so that the total still holds."""
    rows = list(at(edition, key[:-2]))
    next_row = rows[(rows.index(key[-2]) + 1) % len(rows)]
    other = (*key[:-2], next_row, "weight")
    changes = ((key, at(edition, key) + WEIGHT_STEP), (other, at(edition, other) - WEIGHT_STEP))
    yield Mutant(edition, f"up, {next_row} down", changes)


def changed(table: Any, key: Key, value: Any) -> Any:
    """A copy with another value at one key."""
    if not key:
        return value
    name, *rest = key
    copy = table.copy()
    copy[name] = changed(table[name], tuple(rest), value)
    return copy


def noticed(mutant: Mutant) -> bool:
    """Does the loader refuse it, or some case come out otherwise?"""
    raw = tables(mutant.edition)
    for key, value in mutant.changes:
        raw = changed(raw, key, value)
    try:
        edition = build_edition(raw, mutant.edition, "")
    except EditionError:
        return True
    likely_first = sorted(own_cases(mutant.edition), key=touched_by(mutant), reverse=True)
    return any(differs(case, edition) for case in likely_first)


def differs(case: Case, edition: Any) -> bool:
    try:
        return bool(mismatches(case, edition))
    except Exception:  # a mutant may well crash
        return True


@cache
def own_cases(edition: str) -> tuple[Case, ...]:
    return tuple(case for case in cases() if case.edition == edition)


def touched_by(mutant: Mutant) -> Callable[[Case], int]:
    """How much a case has to do with what was changed, so that the likely ones run first."""
    words = {str(part) for key, _ in mutant.changes for part in key}
    if words & {"scorings", "readings"}:
        for name, table in tables(mutant.edition)["indicators"].items():
            if words & {table["scoring"], table.get("reading")}:
                words.add(name)
    if "over_riding" in words:
        words.add(at(mutant.edition, mutant.changes[0][0][:4])["id"])

    def count(case: Case) -> int:
        expected = [name.rpartition("_")[0] for name in case.expected] + list(case.expected.get("caps", ()))
        return sum(word in words for word in expected)

    return count


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("edition", shipped_editions())
def test_every_change_of_one_token_is_noticed(edition: str, share: int) -> None:
    chosen = [mutant for mutant in list(mutants(edition))[share::SHARES] if str(mutant) not in EQUIVALENT[edition]]
    assert chosen
    assert [str(mutant) for mutant in chosen if not noticed(mutant)] == []


@pytest.mark.parametrize("edition", shipped_editions())
def test_an_edition_as_it_stands_passes_every_case(edition: str) -> None:
    assert not noticed(Mutant(edition, "nothing", ()))


@pytest.mark.parametrize("edition", shipped_editions())
def test_what_no_case_can_notice_is_in_the_edition(edition: str) -> None:
    assert EQUIVALENT[edition].keys() <= {str(mutant) for mutant in mutants(edition)}


@pytest.mark.parametrize("edition", [name for name in shipped_editions() if name != MAIN])
def test_a_number_mistyped_where_editions_agree_is_one_to_be_noticed(
    edition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would have to have a case of its own, and has none."""
    key = ("domains", "finance", "rows", "every", "debtor_days", "three")
    assert key not in own_keys(edition)
    mistyped = changed(tables(edition), key, 45)
    monkeypatch.setitem(globals(), "tables", {MAIN: tables(MAIN), edition: mistyped}.__getitem__)
    assert key in own_keys.__wrapped__(edition)
