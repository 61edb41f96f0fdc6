"""A cell of a Rating sheet before it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Cell(NamedTuple):
    """A text, or a formula where `content` begins with `=`; `value` then gives what to cache from what it is given.

    `longest` is a text that the cell must have room for, whatever it says now.
    """

    row: int
    column: int
    content: str
    style: str
    number: str = ""
    value: Callable[[Any], Any] | None = None
    longest: str = ""
