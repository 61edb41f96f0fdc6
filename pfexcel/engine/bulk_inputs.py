"""What the columns of a table amount to: `engine.inputs` for many returns at once.

A number column becomes an array of floats, NaN where missing; a choice column becomes `Texts`. Columns of a number type
are read as arrays; in any other, each distinct cell (each cell, where types are mixed) is judged by `engine.inputs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pfexcel.engine.inputs import ARGUMENTS, accept, is_blank, measure_entry
from pfexcel.engine.rate import DEFAULT_TYPE
from pfexcel.periods import Period, period_of
from pfexcel.rules.edition import Edition, Field, Indicator, Rulebook
from pfexcel.rules.rounding import round_measures
from pfexcel.rules.unit import Unit

Numbers: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.int8]
Rows: TypeAlias = "slice | NDArray[np.intp]"

BLOCK = 32_768
"""Rows rated at a time: beyond the table and the result, memory is bounded by this."""

_SCORE = Unit("score", "number", "score")


def groups(
    edition: Edition, trust_type: str | None, frame: pd.DataFrame, period: str | Period | None
) -> Iterator[tuple[Rulebook, Period | None, NDArray[np.intp] | None]]:
    """The rulebook and period of each group of rows, and their positions (None: all rows)."""
    types, type_of = _keys(frame, "trust_type", trust_type, DEFAULT_TYPE)
    periods, period_of_row = _keys(frame, "period", period, None)
    group_of = type_of * len(periods) + period_of_row
    present = np.flatnonzero(np.bincount(group_of)).tolist() or [0]
    for group in present:
        rulebook = edition.rulebook(str(types[group // len(periods)]))
        text = periods[group % len(periods)]
        when = None if text is None else period_of(edition, text)
        yield rulebook, when, None if len(present) == 1 else np.flatnonzero(group_of == group)


def _keys(frame: pd.DataFrame, name: str, argument: Any, default: str | None) -> tuple[list[Any], NDArray[np.intp]]:
    """The trust types or periods there are, and which of them each row has.

    The argument counts before the column, the column before the default.
    """
    if argument is not None or name not in frame.columns:
        return [default if argument is None else argument], np.zeros(len(frame), dtype=np.intp)
    cells, where = _distinct(_column(frame, name))
    texts = [default if is_blank(cell) else str(cell) for cell in cells]
    found = list(dict.fromkeys(texts))
    return found, np.array([found.index(text) for text in texts], dtype=np.intp)[where]


def blocks(count: int, where: NDArray[np.intp] | None) -> Iterator[tuple[Rows, int]]:
    """The rows in blocks, each with its size."""
    total = count if where is None else len(where)
    for start in range(0, total, BLOCK):
        stop = min(start + BLOCK, total)
        yield slice(start, stop) if where is None else where[start:stop], stop - start


class Texts:
    """A column of texts as places in a list of names, -1 where unknown; compared with a text, it gives a mask."""

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __init__(self, codes: Codes, names: Sequence[str]) -> None:
        self.codes = codes
        self.names = tuple(names)

    def __eq__(self, text: object) -> Any:
        return self.codes == self._place(text)

    def __ne__(self, text: object) -> Any:
        return self.codes != self._place(text)

    def _place(self, text: object) -> int:
        return self.names.index(text) if text in self.names else len(self.names)

    def placed(self, places: Mapping[str, int]) -> Codes:
        """The place that each text has in another list, -1 where it has none."""
        return np.array([*(places.get(name, -1) for name in self.names), -1], dtype=np.int8)[self.codes]


@dataclass(slots=True)
class BlockInputs:
    """What `engine.inputs.Inputs` holds, for a block of returns; a number that is missing throughout is None.

    `absent` are the indicators for which the table has no column at all.
    """

    size: int
    absent: frozenset[str]
    values: dict[str, Numbers | Texts | None]
    measures: dict[str, Numbers]
    scores: dict[str, Numbers]
    refused: dict[str, Mask]


class TableReader:
    """Reads blocks of rows of a table by the entries of one rulebook."""

    def __init__(self, rulebook: Rulebook, frame: pd.DataFrame) -> None:
        self.fields = [entry for entry in rulebook.fields.values() if entry.rated]
        self.measures: list[tuple[Indicator, Field]] = []
        self.scores: list[tuple[Indicator, Field]] = []
        for name in frame.columns:
            if name in rulebook.fields or name in ARGUMENTS:
                continue
            indicator = rulebook.indicators.get(str(name).removesuffix("_score"))
            if indicator is not None and name == f"{indicator.id}_score":
                self.scores.append((indicator, Field(name, indicator.label, _SCORE, section="")))
            elif indicator is not None and name == indicator.id and indicator.one_measure:
                self.measures.append((indicator, measure_entry(rulebook, indicator)))
        entries = [*self.fields, *(entry for _, entry in (*self.measures, *self.scores))]
        self.columns = {e.name: _column(frame, e.name) for e in entries if e.name in frame.columns}
        self.absent = frozenset(
            indicator.id
            for indicator in rulebook.indicators.values()
            if indicator.fields
            and self.columns.keys().isdisjoint([*indicator.fields, indicator.id, f"{indicator.id}_score"])
        )

    def read(self, rows: Rows, size: int, days_elapsed: int | None) -> BlockInputs:
        """The inputs of `size` rows, all of one period."""
        inputs = BlockInputs(size=size, absent=self.absent, values={}, measures={}, scores={}, refused={})
        values = inputs.values
        for entry in self.fields:
            values[entry.name] = self._entry(entry, rows, inputs)
        for entry in self.fields:
            part, whole = values[entry.name], values.get(entry.not_above or "")
            if isinstance(part, np.ndarray) and isinstance(whole, np.ndarray):
                values[entry.name] = _without(part, part > whole, entry.name, inputs)
        for indicator, entry in self.measures:
            inputs.measures[indicator.id] = round_measures(self._numbers(entry, rows, inputs))
        for indicator, entry in self.scores:
            given = self._numbers(entry, rows, inputs)
            no_score = ~np.isnan(given) & ~np.isin(given, indicator.scores)
            inputs.scores[indicator.id] = _without(given, no_score, entry.name, inputs)
        values["days_elapsed"] = None if days_elapsed is None else np.full(size, float(days_elapsed))
        return inputs

    def _entry(self, entry: Field, rows: Rows, inputs: BlockInputs) -> Numbers | Texts | None:
        if entry.unit.is_number:
            return self._numbers(entry, rows, inputs) if entry.name in self.columns else None
        choices = entry.unit.choices
        places = {None: -1, **{choice: place for place, choice in enumerate(choices)}}
        if entry.name not in self.columns:
            return Texts(np.full(inputs.size, places[entry.unit.default], dtype=np.int8), choices)
        usable, where = _judged(entry, self.columns[entry.name].iloc[rows], inputs)
        return Texts(np.array([places[value] for value in usable], dtype=np.int8)[where], choices)

    def _numbers(self, entry: Field, rows: Rows, inputs: BlockInputs) -> Numbers:
        cells = self.columns[entry.name].iloc[rows]
        if cells.dtype.kind not in "iuf":
            usable, where = _judged(entry, cells, inputs)
            return np.array([np.nan if value is None else value for value in usable], dtype=np.float64)[where]
        if isinstance(cells.dtype, np.dtype):
            numbers = cells.to_numpy(dtype=np.float64)
        else:
            numbers = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        return _without(numbers, _out_of_bounds(entry, numbers), entry.name, inputs)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """One column of a table; ValueError where the name stands there twice."""
    found = frame[name]
    if not isinstance(found, pd.Series):
        raise ValueError(f"column {name!r} stands in the table more than once; keep one")
    return found


def _distinct(cells: pd.Series) -> tuple[list[Any], NDArray[np.intp]]:
    """The cells that differ (the last one blank), and which of them stands in each row.

    Cells of mixed types are all taken to differ, since 1 and True are equal in Python.
    """
    if cells.dtype != object or pd.api.types.infer_dtype(cells, skipna=True) in ("string", "empty"):
        where, found = pd.factorize(cells)
        return [*found.tolist(), None], where
    return [*cells, None], np.arange(len(cells))


def _judged(entry: Field, cells: pd.Series, inputs: BlockInputs) -> tuple[list[Any], NDArray[np.intp]]:
    """The usable values of the distinct cells, and which of them stands in each row."""
    found, where = _distinct(cells)
    judged = [accept(entry, cell) for cell in found]
    _refuse(np.array([problem is not None for _, problem in judged])[where], entry.name, inputs)
    return [value for value, _ in judged], where


def _out_of_bounds(entry: Field, numbers: Numbers) -> Mask:
    """Where a number breaks a bound, as `engine.inputs.broken_bound` tells it of one."""
    broken = np.isinf(numbers)
    if entry.above is not None:
        broken |= numbers <= entry.above
    if entry.minimum is not None:
        broken |= numbers < entry.minimum
    if entry.maximum is not None:
        broken |= numbers > entry.maximum
    if entry.unit.whole:
        broken |= (numbers != np.floor(numbers)) & ~np.isnan(numbers)
    return broken


def _without(numbers: Numbers, bad: Mask, name: str, inputs: BlockInputs) -> Numbers:
    return np.where(bad, np.nan, numbers) if _refuse(bad, name, inputs) else numbers


def _refuse(bad: Mask, name: str, inputs: BlockInputs) -> bool:
    """Note the rows in which an entry is refused; False where there are none."""
    if not bad.any():
        return False
    inputs.refused[name] = inputs.refused[name] | bad if name in inputs.refused else bad
    return True
