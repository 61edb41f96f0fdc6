"""What was changed on one sheet of a returned workbook: cells, locks, formats, data validations and links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from pfexcel.catalogue import at, finding
from pfexcel.model import Finding
from pfexcel.workbook.seal import ENTRIES

MOST_LISTED = 20
SHOWN = 90  # letters of a content that a message shows

_PLACE = re.compile(r"([A-Z]+)([0-9]+)")
_ROW = re.compile(r"(?<=[A-Z])(\$?)[0-9]+")

Content = dict[str, str]


@dataclass(frozen=True)
class SheetPair:
    """A sheet as it was sent and as it came back.

    `spoilt` are the cells that do not hold what the generator filled in, `back` turns references to renamed sheets
    back.
    """

    expected: dict[str, Any]
    found: dict[str, Any]
    organisation: str
    spoilt: frozenset[str]
    back: Callable[[str], str]

    @cached_property
    def moves(self) -> RowMoves | None:
        """Which rows were deleted or inserted; None where none were."""
        is_same = self.expected["cells"] == self.found["cells"]
        return None if is_same else row_moves(self.expected["cells"], self.content)

    @cached_property
    def content(self) -> Content:
        """What the cells hold that were locked."""
        held = {**self.found[ENTRIES], **self.found["cells"]}
        entries = set(self.expected["unlocked"])
        return {place: content for place, content in held.items() if place not in entries}

    def differences(self, rows_moved_anywhere: bool) -> Iterator[Finding]:
        """Every change of the sheet, in the order of its rows; many of one kind are summed up."""
        if not self.spoilt and all(self.found[k] == v for k, v in self.expected.items() if k not in ("name", ENTRIES)):
            return
        moves = self.moves
        yield from self._of_rows(moves)
        yield from self._listed(self._of_cells(moves, rows_moved_anywhere), "locked-cells-changed")
        if moves is None:
            yield from self._listed(self._of_entries(), "entries-changed")
        yield from self._of_protection()

    def _of_rows(self, moves: RowMoves | None) -> Iterator[Finding]:
        if moves is None:
            return
        for check, rows in (("rows-deleted", moves.deleted), ("rows-inserted", moves.inserted)):
            if rows:
                yield self.at(finding(check, value=_ranges(rows)), f"A{rows[0]}")

    def _of_cells(self, moves: RowMoves | None, rows_moved_anywhere: bool) -> Iterator[Finding]:
        expected = self.expected["cells"]
        found = moves.put_back(self.content) if moves else self.content
        if moves:
            expected = {place: held for place, held in expected.items() if _row(place) not in moves.deleted}
        followed = 0
        for place in _sorted({*expected, *found, *self.spoilt}):
            was, now = expected.get(place, ""), found.get(place, "")
            if place in self.spoilt and not moves:
                words = finding("locked-cell-changed", value=plain(now), was="what the generator put", now=said(now))
                yield self.at(words, place)
                continue
            if was == now or was == self.back(now):
                continue
            if rows_moved_anywhere and was[:1] == now[:1] == "=" and _ROW.sub("", was) == _ROW.sub("", self.back(now)):
                followed += 1
            elif was:
                shown_was, shown_now = around(was, now)
                yield self.at(finding("locked-cell-changed", value=plain(now), was=shown_was, now=shown_now), place)
            else:
                yield self.at(finding("locked-cell-added", value=plain(now), now=said(now)), place)
        if followed:
            yield self.at(finding("formulas-moved", value=followed), "")
        if moves is None:
            for place in _sorted(set(self.found["unlocked"]) - set(self.expected["unlocked"])):
                yield self.at(finding("locked-cell-unlocked"), place)

    def _of_entries(self) -> Iterator[Finding]:
        for place in _sorted(set(self.expected["unlocked"]) - set(self.found["unlocked"])):
            yield self.at(finding("entry-lock-changed"), place)
        for place in _sorted(set(self.expected["formats"]) & set(self.found["formats"])):
            was, now = self.expected["formats"][place], self.found["formats"][place]
            if was != now:
                yield self.at(finding("entry-format-changed", value=now, was=was, now=now), place)
        for place, was, now in _changed(self.expected["validations"], self.found["validations"]):
            shown_was, shown_now = around(was, now)
            yield self.at(finding("validation-changed", value=now, was=shown_was, now=shown_now), place)
        for place, was, now in _changed(self.expected["links"], self.found["links"], self.back):
            yield self.at(finding("link-changed", value=now, was=said(was), now=said(now)), place)

    def _of_protection(self) -> Iterator[Finding]:
        allowed = [name for name in self.found["permitted"] if name not in self.expected["permitted"]]
        if self.expected["protected"] and not self.found["protected"]:
            yield self.at(finding("protection-removed", value="The protection of the sheet was taken off"), "")
        elif allowed:
            words = f"The protection of the sheet was loosened: {', '.join(allowed)}"
            yield self.at(finding("protection-removed", value=words), "")

    def _listed(self, findings: Iterable[Finding], summary: str) -> Iterator[Finding]:
        """The first findings of each kind, and a line that counts the others."""
        counts: dict[str, int] = {}
        others: list[Finding] = []
        for found in findings:
            counts[found.id] = counts.get(found.id, 0) + 1
            if counts[found.id] <= MOST_LISTED:
                yield found
            else:
                others.append(found)
        if others:
            yield self.at(finding(summary, value=len(others), last=others[-1].cell), others[0].cell)

    def at(self, found: Finding, cell: str) -> Finding:
        return at(found, self.organisation, self.found["name"], cell)


# --- rows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RowMoves:
    """Rows deleted (as they were counted), rows inserted (as they are), and where each of the others stood."""

    deleted: tuple[int, ...]
    inserted: tuple[int, ...]
    stood: dict[int, int]

    def put_back(self, content: Content) -> Content:
        """The content with each row where it stood, that of inserted rows left out."""
        placed = {}
        for place, held in content.items():
            row = self.stood.get(_row(place))
            if row is not None:
                placed[f"{place.rstrip('0123456789')}{row}"] = held
        return placed


def row_moves(expected: Content, found: Content) -> RowMoves | None:
    """Find deleted and inserted rows by the texts of the rows; None where rows stand as they stood."""
    was, now = _row_texts(expected), _row_texts(found)
    if was == now:
        return None
    blocks = SequenceMatcher(None, was, now, autojunk=False).get_matching_blocks()
    moved = sum(1 for a, b, size in blocks for offset in range(size) if a != b and was[a + offset])
    stayed = sum(1 for one, other in zip(was, now, strict=False) if one and one == other)
    kept = sum(1 for a, _, size in blocks for offset in range(size) if was[a + offset])
    if moved == 0 or kept <= stayed:
        return None
    deleted: list[int] = []
    inserted: list[int] = []
    stood: dict[int, int] = {}
    end_was = end_now = 0
    for a, b, size in blocks:
        both = min(a - end_was, b - end_now)
        stood |= {end_now + n + 1: end_was + n + 1 for n in range(both)}
        deleted += range(end_was + both + 1, a + 1)
        inserted += range(end_now + both + 1, b + 1)
        stood |= {b + n + 1: a + n + 1 for n in range(size)}
        end_was, end_now = a + size, b + size
    return RowMoves(tuple(deleted), tuple(inserted), stood) if deleted or inserted else None


def _row_texts(cells: Content) -> list[tuple[str, ...]]:
    rows: dict[int, list[str]] = {}
    for place, content in cells.items():
        if content.startswith("'"):
            rows.setdefault(_row(place), []).append(content)
    return [tuple(rows.get(row, ())) for row in range(1, max(rows, default=0) + 1)]


def _ranges(rows: Iterable[int]) -> str:
    """Rows in words: `4, 7 to 9`."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in spans)


