"""What the command line prints: tables for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from pfexcel.returns.read import ReadReturn, ReturnFile
    from pfexcel.rules.edition import Edition

WIDTH_OF_FILES = 200
GAP = 2  # between two columns
LONGEST_WORD = 16
STYLES = {
    "Performing": "green",
    "Performance under review": "yellow",
    "Underperforming": "red",
    "Challenged": "bold magenta",
    "error": "bold red",
    "query": "yellow",
    "note": "dim",
}


def _console() -> Console:
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH_OF_FILES)


def say(text: str) -> None:
    """Print a line of text as it is, however long."""
    _console().print(text, markup=False, soft_wrap=True)


def lines(texts: Iterable[str]) -> None:
    """Print lines of text as they are."""
    for text in texts:
        say(text)


def counted(number: int, what: str) -> str:
    """A number of things in words.

    >>> counted(1, "workbook"), counted(2, "workbook")
    ('1 workbook', '2 workbooks')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"


def progress(verb: str) -> Callable[[str], None]:
    """A callback that says what is being worked on, on a terminal only."""
    console = _console()

    def report(name: str) -> None:
        if console.is_terminal:
            console.print(f"{verb} {name}", markup=False, style="dim")

    return report


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Sequence[str] = (),
    title: str = "",
    prose: Sequence[str] = (),
    cut: str = "",
) -> None:
    """Print a table; known categories and severities are coloured, and say so in words.

    Columns of `prose` fold, between words if they can; the others keep a line, and are cut where the terminal is too
    narrow: the column `cut` alone, where one is named.
    """
    from rich.table import Table
    from rich.text import Text

    console = _console()
    rows = list(rows)
    shown = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    widest = [max(len(column), *(len(row[i]) for row in rows), 0) for i, column in enumerate(columns)]
    words = [max((len(word) for row in rows for word in row[i].split()), default=0) for i in range(len(columns))]
    for number, column in enumerate(columns):
        folds, others = column in prose, sum(widest) - widest[number] + GAP * (len(columns) - 1)
        shown.add_column(
            column,
            justify="right" if column in numbers else "left",
            overflow="fold" if folds else "ellipsis",
            no_wrap=not folds,
            min_width=min(words[number], LONGEST_WORD) if folds else None,
            max_width=max(console.width - others, LONGEST_WORD) if column == cut else None,
        )
    for row in rows:
        shown.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    console.print(shown)


def show_editions(editions: Sequence[Edition], as_json: bool) -> None:
    """The editions with their trust types and days."""
    rows = [
        {
            "id": edition.id,
            "title": edition.title,
            "frequency": edition.frequency,
            "first_day": edition.first_day.isoformat(),
            "last_day": edition.last_day.isoformat(),
            "trust_types": list(edition.trust_types),
        }
        for edition in editions
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    cells = [
        (
            r["id"],
            r["title"],
            f"each {r['frequency']}",
            f"{r['first_day']} to {r['last_day']}",
            ", ".join(r["trust_types"]),
        )
        for r in rows
    ]
    table(["Edition", "Title", "Rated", "Days", "Trust types"], cells)


def show_changes(changes: Sequence[Any], as_json: bool) -> None:
    """What changed between two editions."""
    if as_json:
        print(json.dumps([asdict(change) for change in changes], indent=2, default=str))
        return
    if not changes:
        say("No change.")
        return
    columns = list(asdict(changes[0]))
    headings = [name.replace("_", " ").capitalize() for name in columns]
    table(headings, [[str(getattr(change, name) or "") for name in columns] for change in changes], prose=headings)


def show_findings(read: Sequence[ReturnFile], as_json: bool) -> None:
    """The findings of returned workbooks, file by file, and a line that counts them."""
    if as_json:
        found = [{"file": str(one.path), **asdict(f)} for one in read for f in one.findings]
        print(json.dumps(found, indent=2, default=str))
        return
    for one in read:
        if one.findings:
            rows = [
                (str(f.severity), f.organisation, f.sheet, f.cell, f"{f.message}. {f.action}.", f.id)
                for f in one.findings
            ]
            table(
                ["Severity", "Trust", "Sheet", "Cell", "What, and what to do", "Check"],
                rows,
                title=str(one.path),
                prose=["What, and what to do"],
            )
        counts = {level: sum(f.severity == level for f in one.findings) for level in ("error", "query", "note")}
        plural = {"error": "errors", "query": "queries", "note": "notes"}
        said = ", ".join(f"{n} {level if n == 1 else plural[level]}" for level, n in counts.items())
        say(f"{one.path}: {counted(len(one.returns), 'return')}, {said}")


def show_explanation(one: ReadReturn, period: str) -> None:
    """How one return's rating came about."""
    say(f"{one.ods_code}, {one.trust_type}, {period}")
    for made in one.declarations:
        when = f"{made.declared_on:%d/%m/%Y}" if made.declared_on else "date not given"
        by, where = made.declared_by or "name not given", made.reference or "no reference"
        say(f"Declared for {made.domain}: {made.category}, by {by}, {when}, {where}. {made.follows}.")
    rows = [(s.step, s.value, s.result, s.rule, f"{s.provenance}: {s.reference}") for s in one.rating.steps]
    table(
        ["Step", "Value", "Result", "Rule", "Where it comes from"],
        rows,
        prose=["Step", "Value", "Result", "Rule", "Where it comes from"],
    )


def show_table(frame: pd.DataFrame, keys: Sequence[str]) -> None:
    """The main columns of a rated table."""
    wanted = [*keys, *(c for c in frame.columns if c.endswith(("_category", "_label", "_rag")))]
    scores = [c for c in ("finance_score", "ipm_score", "ue_score") if c in frame.columns]
    columns = [*wanted[: len(keys)], *scores, *wanted[len(keys) :]]
    rows = [
        ["" if v != v or v is None else f"{v:.2f}" if isinstance(v, float) else str(v) for v in row]
        for row in frame[columns].itertuples(index=False)
    ]
    table([c.replace("_", " ") for c in columns], rows, [c.replace("_", " ") for c in scores])
