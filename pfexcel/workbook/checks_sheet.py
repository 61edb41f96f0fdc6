"""The Checks sheet: every entry of every trust with what is wrong with it, and a link to its cell."""

from __future__ import annotations

from typing import Any

from pfexcel.rules.edition import Field, Rulebook
from pfexcel.workbook.formulas import quoted
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import ReturnLayout, address, return_layout, sheet_name
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

WIDTHS = [8, 64, 10, 26, 12, 11, 66]
HEADER = 4
CODE, ENTRY, CELL, CHECK, SEVERITY, TO_DO, GUIDANCE = range(7)


def rows_needed(job: Job) -> int:
    """How many entries the sheet lists."""
    return sum(len(return_layout(one.rulebook).entry_rows) for one in job.returns)


def column_range(job: Job, column: int) -> str:
    """A column of the table as other sheets name it: `Checks!$F$6:$F$90`."""
    first, last = address(HEADER + 1, column, fixed=True), address(HEADER + rows_needed(job), column, fixed=True)
    return f"{sheet_name('checks')}!{first}:{last}"


def add_checks_sheet(workbook: Any, styles: Styles, job: Job) -> None:
    """Write the Checks sheet: a filter on To do shows what is left."""
    sheet = Sheet(workbook, styles, sheet_name("checks"), WIDTHS, "amber")
    sheet.title("Checks", job.subtitle, [(sheet_name("cover"), "Cover"), (sheet_name("guide"), "Guide")])
    last = HEADER + rows_needed(job)
    to_do = f"{address(HEADER + 1, TO_DO)}:{address(last, TO_DO)}"
    total = sum(is_open(found) for one in job.returns for found in one.statuses.values())
    sheet.text(3, 0, "Left to do, all trusts (filter the column To do by 1):", "strong")
    for column in range(1, TO_DO):
        sheet.blank(3, column, "strong")
    sheet.formula(3, TO_DO, f"=SUM({to_do})", total, "strong_number", "0")
    sheet.header(HEADER, ["Trust", "Entry", "Cell", "Check", "Severity", "To do", "Guidance"], {TO_DO})
    row = HEADER + 1
    for trust_return in job.returns:
        layout = return_layout(trust_return.rulebook)
        for name in layout.entry_rows:
            _write_entry(sheet, row, trust_return, layout, trust_return.rulebook.fields[name])
            row += 1
    sheet.raw.autofilter(HEADER, 0, last, GUIDANCE)
    words = template("return")["status"]
    sheet.colour_words((HEADER + 1, CHECK), (last, CHECK), [words["missing"], words["ok"]])
    problem = f'=AND({address(HEADER + 1, TO_DO)}=1,{address(HEADER + 1, CHECK)}<>"{words["missing"]}")'
    sheet.raw.conditional_format(
        HEADER + 1,
        CHECK,
        last,
        CHECK,
        {"type": "formula", "criteria": problem.replace("=AND(", "=AND($"), "format": styles.condition("problem")},
    )
    sheet.raw.freeze_panes(HEADER + 1, 2)
    sheet.printing(last, job.subtitle, repeat=(HEADER, HEADER))


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
    sheet.text(row, CODE, one.trust.ods_code, "row")
    sheet.text(row, ENTRY, entry.label, "row")
    sheet.link(row, CELL, one.return_sheet, layout.cell(entry.name), layout.cell(entry.name), "row_link")
    cell = f"{quoted('return', one.trust.ods_code)}!{address(layout.entry_rows[entry.name], layout.CHECK)}"
    check, to_do = address(row, CHECK), address(row, TO_DO)
    sheet.formula(row, CHECK, f"={cell}", found)
    missing = missing_severity(one.rulebook, entry)
    severity = f'IF({check}="{words["missing"]}","{missing}","error")' if missing != "error" else '"error"'
    sheet.formula(row, SEVERITY, f'=IF({to_do}=1,{severity},"")', severity_of(one.rulebook, entry, found))
    is_done = f'OR({check}="",{check}="{words["ok"]}")'
    sheet.formula(row, TO_DO, f"=IF({is_done},0,1)", int(is_open(found)), "row_number", "0")
    sheet.text(row, GUIDANCE, entry.guidance, "row")
