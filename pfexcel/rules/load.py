"""Finding and loading editions: those the package ships by name, a user's own by path."""

from __future__ import annotations

import os
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pfexcel.rules.build import build_edition
from pfexcel.rules.edition import Edition
from pfexcel.rules.problems import EditionError, Problem
from pfexcel.shipped import digest, read_shipped, shipped

SHIPPED = Path(__file__).parent / "editions"


def shipped_editions() -> tuple[str, ...]:
    """The ids of the editions that the package ships, oldest first."""
    return shipped(SHIPPED)


def load_edition(edition: str | os.PathLike[str] | Edition) -> Edition:
    """Load an edition by its id (`"2011-12"`) or from the path of a TOML file of your own.

    A file of your own is checked whole: unknown keys, undefined names, weights that do not add up, numbers without
    provenance.

    Raises:
        EditionError: (a ValueError) for a file with something wrong; it lists every problem with its key and what to
        do.
        ValueError: for an id that is neither shipped nor an existing file.

    >>> load_edition("2011-12").title
    'NHS Performance Framework 2011/12'
    """
    if isinstance(edition, Edition):
        return edition
    name = os.fspath(edition)
    if name in shipped_editions():
        return _shipped(name)
    path = Path(name)
    if path.suffix.lower() != ".toml" and not os.path.isfile(name):  # also of a name that no file can have
        raise ValueError(
            f"edition {name!r} is unknown; use one of {', '.join(shipped_editions())}, or the path of a TOML file"
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"edition file {name!r} cannot be read ({error.strerror}); check the path") from None
    return _own(name, content)


@cache
def _shipped(name: str) -> Edition:
    file = read_shipped(SHIPPED, name)
    return build_edition(file.tables, name, file.digest)


@lru_cache(maxsize=16)
def _own(origin: str, content: bytes) -> Edition:
    raw = parse(content, origin)
    try:
        from pfexcel.rules.schema import check_shape
    except ModuleNotFoundError:
        raise _not_here(origin, "it lacks the library pydantic, which checks the file") from None
    check_shape(raw, origin)
    return build_edition(raw, origin, digest(content))


def parse(content: bytes, origin: str) -> dict[str, Any]:
    """The tables of a TOML text; EditionError with the line where it is no TOML."""
    try:
        import tomllib
    except ModuleNotFoundError:
        raise _not_here(origin, "it is older than 3.11 and reads no TOML") from None
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise EditionError(
            origin, [Problem("(file)", f"this is no TOML text: {error}", "Correct it, or save it as UTF-8")]
        ) from None


def _not_here(origin: str, reason: str) -> EditionError:
    message = f"the Python of this program ({sys.version.split()[0]}) cannot use a file of your own: {reason}"
    action = "Use one of the editions and ladders that pfexcel brings, or rate with the command pfexcel"
    return EditionError(origin, [Problem("(file)", message, action)])
