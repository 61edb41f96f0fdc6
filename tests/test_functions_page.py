"""docs/functions.md is what the registry and the worked examples say."""

import re

import pytest

from pfexcel import functions_page
from pfexcel.functions import FUNCTIONS
from pfexcel.template.examples import Example, examples
from pfexcel.workbook.templates import template


@pytest.fixture(scope="module")
def page() -> str:
    return functions_page.PAGE.read_text(encoding="utf-8")


def test_the_page_is_up_to_date(page: str) -> None:
    assert functions_page.fill(page) == page, "run make docs"
    assert set(re.findall(r"<!-- (\w+) -->", page)) - {"end"} == set(functions_page.PARTS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_told_whole(page: str, name: str) -> None:
    function = FUNCTIONS[name]
    section = re.search(rf"^### {name}\n(.*?)(?=^##|\Z)", page, re.M | re.S)
    assert section
    told = [f"`={function.syntax}`", function.description, f"- Answer: {function.answer}."]
    told += [f"| `{one.name}` | {'yes' if one.optional else ''} | {one.help} |" for one in function.arguments]
    assert not [text for text in told if text not in section[1]]


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.function}: {example.title}")
def test_an_example_is_shown(page: str, example: Example) -> None:
    assert f"\n**{example.title}**\n" in page
    assert f"`{example.formula}` answers" in page


def test_every_error_is_told(page: str) -> None:
    for error in template("functions")["error"]:
        assert f"| {error['shown']} | {error['why']} | {error['action']} |" in page


def test_tables_are_straight(page: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page, re.M):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table
