"""Publications as the register keeps them: the files themselves, so that any can be given out again to the same bytes.

A later version of this program, or of a library it writes with, may write the same tables in other bytes. So what was
published is kept whole, compressed, with the publication's records among its files.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cached_property

from pfexcel.periods import Period
from pfexcel.publish.archive import unzipped, zipped
from pfexcel.publish.publication import Publication, from_json
from pfexcel.returns.register import Register

RECORDS = "publication.json"


@dataclass(frozen=True)
class Stored:
    """One publication of a period: its number and its files by name."""

    revision: int
    files: dict[str, bytes]

    @cached_property
    def publication(self) -> Publication:
        """What it says, as records."""
        return from_json(self.files[RECORDS].decode("utf-8"))


def stored(register: Register, period: Period) -> list[Stored]:
    """The publications of a period, the first one first.

    Raises:
        ValueError: for one that is not what was published.
    """
    kept = sorted(register.publications(period), key=lambda one: (one.content["revision"], one.made))
    found = []
    for one in kept:
        archive = base64.b64decode(one.content["archive"])
        if hashlib.sha256(archive).hexdigest() != one.content["sha256"]:
            raise ValueError(f"publication {one.content['revision']} of {period.text} is damaged in the register")
        found.append(Stored(one.content["revision"], unzipped(archive)))
    return found


def keep(register: Register, publication: Publication, files: dict[str, bytes]) -> None:
    """Keep a publication in the register, in one transaction."""
    archive = zipped(files, publication.published)
    content = {
        "revision": publication.revision,
        "published": publication.published.isoformat(),
        "sha256": hashlib.sha256(archive).hexdigest(),
        "archive": base64.b64encode(archive).decode("ascii"),
    }
    made = datetime.combine(publication.published, time(), UTC)
    register.record_publication(publication.period.text, made, content)
