"""The Checks sheet: every entry and every check of every trust with what is wrong, and a link to the cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pfexcel.engine.checks import Bound
from pfexcel.rules.edition import Field, Rulebook
from pfexcel.workbook.check_rows import (
    CheckFormulas,
    Fact,
    check_rows,
    check_words,
    facts_of,
    is_left,
    open_counts,
    severities,
)
from pfexcel.workbook.formulas import quoted
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import ReturnLayout, address, return_layout, sheet_name
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

WIDTHS = [8, 80, 10, 21, 11, 9, 84]
HEADER = 4
CODE, ENTRY, CELL, CHECK, SEVERITY, TO_DO, GUIDANCE = range(7)


def rows_needed(job: Job) -> int:
    """How many entries and checks the sheet lists."""
    return sum(len(return_layout(one.rulebook).entry_rows) + len(check_rows(one)) for one in job.returns)


def to_do(one: TrustReturn) -> Counter[str]:
    """How many rows of a trust leave something to do, by severity, of the figures to begin with."""
    fields = one.rulebook.fields
    found = (severity_of(one.rulebook, fields[name], word) for name, word in one.statuses.items() if is_open(word))
    return Counter(found) + open_counts(one)


def column_range(job: Job, column: int) -> str:
    """A column of the table as other sheets name it: `Checks!$F$6:$F$90`."""
    first, last = address(HEADER + 1, column, fixed=True), address(HEADER + rows_needed(job), column, fixed=True)
    return f"{sheet_name('checks')}!{first}:{last}"


def add_checks_sheet(workbook: Any, styles: Styles, job: Job) -> None:
    """Write the Checks sheet: a filter on To do shows what is left."""
    sheet = Sheet(workbook, styles, sheet_name("checks"), WIDTHS, "amber")
    words = template("return")["checks"]
    sheet.title(sheet.name, job.subtitle, [sheet_name("cover"), sheet_name("guide")])
    last = HEADER + rows_needed(job)
    column = f"{address(HEADER + 1, TO_DO)}:{address(last, TO_DO)}"
    total = sum(to_do(one).total() for one in job.returns)
    sheet.text(3, 0, words["left"], "strong")
    for blank in range(1, TO_DO):
        sheet.blank(3, blank, "strong")
    sheet.formula(3, TO_DO, f"=SUM({column})", total, "strong_number", "0")
    sheet.header(HEADER, words["columns"], {TO_DO})
    row = HEADER + 1
    facts = facts_of(job)
    places = {key: address(row, CELL, fixed=True) for row, key in enumerate(facts, start=last + 4)}
    for trust_return in job.returns:
        layout = return_layout(trust_return.rulebook)
        for name in layout.entry_rows:
            _write_entry(sheet, row, trust_return, layout, trust_return.rulebook.fields[name])
            row += 1
        formulas = CheckFormulas(trust_return, places)
        for bound, word in zip(check_rows(trust_return), check_words(trust_return), strict=True):
            _write_check(sheet, row, trust_return, bound, word, formulas)
            row += 1
    _write_facts(sheet, facts, last + 2)
    sheet.raw.autofilter(HEADER, 0, last, GUIDANCE)
    status = template("return")["status"]
    sheet.colour_words((HEADER + 1, CHECK), (last, CHECK), [status["missing"], status["ok"]])
    problem = f'=AND({address(HEADER + 1, TO_DO)}=1,{address(HEADER + 1, CHECK)}<>"{status["missing"]}")'
    sheet.raw.conditional_format(
        HEADER + 1,
        CHECK,
        last,
        CHECK,
        {"type": "formula", "criteria": problem.replace("=AND(", "=AND($"), "format": styles.condition("problem")},
    )
    sheet.raw.freeze_panes(HEADER + 1, 2)
    sheet.printing(last + 3 + len(facts), job.subtitle, repeat=(HEADER, HEADER), blocks=[HEADER, last + 2])


def is_open(found: str) -> bool:
    """Does this word of the Check column leave something to do?"""
    return found not in ("", template("return")["status"]["ok"])


def severity_of(rulebook: Rulebook, entry: Field, found: str) -> str:
    """`error` or `query`: what is missing matters as its domain says, anything else is an error."""
    if not is_open(found):
        return ""
    return missing_severity(rulebook, entry) if found == template("return")["status"]["missing"] else "error"


def missing_severity(rulebook: Rulebook, entry: Field) -> str:
    """How much it matters that an entry is missing: what the domains that use it say."""
    users = {
        domain.missing_is
        for domain in rulebook.domains.values()
        if entry.name in domain.label_fields
        or any(entry.name in indicator.fields for indicator in domain.indicators.values())
        or any(entry.name in rule.fields for rule in domain.over_riding)
    }
    return "query" if users == {"query"} else "error"


def _write_entry(sheet: Sheet, row: int, one: TrustReturn, layout: ReturnLayout, entry: Field) -> None:
    words, found = template("return")["status"], one.statuses[entry.name]
    _write_place(sheet, row, one, entry, entry.label)
    cell = f"{quoted('return', one.trust.ods_code)}!{address(layout.entry_rows[entry.name], layout.CHECK)}"
    check = address(row, CHECK)
    sheet.formula(row, CHECK, f"={cell}", found)
    open_one, is_done = '"error"', f'OR({check}="",{check}="{words["ok"]}")'
    done = is_done
    if missing_severity(one.rulebook, entry) == "query":
        missing = f'{check}="{words["missing"]}"'
        explained = f'{CheckFormulas(one, {}).comment(entry.name)}<>""'
        open_one = f'IF({missing},IF({explained},"note","query"),"error")'
        done = f'OR({check}="",{check}="{words["ok"]}",AND({missing},{explained}))'
    severity = severity_of(one.rulebook, entry, found)
    sheet.formula(row, SEVERITY, f'=IF({is_done},"",{open_one})', severity)
    sheet.formula(row, TO_DO, f"=IF({done},0,1)", int(is_open(found)), "row_number", "0")
    sheet.text(row, GUIDANCE, entry.guidance, "row_wrapped")


def _write_check(sheet: Sheet, row: int, one: TrustReturn, bound: Bound, word: str, formulas: CheckFormulas) -> None:
    _write_place(sheet, row, one, bound.entry, bound.title)
    sheet.formula(row, CHECK, formulas.check(bound), word)
    check, severity = address(row, CHECK), '""'
    fired = [said for said in severities() if f'"{said}"' in formulas.check(bound)]
    for said in fired:
        severity = f'IF({check}="{said}","{severities()[said]}",{severity})'
    sheet.formula(row, SEVERITY, f"={severity}", severities().get(word, ""))
    [said, *_] = [said for said in fired if is_left(said)] or [""]
    is_open_row = f'=IF({check}="{said}",1,0)' if said else "=0"
    sheet.formula(row, TO_DO, is_open_row, int(is_left(word)), "row_number", "0")
    sheet.text(row, GUIDANCE, bound.check.action, "row_wrapped")


def _write_place(sheet: Sheet, row: int, one: TrustReturn, entry: Field, label: str) -> None:
    cell = return_layout(one.rulebook).cell(entry.name)
    sheet.text(row, CODE, one.trust.ods_code, "row")
    sheet.text(row, ENTRY, label, "row_wrapped")
    sheet.link(row, CELL, one.return_sheet, cell, cell, "row_link")


def _write_facts(sheet: Sheet, facts: Mapping[tuple[str, str], Fact], band: int) -> None:
    """The facts of the period and the limits that the checks use, each with its reason."""
    words = template("return")["checks"]
    sheet.band(band, words["facts"])
    sheet.header(band + 1, words["facts_columns"], {CELL})
    for row, fact in enumerate(facts.values(), start=band + 2):
        for blank in (CODE, SEVERITY, TO_DO):
            sheet.blank(row, blank, "row")
        sheet.text(row, ENTRY, fact.label, "row")
        if isinstance(fact.value, str):
            sheet.text(row, CELL, fact.value, "row_number")
        else:
            sheet.number(row, CELL, fact.value, "row_number", fact.number)
        sheet.text(row, CHECK, fact.unit, "row")
        sheet.text(row, GUIDANCE, fact.reason, "row_wrapped")
