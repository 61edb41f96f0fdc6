"""What a Rating sheet promises: named results, native formulas with cached values, entries read by their row alone."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

import pytest
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from pfexcel.organisations import in_scope
from pfexcel.periods import period_of
from pfexcel.rules.edition import Indicator
from pfexcel.rules.load import load_edition
from pfexcel.samples import sample_values
from pfexcel.workbook.build import write_workbook
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import rating_layout, return_layout, rules_layout

PERIODS = {"2009-10": "2009-10-Q3", "2010-11": "2010-11-Q4", "2011-12": "2011-12-Q3", "2012-13": "2012-13-M07"}

# In common to Excel 2010 and later, LibreOffice and IronCalc.
FUNCTIONS = {
    *("IF", "IFERROR", "AND", "OR", "NOT", "ISNUMBER", "INDEX", "MATCH", "SUM", "SUMPRODUCT", "COUNT", "COUNTIFS"),
    *("MIN", "MAX", "ABS", "SQRT", "ROUND"),
}

FINANCE = {"finance_score", "finance_category", "finance_uncapped_category", "escalated_finance"}
MEASURES = {"ipm_score", "ipm_category"}
EXPERIENCE = {"ue_score", "ue_category"}
QUALITY = {"cqc_label", "cqc_category", "quality_category", "escalated_quality"}
OVERALL = {"ipm_uncapped_category", "overall_category", "escalated_overall"}
RESULTS = {
    ("2009-10", "acute"): FINANCE | MEASURES | EXPERIENCE | OVERALL,
    ("2009-10", "ambulance"): FINANCE | MEASURES | OVERALL,
    **{
        (edition, trust_type): FINANCE | MEASURES | QUALITY | experience | further
        for edition, further in (("2010-11", set()), ("2011-12", set()), ("2012-13", {"tfa_rag", "escalated_tfa"}))
        for trust_type, experience in (("acute", EXPERIENCE), ("ambulance", set()), ("mental-health", EXPERIENCE))
    },
}

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REFERENCE = re.compile(r"(?:(?:'([^']+)'|(\w+))!)?\$?\b([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?\b(?!\()")


@dataclass
class Made:
    """A workbook file and what it was made of."""

    path: Path
    job: Job

    @cached_property
    def parts(self) -> dict[str, bytes]:
        with zipfile.ZipFile(self.path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    @cached_property
    def sheets(self) -> dict[str, ElementTree.Element]:
        """The XML of every sheet by its name; they stand in the file in the workbook's order."""
        names = [str(s.get("name")) for s in ElementTree.fromstring(self.parts["xl/workbook.xml"]).iter(f"{MAIN}sheet")]
        return {
            name: ElementTree.fromstring(self.parts[f"xl/worksheets/sheet{number}.xml"])
            for number, name in enumerate(names, start=1)
        }

    @cached_property
    def formulas(self) -> dict[tuple[str, str], str]:
        """Every formula of a cell, by sheet and address."""
        return {
            (sheet, str(cell.get("r"))): formula
            for sheet, root in self.sheets.items()
            for cell in root.iter(f"{MAIN}c")
            if (formula := cell.findtext(f"{MAIN}f")) is not None
        }

    def every_formula(self) -> Iterator[tuple[str, str]]:
        """Every formula with its sheet: also those of conditional formatting and validations."""
        for (sheet, _), formula in self.formulas.items():
            yield sheet, formula
        for sheet, root in self.sheets.items():
            for tag in ("formula", "formula1", "formula2"):
                yield from ((sheet, str(element.text)) for element in root.iter(f"{MAIN}{tag}"))

    def names(self) -> dict[str, dict[str, str]]:
        """The defined names of each sheet."""
        order = list(self.sheets)
        found: dict[str, dict[str, str]] = {sheet: {} for sheet in order}
        for name in ElementTree.fromstring(self.parts["xl/workbook.xml"]).iter(f"{MAIN}definedName"):
            if not str(name.get("name")).startswith("_xlnm."):
                found[order[int(str(name.get("localSheetId")))]][str(name.get("name"))] = str(name.text)
        return found


@pytest.fixture(scope="module", params=PERIODS, ids=str)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One trust of each type with sample figures, and one without any."""
    edition = load_edition(request.param)
    period = period_of(edition, PERIODS[edition.id])
    blank, *others = in_scope(period.last_day, edition.trust_types, "Q34")
    returns = [TrustReturn(blank, edition.rulebook(blank.trust_type), period, {})]
    for trust in {trust.trust_type: trust for trust in others}.values():
        rulebook = edition.rulebook(trust.trust_type)
        returns.append(TrustReturn(trust, rulebook, period, sample_values(rulebook, trust.ods_code, period)))
    job = Job(edition, period, "Q34", "West Midlands", tuple(returns))
    path = tmp_path_factory.mktemp("rating") / "return.xlsx"
    write_workbook(job, path)
    return Made(path, job)


def operands(formula: str, kind: str) -> list[str]:
    items = Tokenizer(f"={formula}").items
    return [item.value for item in items if item.type == Token.OPERAND and item.subtype == kind]


def functions(formula: str) -> set[str]:
    items = Tokenizer(f"={formula}").items
    return {item.value.rstrip("(") for item in items if item.type == Token.FUNC and item.subtype == Token.OPEN}


def indicators(made: Made) -> Iterator[tuple[TrustReturn, str, Indicator]]:
    for one in made.job.returns:
        for domain in one.rulebook.domains.values():
            for indicator in domain.indicators.values():
                yield one, domain.id, indicator


def own_formulas(made: Made, one: TrustReturn, indicator: Indicator) -> dict[str, str]:
    """The formulas of an indicator's line, by column."""
    row = rating_layout(one.rulebook).rows["indicator", indicator.id] + 1
    return {
        column: made.formulas[one.rating_sheet, f"{column}{row}"]
        for column in "BCDEF"
        if (one.rating_sheet, f"{column}{row}") in made.formulas
    }


