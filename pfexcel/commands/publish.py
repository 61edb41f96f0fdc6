"""The verb `publish`: the files of a period from the register, and a short word on what they say."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pfexcel import terminal
from pfexcel.commands.options import Json, Period, RefusedError

if TYPE_CHECKING:
    from pfexcel.publish.publication import Publication
    from pfexcel.publish.publishing import Published


def publish(
    register: Annotated[Path, typer.Option("--register", "-r", help="The register.")],
    period: Period,
    out: Annotated[Path, typer.Option("--out", "-o", help="A new folder, or that of the period's last publication.")],
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day of publication; else today.")
    ] = None,
    notice: Annotated[
        str | None, typer.Option("--notice", help="A remark for every first page; else that of the last publication.")
    ] = None,
    replay: Annotated[
        int | None, typer.Option("--replay", min=1, metavar="N", help="Write revision N again, to the same bytes.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="How many processes write at once; one a processor.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Publish a period: workbook, ODS, CSV, dashboard and the SHAs' advance copies; corrections are revisions."""
    from pfexcel.publish.publishing import publish as make

    try:
        done = make(
            register,
            period,
            out,
            published=day.date() if day else None,
            notice=None if notice is None else notice.strip(),
            replay=replay,
        )
    except sqlite3.Error as error:
        raise RefusedError(f"The register {register} cannot be used: {error}.") from None
    if as_json:
        print(done.manifest.read_text(encoding="utf-8"), end="")
    else:
        _show(done, replay is not None)
    if done.publication.counts.errors:
        raise typer.Exit(1)


def _show(done: Published, replayed: bool) -> None:
    own = done.publication
    what = "again as it was" if replayed else "published" if done.new else "unchanged since"
    terminal.say(f"{own.period.words}: revision {own.revision}, {what} {own.published.isoformat()}")
    counts = own.counts
    terminal.say(f"{counts.returned} of {counts.in_scope} trusts have returned")
    for one in counts.domains:
        if one.in_force:
            said = ", ".join(f"{number.category} {number.trusts}" for number in one.in_force if number.trusts)
            terminal.say(f"{one.title}, in force: {said}")
    _revised(own)
    terminal.say("")
    stem = f"pf-publication_{own.period.text}"
    named = {"Workbook": f"{stem}.xlsx", "OpenDocument": f"{stem}.ods", "Dashboard": f"{stem}.html"}
    for what, name in {**named, "CSV files": "csv", "Advance copies": "advance"}.items():
        terminal.say(f"{what + ':':<16}{done.folder / name}")
    if counts.errors:
        errors = terminal.counted(counts.errors, "error")
        terminal.say("")
        terminal.say(f"{errors} open in the returns published: see the sheet Open findings")


def _revised(own: Publication) -> None:
    if own.revision > 1:
        changes = own.revisions[-1].changes
        trusts = len({change.ods_code for change in changes})
        said = f"{terminal.counted(len(changes), 'change')} to {terminal.counted(trusts, 'trust')}"
        terminal.say(f"Revision {own.revision}: {said} since revision {own.revision - 1}")
