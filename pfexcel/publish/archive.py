"""Zip archives with the same bytes for the same content: fixed times, fixed order, fixed attributes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date

MIMETYPE = "mimetype"


def zipped(files: Mapping[str, bytes], day: date) -> bytes:
    """An archive of files in the order given, dated at the start of a day; `mimetype` is stored as it is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (max(day.year, 1980), day.month, day.day, 0, 0, 0))
            entry.create_system = 0
            entry.compress_type = zipfile.ZIP_STORED if name == MIMETYPE else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def unzipped(archive: bytes) -> dict[str, bytes]:
    """The files of an archive by name, in its order."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}
