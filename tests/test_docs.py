"""The documentation is true: its examples run, its links lead somewhere, and docs/rules.md is what the rules say.

A block marked `python` runs as a doctest, the blocks of a page one after another. In a block marked `console` each line
that begins with `$` runs in a shell, and the lines after it are what it prints: `...` stands for any text, blanks and
tabs count as one blank, and a command without lines after it may print anything. A block whose mark goes on with the
name of a file is that file. `sh` and `text` blocks do not run.
"""

import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pfexcel import cli, rules_page
from pfexcel.demo import run_demo
from pfexcel.rules import ladder, monitor
from pfexcel.rules.edition import Mark
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.rules.tables import cite
from pfexcel.shipped import shipped
from tests.test_editions import marks

PROJECT = Path(__file__).parents[1]
PAGES = sorted([PROJECT / "README.md", PROJECT / "CHANGELOG.md", *(PROJECT / "docs").rglob("*.md")])
RUN = [
    PROJECT / "README.md",
    *(PROJECT / "docs" / f"{name}.md" for name in ("analyst", "department", "editions", "publishing", "register")),
]
MARKS = {"python", "console", "sh", "text", "csv", "toml"}
NAMES = [str(page.relative_to(PROJECT)) for page in PAGES]
RUN_NAMES = [str(page.relative_to(PROJECT)) for page in RUN]


