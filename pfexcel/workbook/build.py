"""Writing one return workbook: the sheets in their order, document properties, and the same bytes every time."""

from __future__ import annotations

import hashlib
import io
import json
import os
from datetime import datetime, time
from pathlib import Path

from xlsxwriter import Workbook

from pfexcel import __version__
from pfexcel.catalogue import catalogue
from pfexcel.workbook.checks_sheet import add_checks_sheet
from pfexcel.workbook.cover_sheet import add_cover, add_guide
from pfexcel.workbook.dashboard_sheet import add_dashboard
from pfexcel.workbook.given import marks
from pfexcel.workbook.job import Job
from pfexcel.workbook.parts import Parts, add_properties, pack, unpack
from pfexcel.workbook.protection import protect
from pfexcel.workbook.rating_sheet import add_rating_sheet
from pfexcel.workbook.return_sheet import add_return_sheet
from pfexcel.workbook.rules_sheet import add_rules_sheet
from pfexcel.workbook.seal import PROPERTY, describe, seal
from pfexcel.workbook.style import Styles
from pfexcel.workbook.summary_sheet import add_summary_sheet
from pfexcel.workbook.templates import template

OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
    "default_date_format": "d mmm yyyy",
}
MOST_OF_A_PROPERTY = 255


def write_workbook(job: Job, path: Path, password: str = "", key: bytes | None = None) -> None:
    """Write the workbook of a job beside `path` and rename it, so that a file of that name is always a whole one.

    Args:
        job: what it is made of.
        path: the file.
        password: takes the protection of its sheets and structure off.
        key: seals it with HMAC; without one the seal is a digest that anyone could make again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(pack(sealed_parts(job, password, key)))
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def sealed_parts(job: Job, password: str = "", key: bytes | None = None) -> Parts:
    """The parts of the workbook of a job, protected and sealed."""
    parts = unpack(_made(job))
    protect(parts, password, job.edition.id, job.period.text)
    description = describe(parts)
    given = marks(job, description)
    description["properties"] |= given
    add_properties(parts, {**given, PROPERTY: seal(description, key)})
    return parts


def _made(job: Job) -> bytes:
    made = io.BytesIO()
    workbook = Workbook(made, OPTIONS)
    styles = Styles(workbook)
    workbook.formats[0].set_font_name(styles.theme["font"]["font_name"])
    workbook.formats[0].set_font_size(styles.theme["font"]["font_size"])
    add_cover(workbook, styles, job)
    add_guide(workbook, styles, job)
    add_summary_sheet(workbook, styles, job)
    add_dashboard(workbook, styles, job)
    add_checks_sheet(workbook, styles, job)
    for trust_return in job.returns:
        add_return_sheet(workbook, styles, job, trust_return)
        add_rating_sheet(workbook, styles, job, trust_return)
    add_rules_sheet(workbook, styles, job)
    _set_properties(workbook, job)
    workbook.close()
    return made.getvalue()


def template_digest() -> str:
    """A fingerprint of the words, the theme and the checks of workbooks."""
    text = json.dumps([template("return"), template("theme"), catalogue()], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _set_properties(workbook: Workbook, job: Job) -> None:
    made = datetime.combine(job.period.last_day, time(12))
    workbook.set_properties(
        {
            "title": template("return")["document"]["title"].format(subtitle=job.subtitle),
            "author": "pfexcel",
            "created": made,
        }
    )
    properties = {
        "pfexcel_version": __version__,
        "pfexcel_edition": job.edition.id,
        "pfexcel_rulebook": job.edition.digest,
        "pfexcel_period": job.period.text,
        "pfexcel_sha": job.code,
        "pfexcel_name": job.name,
        "pfexcel_trusts": " ".join(one.trust.ods_code for one in job.returns),
        "pfexcel_left_out": " ".join(trust.ods_code for trust in job.left_out),
        "pfexcel_deadline": job.deadline.isoformat() if job.deadline else "",
        "pfexcel_template": template_digest(),
    }
    for name, value in properties.items():
        if 0 < len(value) <= MOST_OF_A_PROPERTY:
            workbook.set_custom_property(name, value, "text")
