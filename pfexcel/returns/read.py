"""Reading a returned workbook: entries only, by their address; everything else is worked out again and compared."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pfexcel.catalogue import at, finding
from pfexcel.engine.declarations import Declaration
from pfexcel.engine.inputs import is_blank
from pfexcel.engine.rate import rate
from pfexcel.model import Finding, Rating
from pfexcel.organisations import Trust, find_trust, shas
from pfexcel.periods import Period, period_of
from pfexcel.returns.checks import answered, in_order, moved_rows, placed, run_checks
from pfexcel.returns.declared import declarations
from pfexcel.returns.preflight import Package, inspect
from pfexcel.rules.edition import Edition, Rulebook
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.workbook.cover_sheet import EDITION_ROW, PERIOD_ROW, RETURN, SHA_ROW, SIGN_OFF
from pfexcel.workbook.layout import address, rating_layout, return_layout, sheet_name

Grid = list[list[Any]]

SHOWN_CODES = 5
MOST_OF_A_FIGURE = 1e15  # of more digits a spreadsheet keeps the first fifteen only


@dataclass(frozen=True)
class ReadReturn:
    """One trust's return as read: values as entered (None for blank), how they rate, and findings about them."""

    ods_code: str
    trust_type: str
    values: Mapping[str, Any]
    rating: Rating
    findings: tuple[Finding, ...]
    declarations: tuple[Declaration, ...] = ()
    comments: Mapping[str, str] = field(default_factory=dict)
    sign_off: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReturnFile:
    """A returned workbook as read; `findings` holds those of the file and of every return in it.

    `properties` are the document's own, which the generator wrote.
    """

    path: Path
    edition: str | None
    period: str | None
    sha: str | None
    returns: tuple[ReadReturn, ...]
    findings: tuple[Finding, ...]
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """The register of declarations in this workbook: who declared what, when, with what reference, what follows."""
        return tuple(made for one in self.returns for made in one.declarations)

    @property
    def readable(self) -> bool:
        """Could any return be read?"""
        return bool(self.returns)


def read_return(
    path: str | os.PathLike[str],
    edition: str | os.PathLike[str] | Edition | None = None,
    integrity: bool = False,
    key: bytes | None = None,
    thorough: bool = True,
    content: bytes | None = None,
) -> ReturnFile:
    """Read a filled-in return workbook.

    Args:
        path: the .xlsx file.
        edition: the edition to rate by; None takes the one the workbook names.
        integrity: find also what was changed beside the entries (see `returns.integrity`).
        key: for that, the key the workbook was sealed with.
        thorough: for that, do not rely on a seal made without a key.
        content: the bytes of the file where they are at hand; then `path` is only its name.

    Returns:
        The returns of the workbook. A file that cannot be read gives no returns and the finding that says why;
        nothing raises, and the file is left as it is.

    Raises:
        ValueError: for an `edition` that is given and cannot be loaded.
    """
    path = Path(path)
    given = load_edition(edition) if edition is not None else None
    package = inspect(path, content)
    if isinstance(package, Finding):
        return ReturnFile(path, None, None, None, (), (package,))
    try:
        read = _Reader(path, package, given).read()
    except DamagedError as error:
        refused = finding("file-unreadable", value=path.name, why=f"it is damaged ({error})")
        return ReturnFile(path, None, None, None, (), (refused,))
    if not integrity:
        return read
    from pfexcel.returns.integrity import check_integrity

    changed = check_integrity(package, given or read.edition, read.period, key, thorough=thorough)
    return replace(read, findings=in_order((*read.findings, *changed), package.sheets))


class DamagedError(Exception):
    """The spreadsheet reader could not make sense of a workbook; the message is what it said."""


@contextmanager
def _reading() -> Iterator[None]:
    """Turn whatever the spreadsheet reader raises into DamagedError."""
    from python_calamine import CalamineError

    try:
        yield
    except CalamineError as error:
        raise DamagedError(str(error).rstrip(".")) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # no subclass of Exception, and from a module without a file
            raise
        raise DamagedError("its reader gave up") from None


