"""The tables of a publication, as plain records: the workbook, the ODS file and the CSV files are these tables.

A cell is a number, a date or a text; a shorthand says why there is none. Which columns a table has and what fills its
rows stands in `rows`; every word in `workbook_templates/publication.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from pfexcel.engine.words import score_decimals
from pfexcel.publish.publication import Publication, ShaEntry, TrustEntry
from pfexcel.publish.rule_texts import DomainText
from pfexcel.workbook.templates import template

TFA = "tfa"
WHO = ("sha", "ods_code", "trust")


class Score(NamedTuple):
    """A score with as many decimals as tell its category."""

    value: float
    decimals: int


Cell = str | int | float | date | Score


@dataclass(frozen=True)
class Column:
    """A column: its name in CSV files, heading, kind (`text`, `integer`, `number`, `date`), unit, what it says."""

    name: str
    heading: str
    kind: str
    about: str
    unit: str = ""
    decimals: int | None = None
    width: int = 12
    note: str = ""


@dataclass(frozen=True)
class Table:
    """A table: its name, worksheet, title, columns and rows; `title_notes` are the notes that the title names."""

    id: str
    sheet: str
    title: str
    title_notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def without(self, names: Iterable[str]) -> Table:
        """The table without some of its columns."""
        left_out = set(names)
        kept = [index for index, column in enumerate(self.columns) if column.name not in left_out]
        return replace(
            self,
            columns=tuple(self.columns[index] for index in kept),
            rows=tuple(tuple(row[index] for index in kept) for row in self.rows),
        )


def words() -> dict[str, Any]:
    """The texts of a publication."""
    return template("publication")


@cache
def shorthand(kind: str) -> str:
    """What stands in a cell without a figure: `missing` or `not_applicable`."""
    return words()["shorthand"][kind]


def or_missing(value: Cell | None) -> Cell:
    """The value, or the shorthand for what is not available."""
    return shorthand("missing") if value is None or value == "" else value


def yes(value: bool) -> str:
    """A yes or no as it stands in a cell."""
    return "Yes" if value else "No"


def who(sha: ShaEntry, trust: TrustEntry) -> tuple[Cell, ...]:
    """The cells of the columns `WHO`."""
    return (sha.name, trust.ods_code, trust.name)


def given(trust: TrustEntry) -> tuple[Cell, Cell]:
    """What the SHA gave of a trust: lead commissioner and action plan date."""
    return or_missing(trust.lead_commissioner), or_missing(trust.action_plan_date)


def domains_of(publication: Publication) -> dict[str, DomainText]:
    """The domains of all trust types by id, in the edition's order."""
    return {text.id: text for rules in publication.rules for text in rules.domains}


def score_cell(text: DomainText, score: float | None) -> Cell:
    """A score of a domain, or why there is none: a domain that is not scored has none at all."""
    if text.lowest is None:
        return shorthand("not_applicable")
    if score is None:
        return shorthand("missing")
    return Score(score, score_decimals(score, [limit.value for limit in text.limits]))


def columns_of(*names: str) -> list[Column]:
    """Columns by their entries in the template."""
    return [column(name) for name in names]


def column(name: str, key: str | None = None, **fill: str) -> Column:
    """A column by its entry in the template; `key` names it where several share an entry, `fill` its heading's gaps.

    >>> column("ods_code").heading, column("score_of", "finance_score", title="Finance").heading
    ('ODS code', 'Finance: score')
    """
    entry = dict(words()["columns"][name])
    entry["heading"], entry["about"] = (entry[part].format(**fill) for part in ("heading", "about"))
    return Column(name=key or name, **entry)


def table(publication: Publication, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Table:
    """A table by its entry in the template."""
    entry = words()["tables"][name]
    previous = publication.previous.words if publication.previous else "the last period"
    title = entry["title"].format(period=publication.period.words, previous=previous, edition=publication.edition_title)
    return Table(name, entry["sheet"], title, tuple(entry["notes"]), tuple(columns), tuple(tuple(row) for row in rows))


def numbered_notes(tables: Iterable[Table]) -> dict[str, int]:
    """The number of each note, in the order in which titles and column headings first name them."""
    found: Iterator[str] = (
        note for one in tables for note in (*one.title_notes, *(c.note for c in one.columns)) if note
    )
    return {note: number for number, note in enumerate(dict.fromkeys(found), start=1)}


def marked(text: str, notes: Iterable[str], numbers: dict[str, int]) -> str:
    """A text with the marks of its notes after it.

    >>> marked("Score", ["score"], {"score": 2})
    'Score [note 2]'
    """
    return " ".join([text, *(f"[note {numbers[note]}]" for note in notes if note)])


def heading(one: Column, numbers: dict[str, int]) -> list[str]:
    """A column's heading, with its unit and the mark of its note, a line each."""
    lines = [one.heading, f"({one.unit})" if one.unit else "", f"[note {numbers[one.note]}]" if one.note else ""]
    return [line for line in lines if line]
