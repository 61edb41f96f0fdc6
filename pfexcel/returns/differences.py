"""What was changed in a returned workbook: its sheets and names, and on each sheet its cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from pfexcel.catalogue import at, finding
from pfexcel.model import Finding
from pfexcel.returns.sheet_differences import MOST_LISTED, SheetPair, cut
from pfexcel.rules.edition import Edition
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.workbook.layout import address, rules_layout, sheet_name
from pfexcel.workbook.parts import number
from pfexcel.workbook.seal import Description

MOST_OF_THE_NUMBERS = 0.9
TITLE = "A1"

_SHEET = re.compile(r"'((?:[^']|'')*)'!")
_CELL = re.compile(r"'((?:[^']|'')*)'!(\$?[A-Z]{1,3}\$?[0-9]+)")
_STATES = {"visible": "shown", "hidden": "hidden", "veryHidden": "hidden so that no menu shows it"}

Sheet = dict[str, Any]


class Differences:
    """The differences of a returned workbook from what was sent, as findings.

    Args:
        expected: the description of the workbook as it was sent.
        found: that of the workbook as it came back.
        spoilt: by sheet, the cells that do not hold what the generator filled in.
        edition: the edition of the workbook.
    """

    def __init__(
        self, expected: Description, found: Description, spoilt: Mapping[str, list[str]], edition: Edition
    ) -> None:
        self.expected = expected
        self.found = found
        self.spoilt = spoilt
        self.edition = edition
        self.partners = _partners(expected["sheets"], found["sheets"])
        self.renamed = {new["name"]: old["name"] for old, new in self.partners if old["name"] != new["name"]}

    def findings(self) -> Iterator[Finding]:
        """Every difference: of sheets, of the cells of each, of names."""
        yield from self._of_sheets()
        pairs = [self._pair(old, new) for old, new in self.partners if "cells" in old and "cells" in new]
        rows_moved = any(pair.moves for pair in pairs)
        for pair in pairs:
            if pair.expected["name"] == sheet_name("rules"):
                yield from self._of_rules(pair)
            yield from pair.differences(rows_moved)
        yield from self._of_names({pair.expected["name"] for pair in pairs if pair.moves})

    def _pair(self, old: Sheet, new: Sheet) -> SheetPair:
        spoilt = frozenset(self.spoilt.get(old["name"], ()))
        return SheetPair(old, new, _trust_of(old["name"]), spoilt, self._back)

    def _back(self, text: str) -> str:
        """References as they were before sheets were renamed."""
        if not self.renamed or "!" not in text:
            return text
        return _SHEET.sub(lambda m: f"'{self.renamed.get(m[1], m[1])}'!", text)

    # --- sheets ---

    def _of_sheets(self) -> Iterator[Finding]:
        old_names, new_names = {old["name"] for old, _ in self.partners}, {new["name"] for _, new in self.partners}
        for sheet in self.expected["sheets"]:
            if sheet["name"] not in old_names:
                yield _on(finding("sheet-removed", value=sheet["name"]), sheet["name"])
        for sheet in self.found["sheets"]:
            if sheet["name"] not in new_names:
                yield _on(finding("sheet-added", value=sheet["name"]), sheet["name"])
        for old, new in self.partners:
            name = new["name"]
            if old["name"] != name:
                found = finding("sheet-renamed", value=name, was=old["name"])
                yield at(found, _trust_of(old["name"]), name, "")
            if old["state"] != new["state"]:
                was, now = (_STATES.get(sheet["state"], sheet["state"]) for sheet in (old, new))
                yield _on(finding("sheet-hidden", value=name, was=was, now=now), name)
        yield from self._of_order()

    def _of_order(self) -> Iterator[Finding]:
        was = [old["name"] for old, _ in self.partners]
        now = [self.renamed.get(sheet["name"], sheet["name"]) for sheet in self.found["sheets"]]
        now = [name for name in now if name in was]
        kept = {
            name
            for a, _, size in SequenceMatcher(None, was, now, False).get_matching_blocks()
            for name in was[a : a + size]
        }
        shown = {old["name"]: new["name"] for old, new in self.partners}
        for index, name in enumerate(was):
            if name not in kept:
                place = f"behind {was[index - 1]}" if index else "first"
                yield _on(finding("sheet-moved", value=shown[name], place=place), shown[name])

    # --- the Rules sheet ---

    def _of_rules(self, pair: SheetPair) -> Iterator[Finding]:
        """Does it hold the numbers of another edition rather than its own?"""
        if _share(self.edition, pair.content) >= MOST_OF_THE_NUMBERS:
            return
        others = [load_edition(name) for name in shipped_editions() if name != self.edition.id]
        likeness = {edition.id: _share(edition, pair.content) for edition in others}
        likest = max(likeness, key=lambda name: likeness[name])
        if likeness[likest] >= MOST_OF_THE_NUMBERS:
            yield _on(finding("rules-of-another-edition", value=likest, edition=self.edition.id), pair.found["name"])

    # --- names ---

    @cached_property
    def _names_found(self) -> dict[str, str]:
        return {self._back(name): refers for name, refers in self.found["names"].items()}

    def _of_names(self, moved: set[str]) -> Iterator[Finding]:
        """The changes of names; those of a sheet that is gone or whose rows were moved are no changes of their own."""
        sheets = {old["name"] for old, _ in self.partners}
        counts: dict[str, int] = {}
        others: list[Finding] = []
        for name in sorted({*self.expected["names"], *self._names_found}):
            scope, _, bare = name.rpartition("'!")
            scope = scope.removeprefix("'")
            if scope and (scope not in sheets or scope in moved):
                continue
            found = self._of_name(name, bare, scope)
            if found is not None:
                counts[scope] = counts.get(scope, 0) + 1
                if counts[scope] <= MOST_LISTED:
                    yield found
                else:
                    others.append(found)
        if others:
            summary = finding("names-changed", value=len(others), last=others[-1].value)
            yield at(summary, others[0].organisation, others[0].sheet, "")

    def _of_name(self, name: str, bare: str, scope: str) -> Finding | None:
        was, now = self.expected["names"].get(name), self._names_found.get(name)
        if now is not None and was in (now, self._back(now)):
            return None
        cell = _CELL.fullmatch(was or "")
        if now is None:
            found = finding("name-removed", value=bare, was=was)
        elif was is None:
            found = finding("name-added", value=bare, now=cut(now))
        elif "#REF!" in now:
            found = finding("name-lost", value=bare, was=was)
        else:
            to = _CELL.fullmatch(self._back(now))
            is_move = cell is not None and to is not None and cell[1] == to[1]
            found = finding("name-moved" if is_move else "name-changed", value=bare, was=was, now=cut(now))
        shown = next((new for new, old in self.renamed.items() if old == scope), scope)
        return at(found, _trust_of(scope), shown, cell[2].replace("$", "") if cell else "")


def _partners(expected: list[Sheet], found: list[Sheet]) -> list[tuple[Sheet, Sheet]]:
    """Which sheet is which: by name and title, by title, by name, and last by what they hold."""
    titles = {_title(sheet): sheet["name"] for sheet in expected}
    old = {sheet["name"]: sheet for sheet in expected}
    new = {sheet["name"]: sheet for sheet in found}
    partner: dict[str, str] = {}

    def marry(likely: Callable[[str, str], bool]) -> None:
        for one in [name for name in old if name not in partner]:
            free = (name for name in new if name not in partner.values())
            other = next((name for name in free if likely(one, name)), None)
            if other is not None:
                partner[one] = other

    marry(lambda one, other: one == other and titles.get(_title(new[other]), one) == one)
    marry(lambda one, other: titles.get(_title(new[other])) == one)
    marry(lambda one, other: one == other)
    marry(lambda one, other: _alike(old[one], new[other]))
    return [(sheet, new[partner[sheet["name"]]]) for sheet in expected if sheet["name"] in partner]


def _title(sheet: Sheet) -> str:
    return sheet.get("cells", {}).get(TITLE, "")


def _alike(one: Sheet, other: Sheet) -> bool:
    """Does the other sheet hold more than half of what the one does?"""
    cells, others = one.get("cells", {}), other.get("cells", {})
    return bool(cells) and sum(others.get(place) == held for place, held in cells.items()) * 2 > len(cells)


def _share(edition: Edition, content: Mapping[str, str]) -> float:
    """Which share of the numbers of an edition stands in its place on a Rules sheet."""
    layout = rules_layout(edition)
    shares = [
        content.get(address(layout.rows[one.key], layout.VALUE)) == number(str(one.value))
        for one in layout.numbers
        if one.key[0] != "context" and not isinstance(one.value, str)
    ]
    return sum(shares) / max(1, len(shares))


def _trust_of(sheet: str) -> str:
    """The ODS code in the name of a trust's sheet."""
    ends = [sheet_name(kind) for kind in ("return", "rating")]
    return next((sheet.removesuffix(end) for end in ends if sheet.endswith(end) and sheet != end), "")


def _on(found: Finding, sheet: str) -> Finding:
    return at(found, _trust_of(sheet), sheet, "")
