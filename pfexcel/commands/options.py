"""What several verbs of the command line share: their options, and how a verb says that nothing could be done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]
EditionOption = Annotated[str, typer.Option("--edition", "-e", help="An edition's id, or the path of a TOML file.")]
OptionalEdition = Annotated[
    str | None, typer.Option("--edition", "-e", help="Rate by this edition instead of the one the file names.")
]
Period = Annotated[str, typer.Option("--period", "-p", help="A quarter such as 2011-12-Q3, or a month: 2012-13-M07.")]
KeyFile = Annotated[Path | None, typer.Option("--key", help="The key file that the workbooks were sealed with.")]


class RefusedError(Exception):
    """Nothing could be done; the message is the one sentence that says why."""


def read_key_file(path: Path | None) -> bytes | None:
    """The secret of a key file; None without one."""
    from pfexcel.workbook.seal import read_key

    return read_key(path) if path else None
