"""Reading the tables of a rule file key by key: types, sources and marks, with every problem at its key."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pfexcel.rules.build import PROVENANCES
from pfexcel.rules.build_fields import known
from pfexcel.rules.edition import Mark
from pfexcel.rules.problems import Problems
from pfexcel.shipped import shipped

NEEDED: Any = object()


@dataclass(frozen=True)
class Marks:
    """The mark of a table, and those that some of its keys have of their own."""

    table: Mark
    own: Mapping[str, Mark] = field(default_factory=dict)

    def of(self, key: str) -> Mark:
        return self.own.get(key, self.table)


def cite(sources: Mapping[str, str], mark: Mark) -> str:
    """A reference (a key of `sources`, then the place) in full.

    >>> cite({"IG11": "Implementation guidance"}, Mark("printed", "IG11 3.7"))
    'Implementation guidance, paragraph 3.7'
    """
    key, _, place = mark.ref.partition(" ")
    source = sources[key]
    if "{}" in source:
        return source.format(place)
    if place[:1].isdigit():
        place = f"paragraph {place}"
    return f"{source}, {place}" if place else source


def own_file(name: str, folder: Path, what: str) -> bytes:
    """The content of a user's own data file; ValueError where there is none."""
    path = Path(name)
    if path.suffix.lower() != ".toml" and not os.path.isfile(name):  # also of a name that no file can have
        ids = ", ".join(shipped(folder))
        raise ValueError(f"{what} {name!r} is unknown; use one of {ids}, or the path of a TOML file")
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{what} file {name!r} cannot be read ({error.strerror}); check the path") from None


class Texts(dict[str, str]):
    """The kind of a table whose values are texts. (The kind of a list of texts is `tuple`.)"""


_TYPES = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    tuple: "a list of texts",
    dict: "a table",
    Texts: "a table of texts",
}
_MARKED = {"ref": (str, ""), "provenance": (str, ""), "marks": (Texts, {})}


class TableReader:
    """Reads tables of a data file; a key unknown, missing, of another type or without a source goes into `problems`."""

    def __init__(self, problems: Problems, sources: Iterable[str]) -> None:
        self.problems = problems
        self.sources = tuple(sources)

    def take(self, table: Any, /, **shape: tuple[type, Any]) -> dict[str, Any]:
        """The values of a table: for each key its type and default (NEEDED where there is none)."""
        if not isinstance(table, dict):
            self.problems.add(f"{table!r} is no table", "Write a table of keys and values")
            return {key: kind() if default is NEEDED else default for key, (kind, default) in shape.items()}
        for key in table.keys() - shape.keys():
            self.problems.add("this key is unknown", f"Remove it, or correct its spelling; {known('use', shape)}", key)
        return {key: self.value(table, key, *rule) for key, rule in shape.items()}

    def value(self, table: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
        value = table.get(key, default)
        if key in table and not _is(value, kind):
            self.problems.add(f"{value!r} is not {_TYPES[kind]}", "Correct the value", key)
            return kind()
        if value is NEEDED:
            self.problems.add("this key is missing", f"Add it: {_TYPES[kind]}", key)
            return kind()
        return tuple(value) if kind is tuple else value

    def marked(self, table: Any, default: Marks | None = None, /, **shape: tuple[type, Any]) -> dict[str, Any]:
        """`take`, with the table's `marks` among the values; `default` where it names no source of its own."""
        values = self.take(table, **shape, **_MARKED)
        ref, provenance, own = (values.pop(key) for key in _MARKED)
        for key in own:
            if key not in table and key not in table.get("limits", {}):
                self.problems.add(f"marks names {key!r}, which is not in the table", "Correct the name", "marks")
        if default is not None and not ref and not provenance and not own:
            return {**values, "marks": default}
        marks = {key: self.mark(*text.partition(" ")[::2]) for key, text in own.items()}
        return {**values, "marks": Marks(self.mark(provenance, ref), marks)}

    def mark(self, provenance: str, ref: str) -> Mark:
        if not provenance or not ref:
            action = 'Add provenance = "printed", "inferred" or "reconstructed" and ref = "SOURCE PARAGRAPH"'
            self.problems.add("no provenance or no ref", action)
            return Mark("reconstructed", "")
        self.one_of(provenance, PROVENANCES, "provenance")
        if ref.partition(" ")[0] not in self.sources:
            self.problems.add(f"ref {ref!r} names no source", "Begin it with a key of [sources], or add the source")
        return Mark(provenance, ref)

    def one_of(self, value: Any, allowed: Iterable[str], key: str) -> None:
        if value not in allowed:
            self.problems.add(f"{value!r} is unknown", known("Use", allowed), key)


def _is(value: Any, kind: type) -> bool:
    if kind is float:
        return type(value) in (int, float) and abs(value) < float("inf")
    if kind is tuple or kind is Texts:
        parts = value.values() if isinstance(value, dict) else value
        return type(value) is (dict if kind is Texts else list) and all(isinstance(part, str) for part in parts)
    return type(value) is kind


# --- building --------------------------------------------------------------------------------------------------------
