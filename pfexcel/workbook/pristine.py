"""A returned workbook as it was sent: made again from what its document properties say, and described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from pfexcel.organisations import Trust, in_scope, shas, trusts
from pfexcel.periods import Period
from pfexcel.rules.edition import Edition
from pfexcel.workbook.build import sealed_parts
from pfexcel.workbook.cover_sheet import SHA_ROW
from pfexcel.workbook.given import KINDS, changed_cells, fits, given_cells, mark_property
from pfexcel.workbook.history import History
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, return_layout, sheet_name
from pfexcel.workbook.seal import Description, describe

Facts = tuple[str, str, tuple[str, ...], tuple[str, ...], date | None]  # code, name, trusts, left out, deadline


@dataclass(frozen=True)
class Pristine:
    """A workbook as it was sent.

    `description` has the properties of the returned file, and its content in the cells that only the generator knew;
    `spoilt` are those of them, by sheet, that do not fit their marks.
    """

    description: Description
    spoilt: dict[str, list[str]]


def pristine(
    edition: Edition, period: Period, found: Description, history: Mapping[str, History] | None = None
) -> Pristine | None:
    """The workbook that a returned one was, or None where its properties do not say enough, or fit another layout.

    Args:
        edition: the edition it was made with.
        period: its period.
        found: the description of the returned workbook.
        history: the periods before by ODS code, from a register; without it what the workbook says of them is taken
            as it stands, and only compared with its marks.
    """
    facts = _facts(edition, period, found)
    if facts is None:
        return None
    sheets = {sheet["name"]: sheet for sheet in found["sheets"]}
    previous: dict[str, dict[str, Any]] = {}
    taken: dict[str, tuple[str, ...]] = {}
    spoilt: dict[str, list[str]] = {}
    for trust in _trusts(facts[2], period):
        rulebook = edition.rulebook(trust.trust_type)
        for kind in KINDS:
            name, cells = sheet_name(kind, trust.ods_code), given_cells(rulebook)[kind]
            marked = found["properties"].get(mark_property(kind, trust.ods_code), "")
            if name not in sheets or not marked or (kind == "rating" and history is not None):
                continue
            if not fits(cells, marked):
                return None
            taken[name] = cells
            spoilt[name] = changed_cells(sheets[name], cells, marked)
            if kind == "return":
                rows = return_layout(rulebook).entry_rows
                held = zip(rows, (sheets[name]["cells"].get(cell, "") for cell in cells), strict=True)
                figures = {entry: _figure(said) for entry, said in held}
                previous[trust.ods_code] = {entry: figure for entry, figure in figures.items() if figure is not None}
    if previous or history:
        made = _described(edition, period, facts, history or {}, previous)
    else:
        made = _blank(edition, period, facts)
    return Pristine(_with_given(made, found, taken), {name: cells for name, cells in spoilt.items() if cells})


@lru_cache(maxsize=8)
def _blank(edition: Edition, period: Period, facts: Facts) -> Description:
    return _described(edition, period, facts, {}, {})


def _described(
    edition: Edition,
    period: Period,
    facts: Facts,
    history: Mapping[str, History],
    previous: Mapping[str, Mapping[str, Any]],
) -> Description:
    code, name, codes, left_out, deadline = facts
    returns = tuple(
        TrustReturn(
            trust,
            edition.rulebook(trust.trust_type),
            period,
            {},
            history.get(trust.ods_code, ()),
            previous.get(trust.ods_code, {}),
        )
        for trust in _trusts(codes, period)
    )
    job = Job(edition, period, code, name, returns, tuple(_trusts(left_out, period)), deadline)
    return describe(sealed_parts(job))


def _with_given(made: Description, found: Description, taken: Mapping[str, tuple[str, ...]]) -> Description:
    """The description with the properties and the given cells of the returned file."""
    returned = {sheet["name"]: sheet["cells"] for sheet in found["sheets"] if sheet["name"] in taken}
    sheets = []
    for sheet in made["sheets"]:
        cells = taken.get(sheet["name"], ())
        if cells:
            kept = {place: content for place, content in sheet["cells"].items() if place not in set(cells)}
            own = {cell: returned[sheet["name"]][cell] for cell in cells if cell in returned[sheet["name"]]}
            sheet = {**sheet, "cells": kept | own}
        sheets.append(sheet)
    return {**made, "sheets": sheets, "properties": found["properties"]}


def _facts(edition: Edition, period: Period, found: Description) -> Facts | None:
    """What the workbook was made of, from its properties, else from its Cover and the names of its sheets."""
    said = found["properties"]
    if "pfexcel_trusts" in said:
        code, name = said.get("pfexcel_sha", ""), said.get("pfexcel_name", "")
        codes, left_out = (tuple(said.get(f"pfexcel_{key}", "").split()) for key in ("trusts", "left_out"))
        deadline = _day(said.get("pfexcel_deadline", ""), "%Y-%m-%d")
    else:
        cover = next((s["cells"] for s in found["sheets"] if s["name"] == sheet_name("cover") and "cells" in s), {})
        code, _, name = cover.get(address(SHA_ROW, 1), "").removeprefix("'").partition(" ")
        end = sheet_name("return")
        codes = tuple(s["name"].removesuffix(end) for s in found["sheets"] if s["name"].endswith(end))
        unit = [trust for trust in in_scope(period.last_day) if name in (trust.sha_name, trust.sha_cluster)]
        unrated = [trust.ods_code for trust in unit if trust.trust_type not in edition.trust_types]
        left_out = tuple(sorted(unrated))
        deadline = _day(cover.get(address(SHA_ROW + 1, 1), "").removeprefix("'"), "%d %B %Y")
    known = {(sha.code, sha.name) for sha in shas().values()} | {("cluster", sha.cluster) for sha in shas().values()}
    known |= {(trust.ods_code, trust.name) for trust in trusts()}
    rated = _trusts(codes, period)
    is_whole = len(rated) == len(set(codes)) == len(codes) and all(
        trust.trust_type in edition.trust_types for trust in rated
    )
    return (code, name, codes, left_out, deadline) if (code, name) in known and is_whole and codes else None


def _trusts(codes: tuple[str, ...], period: Period) -> list[Trust]:
    """The trusts of these codes, as they were at the end of the period where they were there at all."""
    found = []
    for code in codes:
        own = [trust for trust in trusts() if trust.ods_code == code]
        found += sorted(own, key=lambda trust: not trust.exists_on(period.last_day))[:1]
    return found


def _day(text: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(text, pattern).date()
    except ValueError:
        return None


def _figure(content: str) -> float | None:
    try:
        return float(content)
    except ValueError:
        return None
