"""The verb `collate`: returned workbooks into the register, with a progress bar and a short summary."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pfexcel import terminal
from pfexcel.commands.options import Json, KeyFile, OptionalEdition, RefusedError, read_key_file

if TYPE_CHECKING:
    from pfexcel.returns.collate import Collated, Progress
    from pfexcel.returns.register import Register, TrustStatus

MOST_NAMED = 10


def collate(
    paths: Annotated[list[Path], typer.Argument(help="Returned workbooks, folders and zip files of them.")],
    register: Annotated[Path, typer.Option("--register", "-r", help="The register; made where there is none.")],
    period: Annotated[str | None, typer.Option("--period", "-p", help="Take only returns for this period.")] = None,
    edition: OptionalEdition = None,
    key: KeyFile = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Do not rely on a seal made without a key: compare every locked cell.")
    ] = False,
    received: Annotated[
        datetime | None,
        typer.Option("--received", formats=["%Y-%m-%d"], help="When they came; else when each file was last changed."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="How many processes read at once; one a processor.")
    ] = None,
    time_limit: Annotated[float, typer.Option("--time-limit", min=1, help="Seconds that one file may take.")] = 60,
    as_json: Json = False,
) -> None:
    """Read returned workbooks into the register; what cannot be read is reported, and the others go on."""
    from pfexcel.returns import collate as collating
    from pfexcel.returns.pool import Limits

    secret = read_key_file(key)
    try:
        with _bar(shown=not as_json) as progress:
            found = collating.collate(
                paths,
                register,
                edition=edition,
                period=period,
                jobs=jobs,
                thorough=thorough,
                key=secret,
                received=received.replace(tzinfo=UTC) if received else None,
                limits=Limits(seconds=time_limit),
                progress=progress,
            )
    except KeyboardInterrupt:
        raise RefusedError(f"Stopped. What was read so far is in {register}; collate again for the rest.") from None
    except sqlite3.Error as error:
        raise RefusedError(f"The register {register} cannot be written: {error}.") from None
    if as_json:
        files = [asdict(one) for one in found.files]
        files += [{"file": name, "outcome": "left out"} for name in found.left_out]
        print(json.dumps(files, indent=2, default=str))
    elif found.files:
        _summary(found, register)
    if not found.readable:
        raise RefusedError(_nothing(found, paths))
    if found.has_errors:
        raise typer.Exit(1)


def _nothing(found: Collated, paths: list[Path]) -> str:
    """Why nothing was read, in one sentence."""
    if not found.files:
        others = f", but {_listed(list(found.left_out))}" if found.left_out else ""
        return f"There is no workbook (.xlsx) and no zip file in {_listed([str(path) for path in paths])}{others}."
    first = found.files[0].findings[0].message
    return f"{first}." if len(found.files) == 1 else f"None of {len(found.files)} files could be read; {first}."


@contextmanager
def _bar(shown: bool) -> Iterator[Progress | None]:
    """A progress bar with the time left, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield None
        return
    name = TextColumn("{task.fields[name]}", markup=False)
    columns = (TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), name)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, name=Text(""))

        def progress(done: int, total: int, shown: str) -> None:
            bar.update(task, completed=done, total=total, name=Path(shown).name)

        yield progress


# --- the summary -----------------------------------------------------------------------------------------------------


def _summary(found: Collated, path: Path) -> None:
    from pfexcel.returns.register import Register

    outcomes = Counter(one.outcome for one in found.files)
    said = ", ".join(f"{outcomes[name]} {name}" for name in ("read", "read before", "refused") if outcomes[name])
    terminal.say(f"{terminal.counted(len(found.files), 'file')}: {said}")
    counts = {
        kind: sum(len(getattr(one, kind)) for one in found.files) for kind in ("new", "corrected", "unchanged", "blank")
    }
    terminal.say("Returns: " + ", ".join(f"{n} {kind}" for kind, n in counts.items()))
    if found.left_out:
        terminal.say(f"Left out, for they are no .xlsx files: {_listed(list(found.left_out))}")
    refused = [(one.file, f"{each.message}. {each.action}.", each.id) for one in found.files for each in _reasons(one)]
    if refused:
        terminal.say("")
        columns = ["Refused", "Why, and what to do", "Check"]
        terminal.table(columns, refused, prose=columns[1:2])
    with Register(path) as register:
        for period in found.periods:
            _show_period(register, period)
    terminal.say("")
    terminal.say(f"Register: {path}")


def _reasons(one: Any) -> list[Any]:
    """The findings for which a file was refused: one that says it all, or the errors about the file."""
    return list(one.findings) if one.outcome == "refused" else []


def _show_period(register: Register, period: str) -> None:
    """Errors and queries by SHA, and who is still missing."""
    by_sha: dict[str, list[TrustStatus]] = {}
    for one in register.status(period):
        by_sha.setdefault(f"{one.trust.sha_code} {one.trust.sha_name}", []).append(one)
    rows = [
        (
            sha,
            str(sum(one.standing is not None for one in trusts)),
            str(sum(one.standing is None for one in trusts)),
            str(sum(one.errors for one in trusts)),
            str(sum(one.queries for one in trusts)),
        )
        for sha, trusts in sorted(by_sha.items())
    ]
    numbers = ["Returned", "Missing", "Errors", "Queries"]
    terminal.say("")
    terminal.table(["SHA", *numbers], rows, numbers, title=f"{period}, errors and queries that are open")
    for sha, trusts in sorted(by_sha.items()):
        missing = [one.trust.ods_code for one in trusts if one.standing is None]
        if missing:
            terminal.say(f"Not returned, {sha}: {', '.join(missing)}")


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
