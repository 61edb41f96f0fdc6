"""A publication as compact JSON: records as arrays, each text once.

`{"records": {name: [[field, kind], ...]}, "texts": [...], "publication": [...]}`. A kind is `text` (the number of a
text in `texts`), `plain` (a number, true or false), or the name of a record; `*` after it says a list of these. None
stays null. The page undoes it (`assets/js/data.js`) by the same field lists, so that a new field needs no change.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from pfexcel.publish.publication import Publication

TEXT, PLAIN, LIST = "text", "plain", "*"
Packed = dict[str, Any]


def pack(publication: Publication) -> Packed:
    """The publication with records as arrays and texts by number, in the order in which they first come."""
    texts: dict[str, int] = {}
    records: dict[str, list[list[str]]] = {}
    _describe(Publication, records)
    return {"records": records, "publication": _packed(publication, texts), "texts": list(texts)}


def _describe(record: Any, records: dict[str, list[list[str]]]) -> None:
    own = records[_name(record)] = []
    hints = get_type_hints(record)
    for one in fields(record):
        kind = hints[one.name]
        own.append([one.name, _kind(kind)])
        bare = _bare(kind)
        if is_dataclass(bare) and _name(bare) not in records:
            _describe(bare, records)


def _kind(hint: Any) -> str:
    bare = _bare(hint)
    name = _name(bare) if is_dataclass(bare) else TEXT if bare in (str, date) else PLAIN
    return name + LIST * (get_origin(_required(hint)) is tuple)


def _name(record: Any) -> str:
    return record.__name__


def _required(hint: Any) -> Any:
    """The kind of a value that is not None."""
    if get_origin(hint) is UnionType:
        return next(one for one in get_args(hint) if one is not type(None))
    return hint


def _bare(hint: Any) -> Any:
    """The kind of a value, or of the values in a list."""
    hint = _required(hint)
    return get_args(hint)[0] if get_origin(hint) is tuple else hint


def _packed(value: Any, texts: dict[str, int]) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return texts.setdefault(value, len(texts))
        case date():
            return texts.setdefault(value.isoformat(), len(texts))
        case tuple():
            return [_packed(one, texts) for one in value]
    return [_packed(getattr(value, one.name), texts) for one in fields(value)]
