"""Publishing a period: from the register to a folder of files, and what was published kept in the register."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pfexcel.periods import Period
from pfexcel.publish.build import build_publication
from pfexcel.publish.files import publication_files
from pfexcel.publish.folder import MANIFEST, check_folder, write_folder
from pfexcel.publish.publication import Publication, Revision
from pfexcel.publish.revisions import changes, content
from pfexcel.publish.stored import Stored, keep, stored
from pfexcel.returns.register import Register


@dataclass(frozen=True)
class Published:
    """What was published where: `new` where it was not published before, as a first publication or a revision."""

    publication: Publication
    folder: Path
    files: tuple[Path, ...]
    new: bool

    @property
    def manifest(self) -> Path:
        return self.folder / MANIFEST


def publish(
    register: str | os.PathLike[str] | Register,
    period: str | Period,
    out: str | os.PathLike[str],
    *,
    published: date | None = None,
    notice: str | None = None,
    replay: int | None = None,
    jobs: int = 1,
) -> Published:
    """Publish a period: workbook, ODS, CSV, dashboard, and an advance copy for each SHA.

    Where nothing changed since the period was last published, the same files are written again; where something did,
    a new revision with what it changed. Each publication is kept in the register.

    Args:
        register: the register, or its path.
        period: the period, such as `2011-12-Q3`.
        out: the folder to publish to: a new one, or one with an older publication.
        published: the day of publication of a new revision; None is today.
        notice: a remark for every first page; None is that of the last publication, empty for none.
        replay: the number of an earlier revision to write again, to the same bytes.
        jobs: how many processes write at once.

    Raises:
        ValueError: for a period without a return, a revision that is none, or a folder with other files in it.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraphs 2 and 4: results are
    published in The Quarter, SHAs are notified of theirs in advance.
    """
    wanted = period if isinstance(period, Period) else Period.parse(period)
    folder = Path(out)
    check_folder(folder, wanted.text)
    with _opened(register) as opened:
        before = stored(opened, wanted)
        if replay is not None:
            chosen, new = _replayed(before, wanted, replay), False
        else:
            if notice is None:
                notice = before[-1].publication.notice if before else ""
            made = build_publication(opened, wanted, published or date.today(), notice)
            chosen, new = _revised(before, made, jobs)
            if new:
                keep(opened, chosen.publication, chosen.files)
    write_folder(chosen.files, folder, wanted.text)
    return Published(chosen.publication, folder, tuple(folder / name for name in chosen.files), new)


@contextmanager
def _opened(register: str | os.PathLike[str] | Register) -> Iterator[Register]:
    if isinstance(register, Register):
        yield register
        return
    with Register(register, create=False) as opened:
        yield opened


def _replayed(before: Sequence[Stored], period: Period, revision: int) -> Stored:
    found = next((one for one in before if one.revision == revision), None)
    if found is None:
        has = f"it has {', '.join(str(one.revision) for one in before)}" if before else "it was never published"
        raise ValueError(f"{period.text} has no revision {revision} to replay; {has}")
    return found


def _revised(before: Sequence[Stored], made: Publication, jobs: int) -> tuple[Stored, bool]:
    """The last publication where it says the same, else a new revision."""
    last = before[-1] if before else None
    if last is not None and content(last.publication) == content(made):
        return last, False
    number = last.revision + 1 if last else 1
    changed = tuple(changes(last.publication, made)) if last else ()
    own = Revision(number, made.published, made.register_digest, changed)
    earlier = last.publication.revisions if last else ()
    made = replace(made, revision=number, revisions=(*earlier, own))
    return Stored(number, publication_files(made, jobs)), True
