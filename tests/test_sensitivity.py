"""One token of the edition changed at a time: each time some worked case must notice, or the loader refuse."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from pfexcel.rules.build import build_edition
from pfexcel.rules.load import SHIPPED
from pfexcel.rules.problems import EditionError
from tests.test_cases import Case, cases, mismatches

EDITION = "2011-12"
NUDGE = 1e-4  # of a limit; some case stands closer to it than that
BAND_STEP = 0.025  # the smallest step of a finance score
NEEDED_STEP = 0.15  # of weight_needed: five equal themes have nothing between 0.4 and 0.6
WEIGHT_STEP = 0.1

SWAPPED = {
    **{"<=": "<", "<": "<=", ">=": ">", ">": ">=", "==": "!=", "!=": "==", "and": "or", "or": "and"},
    **{"+": "-", "-": "+", "*": "-", "/": "*", "min": "max", "max": "min", "abs": "", "sqrt": ""},
}
TOKEN = re.compile(r"[<>=!]=|[<>+*/-]|\b(?:and|or|min|max|abs|sqrt)\b")

EQUIVALENT = {
    "scorings.few.scores.3.score: 2 to 3": "a count is whole: none lies between 0 and 1",
    "domains.ipm.rows.mental-health.under_16.performing: 0 up": "the same",
    "domains.ipm.rows.mental-health.under_16.underperforming: 1 down": "the same",
}

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutant:
    """The edition with other values at some keys."""

    what: str
    changes: tuple[tuple[Key, Any], ...]

    def __str__(self) -> str:
        key = (str(part + 1 if isinstance(part, int) else part) for part in self.changes[0][0])
        return f"{'.'.join(key)}: {self.what}"


@cache
def tables() -> dict[str, Any]:
    return tomllib.loads((SHIPPED / f"{EDITION}.toml").read_text(encoding="utf-8"))


def at(key: Key) -> Any:
    found: Any = tables()
    for part in key:
        found = found[part]
    return found


def leaves(value: Any, key: Key = ()) -> Iterator[Key]:
    """The key of every number and text in the edition."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield key
        return
    for name, part in parts:
        yield from leaves(part, (*key, name))


def mutants() -> Iterator[Mutant]:
    for key in leaves(tables()):
        for what, value in other_values(key, at(key)):
            yield Mutant(what, ((key, value),))
        if key[-1] == "weight" and "rows" in key and "marks" not in key:
            yield from two_weights(key)


def other_values(key: Key, value: Any) -> Iterator[tuple[str, Any]]:
    """What else might stand at a key."""
    name = key[-1]
    categories = tables()["scales"]["framework"]["names"]
    if name in ("is", "when", "not_applicable") and isinstance(value, str):
        for token in TOKEN.finditer(value):
            other = value[: token.start()] + SWAPPED[token[0]] + value[token.end() :]
            yield f"{value} to {other}", other
    elif name in ("best", "category", "stands_from"):
        other = categories[(categories.index(value) + 1) % len(categories)]
        yield f"{value} to {other}", other
    elif "lowest_of" in key:
        yield f"without {value}", next(part for part in at(key[:-1]) if part != value)
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


def two_weights(key: Key) -> Iterator[Mutant]:
    """This weight a little up, the next one down, so that the total still holds."""
    rows = list(at(key[:-2]))
    next_row = rows[(rows.index(key[-2]) + 1) % len(rows)]
    other = (*key[:-2], next_row, "weight")
    yield Mutant(f"up, {next_row} down", ((key, at(key) + WEIGHT_STEP), (other, at(other) - WEIGHT_STEP)))


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
    raw = tables()
    for key, value in mutant.changes:
        raw = changed(raw, key, value)
    try:
        edition = build_edition(raw, EDITION, "")
    except EditionError:
        return True
    return any(differs(case, edition) for case in sorted(own_cases(), key=touched_by(mutant), reverse=True))


def differs(case: Case, edition: Any) -> bool:
    try:
        return bool(mismatches(case, edition))
    except Exception:  # a mutant may well crash
        return True


@cache
def own_cases() -> tuple[Case, ...]:
    return tuple(case for case in cases() if case.edition == EDITION)


def touched_by(mutant: Mutant) -> Callable[[Case], int]:
    """How much a case has to do with what was changed, so that the likely ones run first."""
    words = {str(part) for key, _ in mutant.changes for part in key}
    if words & {"scorings", "readings"}:
        for name, table in tables()["indicators"].items():
            if words & {table["scoring"], table.get("reading")}:
                words.add(name)
    if "over_riding" in words:
        words.add(at(mutant.changes[0][0][:4])["id"])

    def count(case: Case) -> int:
        expected = [name.rpartition("_")[0] for name in case.expected] + list(case.expected.get("caps", ()))
        return sum(word in words for word in expected)

    return count


@pytest.mark.parametrize("share", range(4))
def test_every_change_of_one_token_is_noticed(share: int) -> None:
    chosen = [mutant for mutant in list(mutants())[share::4] if str(mutant) not in EQUIVALENT]
    assert [str(mutant) for mutant in chosen if not noticed(mutant)] == []


def test_the_edition_as_it_stands_passes_every_case() -> None:
    assert not noticed(Mutant("nothing", ()))


def test_what_no_case_can_notice_is_in_the_edition() -> None:
    assert EQUIVALENT.keys() <= {str(mutant) for mutant in mutants()}