class Block(NamedTuple):
    line: int
    mark: str
    file: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w*) ?(\S*)\n(.*?)^```$", text, re.M | re.S):
        yield Block(text[: found.start()].count("\n") + 2, found[1], found[2], found[3])


# --- what runs ---


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the program at hand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"])
    return tmp_path


def make_demo(folder: Path) -> None:
    """What `make demo` leaves of one SHA."""
    run_demo(folder / "demo", shas=("Q38",))


@pytest.mark.parametrize("page", RUN, ids=RUN_NAMES)
def test_blocks_run(page: Path, folder: Path) -> None:
    found = list(blocks(page))
    if any("demo/" in block.text for block in found if block.mark == "console"):
        make_demo(folder)
    names: dict[str, Any] = {}
    for block in found:
        where = f"{page.name}, line {block.line}"
        assert block.mark in MARKS, f"{where}: {block.mark!r}"
        if block.file:
            Path(block.file).write_text(block.text, encoding="utf-8")
        elif block.mark == "python":
            run_python(block.text, names, where)
        elif block.mark == "console":
            run_console(block.text, where)


def run_python(text: str, names: dict[str, Any], where: str) -> None:
    assert ">>> " in text, f"{where}: no example"
    test = doctest.DocTestParser().get_doctest(text, names, where, where, 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(test, out=said.append, clear_globs=False).failed == 0, "".join(said)
    names.update(test.globs)


def run_console(text: str, where: str) -> None:
    status = 0
    for command, expected in sessions(text):
        status, printed = (0, str(status)) if command == "echo $?" else run(command)
        assert "Traceback" not in printed, f"{where}: {command}\n{printed}"
        if expected:
            assert fits(expected, printed), f"{where}: {command}\n{printed}"
        else:
            assert status == 0, f"{where}: {command}\n{printed}"


def run(command: str) -> tuple[int, str]:
    """The exit status of a command and what it prints; our own program runs in this process where it can."""
    program, *arguments = shlex.split(command)
    if program != "pfexcel" or re.search(r"[|;&<>$*]", command):
        shell = ["sh", "-c", command]
        ended = subprocess.run(shell, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=60)
        return ended.returncode, ended.stdout
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("argv", [program, *arguments]), ("stdout", printed), ("stderr", printed)):
            patch.setattr(sys, name, value)
        with pytest.raises(SystemExit) as stopped:
            cli.main()
    return int(stopped.value.code or 0), printed.getvalue()


def sessions(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block with what each prints."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, expected = re.sub(r"\\\n *", "", part).partition("\n")
        yield command, expected.strip()


def fits(expected: str, printed: str) -> bool:
    wanted, got = (
        re.sub(r"[ \t]+", " ", re.sub(r"[ \t]*\n[ \t]*", "\n", text.strip())) for text in (expected, printed)
    )
    pattern = re.escape(wanted)
    for gap, stands_for in (("\n...\n", r"\n(?:.*\n)?"), (" ... ", r" (?:.* )?"), ("...", ".*")):
        pattern = pattern.replace(re.escape(gap), stands_for)
    return re.fullmatch(pattern, got, re.S) is not None


@pytest.mark.parametrize(
    ("expected", "printed", "does"),
    [
        ("a  b", "a b \n", True),
        ("a ... d", "a b\nc d", True),
        ("a ... d", "a d", True),
        ("a\n...\nc", "a\nb\nb\nc", True),
        ("a\n...\nc", "a\nc", True),
        ("a b", "a\nb", False),
        ("a", "a b", False),
    ],
)
def test_what_is_shown_is_compared_with_what_is_printed(expected: str, printed: str, does: bool) -> None:
    assert fits(expected, printed) is does


# --- links ---


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert target.is_relative_to(PROJECT), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page.name}: {link}"


def anchors(page: Path) -> set[str]:
    """What a link may lead to in a page: its headings, as GitHub names them, and its own anchors."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    named = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return named | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_path_outside_the_project_is_named(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.:/<)])/[a-z]\w*/|\b[A-Z]:\\", text)


# --- the rules ---


@pytest.fixture(scope="module")
def rules() -> str:
    return rules_page.PAGE.read_text(encoding="utf-8")


def test_the_rules_are_up_to_date(rules: str) -> None:
    assert rules_page.fill(rules) == rules, "run make docs"


def place(sources: Mapping[str, str], mark: Mark) -> tuple[str, str]:
    """The heading of a source, and the cell of the place in it."""
    head = sources[mark.ref.partition(" ")[0]].partition(", section {}")[0]
    return head, cite(sources, mark).removeprefix(head).strip(", ") or "the whole"


def assert_cited(rules: str, sources: Mapping[str, str], mark: Mark) -> None:
    head, where = place(sources, mark)
    key = mark.ref.partition(" ")[0]
    section = re.search(rf"^### {key}: {re.escape(head)}\n(.*?)(?=^###|\Z)", rules, re.M | re.S)
    assert section, f"{mark.ref}: no {head}"
    first = re.sub(r"(paragraph \d+)-\d+", r"\1", where)
    assert f"</a>{first} |" in section[1], f"{mark.ref}: {where} is not there"


@pytest.mark.parametrize("name", shipped_editions())
def test_every_place_that_an_edition_cites_is_in_the_rules(rules: str, name: str) -> None:
    edition = load_edition(name)
    found = {mark for trust_type in edition.trust_types for mark in marks(edition.rulebook(trust_type))}
    assert len(found) > 5
    for mark in found:
        assert_cited(rules, edition.sources, mark)
        assert f"{mark.provenance} [{mark.ref}](#" in rules


@pytest.mark.parametrize("name", shipped(ladder.SHIPPED))
def test_every_place_that_a_ladder_cites_is_in_the_rules(rules: str, name: str) -> None:
    one = ladder.load_ladder(name)
    for level in one.levels:
        assert_cited(rules, one.sources, level.marks.table)
        assert level.category in rules
    for remark in one.remarks:
        assert remark.says in rules


@pytest.mark.parametrize("name", shipped(monitor.SHIPPED))
def test_every_finding_of_monitor_is_in_the_rules(rules: str, name: str) -> None:
    one = monitor.load_monitor(*name.rsplit("-", 1))
    for meaning in one.meanings.values():
        assert_cited(rules, one.sources, meaning.marks.table)
        assert meaning.means in rules
    for found in one.findings.values():
        assert found.label in rules


@pytest.mark.parametrize("name", shipped_editions())
def test_every_indicator_and_rule_of_an_edition_is_in_the_rules(rules: str, name: str) -> None:
    edition = load_edition(name)
    for trust_type in edition.trust_types:
        rulebook = edition.rulebook(trust_type)
        for indicator in rulebook.indicators.values():
            assert f"| {indicator.label} |" in rules
        for domain in rulebook.domains.values():
            for rule in domain.over_riding:
                assert f"| {domain.title}: {rule.label} |" in rules


def test_a_case_cites_places() -> None:
    text = "Implementation guidance, April 2011, paragraphs 3.4 and 3.7; mental health annex, paragraphs 17 to 19"
    assert rules_page._cited(text) == [
        ("IG11", "3.4"), ("IG11", "3.7"), ("MH11", "17"), ("MH11", "18"), ("MH11", "19"),
    ]  # fmt: skip


def test_cases_are_listed_under_what_they_cite(rules: str) -> None:
    line = next(line for line in rules.splitlines() if '<a id="mh11-24"></a>' in line)
    assert "[mental-health.toml](../tests/cases/mental-health.toml): " in line
    assert "user experience Underperforming caps quality at Performance under review" in line
