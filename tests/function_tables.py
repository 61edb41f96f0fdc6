"""Random tables as they stand in a sheet, and what the worksheet functions must answer of them by `rate_table`.

A table mixes trust types and periods, names and labels in any spelling, columns in any order, headers that mean nothing
and entries that cannot be used; its returns stand under each other or beside each other. Python, Excel's call path and
LibreOffice are asked the same questions.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from pfexcel.engine.bulk import rate_table
from pfexcel.engine.rate import rate
from pfexcel.functions import CODES, Cell, CellError, Grid
from pfexcel.model import Rating
from pfexcel.rules.edition import Domain, Rulebook
from pfexcel.rules.load import load_edition, shipped_editions
from tests.samples import random_returns

NOTHING = ("Trust", "Comment", "nonsense_score", None, "", 2011)
PERIODS = {"quarter": ["Q1", "Q2", "Q3", "Q4"], "month": ["M01", "M07", "M12"]}
CQC_AND_SURVEY = {"cqc_conditions_outstanding", "ue_survey_year"}
NO_FIGURES, UNUSABLE = CellError("#N/A", ""), CellError("#VALUE!", "")


@dataclass(frozen=True)
class Question:
    """A call of a worksheet function: its arguments as blocks and scalars, and the block that it must answer."""

    function: str
    arguments: tuple[Any, ...]
    answer: Grid


def questions(count: int, seed: int = 0) -> Iterator[Question]:
    """Five questions on each of `count` random tables, the editions in turn; the same ones for the same seed."""
    editions = shipped_editions()
    for number in range(count):
        yield from _asked(editions[number % len(editions)], random.Random(f"table {seed} {number}"))


def _asked(edition: str, chance: random.Random) -> Iterator[Question]:
    table = _Table(edition, chance)
    fields, values = table.blocks
    named = edition if edition != "2011-12" or chance.random() < 0.5 else None
    for function, domain, what in (
        ("PF_FINANCE_SCORE", "finance", "score"),
        ("PF_FINANCE_RATING", "finance", "category"),
        ("PF_QUALITY_SCORE", "ipm", "score"),
        ("PF_QUALITY_RATING", "quality", "category"),
    ):
        asked = [table.of_domain(book, domain, what == "category") for book in table.books]
        kind = () if domain == "finance" else (None,)
        yield Question(function, (fields, values, *kind, named), table.answers(f"{domain}_{what}", asked))
    indicator = chance.choice(sorted({i for book in table.books for i in book.indicators}))
    what = chance.choice(("value", "score", "weighted"))
    asked = [names_of_indicator(book, indicator) for book in table.books]
    label = next(book.indicators[indicator].label for book in table.books if indicator in book.indicators)
    said = chance.choice((indicator, label, label.upper()))
    yield Question(
        "PF_INDICATOR", (said, fields, values, what, None, named), table.answers(f"{indicator}_{what}", asked)
    )


def names_of_indicator(book: Rulebook, name: str) -> set[str]:
    """The headers by which figures for an indicator may be given, by the words of the contract."""
    if name not in book.indicators:
        return set()
    return {*book.indicators[name].fields, name, f"{name}_score"}


class _Table:
    """Random returns of one edition, as a frame and as blocks of cells."""

    def __init__(self, edition: str, chance: random.Random) -> None:
        self.chance = chance
        self.edition = load_edition(edition)
        self.down = chance.random() < 0.5
        kinds = list(self.edition.trust_types)
        types = chance.sample(kinds, chance.randint(1, len(kinds)))
        dirty, overrides = chance.random() < 0.4, chance.random() < 0.5
        self.rows: list[dict[str, Any]] = []
        self.books: list[Rulebook] = []
        for _ in range(chance.randint(1, 8)):
            book = self.edition.rulebook(chance.choice(types))
            [row] = random_returns(book, 1, chance.randrange(10**6), dirty=dirty, overrides=overrides)
            period = f"{edition}-{chance.choice(PERIODS[self.edition.frequency])}"
            named = {"trust_type": book.trust_type, "period": chance.choice((period, period, None))}
            self.rows.append({**row, **named})
            self.books.append(book)
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        chance.shuffle(names)
        kept = [name for name in names if name == "trust_type" or chance.random() > 0.02]
        self.rows = [{name: row.get(name) for name in kept} for row in self.rows]
        frame = pd.DataFrame({name: pd.Series([row[name] for row in self.rows], dtype=object) for name in kept})
        self.rated = rate_table(self.edition, None, frame)
        self.ratings = [rate(self.edition, row["trust_type"], row, row.get("period") or None) for row in self.rows]
        self.names = kept

    @property
    def blocks(self) -> tuple[Grid, Grid]:
        """Headers and figures as a sheet has them, under or beside each other."""
        chance = self.chance
        columns: list[tuple[Cell, list[Cell]]] = [(self.header(name), self.column(name)) for name in self.names]
        for nothing in chance.sample(NOTHING, chance.randint(0, 2)):
            noise = [chance.choice(("Alder", None, 3, CellError("#REF!", ""))) for _ in self.rows]
            columns.insert(chance.randint(0, len(columns)), (nothing, noise))
        headers = [header for header, _ in columns]
        if self.down:
            return [headers], [list(row) for row in zip(*(cells for _, cells in columns), strict=True)]
        return [[header] for header in headers], [list(cells) for _, cells in columns]

    def column(self, name: str) -> list[Cell]:
        spelt = (str.upper, str.title, str) if name == "trust_type" else (lambda text: text,)
        return [self.chance.choice(spelt)(row[name]) if row[name] is not None else None for row in self.rows]

    def header(self, name: str) -> str:
        """A name, or the label that means it to every trust type of the table, in some spelling."""
        labels = [labels_of(book)[name] for book in self.books if name in labels_of(book)]
        plainly = [text for text in labels if all(meanings(b).get(plain(text), {name}) == {name} for b in self.books)]
        text = self.chance.choice(plainly) if plainly and self.chance.random() < 0.5 else name
        spelling = self.chance.randrange(4)
        return (text, text.upper(), text.replace("_", " ").title(), f" {text.replace(' ', '  ')}: ")[spelling]

    def of_domain(self, book: Rulebook, name: str, category: bool) -> set[str]:
        """The headers that the score or the category of a domain hangs on, by the words of the contract."""
        if name not in book.domains:
            return set()
        parts = ("quality", "ipm", "cqc", "ue") if name == "quality" else (name,)
        domains = [book.domains[part] for part in parts if part in book.domains]
        found = {n for one in domains for i in one.indicators for n in names_of_indicator(book, i)}
        if category:
            found |= {n for one in domains for n in _of_rules(book, one)} - CQC_AND_SURVEY
            if name == "quality":
                found |= {"cqc_warning_notices", "cqc_enforcement"}
        return found

    def answers(self, column: str, asked: Sequence[set[str]]) -> Grid:
        """A cell a return: what `rate_table` says, #N/A where it has nothing, the error where an entry is unusable."""
        rated = self.rated[column].tolist() if column in self.rated.columns else [math.nan] * len(self.rows)
        cells = [
            _error(row, names, rating) or (NO_FIGURES if cell != cell else cell)
            for cell, row, names, rating in zip(rated, self.rows, asked, self.ratings, strict=True)
        ]
        return [[cell] for cell in cells] if self.down else [cells]


