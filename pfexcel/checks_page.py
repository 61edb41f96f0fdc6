"""The page docs/checks.md, made from `checks.toml` and the editions: `python -m pfexcel.checks_page` writes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pfexcel.catalogue import catalogue
from pfexcel.engine.check_rules import GOOD_PRACTICE, Check, load_checks
from pfexcel.engine.checks import CONTEXT, COUNTED
from pfexcel.rules.edition import Rulebook
from pfexcel.rules.expression import Expression
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.rules.targets import words
from pfexcel.rules.unit import Unit

PAGE = Path(__file__).parents[1] / "docs" / "checks.md"
_INTRODUCTION = """# Checks

<!-- Made by python -m pfexcel.checks_page from pfexcel/checks.toml; do not edit. -->

Every check that `pfexcel check` makes, what `pfexcel collate` and the register add, and where the workbook says the
same on its Checks sheet.
An **error** must be put right, a **query** must be explained, a **note** is for information.
A comment in the Comment cell of an entry answers a query about it: the query becomes a note with the comment."""
_FIGURES = """## Figures against each other

One condition in `checks.toml` makes the finding when a return is read, and the row on the Checks sheet beforehand.
A check is silent where a figure it looks at is missing, and is left out where a return has no such entry.
Limits are good practice and no part of the guidance, unless a reference is given; the Checks sheet has them too."""


def page() -> str:
    """The whole page."""
    rulebooks = [load_edition(e).rulebook(t) for e in shipped_editions() for t in load_edition(e).trust_types]
    units = {name: unit for book in rulebooks for name, unit in book.edition.units.items()}
    labels = {name: entry.label for book in rulebooks for name, entry in book.fields.items()}
    parts = [_INTRODUCTION, *_entries(rulebooks), _FIGURES]
    checks = load_checks()
    parts += [_check(check, units, labels) for check in checks if not check.needs_previous]
    parts.append(
        "## Figures against last period\n\nOnly where the workbook shows last period's figures of the same year."
    )
    parts += [_check(check, units, labels) for check in checks if check.needs_previous]
    parts += ["## When a workbook or a table is read", _table(_plain(""))]
    return "\n\n".join(parts) + "\n"


def _plain(row: str) -> dict[str, Mapping[str, Any]]:
    return {n: table for n, table in catalogue().items() if "when" not in table and table.get("row", "") == row}


def _table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    lines = ["| Check | Severity | What it says | What to do |", "|---|---|---|---|"]
    for name, table in rows.items():
        cells = (f'<a id="{name}"></a>`{name}`', table["severity"], _text(table["message"]), _text(table["action"]))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _text(message: str) -> str:
    return message.replace("{", "*").replace("!r}", "*").replace("}", "*")


def _entries(rulebooks: list[Rulebook]) -> Iterator[str]:
    """Each entry by itself, and the bounds of entries that are worth naming."""
    yield "## Each entry\n\nThe Checks sheet says these in the row of the entry. A refused figure is not used."
    yield _table(_plain("entry"))
    fields = {name: entry for book in rulebooks for name, entry in book.fields.items()}
    above = [f"`{name}`" for name, entry in fields.items() if entry.above == 0]
    parts = [f"`{n}` by `{e.not_above}`" for n, e in fields.items() if e.not_above and not n.endswith("_numerator")]
    shares = sum(entry.not_above is not None for entry in fields.values()) - len(parts)
    yield f"Must be above nought (`entry-out-of-bounds`): {', '.join(above)}."
    yield (
        f"Limited by another entry (`entry-above-other`): {', '.join(parts)}, and the numerators of {shares} "
        "indicators that are a share of a whole by their denominators."
    )


def _check(check: Check, units: Mapping[str, Unit], labels: Mapping[str, str]) -> str:
    limits = {name: units[limit.unit].show(limit.value) for name, limit in check.limits.items()}

    def say(node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id in check.measures:
            return f"({_said(check.measures[node.id][0])})"
        if isinstance(node, ast.Name) and node.id in limits:
            return limits[node.id]
        if isinstance(node, ast.Constant):
            return "blank" if node.value == "" else str(node.value)
        return f"`{ast.unparse(node)}`"

    def _said(expression: Expression) -> str:
        return words(expression, say)

    aliases = check.each[0] if check.each else {}
    lines = [f"### {check.id}", "", f"*{str(check.severity).capitalize()}.* {_title(check)}.", ""]
    lines.append(f"- Made when {_said(check.when)}.")
    lines += [f"- Limit {limits[name]}: {limit.reason}." for name, limit in check.limits.items()]
    rows = ["; ".join(f"{alias} `{name}`" for alias, name in row.items()) for row in check.each]
    lines += [f"- For {row}." for row in rows]
    facts = {n: label for n, (label, _) in (CONTEXT | COUNTED).items() if n in check.names}
    plain = [n for n in check.names if n in labels and n not in aliases]
    named = [f"`{n}`: {labels[n]}" for n in plain] + [f"`{n}`: {label}" for n, label in facts.items()]
    lines += [f"- {'; '.join(named)}."] if named else []
    lines += [f"- Says: {_said_of(check.message)}.", f"- Do: {check.action}."]
    lines += [f"- Reference: {check.reference}."] if check.reference != GOOD_PRACTICE else []
    return "\n".join(lines)


def _said_of(message: str) -> str:
    """A message with the names of its entries, and dots for its figures."""
    return re.sub(r"\{\w+\}", "…", re.sub(r"\{(\w+)_(?:label|lower)\}", r"*\1*", message))


def _title(check: Check) -> str:
    aliases = {f"{alias}_{form}": f"*{alias}*" for row in check.each for alias in row for form in ("label", "lower")}
    text = check.title.format_map(aliases)
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
