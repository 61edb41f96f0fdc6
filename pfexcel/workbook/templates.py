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
    return tomllib.loads(template_path(f"{name}.toml").read_text(encoding="utf-8"))


def template_path(file: str) -> Path:
    """Where a file of `workbook_templates` is, in an installed package or in the project."""
    for folder in (_PACKAGE, _PACKAGE.parent):
        path = folder / "workbook_templates" / file
        if path.is_file():
            return path
    raise FileNotFoundError(f"workbook_templates/{file} is missing from the installation; install pfexcel again")
