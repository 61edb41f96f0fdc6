"""The Summary: one row a trust, its scores and categories as its Rating sheet has them."""

from __future__ import annotations

from typing import Any

from pfexcel.rules.edition import Domain
from pfexcel.workbook.formulas import NOT_ASSESSED, quoted
from pfexcel.workbook.job import Job, TrustReturn
from pfexcel.workbook.layout import address, band_limits, category_name, rating_layout, return_layout, sheet_name
from pfexcel.workbook.sheet import Sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.templates import template

HEADER, MISSING = 4, 3
ROW = 18  # the height of a trust's row in points


def add_summary_sheet(workbook: Any, styles: Styles, job: Job) -> None:
    """Write the Summary as a table that can be filtered."""
    domains = domains_of(job)
    words = template("return")["summary"]
    names, widths, figures = list(words["columns"]), [8, 52, 14, 10], {MISSING}
    for domain in domains:
        if domain.indicators:
            figures.add(len(names))
            names.append(words["score"].format(domain=domain.title))
            widths.append(13)
        names.append(domain.title)
        widths.append(24)
    sheet = Sheet(workbook, styles, sheet_name("summary"), widths, "dark_blue")
    sheet.title(words["title"], job.subtitle, [sheet_name("cover"), sheet_name("guide")])
    last = HEADER + len(job.returns)
    table = {"name": "Summary", "style": None, "columns": [{"header": name} for name in names]}
    sheet.raw.add_table(HEADER, 0, last, len(names) - 1, table)
    sheet.header(HEADER, names, figures)
    for row, trust_return in enumerate(job.returns, start=HEADER + 1):
        sheet.height(row, ROW)
        _write_trust(sheet, row, trust_return, domains)
    categories = [name for scale in job.edition.scales.values() for name in scale.names]
    sheet.colour_words((HEADER + 1, MISSING + 1), (last, len(names) - 1), [*categories, NOT_ASSESSED])
    sheet.raw.freeze_panes(HEADER + 1, 2)
    sheet.printing(last, job.subtitle, repeat=(HEADER, HEADER))


def domains_of(job: Job) -> list[Domain]:
    """Every domain of the trusts in the workbook, those that give the ratings first."""
    found: dict[str, Domain] = {}
    for trust_return in job.returns:
        for domain in trust_return.rulebook.domains.values():
            found.setdefault(domain.id, domain)
    order = ("finance", "quality", "overall", "tfa")
    return sorted(found.values(), key=lambda d: order.index(d.id) if d.id in order else len(order))


def _write_trust(sheet: Sheet, row: int, trust_return: TrustReturn, domains: list[Domain]) -> None:
    trust, rating = trust_return.trust, trust_return.rating
    returns, layout = return_layout(trust_return.rulebook), rating_layout(trust_return.rulebook)
    sheet.link(row, 0, trust_return.rating_sheet, trust.ods_code, style="row_link")
    sheet.text(row, 1, trust.name, "row")
    sheet.text(row, 2, trust.trust_type, "row")
    checks = f"{address(returns.HEADER + 1, returns.CHECK)}:{address(returns.last_row, returns.CHECK)}"
    missing = f'=COUNTIFS({quoted("return", trust.ods_code)}!{checks},"{template("return")["status"]["missing"]}")'
    sheet.formula(row, MISSING, missing, trust_return.missing, "row_number", "0__")
    column = MISSING + 1
    for domain in domains:
        own = trust_return.rulebook.domains.get(domain.id)
        names = [(f"{domain.id}_score", "row_number", "0.00__")] if domain.indicators else []
        for name, style, number in [*names, (category_name(domain), "row", "")]:
            if own is None:
                sheet.text(row, column, "", "row")
            else:
                cell = address(*layout.named_cells[name])
                rated = rating.domains[domain.id]
                value = rated.score if name.endswith("_score") else str(rated.category)
                sheet.formula(row, column, f"={quoted('rating', trust.ods_code)}!{cell}", value, style, number)
                if name.endswith("_score"):
                    sheet.precise_score(row, column, band_limits(trust_return.rulebook, own))
            column += 1
