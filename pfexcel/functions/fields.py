"""Tables in a sheet: headers matched to the names of a rulebook, and the returns under or beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pfexcel.engine.inputs import ARGUMENTS
from pfexcel.functions.cells import Cell, Grid, error_in, grid, refused
from pfexcel.rules.edition import Edition, Rulebook


@dataclass(frozen=True)
class Table:
    """Headers and returns: `returns` has a list of cells a return, in the order of `headers`.

    `down` tells whether the returns stand under each other, as then do the answers.
    """

    headers: tuple[Cell, ...]
    returns: Sequence[Sequence[Cell]]
    down: bool

    def column(self, name: str) -> int | None:
        """Where an argument (`period`, `trust_type`) stands among the headers; None where it does not."""
        return _argument(self.headers, name)

    def lined_up(self, answers: Sequence[Cell]) -> Grid:
        """One answer a return, in the direction of the returns."""
        return [[one] for one in answers] if self.down else [list(answers)]


def read_table(fields: Any, values: Any) -> Table:
    """The table that two arguments make: a header row over returns, or a header column beside them.

    Raises:
        CellError: #VALUE! where the blocks do not fit each other; an error among the headers.
    """
    headers, figures = grid(fields, "fields"), grid(values, "values")
    height, width = len(headers), len(headers[0])
    if height > 1 and width > 1:
        raise refused(f"fields is a block of {height} by {width} cells; give one row or one column of headers")
    down = len(figures[0]) == 1 if height == width else height == 1
    names = headers[0] if height == 1 else [row[0] for row in headers]
    across = len(figures[0]) if down else len(figures)
    if across != len(names):
        what = "columns" if down else "rows"
        raise refused(f"fields has {len(names)} headers, values {across} {what}; give a header for each")
    for header in names:
        error = error_in(header)
        if error is not None:
            raise error
    texts = tuple(header if isinstance(header, str) else None for header in names)
    return Table(texts, figures if down else list(zip(*figures, strict=True)), down)


def plain(label: Cell) -> str:
    """A label without case, spaces and punctuation: what labels are matched by.

    >>> plain("YTD EBITDA margin") == plain("ytd_ebitda_margin")
    True
    """
    return "".join(c for c in label.casefold() if c.isalnum()) if isinstance(label, str) else ""


@lru_cache(maxsize=256)
def _argument(headers: tuple[Cell, ...], name: str) -> int | None:
    found = [at for at, header in enumerate(headers) if plain(header) == plain(name)]
    if len(found) > 1:
        raise refused(f"{name} stands over {len(found)} columns; keep one")
    return found[0] if found else None


@lru_cache(maxsize=256)
def is_known(edition: Edition, headers: tuple[Cell, ...]) -> bool:
    """Does any header mean something to a rulebook of the edition?"""
    own = tuple(header for header in headers if plain(header) not in ("", *map(plain, ARGUMENTS)))
    rulebooks = (edition.rulebook(name) for name in edition.trust_types)
    return any(len(unknown_headers(rulebook, own)) < len(own) for rulebook in rulebooks)


@lru_cache(maxsize=256)
def columns(rulebook: Rulebook, headers: tuple[Cell, ...]) -> Mapping[str, int]:
    """The place of each name of a rulebook among the headers; what is none of its names is left out.

    A header may be a name (`ytd_income`, `ae_4h`, `ae_4h_score`) or the label that stands for it in a return workbook.

    Raises:
        CellError: #VALUE! for a label of several names, and for two headers of one name; it names both.
    """
    found: dict[str, int] = {}
    for at, header in enumerate(headers):
        name = _named(rulebook, header)
        if name is None:
            continue
        if name in found:
            raise refused(f"{headers[found[name]]!r} and {header!r} both mean {name}; keep one of them")
        found[name] = at
    return found


def unknown_headers(rulebook: Rulebook, headers: Sequence[Cell]) -> list[str]:
    """The headers that mean nothing to a rulebook, nor any function."""
    arguments = [plain(name) for name in ARGUMENTS]
    return [str(h) for h in headers if plain(h) and plain(h) not in arguments and _named(rulebook, h) is None]


def _named(rulebook: Rulebook, header: Cell) -> str | None:
    key = plain(header)
    if not key:
        return None
    names, labels = _names(rulebook)
    if key in names:
        return names[key]
    meant = labels.get(key, ())
    if len(meant) > 1:
        raise refused(f"{header!r} is the label of {' and of '.join(meant)}; write the name you mean")
    return meant[0] if meant else None


@lru_cache(maxsize=64)
def _names(rulebook: Rulebook) -> tuple[Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    """What each plain text names, and what it is the label of."""
    labels: dict[str, dict[str, None]] = {}
    for name, label in _labelled(rulebook):
        labels.setdefault(plain(label), {})[name] = None
    names = {plain(name): name for name, _ in _labelled(rulebook)}
    return names, {key: tuple(meant) for key, meant in labels.items()}


def _labelled(rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    for entry in rulebook.fields.values():
        yield entry.name, entry.label
    for indicator in rulebook.indicators.values():
        if indicator.one_measure:
            yield indicator.id, indicator.label
        yield f"{indicator.id}_score", f"{indicator.label} score"
