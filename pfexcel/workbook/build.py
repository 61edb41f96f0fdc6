"""Writing one return workbook: the sheets in their order, document properties, and the same bytes every time."""

from __future__ import annotations

import os
from datetime import datetime, time
from pathlib import Path

from xlsxwriter import Workbook

from pfexcel import __version__
from pfexcel.workbook.checks_sheet import add_checks_sheet
from pfexcel.workbook.cover_sheet import add_cover, add_guide
from pfexcel.workbook.job import Job
from pfexcel.workbook.rating_sheet import add_rating_sheet
from pfexcel.workbook.return_sheet import add_return_sheet
from pfexcel.workbook.rules_sheet import add_rules_sheet
from pfexcel.workbook.style import Styles
from pfexcel.workbook.summary_sheet import add_summary_sheet

OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
    "default_date_format": "d mmm yyyy",
}


def write_workbook(job: Job, path: Path) -> None:
    """Write the workbook of a job beside `path` and rename it, so that a file of that name is always a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write(job, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _write(job: Job, path: Path) -> None:
    workbook = Workbook(str(path), OPTIONS)
    styles = Styles(workbook)
    workbook.formats[0].set_font_name(styles.theme["font"]["font_name"])
    workbook.formats[0].set_font_size(styles.theme["font"]["font_size"])
    add_cover(workbook, styles, job)
    add_guide(workbook, styles, job)
    add_summary_sheet(workbook, styles, job)
    add_checks_sheet(workbook, styles, job)
    for trust_return in job.returns:
        add_return_sheet(workbook, styles, job, trust_return)
        add_rating_sheet(workbook, styles, job, trust_return)
    add_rules_sheet(workbook, styles, job)
    _set_properties(workbook, job)
    workbook.close()


def _set_properties(workbook: Workbook, job: Job) -> None:
    made = datetime.combine(job.period.last_day, time(12))
    workbook.set_properties(
        {"title": f"NHS Performance Framework return, {job.subtitle}", "author": "pfexcel", "created": made}
    )
    properties = {
        "pfexcel_version": __version__,
        "pfexcel_edition": job.edition.id,
        "pfexcel_rulebook": job.edition.digest,
        "pfexcel_period": job.period.text,
        "pfexcel_sha": job.code,
    }
    for name, value in properties.items():
        workbook.set_custom_property(name, value, "text")
