"""The verb `register`: what was received and what stands; merging, exporting and noting."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pfexcel import terminal
from pfexcel.commands.options import Json, RefusedError

if TYPE_CHECKING:
    from pfexcel.organisations import Trust
    from pfexcel.returns.register import Register

SETTING = "Note of --trust: lead_commissioner, action_plan_date or remark; of --period: deadline."
Act = tuple[str, Any, str]  # its name and result for JSON, the line for people


def register(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The register.")] = None,
    named: Annotated[Path | None, typer.Option("--register", help="The register, if not named first.")] = None,
    period: Annotated[str | None, typer.Option("--period", "-p", help="The period to tell of; else the last.")] = None,
    sha: Annotated[
        list[str] | None, typer.Option("--sha", help="Only this SHA's trusts (Q34); again for more.")
    ] = None,
    trust: Annotated[
        list[str] | None, typer.Option("--trust", help="An ODS code: its history; again for more.")
    ] = None,
    findings: Annotated[
        bool, typer.Option("--findings", help="List open errors and queries, of --trust or all.")
    ] = False,
    files: Annotated[bool, typer.Option("--files", help="List the files received, of --period or all.")] = False,
    merge: Annotated[
        list[Path] | None, typer.Option("--merge", help="Take in another register; again for more.")
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="WHAT=VALUE", help=SETTING)] = None,
    notes: Annotated[
        Path | None, typer.Option("--notes", help="A table: ods_code, lead_commissioner, action_plan_date, period.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who enters the notes.")] = "",
    export: Annotated[Path | None, typer.Option("--export", help="Write every table to this folder.")] = None,
    kind: Annotated[str, typer.Option("--kind", help="What --export writes: csv or parquet.")] = "csv",
    verify: Annotated[bool, typer.Option("--verify", help="See whether every entry is what was received.")] = False,
    as_json: Json = False,
) -> None:
    """Show who has returned, what is open, and a trust's history; merge registers, note, export."""
    from pfexcel.periods import Period
    from pfexcel.returns.register import Register
    from pfexcel.returns.register.schema import snapshot

    path = file or named
    if path is None or (file and named and file != named):
        raise RefusedError("Name one register, for example: pfexcel register returns.sqlite.")
    wanted = Period.parse(period).text if period is not None else None
    trusts = [_trust(code) for code in trust or ()]
    codes, areas = [one.ods_code for one in trusts], [_sha(code) for code in sha or ()]
    for source in merge or ():
        snapshot(source).close()  # before a register is made to merge it into
    with Register(path, create=bool(merge)) as opened:
        acts = [
            *_merged(opened, merge or ()),
            *_noted(opened, _settings(settings or (), codes, wanted), by),
            *_noted(opened, _table_of_notes(notes) if notes else [], by),
            *(_exported(opened, export, kind) if export else ()),
            *(_verified(opened) if verify else ()),
        ]
        views: list[tuple[str, Any]] = []
        if not acts or findings or files:
            views = list(_views(opened, wanted, trusts, areas, findings, files))
    from pfexcel.commands.register_shown import show

    if as_json:
        answers = [(name, result) for name, result, _ in acts] + views
        print(json.dumps(answers[0][1] if len(answers) == 1 else dict(answers), indent=2, default=str))
    else:
        terminal.lines(line for *_, line in acts)
        for name, view in views:
            show(name, view)
    if any(_errors(name, answer) for name, answer in [*((n, r) for n, r, _ in acts), *views]):
        raise typer.Exit(1)


def _trust(code: str) -> Trust:
    from pfexcel.organisations import find_trust

    trust = find_trust(code)
    if trust is None:
        raise RefusedError(f"{code} is no NHS trust of 2009 to 2013; give its ODS code, such as RXK.")
    return trust


def _sha(code: str) -> str:
    from pfexcel.organisations import shas

    if code.strip().upper() not in shas():
        raise RefusedError(f"SHA {code} is unknown; use one of {', '.join(shas())}.")
    return code.strip().upper()


# --- what is done ---


def _merged(opened: Register, sources: Sequence[Path]) -> Iterator[Act]:
    for source in sources:
        new = opened.merge(source)
        counts = f"{terminal.counted(new['files'], 'file')} and {terminal.counted(new['returns'], 'return')}"
        yield "merged", {"source": str(source), "new": new}, f"Merged {source}: {counts} new"


def _noted(opened: Register, notes: Sequence[tuple[str, str, str, str]], by: str) -> Iterator[Act]:
    kept = []
    for code, period, what, value in notes:
        kept.append(opened.note(what, value, ods_code=code, period=period, entered_by=by))
    if kept:
        yield (
            "noted",
            [asdict(one) for one in kept],
            f"Noted: {terminal.counted(len(kept), 'entry').replace('ys', 'ies')}",
        )


def _settings(settings: Sequence[str], codes: Sequence[str], period: str | None) -> list[tuple[str, str, str, str]]:
    found = []
    for setting in settings:
        what, equals, value = setting.partition("=")
        if not equals:
            raise RefusedError(f"--set {setting} sets nothing; write --set WHAT=VALUE.")
        if not codes and what.strip() != "deadline":
            raise RefusedError(f"Name the trust of --set {setting} with --trust.")
        for code in codes if what.strip() != "deadline" else ("",):
            found.append((code, period or "", what.strip(), value))
    return found


def _table_of_notes(path: Path) -> list[tuple[str, str, str, str]]:
    from pfexcel.engine.inputs import is_blank
    from pfexcel.returns.register import NOTES_OF_TRUSTS
    from pfexcel.tables import read_table

    frame = read_table(path)
    columns = [name for name in NOTES_OF_TRUSTS if name in frame.columns]
    if "ods_code" not in frame.columns or not columns:
        raise RefusedError(f"{path} needs a column ods_code and one of {', '.join(NOTES_OF_TRUSTS)}.")
    found = []
    for row in frame.to_dict("records"):
        period = "" if is_blank(row.get("period")) else str(row["period"])
        found += [(str(row["ods_code"]), period, name, str(row[name])) for name in columns if not is_blank(row[name])]
    return found


def _exported(opened: Register, folder: Path, kind: str) -> Iterator[Act]:
    paths = opened.export(folder, kind)
    yield "exported", [str(path) for path in paths], f"{terminal.counted(len(paths), 'table')} in {folder}"


def _verified(opened: Register) -> Iterator[Act]:
    problems = opened.verify()
    yield "problems", problems, ". ".join(problems) or "Every entry is what was received."


# --- what is shown ---


def _views(
    opened: Register,
    period: str | None,
    trusts: Sequence[Trust],
    areas: Sequence[str],
    findings: bool,
    files: bool,
) -> Iterator[tuple[str, Any]]:
    from pfexcel.commands import register_views as views

    last = period or next(reversed(opened.periods()), None)
    if files:
        yield "files", [one for one in views.files(opened, period) if not areas or one["sha"] in areas]
    if findings:
        yield "findings", views.findings(opened, last, [one.ods_code for one in trusts], areas) if last else []
    if files or findings:
        return
    if trusts:
        yield "trusts", [views.trust_history(opened, one, last) for one in trusts]
    else:
        yield "status", views.overview(opened, last, areas)


def _errors(name: str, answer: Any) -> bool:
    """Does an answer tell of errors that stand?"""
    match name:
        case "problems":
            return bool(answer)
        case "findings":
            return any(one["severity"] == "error" for one in answer)
        case "trusts":
            return any(version["errors"] for one in answer for version in one["returns"] if version["stands"])
        case "status":
            return answer["counts"]["errors"] > 0
    return False
