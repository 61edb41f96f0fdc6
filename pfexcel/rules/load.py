"""Finding and loading editions: those the package ships by name, a user's own by path."""

from __future__ import annotations

import hashlib
import os
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pfexcel.rules.build import build_edition
from pfexcel.rules.edition import Edition
from pfexcel.rules.problems import EditionError, Problem

SHIPPED = Path(__file__).parent / "editions"


def shipped_editions() -> tuple[str, ...]:
    """The ids of the editions that the package ships, oldest first."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


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
    if path.suffix.lower() != ".toml" and not path.is_file():
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
    content = (SHIPPED / f"{name}.toml").read_bytes()
    return build_edition(parse(content, name), name, digest(content))


@lru_cache(maxsize=16)
def _own(origin: str, content: bytes) -> Edition:
    from pfexcel.rules.schema import check_shape

    raw = parse(content, origin)
    check_shape(raw, origin)
    return build_edition(raw, origin, digest(content))


def parse(content: bytes, origin: str) -> dict[str, Any]:
    """The tables of a TOML text; EditionError with the line where it is no TOML."""
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise EditionError(
            origin, [Problem("(file)", f"this is no TOML text: {error}", "Correct it, or save it as UTF-8")]
        ) from None


def digest(content: bytes) -> str:
    """What tells one edition text from another: SHA-256, line ends apart."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()
