"""The verb `collate`: returned workbooks into the register, with a progress bar and a short summary."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pfexcel import terminal
from pfexcel.commands.options import Json, KeyFile, OptionalEdition, RefusedError, read_key_file
from pfexcel.organisations import find_trust

if TYPE_CHECKING:
    from pfexcel.model import Finding
    from pfexcel.returns.collate import Collated, CollatedFile, Progress
    from pfexcel.returns.register import OpenFinding, Register, TrustStatus

MOST_NAMED = 10
MOST_ROWS = 20


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
        if as_json:
            _list(found)
        elif found.files:
            _summary(found, register)
    except KeyboardInterrupt:
        raise RefusedError(f"Stopped. What was read so far is in {register}; collate again for the rest.") from None
    except sqlite3.Error as error:
        raise RefusedError(f"The register {register} cannot be used: {error}.") from None
    if not found.readable:
        raise RefusedError(_nothing(found, paths))
    if found.has_errors:
        raise typer.Exit(1)


def _list(found: Collated) -> None:
    files = [asdict(one) for one in found.files]
    files += [{"file": name, "outcome": "left out"} for name in found.left_out]
    print(json.dumps(files, indent=2, default=str))


def _nothing(found: Collated, paths: list[Path]) -> str:
    """Why nothing was read, in one sentence."""
    if not found.files:
        others = f", but {_listed(found.left_out)}" if found.left_out else ""
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
    kinds = ("new", "corrected", "unchanged", "blank")
    counts = {kind: sum(len(getattr(one, kind)) for one in found.files) for kind in kinds}
    terminal.say("Returns: " + ", ".join(f"{number} {kind}" for kind, number in counts.items()))
    if found.left_out:
        terminal.say(f"Left out, no .xlsx or .zip: {_listed(found.left_out)}")
    _show_files("Refused", [one for one in found.files if one.outcome == "refused"])
    _show_files("Read, with errors", [one for one in found.files if one.outcome != "refused"])
    with Register(path) as register:
        for period in found.periods:
            _show_period(register, period)
    terminal.say("")
    terminal.say(f"Register:   {path}")
    terminal.say(f"What to do: pfexcel register {path} --findings")


def _show_files(title: str, files: Iterable[CollatedFile]) -> None:
    """A line for each file that has errors: the first of them, and how many more there are."""
    rows = []
    for one in files:
        errors = [each for each in one.findings if each.severity == "error"]
        if errors:
            more = f" (and {terminal.counted(len(errors) - 1, 'error')} more)" if len(errors) > 1 else ""
            rows.append((one.file, f"{_said(errors[0], Path(one.file).name)}{more}", errors[0].id))
    if rows:
        terminal.say("")
        columns = [title, "Why", "Check"]
        terminal.table(columns, rows[:MOST_ROWS], prose=columns[:2])
        if len(rows) > MOST_ROWS:
            terminal.say(f"and {terminal.counted(len(rows) - MOST_ROWS, 'file')} more")


def _said(found: Finding, file: str) -> str:
    """What a finding says: its place first, and not the name of the file again."""
    said = found.message.removeprefix(file).strip()
    place = " ".join(part for part in (found.sheet, found.cell) if part)
    return f"{place}: {said}" if place else said[:1].upper() + said[1:]


def _show_period(register: Register, period: str) -> None:
    """Who has returned, and what is open, by SHA; and who is still missing."""
    shas: dict[str, list[TrustStatus]] = {}
    for one in register.status(period):
        shas.setdefault(one.trust.sha_code, []).append(one)
    open_ones = Counter((_sha_of(one), one.finding.severity.value) for one in register.open_findings(period))
    rows = [
        (
            f"{sha} {trusts[0].trust.sha_name}",
            str(sum(one.standing is not None for one in trusts)),
            str(sum(one.standing is None for one in trusts)),
            str(open_ones[sha, "error"]),
            str(open_ones[sha, "query"]),
        )
        for sha, trusts in sorted(shas.items())
    ]
    numbers = ["Returned", "Missing", "Errors", "Queries"]
    terminal.say("")
    terminal.table([period, *numbers], rows, numbers)
    for sha, trusts in sorted(shas.items()):
        missing = [one.trust.ods_code for one in trusts if one.standing is None]
        if missing:
            terminal.say(f"Missing from {sha}: {', '.join(missing)}")


def _sha_of(one: OpenFinding) -> str:
    """The SHA whose an open finding is: its trust's, else that of the workbook."""
    trust = find_trust(one.finding.organisation) or find_trust(one.file.sha)
    return trust.sha_code if trust else one.file.sha


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
