"""What the verb `register` prints for people, from the same data that programs get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pfexcel import terminal

View = Mapping[str, Any]
MOST_CHANGES = 12


def show(name: str, view: Any) -> None:
    """Print one view."""
    {"status": _status, "trusts": _trusts, "findings": _findings, "files": _files}[name](view)


def _status(view: View) -> None:
    counts, period = view["counts"], view["period"]
    held = terminal.counted(view["files"], "file")
    if period is None:
        terminal.say(f"{held} received, no return yet.")
        return _unreadable(view)
    trusts = sorted(view["trusts"], key=lambda one: (one["sha"], one["ods_code"]))
    absent = [one for one in trusts if one["state"] != "returned"]
    returned = [one for one in trusts if one["state"] == "returned"]
    if absent:
        rows = [(*_who(one), _STATES[one["state"]], *_last_good(one)) for one in absent]
        terminal.table(
            ["SHA", "Trust", "Name", "Return", "Last good", "Received"], rows, title="Not returned", cut="Name"
        )
        terminal.say("")
    if returned:
        rows = [
            (
                *_who(one),
                _day(one["return"]["received"]) + (" late" if one["return"]["late"] else ""),
                *(str(one[level] or "") for level in ("errors", "queries")),
                one["last_good"]["period"] if one["last_good"] else "none",
            )
            for one in returned
        ]
        columns = ["SHA", "Trust", "Name", "Received", "Errors", "Queries", "Last good"]
        terminal.table(columns, rows, ["Errors", "Queries"], "Returned", cut="Name")
        terminal.say("")
    of = counts["returned"] + counts["blank"] + counts["missing"]
    came = f"{counts['returned']} of {terminal.counted(of, 'trust')} returned"
    terminal.say(f"{period}: {came}. {held} received in all.")
    terminal.say(f"Open: {terminal.counted(counts['errors'], 'error')}, {_queries(counts['queries'])}.")
    _unreadable(view)


_STATES = {"blank": "blank sheet", "missing": "none"}


def _who(one: View) -> tuple[str, str, str]:
    return one["sha"], one["ods_code"], one["name"].removesuffix(" NHS Trust")


def _last_good(one: View) -> tuple[str, str]:
    last = one["last_good"]
    return (last["period"], _day(last["received"])) if last else ("none", "")


def _unreadable(view: View) -> None:
    if view["unreadable"]:
        terminal.say(f"Files that could not be read: {', '.join(view['unreadable'])}.")


def _queries(number: int) -> str:
    return f"{number} {'query' if number == 1 else 'queries'}"


# --- one trust ---


def _trusts(views: Sequence[View]) -> None:
    for number, view in enumerate(views):
        if number:
            terminal.say("")
        _trust(view)


def _trust(view: View) -> None:
    terminal.say(f"{view['ods_code']} {view['name']} ({view['trust_type']}), {view['sha']} {view['sha_name']}")
    if view["note"]:
        terminal.say(view["note"][:1].upper() + view["note"][1:] + ".")
    for one in view["notes"]:
        what, of = one["what"].replace("_", " ").capitalize(), f" for {one['period']}" if one["period"] else ""
        by = f" by {one['entered_by']}" if one["entered_by"] else ""
        terminal.say(f"{what}{of}: {_value(one['value'])} (entered{by}, {_day(one['entered'])})")
    if not view["returns"]:
        terminal.say("No return in the register.")
    for name, stages in view["domains"].items():
        terminal.say("")
        rows = [(one["period"], one["reported"], one["category"], _count(one), _led(one)) for one in stages]
        columns = ["Period", "Reported", "In force", "In a row", "Who leads, and what comes next"]
        terminal.table(columns, rows, ["In a row"], view["titles"].get(name, name), [*columns[1:3], columns[4]])
    if view["returns"]:
        terminal.say("")
        _versions(view["returns"])


def _count(stage: View) -> str:
    return str(stage["consecutive"] or "")


def _led(stage: View) -> str:
    from pfexcel.workbook.history import due_words

    lead = f"Lead: {stage['lead']}. " if stage["lead"] != "none" else ""
    return lead + (f"Next: {stage['next_step']}{due_words(stage['due'])}." if stage["next_step"] else "")


def _versions(returns: Sequence[View]) -> None:
    rows = [
        (
            one["period"],
            _day(one["received"]) + (" late" if one["late"] else ""),
            "stands" if one["stands"] else "replaced",
            *(str(one[name] or "") for name in ("missing_entries", "errors", "queries")),
            one["file"],
        )
        for one in returns
    ]
    columns = ["Period", "Received", "State", "Missing", "Errors", "Queries", "File"]
    terminal.table(columns, rows, columns[3:6], "Returns", ["File"])
    for one in returns:
        for made in one["declarations"]:
            when = _day(made["declared_on"]) if made["declared_on"] else "date not given"
            said = f"{made['declared_by'] or 'name not given'}, {when}, {made['reference'] or 'no reference'}"
            terminal.say(f"Declared in {one['period']} for {made['domain']}: {made['category']}, by {said}")
    for one in returns:
        if one["differences"]:
            terminal.say("")
            _changes(one)


def _changes(one: View) -> None:
    shown = one["differences"][:MOST_CHANGES]
    labels = {"figure": "{}", "comment": "{}: comment", "sign-off": "Sign-off: {}"}
    rows = [(labels[d["kind"]].format(d["label"]), _value(d["earlier"]), _value(d["later"])) for d in shown]
    title = f"{one['period']}: what the return of {_day(one['received'])} changed"
    terminal.table(["Entry", "Before", "After"], rows, title=title, prose=["Entry", "Before", "After"])
    if len(one["differences"]) > len(shown):
        terminal.say(f"... and {len(one['differences']) - len(shown)} more (--json shows all)")


def _value(value: Any) -> str:
    if value is None:
        return "blank"
    if isinstance(value, float):
        return f"{value:,.10g}"
    try:
        return _day(value)
    except (TypeError, ValueError):
        return str(value)


def _day(moment: str) -> str:
    return (
        f"{datetime.fromisoformat(moment):%d/%m/%Y}" if len(moment) > 10 else f"{date.fromisoformat(moment):%d/%m/%Y}"
    )


# --- findings and files ---


def _findings(found: Sequence[View]) -> None:
    rows = [
        (
            one["severity"],
            one["organisation"],
            one["sheet"],
            one["cell"],
            f"{one['message']}. {one['action']}.",
            one["id"],
        )
        for one in found
    ]
    if rows:
        columns = ["Severity", "Trust", "Sheet", "Cell", "What, and what to do", "Check"]
        terminal.table(columns, rows, prose=["What, and what to do"])
    errors = sum(one["severity"] == "error" for one in found)
    terminal.say(f"Open: {terminal.counted(errors, 'error')}, {_queries(len(found) - errors)}.")


def _files(files: Sequence[View]) -> None:
    rows = [
        (
            f"{datetime.fromisoformat(one['received']):%d/%m/%Y %H:%M}",
            one["period"] or ("not read" if not one["readable"] else ""),
            one["sha"],
            str(len(one["trusts"]) or ""),
            str(len(one["findings"]) or ""),
            one["name"],
        )
        for one in files
    ]
    columns = ["Received (UTC)", "Period", "SHA", "Returns", "Findings", "File"]
    terminal.table(columns, rows, ["Returns", "Findings"], prose=["File"])
    terminal.say(f"{terminal.counted(len(files), 'file')} received.")