def test_every_result_and_indicator_has_a_name_of_its_sheet(made: Made) -> None:
    names = made.names()
    for one in made.job.returns:
        expected = RESULTS[made.job.edition.id, one.trust.trust_type] | {
            f"{indicator}_{what}" for indicator in one.rulebook.indicators for what in ("value", "score", "weighted")
        }
        assert set(names[one.rating_sheet]) == expected


def test_names_stand_for_formulas_of_the_same_sheet(made: Made) -> None:
    for one in made.job.returns:
        for name, target in made.names()[one.rating_sheet].items():
            sheet, cell = target.replace("$", "").split("!")
            assert sheet == f"'{one.rating_sheet}'"
            assert (one.rating_sheet, cell) in made.formulas, name


def test_weights_and_limits_are_read_from_the_rules_sheet(made: Made) -> None:
    for one, domain, indicator in indicators(made):
        rules = rules_layout(made.job.edition)
        formulas = " ".join(own_formulas(made, one, indicator).values())
        further = [
            rating_layout(one.rulebook).rows[key] + 1
            for key in rating_layout(one.rulebook).rows
            if key[:2] == ("measure", indicator.id)
        ]
        formulas += " ".join(made.formulas[one.rating_sheet, f"C{row}"] for row in further)
        for name in ("weight", *indicator.limits):
            assert rules.cell(one.trust.trust_type, domain, indicator.id, name) in formulas, (indicator.id, name)


def test_no_weight_or_limit_is_written_into_an_indicators_formulas(made: Made) -> None:
    """The numbers that may stand there: scores, how many cells are needed, 10 decimals, 100 per cent."""
    for one, _, indicator in indicators(made):
        cells = max(len(indicator.fields), len(indicator.ladder.names))
        allowed = {*map(float, range(cells + 1)), *indicator.scores, 0.0, 10.0, 100.0}
        for formula in own_formulas(made, one, indicator).values():
            assert {float(number) for number in operands(formula, Token.NUMBER)} <= allowed, (indicator.id, formula)


def test_the_rules_sheet_holds_the_numbers_of_the_edition(made: Made) -> None:
    values = {str(c.get("r")): c.findtext(f"{MAIN}v") for c in made.sheets["Rules"].iter(f"{MAIN}c")}
    for one, domain, indicator in indicators(made):
        numbers: Mapping[str, float] = {
            "weight": indicator.weight,
            **{name: limit.value for name, limit in indicator.limits.items()},
        }
        for name, number in numbers.items():
            key = (one.trust.trust_type, domain, indicator.id, name)
            cell = rules_layout(made.job.edition).cell(*key).removeprefix("Rules!").replace("$", "")
            assert float(str(values[cell])) == number, key


def test_no_formula_refers_to_an_entry_directly(made: Made) -> None:
    """Nor to a range that begins or ends at one: cutting and pasting the entry would change it."""
    entries = {
        (one.return_sheet, return_layout(one.rulebook).cell(name))
        for one in made.job.returns
        for name in one.rulebook.fields
    }
    assert entries
    for own, formula in made.every_formula():
        for quoted, plain, *corners in REFERENCE.findall(re.sub(r'"[^"]*"', '""', formula)):
            sheet = quoted or plain or own
            for column, row in (corners[:2], corners[2:]):
                assert (sheet, f"{column}{row}") not in entries, (own, formula)


def test_every_entry_the_rules_use_is_read_by_its_row(made: Made) -> None:
    for one in made.job.returns:
        layout, rating = return_layout(one.rulebook), rating_layout(one.rulebook)
        for name in rating.rated_fields:
            formula = made.formulas[one.rating_sheet, f"C{rating.rows['entry', name] + 1}"]
            row = layout.entry_rows[name] + 1
            assert re.search(rf"INDEX\('{one.return_sheet}'!\$B\$1:\$B\$\d+,{row}\)", formula), (name, formula)


def test_formulas_use_only_functions_that_every_program_knows(made: Made) -> None:
    for sheet, formula in made.every_formula():
        assert functions(formula) <= FUNCTIONS, (sheet, formula)


def test_every_formula_has_a_cached_value(made: Made) -> None:
    for sheet, root in made.sheets.items():
        for cell in root.iter(f"{MAIN}c"):
            if cell.find(f"{MAIN}f") is not None:
                assert cell.find(f"{MAIN}v") is not None, (sheet, cell.get("r"))


def test_no_cell_holds_an_error(made: Made) -> None:
    for sheet, root in made.sheets.items():
        for cell in root.iter(f"{MAIN}c"):
            assert cell.get("t") != "e", (sheet, cell.get("r"))
            assert not (cell.findtext(f"{MAIN}v") or "").startswith("#"), (sheet, cell.get("r"))


def test_there_are_no_macros_and_no_links_to_other_files(made: Made) -> None:
    for name, content in made.parts.items():
        assert "externalLink" not in name
        assert "vbaProject" not in name
        assert b'TargetMode="External"' not in content, name
    assert b"macroEnabled" not in made.parts["[Content_Types].xml"]
    for sheet, formula in made.every_formula():
        assert "[" not in formula, (sheet, formula)


def test_no_formula_is_an_array_or_of_an_add_in(made: Made) -> None:
    for sheet, root in made.sheets.items():
        assert all(not formula.attrib for formula in root.iter(f"{MAIN}f")), sheet
    for sheet, formula in made.every_formula():
        assert not re.search(r"_xl|PF_", formula), (sheet, formula)
