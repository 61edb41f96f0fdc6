"""Edition files with something wrong: each is refused with its name, the key, what is wrong and what to do.

Each file in `broken/` says what `was` in `minimal.toml`, what stands there `now`, and at which `key` the message must
stand that holds all of `expect`. The edition with that one fault is written out and loaded like a user's own.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

import pfexcel
from pfexcel.rules.problems import EditionError

FOLDER = Path(__file__).parent / "broken"
MINIMAL = FOLDER / "minimal.toml"
FILES = sorted(path for path in FOLDER.glob("*.toml") if path != MINIMAL)


def with_fault(text: str, fault: dict[str, Any]) -> str:
    assert text.count(fault["was"]) == 1, f"{fault['was']!r} stands {text.count(fault['was'])} times in minimal.toml"
    return text.replace(fault["was"], fault["now"])


def problems_of(path: Path) -> EditionError:
    with pytest.raises(EditionError) as caught:
        pfexcel.load_edition(path)
    assert isinstance(caught.value, ValueError)
    return caught.value


def test_the_minimal_edition_loads_and_rates() -> None:
    figures = {"surplus": 5, "income": 100, "debtors": 1, "loan_missed": False, "notices": 0}
    rating = pfexcel.rate(str(MINIMAL), "acute", {**figures, "waits_part": 95, "waits_whole": 100}, "2011-12-Q1")
    assert {domain.category.value for domain in rating.domains.values()} == {"Performing"}
    assert rating.findings == ()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_broken_edition(path: Path, tmp_path: Path) -> None:
    fault = tomllib.loads(path.read_text(encoding="utf-8"))
    broken = tmp_path / path.name
    broken.write_text(with_fault(MINIMAL.read_text(encoding="utf-8"), fault), encoding="utf-8")
    lines = [line for line in str(problems_of(broken)).splitlines() if f": {fault['key']}: " in line]
    assert all(str(broken) in line for line in lines)
    assert [words for words in fault["expect"] if not any(words in line for line in lines)] == []


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    names = ["undefined-entry-in-measure", "undefined-name-in-bands", "mark-unknown-source", "category-in-rule"]
    faults = [tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")) for name in names]
    text = MINIMAL.read_text(encoding="utf-8")
    for fault in faults:
        text = with_fault(text, fault)
    path = tmp_path / "four.toml"
    path.write_text(text, encoding="utf-8")
    error = problems_of(path)
    assert sorted(problem.key for problem in error.problems) == sorted(fault["key"] for fault in faults)
    assert all(words in str(error) for fault in faults for words in fault["expect"])


def test_every_unknown_and_missing_key_is_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "three.toml"
    text = MINIMAL.read_text(encoding="utf-8")
    path.write_text(text.replace("title", "tilte"), encoding="utf-8")
    keys = [problem.key for problem in problems_of(path).problems]
    assert {"edition.tilte", "edition.title", "sections.ipm.tilte", "domains.quality.title"} <= set(keys)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(MINIMAL.read_text(encoding="utf-8").replace("A document", "Café notes").encode("latin-1"))
    message = str(problems_of(path))
    assert str(path) in message
    assert "this is no TOML text" in message
    assert "save it as UTF-8" in message


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"PK\x03\x04 a workbook", b"x = 1" + b"0" * 5000, b"x = " + b"[" * 5000]
)
def test_a_file_that_is_something_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.toml"
    path.write_bytes(content)
    assert str(path) in str(problems_of(path))


def test_a_problem_says_what_to_do() -> None:
    for path in FILES:
        fault = tomllib.loads(path.read_text(encoding="utf-8"))
        assert fault.keys() == {"was", "now", "key", "expect"}, path.name
        assert fault["expect"], path.name
