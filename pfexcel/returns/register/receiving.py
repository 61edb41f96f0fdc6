"""Taking a file in: what its reading brought becomes entries of the register, all of them in one transaction."""

from __future__ import annotations

from datetime import datetime

from pfexcel.returns.read import ReturnFile
from pfexcel.returns.register.records import Received


def received_from(read: ReturnFile, *, sha256: str, size: int, received: datetime, name: str | None = None) -> Received:
    """What a file as read brings to the register; a plain record that can be sent between processes.

    Args:
        read: the file as read by `pfexcel.read_return`.
        sha256, size, received: see `Received`.
        name: None takes that of the file.
    """
    raise NotImplementedError
