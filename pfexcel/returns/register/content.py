"""What was entered as text that is the same for the same content, and the digest of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pfexcel.engine.inputs import is_blank


def encode(value: Any) -> Any:
    """A value of a cell for JSON: numbers as float where that is exact, a date and the like with its kind.

    >>> encode(5), encode(date(2011, 12, 31)), encode("n/a")
    (5.0, {'date': '2011-12-31'}, 'n/a')
    """
    match value:
        case None | bool() | str():
            return value
        case int():
            return _number(value)
        case float():
            return value if value - value == 0 else {"number": str(value)}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
    return str(value)


def _number(value: int) -> Any:
    try:
        return float(value) if int(float(value)) == value else {"whole": str(value)}
    except OverflowError:
        return {"whole": str(value)}


def decode(value: Any) -> Any:
    """The value of a cell from JSON.

    >>> decode(encode(date(2011, 12, 31)))
    datetime.date(2011, 12, 31)
    """
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    match kind:
        case "date":
            return date.fromisoformat(text)
        case "moment":
            return datetime.fromisoformat(text)
        case "time":
            return time.fromisoformat(text)
        case "seconds":
            return timedelta(seconds=text)
        case "whole":
            return int(text)
    return float(text)


def encode_all(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are not blank, each for JSON."""
    return {name: encode(value) for name, value in values.items() if not is_blank(value)}


def decode_all(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values from JSON."""
    return {name: decode(value) for name, value in values.items()}


def text_of(content: Any) -> str:
    """JSON with its keys in order and in ASCII: the same text for the same content."""
    return json.dumps(content, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def digest_of(content: Any) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(text_of(content).encode("ascii")).hexdigest()


def clean(text: Any) -> str:
    """A text that any database can keep: of a file name that is no text, the odd bytes are written out.

    >>> clean("pf\\udce9.xlsx")
    'pf\\\\udce9.xlsx'
    """
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def moment_text(moment: datetime) -> str:
    """A moment in UTC, as text in the order of time; without a zone it is taken as UTC.

    >>> moment_text(datetime(2012, 1, 20, 9, 30))
    '2012-01-20T09:30:00.000000+00:00'
    """
    placed = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return placed.isoformat(timespec="microseconds")
