"""The core that a host brings along: the modules that the functions need, and the data files as plain data."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pfexcel
from pfexcel.rules import ladder, load
from pfexcel.shipped import plain_form, shipped

PACKAGE = Path(pfexcel.__file__).parent
DATA = (PACKAGE, load.SHIPPED, ladder.SHIPPED)


def core_files() -> dict[str, bytes]:
    """The files of the core by their place: modules as they are, each data file `NAME.toml` as `NAME.json`."""
    files = {path: path.read_bytes().replace(b"\r\n", b"\n") for path in core_modules()}
    for folder in DATA:
        for name in shipped(folder):
            files[folder / f"{name}.json"] = plain_form((folder / f"{name}.toml").read_bytes()).encode()
    return {path.relative_to(PACKAGE.parent).as_posix(): files[path] for path in sorted(files)}


def core_modules() -> list[Path]:
    """The modules that the functions import, directly or not, but for those that need a library.

    An import within a function counts, one for type checkers does not. A module that imports a library when it is
    loaded (the one that checks a file of one's own) stays out, and who imports it says so to the user.
    """
    found: dict[Path, None] = {}
    waiting = ["pfexcel.functions"]
    while waiting:
        path = _file(waiting.pop())
        if path is None or path in found:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(_is_library(name) for name in imports(tree.body)):
            continue
        found[path] = None
        for name in imports(in_use(tree)):
            parts = name.split(".")
            waiting += [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return sorted(found)


def _file(module: str) -> Path | None:
    """Where a module of the package stands; None for what is no module of it."""
    place = PACKAGE.parent / Path(*module.split("."))
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file() and path.is_relative_to(PACKAGE):
            return path
    return None


def _is_library(module: str) -> bool:
    top = module.partition(".")[0]
    return top != PACKAGE.name and top not in sys.stdlib_module_names


def imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The modules, and the names in them, that these statements import."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def in_use(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only type checkers see."""
    yield node
    seen_by_checkers = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    for child in node.orelse if seen_by_checkers else ast.iter_child_nodes(node):  # type: ignore[attr-defined]
        yield from in_use(child)
