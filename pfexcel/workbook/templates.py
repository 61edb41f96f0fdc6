"""The words and the theme of workbooks, from `workbook_templates`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parents[1]


@cache
def template(name: str) -> dict[str, Any]:
    """The tables of a template: `return`, `theme`."""
    for folder in (_PACKAGE, _PACKAGE.parent):
        path = folder / "workbook_templates" / f"{name}.toml"
        if path.is_file():
            return tomllib.loads(path.read_text(encoding="utf-8"))
    raise FileNotFoundError(f"workbook_templates/{name}.toml is missing from the installation; install pfexcel again")
