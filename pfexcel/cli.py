"""The command line: one verb a job."""

from __future__ import annotations

import io
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pfexcel import terminal
from pfexcel.commands import functions
from pfexcel.commands.collate import collate
from pfexcel.commands.options import EditionOption, Json, KeyFile, OptionalEdition, Period, RefusedError, read_key_file
from pfexcel.commands.publish import publish
from pfexcel.commands.register import register
from pfexcel.rules.problems import EditionError

app = typer.Typer(
    name="pfexcel",
    help="The NHS Performance Framework, 2009 to 2013: return workbooks, ratings and explanations from one rulebook.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(functions.app, name="functions")


@app.command()
def editions(
    diff: Annotated[
        tuple[str, str] | None, typer.Option("--diff", help="Show what changed from one to another.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the editions of the rulebook, or what changed between two."""
    from pfexcel.rules.load import load_edition, shipped_editions

    if diff is not None:
        from pfexcel.rules.diff import diff_editions

        terminal.show_changes(diff_editions(load_edition(diff[0]), load_edition(diff[1])), as_json)
        return
    terminal.show_editions([load_edition(name) for name in shipped_editions()], as_json)


@app.command()
def generate(
    edition: EditionOption,
    period: Period,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")],
    sha: Annotated[
        list[str] | None, typer.Option("--sha", help="An SHA's code (Q34); again for more. All, if none.")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", help="One workbook for each: sha, cluster (from October 2011) or trust.")
    ] = "sha",
    of_register: Annotated[
        Path | None,
        typer.Option("--register", help="A register: the periods before and last period's figures come from it."),
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option("--history", help="A table of earlier periods: ods_code, period, finance, quality, ..."),
    ] = None,
    values: Annotated[
        Path | None, typer.Option("--values", help="A CSV, XLSX or Parquet table with ods_code and entry columns.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option("--previous", help="A table like --values with last period's figures, to compare.")
    ] = None,
    deadline: Annotated[datetime | None, typer.Option("--deadline", formats=["%Y-%m-%d"], help="Return by.")] = None,
    password: Annotated[str, typer.Option("--password", help="Takes the protection of sheets off; none if none.")] = "",
    key: Annotated[
        Path | None, typer.Option("--key", help="A file with a secret of 16 bytes or more, to seal the workbooks with.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many processes write at once.")] = 1,
    more: Annotated[list[str] | None, typer.Argument(metavar="[SHA]...", help="More codes, after --sha.")] = None,
    as_json: Json = False,
) -> None:
    """Make the return workbooks of a period for the trusts in scope, and manifest.json."""
    from pfexcel.tables import read_values
    from pfexcel.workbook.generate import build_returns

    figures = read_values(values) if values else None
    before, last = _of_register(of_register, edition, period) if of_register else (None, None)
    before = _history(history, edition, period) if history else before
    progress = None if as_json else terminal.progress("Writing")
    last = read_values(previous) if previous else last
    if more and not sha:
        raise RefusedError(f"{more[0]} is no option; name SHAs after --sha.")
    codes = [code.upper() for code in (*(sha or ()), *(more or ()))] or None
    built = build_returns(
        edition,
        period,
        out,
        codes,
        by,
        values=figures,
        history=before,
        previous=last,
        deadline=_day(deadline),
        progress=progress,
        password=password,
        key=read_key_file(key),
        jobs=jobs,
    )
    if as_json:
        print(built.manifest.read_text(encoding="utf-8"), end="")
        return
    terminal.lines(built.notes)
    terminal.say(f"{terminal.counted(len(built.files), 'workbook')} and manifest.json in {out}")


def _of_register(path: Path, edition: str, period: str) -> Any:
    """What a register knows of the periods before: their categories, and the last one's figures."""
    from pfexcel.periods import period_of
    from pfexcel.returns.register import Register
    from pfexcel.rules.load import load_edition

    wanted = period_of(load_edition(edition), period)
    with Register(path, create=False) as register:
        return register.history(wanted), register.previous(wanted)


def _history(path: Path, edition: str, period: str) -> Any:
    from pfexcel.periods import period_of
    from pfexcel.rules.load import load_edition
    from pfexcel.workbook.history import read_history

    rules = load_edition(edition)
    return read_history(path, rules, period_of(rules, period))


def _day(deadline: datetime | None) -> date | None:
    return deadline.date() if deadline else None


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Returned workbooks.")],
    edition: OptionalEdition = None,
    key: KeyFile = None,
    as_json: Json = False,
) -> None:
    """List what is wrong with returned workbooks: what, where, why and what to do."""
    from pfexcel.returns.read import read_return

    secret = read_key_file(key)
    read = [read_return(file, edition, integrity=True, key=secret) for file in files]
    terminal.show_findings(read, as_json)
    if not any(one.readable for one in read):
        reasons = [f"{one.findings[0].message}." for one in read if one.findings]
        raise RefusedError(" ".join(reasons) or "No file was read.")
    if any(found.severity == "error" for one in read for found in one.findings):
        raise typer.Exit(1)


@app.command()
def rate(
    table: Annotated[Path, typer.Argument(help="A CSV, XLSX or Parquet table: one return a row, entries as columns.")],
    edition: EditionOption = "2011-12",
    trust_type: Annotated[str | None, typer.Option("--type", "-t", help="acute, ambulance or mental-health.")] = None,
    period: Annotated[str | None, typer.Option("--period", "-p", help="The period, if no column says it.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write CSV, XLSX or Parquet instead of printing.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Rate a table of inputs: scores and categories, one row a return."""
    from pfexcel.engine.bulk import rate_table
    from pfexcel.tables import read_table, write_table

    frame = read_table(table)
    rated = rate_table(edition, trust_type, frame, period)
    keys = [name for name in ("ods_code", "name", "period", "trust_type") if name in frame.columns]
    rated = frame[keys].join(rated) if keys else rated
    if out is not None:
        write_table(rated, out)
        terminal.say(f"{len(rated)} returns rated: {out}")
    elif as_json:
        print(rated.to_json(orient="records"))
    else:
        terminal.show_table(rated, keys)


app.command()(register)


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(help="A returned workbook.")],
    trust: Annotated[list[str] | None, typer.Option("--trust", help="An ODS code (RXK); again for more.")] = None,
    edition: OptionalEdition = None,
    as_json: Json = False,
) -> None:
    """Explain how each rating of a workbook came about, step by step, with references."""
    from pfexcel.returns.read import read_return

    read = read_return(file, edition)
    if not read.readable:
        raise RefusedError(f"{read.findings[0].message}.")
    codes = [one.ods_code for one in read.returns]
    wanted = [code.strip().upper() for code in trust or codes]
    for code in wanted:
        if code not in codes:
            raise RefusedError(f"{file} holds no return of {code}; it holds {', '.join(codes)}.")
    chosen = [one for one in read.returns if one.ods_code in wanted]
    if as_json:
        print(json.dumps({one.ods_code: [vars(step) for step in one.rating.steps] for one in chosen}, indent=2))
        return
    for one in chosen:
        terminal.show_explanation(one, read.period or "")


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")] = Path("demo"),
) -> None:
    """Show the whole way with sample figures: generate for all England, fill in, read back, rate."""
    from pfexcel.demo import run_demo

    run_demo(out)


app.command()(collate)
app.command()(publish)


def main() -> None:
    """Run the command line: exit status 0 done, 1 done with errors found, 2 nothing could be done."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # a minus sign has no place in the code page of Windows
    command: Any = typer.main.get_command(app)
    try:
        status = command.main(prog_name="pfexcel", standalone_mode=False)
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        if isinstance(error, EditionError) and len(error.problems) > 1:
            terminal.lines(str(error).splitlines())
        print(sentence, file=sys.stderr)
        status = 2
    sys.exit(status or 0)


def _sentence(error: Exception) -> str | None:
    """What to say of an error that a user can do something about; None for a fault of our own."""
    if isinstance(error, typer.Abort):
        return "Stopped."
    usage = getattr(error, "format_message", None)
    if usage is not None:
        return f"{usage().rstrip('.')}. See pfexcel --help."
    if isinstance(error, EditionError) and len(error.problems) > 1:
        return f"{error.origin} cannot be used: it has {len(error.problems)} problems."
    if isinstance(error, RefusedError | ValueError):
        return " ".join(str(error).split())
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'} cannot be used: {error.strerror or error}."
    if type(error).__module__ == "sqlite3" and type(error).__name__ in ("DatabaseError", "OperationalError"):
        return f"The register cannot be used: {str(error).rstrip('.')}."
    return None


if __name__ == "__main__":
    main()