class _Reader:
    def __init__(self, path: Path, package: Package, given: Edition | None) -> None:
        from python_calamine import CalamineWorkbook

        self.path = path
        self.package = package
        self.given = given
        with _reading():
            self.workbook = CalamineWorkbook.from_filelike(io.BytesIO(package.content))
        self.findings: list[Finding] = list(package.findings)
        self.sha = ""

    def read(self) -> ReturnFile:
        names = self.named()
        self.sha = names.get("sha", "")
        edition = self.edition(names)
        period = self.period(names, edition)
        returns: list[ReadReturn] = []
        if edition is not None and period is not None:
            codes = self.codes("return")
            if not codes:
                self.findings.append(finding("no-return-sheet", value=self.path.name))
            for code in self.codes("rating") if codes else ():
                if code not in codes:
                    sheet = sheet_name("return", code)
                    self.findings.append(at(finding("no-return-sheet", value=code), code, sheet, ""))
            for code in codes:
                one = self.one_return(code, edition, period)
                if one is not None:
                    returns.append(one)
        return ReturnFile(
            path=self.path,
            edition=names.get("edition"),
            period=names.get("period"),
            sha=names.get("sha"),
            returns=tuple(returns),
            findings=in_order((*self.findings, *(f for one in returns for f in one.findings)), self.package.sheets),
            properties={"pfexcel_deadline": self.deadline_on_cover(), **self.package.properties},
        )

    def codes(self, kind: str) -> list[str]:
        """The ODS codes that have a sheet of this kind."""
        end = sheet_name(kind)
        return [name.removesuffix(end) for name in self.package.sheets if name.endswith(end)]

    # --- which edition and period ---

    def named(self) -> dict[str, str]:
        """Edition, period and SHA as the document's properties name them, else as the Cover does."""
        properties = self.package.properties
        names = {key: properties.get(f"pfexcel_{key}", "") for key in ("edition", "period", "sha", "rulebook")}
        if not names["edition"] or not names["period"]:
            for key, row in (("edition", EDITION_ROW), ("period", PERIOD_ROW), ("sha", SHA_ROW)):
                names[key] = names[key] or self.on_cover(row)
        return {key: name for key, name in names.items() if name}

    @cached_property
    def cover(self) -> Grid:
        return self.grid(sheet_name("cover"))

    def on_cover(self, row: int) -> str:
        return str(_value(self.cover, row, 1) or "").partition(" ")[0]

    def deadline_on_cover(self) -> str:
        """The day by which the return was wanted, as the Cover says it; nothing where it names none."""
        said = str(_value(self.cover, SHA_ROW + 1, 1) or "")
        try:
            return datetime.strptime(said, "%d %B %Y").date().isoformat()
        except ValueError:
            return ""

    def edition(self, names: Mapping[str, str]) -> Edition | None:
        if "edition" not in names:
            self.findings.append(finding("not-a-return", value=self.path.name))
            return None
        edition = self.given
        if edition is None:
            if names["edition"] not in shipped_editions():  # a workbook may not name a file for us to open
                self.findings.append(finding("edition-unknown", value=names["edition"]))
                return None
            edition = load_edition(names["edition"])
        made_with = names.get("rulebook")
        if made_with and made_with != edition.digest:
            self.findings.append(finding("rulebook-differs", value=made_with[:16], loaded=edition.digest[:16]))
        return edition

    def period(self, names: Mapping[str, str], edition: Edition | None) -> Period | None:
        if edition is None:
            return None
        named, on_cover = names.get("period", ""), self.on_cover(PERIOD_ROW)
        try:
            if on_cover not in ("", named):
                raise ValueError(f"the Cover says {on_cover}")
            return period_of(edition, named)
        except ValueError as error:
            self.findings.append(finding("period-unknown", value=named, why=str(error)))
            return None

    # --- one trust ---

    def one_return(self, code: str, edition: Edition, period: Period) -> ReadReturn | None:
        trust = find_trust(code) if re.fullmatch(r"\w{3}", code) else None
        if trust is None or trust.trust_type not in edition.trust_types:
            self.findings.append(finding("trust-unknown", value=code, edition=edition.id))
            return None
        self.check_place(trust, period)
        rulebook = edition.rulebook(trust.trust_type)
        sheet = sheet_name("return", code)
        layout = return_layout(rulebook)
        grid = self.grid(sheet)
        errors, formulas = self.package.error_cells(sheet), self.package.formula_cells(sheet)
        values: dict[str, Any] = {}
        comments: dict[str, str] = {}
        previous: dict[str, Any] = {}
        found: list[Finding] = []
        moved: list[str] = []
        for name, row in layout.entry_rows.items():
            cell = layout.cell(name)
            value = errors.get(cell) or _value(grid, row, layout.FIGURE)
            values[name] = None if is_blank(value) else value
            label = rulebook.fields[name].label
            if str(_value(grid, row, layout.LABEL)) != label:
                values[name] = None
                moved.append(name)
            previous[name] = _value(grid, row, layout.LAST)
            comment = _value(grid, row, layout.COMMENT)
            if not is_blank(comment):
                comments[name] = str(comment)
            if isinstance(value, float) and MOST_OF_A_FIGURE <= abs(value) < math.inf:
                found.append(
                    at(finding("entry-too-many-digits", field=name, value=value, label=label), code, sheet, cell)
                )
            if cell in formulas:
                found.append(at(finding("entry-is-a-formula", field=name, label=label), code, sheet, cell))
        rating = rate(edition, trust.trust_type, values, period)
        of_figures = [*rating.findings, *run_checks(rulebook, values, previous, comments, period)]
        found += placed(of_figures, code, rulebook, values, moved)
        found += moved_rows(moved, code, rulebook) if moved else self.compare(code, rulebook, rating)
        declared = dict(declarations(trust.ods_code, rulebook, values, period))
        said = {layout.cell(name): comment for name, comment in comments.items()}
        return ReadReturn(
            trust.ods_code,
            trust.trust_type,
            values,
            rating,
            in_order(answered(found, sheet, said), self.package.sheets),
            tuple(declared.values()),
            comments,
            self.sign_off(sheet),
        )

    def sign_off(self, sheet: str) -> dict[str, Any]:
        """Who signed off a return, and when, as the Cover says; nothing where nobody did."""
        row = next((n for n, cells in enumerate(self.cover) if cells and cells[RETURN] == sheet), len(self.cover))
        found = {name: _value(self.cover, row, column) for column, (name, _) in SIGN_OFF.items()}
        return {name: value for name, value in found.items() if not is_blank(value)}

    def check_place(self, trust: Trust, period: Period) -> None:
        """A trust of another SHA or workbook, or out of scope on the period's last day, is an error."""
        sha = self.sha.partition(" ")[0]
        own = self.package.properties.get("pfexcel_trusts", trust.ods_code).split()
        if sha in shas() and trust.sha_code != sha:
            found = finding("trust-of-another-sha", value=trust.ods_code, own=trust.sha_name, sha=shas()[sha].name)
            self.findings.append(at(found, trust.ods_code, sheet_name("return", trust.ods_code), ""))
        elif trust.ods_code not in own:
            found = finding("trust-not-in-workbook", value=trust.ods_code, own=", ".join(own[:SHOWN_CODES]))
            self.findings.append(at(found, trust.ods_code, sheet_name("return", trust.ods_code), ""))
        if not (trust.in_scope and trust.exists_on(period.last_day)):
            found = finding("trust-out-of-scope", value=trust.ods_code, period=period.text)
            self.findings.append(at(found, trust.ods_code, sheet_name("return", trust.ods_code), ""))

    def compare(self, code: str, rulebook: Rulebook, rating: Rating) -> Iterable[Finding]:
        """Where the Rating sheet says otherwise than the engine."""
        sheet = sheet_name("rating", code)
        if sheet not in self.package.sheets:
            yield at(finding("rating-sheet-missing", value=sheet), code, sheet, "")
            return
        grid, layout = self.grid(sheet), rating_layout(rulebook)
        errors = self.package.error_cells(sheet)
        shown = {
            name: errors.get(address(row, column)) or _value(grid, row, column)
            for name, (row, column) in layout.named_cells.items()
        }
        if all(is_blank(value) for value in shown.values()):
            yield at(finding("rating-not-calculated", value=sheet), code, sheet, "")
            return
        expected = results(rating)
        for name, value in shown.items():
            if name in expected and not _same(value, expected[name]):
                cell = address(*layout.named_cells[name])
                said = finding("rating-differs", field=name, value=value, name=name, expected=_said(expected[name]))
                yield at(said, code, sheet, cell)

    def grid(self, sheet: str) -> Grid:
        if sheet not in self.package.sheets:
            return []
        with _reading():
            return self.workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def results(rating: Rating) -> dict[str, Any]:
    """The results of a rating by the names that the Rating sheet gives their cells."""
    from pfexcel.workbook.layout import category_name

    found: dict[str, Any] = {}
    for domain in rating.rulebook.domains.values():
        rated = rating.domains[domain.id]
        if domain.indicators:
            found[f"{domain.id}_score"] = rated.score
        if domain.labels is not None:
            found[f"{domain.id}_label"] = rated.label
        found[category_name(domain)] = str(rated.category)
        if domain.indicators and domain.over_riding:
            found[f"{domain.id}_uncapped_category"] = str(rated.uncapped_category)
        for name, indicator in rated.indicators.items():
            found[f"{name}_value"] = indicator.value
            found[f"{name}_score"] = indicator.score
            found[f"{name}_weighted"] = indicator.weighted
    return found


def _value(grid: Grid, row: int, column: int) -> Any:
    return grid[row][column] if row < len(grid) and column < len(grid[row]) else None


def _same(shown: Any, expected: Any) -> bool:
    if expected is None or is_blank(shown):
        return expected is None and is_blank(shown)
    if isinstance(expected, str):
        return shown == expected
    return isinstance(shown, int | float) and abs(shown - expected) <= 1e-9 * max(1.0, abs(expected))


def _said(expected: Any) -> str:
    return "nothing" if expected is None else f"{expected:.10g}" if isinstance(expected, float) else str(expected)
