"""The data files that the package ships, and the plain form in which they go where Python reads no TOML.

TOML is the one source. Python 3.10, which LibreOffice brings, cannot read it; a bundle for such a host has in place of
each `NAME.toml` a `NAME.json` with the same tables and the digest of the TOML text.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

_DATE = "$date"


@dataclass(frozen=True)
class DataFile:
    """The tables of a data file, and the digest of the TOML text that they stand in."""

    tables: dict[str, Any]
    digest: str


@cache
def shipped(folder: Path) -> tuple[str, ...]:
    """The names of the data files in a folder of the package, in order."""
    return tuple(sorted({path.stem for path in folder.iterdir() if path.suffix in (".toml", ".json")}))


def read_shipped(folder: Path, name: str) -> DataFile:
    """A data file of the package.

    >>> from pfexcel.rules.load import SHIPPED
    >>> read_shipped(SHIPPED, "2011-12").tables["edition"]["first_day"]
    datetime.date(2011, 4, 1)
    """
    plain = folder / f"{name}.json"
    if plain.is_file():
        return DataFile(**json.loads(plain.read_text(encoding="utf-8"), object_hook=_with_dates))
    import tomllib

    content = (folder / f"{name}.toml").read_bytes()
    return DataFile(tomllib.loads(content.decode("utf-8")), digest(content))


def plain_form(content: bytes) -> str:
    """The plain form of a TOML text: JSON that `read_shipped` reads as the same tables and digest."""
    import tomllib

    tables = tomllib.loads(content.decode("utf-8"))
    whole = {"digest": digest(content), "tables": tables}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), default=_date_as_table)


def digest(content: bytes) -> str:
    """What tells one text from another: SHA-256, line ends apart."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def _date_as_table(value: Any) -> dict[str, str]:
    if type(value) is not date:
        raise TypeError(f"{value!r} has no plain form")
    return {_DATE: value.isoformat()}


def _with_dates(table: dict[str, Any]) -> Any:
    return date.fromisoformat(table[_DATE]) if _DATE in table else table
