"""Worked cases: what the guidance says comes out of a return. They are data, in `cases/*.toml`; anyone may add one.

A case names its `edition`, `trust_type` and `period` (a file may state them once for all its cases), the `base` it
starts from (`bases.toml`), the `inputs` that differ, the entries left `blank`, what is `expected` by the names of the
Rating sheet ("" where it shows nothing), and what it `cites`. With `given`, `gives` and `rows` one case is a table of
many.
"""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pfexcel.engine.rate import rate
from pfexcel.model import Rating
from pfexcel.rules.edition import Edition

FOLDER = Path(__file__).parent / "cases"
LISTS = ("caps", "binding", "missing", "findings")


@dataclass(frozen=True)
class Case:
    name: str
    edition: str
    trust_type: str
    period: str | None
    inputs: Mapping[str, Any]
    expected: Mapping[str, Any]
    cites: str


@cache
def bases() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / "bases.toml").read_text(encoding="utf-8"))


def base_inputs(names: str | Iterable[str]) -> dict[str, Any]:
    """The entries of a base, or of several laid over one another."""
    found: dict[str, Any] = {}
    for name in [names] if isinstance(names, str) else names:
        own = dict(bases()[name])
        found |= base_inputs(own.pop("base", [])) | own
    return found


@cache
def cases() -> tuple[Case, ...]:
    return tuple(case for path in sorted(FOLDER.glob("*.toml")) if path.stem != "bases" for case in _read(path))


def _read(path: Path) -> Iterable[Case]:
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    every = {key: value for key, value in file.items() if key != "case"}
    for table in file["case"]:
        case = every | table
        given, gives = case.get("given", []), case.get("gives", [])
        for row in case.get("rows", [[]]):
            assert len(row) == len(given) + len(gives), f"{path.name}, {case['name']}: {row}"
            inputs = base_inputs(case.get("base", [])) | case.get("inputs", {}) | dict(zip(given, row, strict=False))
            yield Case(
                name=": ".join([path.stem, case["name"], *([str(row[: len(given)])] if row else [])]),
                edition=case["edition"],
                trust_type=case["trust_type"],
                period=case["period"] or None,
                inputs={name: value for name, value in inputs.items() if name not in case.get("blank", [])},
                expected=case.get("expected", {}) | dict(zip(gives, row[len(given) :], strict=True)),
                cites=case["cites"],
            )


def results(rating: Rating) -> dict[str, Any]:
    """A rating by the names of the Rating sheet, and its caps, missing entries and findings as sorted lists."""
    found: dict[str, Any] = {}
    caps = [cap for domain in rating.domains.values() for cap in domain.caps]
    for domain in rating.domains.values():
        found[f"{domain.id}_score"] = domain.score
        found[f"{domain.id}_label"] = domain.label
        found["tfa_rag" if domain.id == "tfa" else f"{domain.id}_category"] = domain.category.value
        found[f"{domain.id}_uncapped_category"] = domain.uncapped_category.value
        for indicator in domain.indicators.values():
            found[f"{indicator.id}_value"] = indicator.value
            found[f"{indicator.id}_score"] = indicator.score
            found[f"{indicator.id}_weighted"] = indicator.weighted
    found["caps"] = sorted(cap.id for cap in caps)
    found["binding"] = sorted(cap.id for cap in caps if cap.binding)
    found["missing"] = sorted({name for domain in rating.domains.values() for name in domain.missing})
    found["findings"] = sorted(finding.id for finding in rating.findings)
    return found


def mismatches(case: Case, edition: Edition | None = None) -> list[str]:
    """Where a rating differs from what a case expects, in words; `edition` in place of the case's own."""
    found = results(rate(edition or case.edition, case.trust_type, case.inputs, period=case.period))
    return [
        f"{name} is {found[name]!r}, expected {wanted!r} ({case.cites})"
        for name, wanted in case.expected.items()
        if not _same(found[name], sorted(wanted) if name in LISTS else wanted)
    ]


def _same(found: Any, wanted: Any) -> bool:
    if found is None or isinstance(found, str | list):
        return ("" if found is None else found) == wanted
    return isinstance(wanted, int | float) and math.isclose(found, wanted, rel_tol=0, abs_tol=1e-9)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_case(case: Case) -> None:
    assert mismatches(case) == []


def test_every_case_expects_something_and_cites_its_source() -> None:
    assert [case.name for case in cases() if not (case.expected and case.cites)] == []


def test_no_two_cases_have_one_name() -> None:
    names = [case.name for case in cases()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize("entry", bases()["finance"])
def test_each_finance_entry_is_needed_and_named_where_it_is_blank(entry: str) -> None:
    inputs = base_inputs("good") | {entry: None}
    rating = rate("2011-12", "acute", inputs, period="2011-12-Q3")
    assert rating.finance.category.value == "Not assessed"
    assert entry in rating.finance.missing
    assert [(finding.id, finding.field) for finding in rating.findings] == [("entry-missing", entry)]
