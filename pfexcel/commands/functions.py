"""The verb `functions`: what lets a spreadsheet program call the worksheet functions."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pfexcel import terminal
from pfexcel.commands.options import Json, RefusedError

if TYPE_CHECKING:
    from udfs.host import Host

app = typer.Typer(help="Set Excel and LibreOffice up for the worksheet functions (PF_FINANCE_SCORE and the others).")
HostName = Annotated[str | None, typer.Argument(metavar="[HOST]", help="excel or libreoffice; all, if none.")]


def hosts(name: str | None = None) -> dict[str, Host]:
    """The spreadsheet programs by name, or the one that is named."""
    from udfs.excel.host import ExcelHost
    from udfs.libreoffice.host import LibreOfficeHost

    known: dict[str, Host] = {"excel": ExcelHost(), "libreoffice": LibreOfficeHost()}
    if name is None:
        return known
    if name.casefold() not in known:
        raise RefusedError(f"Host {name!r} is unknown; use one of {', '.join(known)}.")
    return {name.casefold(): known[name.casefold()]}


@app.command()
def build(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")],
    host: HostName = None,
) -> None:
    """Make the files that users of a spreadsheet program need: add-ins and a template workbook."""
    from pfexcel.template.build import FILE, write_template

    chosen = hosts(host)
    template = write_template(out / FILE)
    terminal.say(str(template))
    for each in chosen.values():
        terminal.lines(str(path) for path in each.build(out, template))


@app.command()
def install(host: HostName = None) -> None:
    """Set this computer's spreadsheet programs up for the functions, and say what is left to do."""
    refusals = []
    chosen = hosts(host)
    for each in chosen.values():
        try:
            terminal.lines(f"{each.name}: {line}" for line in each.install())
        except ValueError as error:
            refusals.append(f"{each.name}: {error}")
    if len(refusals) == len(chosen):
        raise RefusedError(" ".join(refusals))
    terminal.lines(refusals)


@app.command()
def doctor(host: HostName = None, as_json: Json = False) -> None:
    """Say what the functions need, what of it is found, what is missing, and what to do."""
    found = {name: each.doctor() for name, each in hosts(host).items()}
    if as_json:
        rows = [
            {"host": name, "fine": check.fine, **asdict(check)} for name, checks in found.items() for check in checks
        ]
        print(json.dumps(rows, indent=2))
    else:
        names = hosts(host)
        rows = [
            (names[name].name, check.what, "" if check.fine else "missing", check.found, check.action)
            for name, checks in found.items()
            for check in checks
        ]
        columns = ["Program", "What is needed", "", "Found", "What to do"]
        terminal.table(columns, rows, prose=["Found", "What to do"])
    if not any(all(check.fine for check in checks) for checks in found.values()):
        raise typer.Exit(1)