def _of_rules(book: Rulebook, domain: Domain) -> Iterator[str]:
    for rule in domain.over_riding:
        yield from (name for name in rule.fields if not name.endswith("_category"))
        if rule.best_is is not None:
            yield rule.best_is


def _error(row: Mapping[str, Any], asked: set[str], rating: Rating) -> CellError | None:
    held = [row[name] for name in row if name in asked or name == "period"]
    for cell in held:
        if isinstance(cell, str) and cell in CODES:
            return CellError(cell, "")
    return UNUSABLE if asked & rating.inputs.refused else None


@cache
def labels_of(book: Rulebook) -> dict[str, str]:
    """The label that stands for each name of a rulebook."""
    labels = {entry.name: entry.label for entry in book.fields.values()}
    for indicator in book.indicators.values():
        if indicator.one_measure:
            labels[indicator.id] = indicator.label
        labels.setdefault(f"{indicator.id}_score", f"{indicator.label} score")
    return labels


@cache
def meanings(book: Rulebook) -> Mapping[str, set[str]]:
    """What each text without case, spaces and punctuation may mean to a rulebook, as a name or as a label."""
    found: dict[str, set[str]] = {}
    for name, label in labels_of(book).items():
        for text in (name, label):
            found.setdefault(plain(text), set()).add(name)
    return found


def plain(text: str) -> str:
    """A text without case, spaces and punctuation."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())
