"""The Cover and the Guide: whose return this is, how far it has come, and how to fill it in."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pfexcel import __version__
from pfexcel.workbook import checks_sheet
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, sheet_name
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template
from pfexcel.workbook.validation import of_date, of_text

WIDTHS = [29, 54, 14, 9, 11, 12, 25, 12, 25, 12, 16]
RETURN, TRUST, TYPE, ENTRIES, LEFT, RATING = range(6)
SIGN_OFF = {
    6: ("finance_director", "name"),
    7: ("finance_director_date", "date"),
    8: ("chief_executive", "name"),
    9: ("chief_executive_date", "date"),
}
STATE = 10
EDITION_ROW, PERIOD_ROW, SHA_ROW = 4, 5, 6
MOST_OF_A_NAME = 100  # letters


def add_cover(workbook: Any, styles: Styles, job: Job) -> None:
    """Write the Cover: edition, period, totals of errors and queries, the trusts and how complete each is."""
    words = template("return")["cover"]
    sheet = Sheet(workbook, styles, sheet_name("cover"), WIDTHS, "dark_blue")
    sheet.title(
        words["title"], f"{job.name} ({job.code}), {job.period.label}", [sheet_name("guide"), sheet_name("summary")]
    )
    deadline = f"{job.deadline.day} {job.deadline:%B %Y}" if job.deadline else words["no_deadline"]
    facts = [job.edition.id, job.period.text, f"{job.code} {job.name}", deadline]
    for row, (label, text) in enumerate(zip(words["facts"], facts, strict=True), start=EDITION_ROW):
        sheet.text(row, 0, label, "strong")
        sheet.text(row, 1, text, "row")
    trusts = _write_totals(sheet, job, EDITION_ROW + len(facts) + 1) + 1
    key = _write_trusts(sheet, job, trusts) + 1
    about = _write_key(sheet, styles, key) + 1
    last = _write_about(sheet, job, about)
    sheet.printing(last, job.subtitle, blocks=[trusts, key, about])


def _write_totals(sheet: Sheet, job: Job, row: int) -> int:
    words = template("return")["cover"]
    severities = checks_sheet.column_range(job, checks_sheet.SEVERITY)
    found = sum((checks_sheet.to_do(one) for one in job.returns), Counter[str]())
    for severity, label in (("error", words["errors"]), ("query", words["queries"])):
        sheet.text(row, 0, label, "strong")
        sheet.formula(row, 1, f'=COUNTIFS({severities},"{severity}")', found[severity], "total", "0")
        row += 1
    return row


def _write_trusts(sheet: Sheet, job: Job, row: int) -> int:
    """The table of trusts: how complete each return is, and who signs it off."""
    words = template("return")["cover"]
    sheet.band(row, words["trusts"])
    sheet.header(row + 1, words["trust_columns"], {ENTRIES, LEFT})
    row += 2
    for one in job.returns:
        _write_trust(sheet, job, one, row)
        row += 1
    if job.left_out:
        names = ", ".join(f"{trust.ods_code} {trust.name} ({trust.trust_type})" for trust in job.left_out)
        sheet.text(row, 0, words["not_included"].format(trusts=names), "text")
        row += 1
    return row


def _write_trust(sheet: Sheet, job: Job, one: TrustReturn, row: int) -> None:
    code = one.trust.ods_code
    open_checks = checks_sheet.to_do(one)
    codes, to_do, severity = (
        checks_sheet.column_range(job, column)
        for column in (checks_sheet.CODE, checks_sheet.TO_DO, checks_sheet.SEVERITY)
    )
    sheet.link(row, RETURN, one.return_sheet, one.return_sheet, style="row_link")
    sheet.text(row, TRUST, one.trust.name, "row")
    sheet.text(row, TYPE, one.trust.trust_type, "row")
    sheet.number(row, ENTRIES, len(one.statuses), "row_number", "0")
    sheet.formula(row, LEFT, f'=COUNTIFS({codes},"{code}",{to_do},1)', open_checks.total(), "row_number", "0")
    sheet.link(row, RATING, one.rating_sheet, one.rating_sheet, style="row_link")
    for column, (name, kind) in SIGN_OFF.items():
        style = sheet.styles.get("entry_text") if kind == "name" else sheet.styles.get("entry", "d mmm yyyy")
        asks = of_text("signed_by", MOST_OF_A_NAME) if kind == "name" else of_date("signed_on")
        sheet.raw.write_blank(row, column, None, style)
        sheet.name_cell(f"{code}_{name}", row, column)
        sheet.raw.data_validation(row, column, row, column, asks)
    signed = ",".join(f'{address(row, column)}<>""' for column in SIGN_OFF)
    errors = f'COUNTIFS({codes},"{code}",{severity},"error")'
    words = template("return")["cover"]["sign_off_states"]
    state = f'=IF({errors}>0,"{words["errors"]}",IF(AND({signed}),"{words["complete"]}","{words["unsigned"]}"))'
    sheet.formula(row, STATE, state, words["errors"] if open_checks["error"] else words["unsigned"])


def _write_key(sheet: Sheet, styles: Styles, row: int) -> int:
    sheet.band(row, template("return")["cover"]["key"])
    for key in template("return")["cover"]["keys"]:
        row += 1
        words = key.get("condition", template("return")["cover"]["example"])
        look = styles.key(words) if "condition" in key else styles.get("key_entry")
        sheet.raw.write_string(row, 0, words, look)
        sheet.text(row, 1, key["text"], "row")
    return row + 1


def _write_about(sheet: Sheet, job: Job, row: int) -> int:
    words = template("return")["cover"]
    sheet.band(row, words["about"])
    said = {"version": __version__, "edition": job.edition.title, "digest": job.edition.digest[:16]}
    lines = [words[name] for name in ("made_by", "rulebook", "known_issues")]
    for offset, (label, text) in enumerate(lines, start=1):
        sheet.text(row + offset, 0, label, "row")
        sheet.text(row + offset, 1, text.format_map(said), "row")
    return row + len(lines)


def add_guide(workbook: Any, styles: Styles, job: Job) -> None:
    """Write the Guide: how to fill in, and the contents with a link to every sheet."""
    words = template("return")["guide"]
    sheet = Sheet(workbook, styles, sheet_name("guide"), [30, 104], "dark_blue")
    sheet.title(words["title"], job.subtitle, [sheet_name("cover")])
    row = 4
    for step in words["steps"]:
        sheet.text(row, 0, step["heading"], "guide_heading")
        sheet.text(row, 1, step["text"], "guide_text")
        row += 1
    for note in words["notes"]:
        sheet.text(row, 0, words["note"], "guide_heading")
        sheet.text(row, 1, note["text"], "guide_text")
        row += 1
    sheet.band(row + 1, words["contents"])
    row += 2
    for name, what in _contents(job):
        sheet.link(row, 0, name, name, style="row_link")
        sheet.text(row, 1, what, "row")
        row += 1
    sheet.printing(row - 1, job.subtitle, landscape=False)


def _contents(job: Job) -> list[tuple[str, str]]:
    described = template("return")["contents"]
    named = [(sheet_name(kind), described[kind]) for kind in ("cover", "summary", "dashboard", "checks")]
    for one in job.returns:
        named.append((one.return_sheet, described["return"].format(name=one.trust.name)))
        named.append((one.rating_sheet, described["rating"].format(name=one.trust.name)))
    return [*named, (sheet_name("rules"), described["rules"])]
