"""The parts of docs/functions.md that are made from the registry and its worked examples.

`python -m pfexcel.functions_page`, in the project's folder, fills in each part of the page from `<!-- PART -->` to
`<!-- end -->`, where PART is a name of `PARTS`; the words around them are written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pfexcel.functions import FUNCTIONS, Cell, CellError, Function, Grid
from pfexcel.template.examples import Example, examples_of
from pfexcel.workbook.layout import column_letter
from pfexcel.workbook.templates import template

PAGE = Path(__file__).parents[1] / "docs" / "functions.md"


def fill(page: str) -> str:
    """The page with every part made anew."""
    for whole, name in re.findall(r"(<!-- (\w+) -->\n.*?<!-- end -->)", page, re.S):
        page = page.replace(whole, "\n".join([f"<!-- {name} -->", "", *PARTS[name](), "", "<!-- end -->"]))
    return page


def _list() -> list[str]:
    rows = [(f"[`{one.name}`](#{one.name.lower()})", one.description) for one in FUNCTIONS.values()]
    return _table(["Function", "What it answers"], rows)


def _functions() -> list[str]:
    return [line for function in FUNCTIONS.values() for line in (*_function(function), "")][:-1]


def _errors() -> list[str]:
    rows = [(error["shown"], error["why"], error["action"]) for error in template("functions")["error"]]
    return _table(["Shown", "Why", "What to do"], rows)


PARTS = {"list": _list, "functions": _functions, "errors": _errors}


def _function(function: Function) -> list[str]:
    lines = [f"### {function.name}", "", f"`={function.syntax}`", "", function.description, ""]
    if function.arguments:
        rows = [(f"`{a.name}`", "yes" if a.optional else "", a.help) for a in function.arguments]
        lines += [*_table(["Argument", "May be left out", "What it is"], rows), ""]
    lines += [f"- Answer: {function.answer}.", f"- Errors: {_sentence(function.errors)}"]
    for example in examples_of(function.name):
        lines += ["", *_example(example)]
    return lines


def _example(example: Example) -> list[str]:
    lines = [f"**{example.title}**", ""]
    if example.cells:
        letters = [column_letter(column) for column in range(len(example.cells[0]))]
        rows = [(str(number), *map(_cell, cells)) for number, cells in enumerate(example.cells, start=1)]
        lines += [*_table(["", *letters], rows), ""]
    more = ", and more rows" if example.part else ""
    if not isinstance(example.answer, list):
        return [*lines, f"`{example.formula}` answers {_cell(example.answer)}."]
    if len(example.answer[0]) == 1:
        return [*lines, f"`{example.formula}` answers, one below the other{more}: {_in_line(example.answer)}."]
    if len(example.answer) == 1:
        return [*lines, f"`{example.formula}` answers, side by side: {_in_line(example.answer)}."]
    head, *rows = example.answer if example.part else [[""] * len(example.answer[0]), *example.answer]
    return [
        *lines,
        f"`{example.formula}` answers{more}:",
        "",
        *_table(list(map(_cell, head)), (map(_cell, row) for row in rows)),
    ]


def _in_line(answer: Grid) -> str:
    return "; ".join(_cell(cell) for row in answer for cell in row)


def _cell(cell: Cell) -> str:
    if isinstance(cell, CellError):
        return cell.code
    if isinstance(cell, bool):
        return str(cell).upper()
    return f"{cell:g}" if isinstance(cell, float) else "" if cell is None else str(cell)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return [*lines, *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)]


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
