"""What the headers of a table may mean in the edition that counts if none is named: its indicators and entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pfexcel.functions.asked import DEFAULT_EDITION
from pfexcel.rules.edition import Rulebook, Unit
from pfexcel.rules.load import load_edition


@dataclass(frozen=True)
class Header:
    """A name with its label and unit, and the trust types that have it.

    An indicator has scores; `valued` tells whether it may be given as a value, by this name and label.
    """

    name: str
    label: str
    unit: Unit
    trust_types: tuple[str, ...]
    scores: tuple[float, ...] = ()
    valued: bool = True

    @property
    def choices(self) -> list[str]:
        """What may be entered, where that is a list."""
        return list(self.unit.choices)

    @property
    def number_format(self) -> str:
        """How a cell shows its figure; empty for a text."""
        return self.unit.cell if self.unit.is_number else ""


@cache
def indicators() -> dict[str, Header]:
    """Every indicator by name.

    >>> indicators()["cat_a_8min"].trust_types
    ('ambulance',)
    """
    found: dict[str, Header] = {}
    for name in _names(book.indicators for book in _books()):
        having = [book for book in _books() if name in book.indicators]
        one, entry = having[0].indicators[name], having[0].fields.get(name)
        valued = one.one_measure or (entry is not None and entry.label == one.label)
        found[name] = Header(name, one.label, one.value.unit, _types(having), tuple(sorted(one.scores)), valued)
    return found


@cache
def entries() -> dict[str, Header]:
    """Every entry of a return workbook by name.

    >>> entries()["ytd_income"].label
    'Income to date'
    """
    found: dict[str, Header] = {}
    for name in _names(book.fields for book in _books()):
        having = [book for book in _books() if name in book.fields]
        entry = having[0].fields[name]
        found[name] = Header(name, entry.label, entry.unit, _types(having))
    return found


def header(text: str) -> Header | None:
    """What a name, or the label of an entry, means."""
    by_label = {entry.label: entry for entry in entries().values()}
    return entries().get(text) or indicators().get(text) or by_label.get(text)


def _books() -> list[Rulebook]:
    edition = load_edition(DEFAULT_EDITION)
    return [edition.rulebook(trust_type) for trust_type in edition.trust_types]


def _names(groups: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(name for group in groups for name in group))


def _types(books: Iterable[Rulebook]) -> tuple[str, ...]:
    return tuple(book.trust_type for book in books)