# --- words -----------------------------------------------------------------------------------------------------------


def said(content: str) -> str:
    """A content as a message shows it."""
    if not content:
        return "nothing"
    return cut(f'"{content[1:]}"' if content.startswith("'") else content)


def cut(text: str) -> str:
    """A text short enough for a message."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def around(was: str, now: str) -> tuple[str, str]:
    """Both contents as a message shows them, long ones from shortly before they begin to differ."""
    start = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    start = max(0, start - SHOWN // 3) if was and now and max(len(was), len(now)) > SHOWN else 0
    return (said(f"…{was[start:]}"), said(f"…{now[start:]}")) if start else (said(was), said(now))


def plain(content: str) -> str:
    """A content without the apostrophe that marks a text."""
    return content.removeprefix("'")


def _changed(was: Content, now: Content, back: Callable[[str], str] = str) -> Iterator[tuple[str, str, str]]:
    for place in _sorted({*was, *now}):
        one, other = was.get(place, ""), now.get(place, "")
        if one != other and one != back(other):
            yield place, one, other


def _row(place: str) -> int:
    match = _PLACE.fullmatch(place)
    return int(match[2]) if match else 0


def _order(place: str) -> tuple[int, int, str]:
    match = _PLACE.fullmatch(place)
    return (int(match[2]), len(match[1]), match[1]) if match else (0, 0, place)


def _sorted(places: Iterable[str]) -> list[str]:
    return sorted(places, key=_order)
