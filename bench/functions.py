"""The worksheet functions in LibreOffice Calc against the same calls in Python: a table in one call, a call a trust."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range_abs

from bench.office import recalculation_times
from bench.timing import Compared, compare
from pfexcel.functions import call
from pfexcel.periods import Period
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from udfs.libreoffice.extension import build_extension

FUNCTION, PERIOD, TRUSTS, ROUNDS = "PF_FINANCE_SCORE", "2011-12-Q3", 10_000, 3


def run() -> Iterator[Compared]:
    """Score the finance of many trusts from all their entries."""
    headers, rows = _table()

    def at_once() -> object:
        return call(FUNCTION, [headers], rows)

    def one_by_one() -> object:
        return [call(FUNCTION, [headers], [row]) for row in rows]

    name, baseline = f"{FUNCTION} of {TRUSTS:,} trusts", "the same in one call"
    yield compare(f"{name}, a call each, in Python", one_by_one, baseline, at_once, ROUNDS)
    if shutil.which("soffice") is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        times = _in_libreoffice(Path(folder), headers, rows)
    for way, function, seconds in (
        ("in one array formula", at_once, [array for array, _ in times]),
        ("a formula each", one_by_one, [cells for _, cells in times]),
    ):
        yield _against_python(f"{name}, {way}, in LibreOffice", seconds, function)


def _against_python(name: str, seconds: list[float], function: Callable[[], object]) -> Compared:
    python = [_seconds(function) for _ in seconds]
    ratios = tuple(ours / theirs for ours, theirs in zip(seconds, python, strict=True))
    return Compared(name, "the same in Python", statistics.median(seconds), statistics.median(python), ratios)


def _seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _table() -> tuple[list[str], list[list[object]]]:
    """Entries of finance, a row a trust."""
    rulebook = load_edition(PERIOD[:7]).rulebook("acute")
    names = list(dict.fromkeys(f for i in rulebook.domains["finance"].indicators.values() for f in i.fields))
    period = Period.parse(PERIOD)
    values = [sample_values(rulebook, f"R{number}", period) for number in range(100)]
    return ["period", *names], [[PERIOD, *(values[n % 100][name] + n for name in names)] for n in range(TRUSTS)]


def _in_libreoffice(folder: Path, headers: list[str], rows: list[list[object]]) -> list[tuple[float, float]]:
    with zipfile.ZipFile(BytesIO(build_extension())) as extension:
        extension.extractall(folder / "bundled" / "pfexcel")
    last, width = len(rows), len(headers) - 1
    header = xl_range_abs(0, 0, 0, width)
    array, cells = folder / "array.xlsx", folder / "cells.xlsx"
    for path in (array, cells):
        with Workbook(path) as book:
            sheet = book.add_worksheet()
            for at, row in enumerate([headers, *rows]):
                sheet.write_row(at, 0, row)
            if path == array:
                formula = f"{{={FUNCTION}({header},{xl_range_abs(1, 0, last, width)})}}"
                sheet.write_array_formula(1, width + 2, last, width + 2, formula)
            else:
                for at in range(1, last + 1):
                    sheet.write_formula(at, width + 2, f"={FUNCTION}({header},{xl_range_abs(at, 0, at, width)})")
    bundled = f"-env:BUNDLED_EXTENSIONS={(folder / 'bundled').resolve().as_uri()}"
    return recalculation_times(array, cells, folder, ROUNDS, [bundled])
