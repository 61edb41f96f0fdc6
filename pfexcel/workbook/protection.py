"""Protection of sheets and workbook structure, with SHA-512 where there is a password.

XlsxWriter knows only the 16-bit hash of old and no lock of the structure, so both are put into the parts it made.
Anyone can take a protection off: it keeps users from slips. What was changed is found by the seal.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import lru_cache

from pfexcel.workbook.parts import Parts

SPINS = 100_000

_SHEET = re.compile(rb"<sheetProtection ")
_END_OF_DATA = re.compile(rb"</sheetData>|<sheetData/>")
_SETTINGS = re.compile(rb"<workbookPr\b[^>]*/>")
_PLAIN = b'<sheetProtection sheet="1" objects="1" scenarios="1"/>'


@lru_cache(maxsize=8)
def password_hash(password: str, edition: str, period: str) -> tuple[str, str]:
    """The hash of a password and its salt, in Base64, worked out once a run.

    The salt follows from password, edition and period, so that the same arguments give the same file. The hash is that
    of ECMA-376 part 1, 18.3.1.85: SHA-512 of salt and password in UTF-16, then of itself and a counter, SPINS times.
    """
    salt = hashlib.sha256("\0".join((password, edition, period)).encode()).digest()[:16]
    spun = hashlib.sha512(salt + password.encode("utf-16-le")).digest()
    for spin in range(SPINS):
        spun = hashlib.sha512(spun + spin.to_bytes(4, "little")).digest()
    return b64encode(spun).decode(), b64encode(salt).decode()


def protect(parts: Parts, password: str, edition: str, period: str) -> None:
    """Protect every sheet and the structure of a workbook; what a sheet permits stays permitted.

    Args:
        parts: what XlsxWriter made; changed in place.
        password: without it no hash is written, and anyone can take the protection off with two clicks.
        edition: the edition, for the salt.
        period: the period, for the salt.
    """
    sheet_hash = structure_hash = b""
    if password:
        found, salt = password_hash(password, edition, period)
        names = ("algorithmName", "hashValue", "saltValue", "spinCount")
        pairs = list(zip(names, ("SHA-512", found, salt, str(SPINS)), strict=True))
        sheet_hash = b"".join(f'{name}="{value}" '.encode() for name, value in pairs)
        structure_hash = b"".join(f'workbook{name[0].upper()}{name[1:]}="{value}" '.encode() for name, value in pairs)
    for name, content in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            if _SHEET.search(content) is None:
                content = _END_OF_DATA.sub(lambda end: end[0] + _PLAIN, content, count=1)
            parts[name] = _SHEET.sub(lambda start: start[0] + sheet_hash, content, count=1)
    lock = b"<workbookProtection " + structure_hash + b'lockStructure="1"/>'
    book = parts["xl/workbook.xml"]
    parts["xl/workbook.xml"] = _SETTINGS.sub(lambda settings: settings[0] + lock, book, count=1)
