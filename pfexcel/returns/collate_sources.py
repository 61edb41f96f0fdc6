"""Where the workbooks to collate are: files, folders, and zip files, of which nothing is unpacked to disk."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pfexcel.catalogue import finding
from pfexcel.model import Finding
from pfexcel.returns.preflight import MOST_FILE_BYTES
from pfexcel.returns.preflight_parts import reaches_outside

MOST_ARCHIVE_BYTES = 500_000_000
MOST_MEMBERS = 5_000
MOST_MEMBER_BYTES = 2_000_000_000  # of all members together, unpacked
WORKBOOK, ARCHIVE = ".xlsx", ".zip"
MANIFEST = "manifest.json"  # which `pfexcel generate` leaves beside workbooks

_LEFT_OUT = ("~$", ".")  # how the names of lock files and hidden files begin
_LEFT_OUT_FOLDERS = ("__MACOSX",)
_BLOCK = 1 << 20
_NO_TIME = (1980, 1, 1)  # what a zip says where it does not know


@dataclass(frozen=True)
class Source:
    """A workbook to read: a file, or a member of a zip file.

    `shown` is where the user finds it, `name` what the register calls it; `received` is when it was last changed.
    `sha256` is empty where it is not known yet, `refused` holds the finding of what is not to be read at all.
    """

    path: Path
    shown: str
    name: str
    size: int
    received: datetime
    member: int | None = None
    sha256: str = ""
    refused: Finding | None = None

    def content(self) -> bytes:
        """Its bytes: never more than it says it has.

        Raises:
            OSError, BadZipFile and whatever a damaged zip file brings about.
        """
        if self.member is None:
            return self.path.read_bytes()
        with zipfile.ZipFile(self.path) as archive, archive.open(archive.infolist()[self.member]) as file:
            return file.read(self.size)

    def digest(self) -> str:
        """The SHA-256 of the bytes of a file, in hexadecimal."""
        with self.path.open("rb") as file:
            return _digest(file)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


@dataclass
class Found:
    """What was found: workbooks, zip files yet to be looked into, files of other kinds."""

    workbooks: list[Source] = field(default_factory=list)
    archives: list[Source] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def find(paths: Iterable[str | os.PathLike[str]], ignored: Iterable[str] = ()) -> Found:
    """Find the workbooks of files and folders, each once, but for the files `ignored` (by their real paths).

    Folders are searched with all their folders, but for hidden ones. Lock files (`~$...`) and hidden files are left
    out, links to folders not followed. A file that is named itself is taken for a workbook, whatever its ending.
    """
    found = Found()
    seen = set(ignored)
    for path in map(Path, paths):
        for one in _walk(path) if path.is_dir() else [_look(path)]:
            place = os.path.realpath(one.path)
            if place in seen:
                continue
            seen.add(place)
            kind = one.path.suffix.lower()
            if kind == ARCHIVE and one.refused is None:
                found.archives.append(one)
            elif kind == WORKBOOK or one.path == path:
                found.workbooks.append(one)
            elif one.path.name != MANIFEST:
                found.others.append(one.shown)
    return found


def _walk(folder: Path) -> Iterator[Source]:
    closed: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _LEFT_OUT_FOLDERS)
        for name in sorted([*names, *(name for name in folders if name.lower().endswith(WORKBOOK))]):
            if not name.startswith(_LEFT_OUT):
                yield _look(Path(place, name))
    for error in closed:
        yield _unreached(Path(error.filename), f"the folder cannot be searched ({error.strerror})")


def _look(path: Path) -> Source:
    try:
        found = path.stat()
    except FileNotFoundError:
        return _unreached(path, "there is no such file")
    except OSError as error:
        return _unreached(path, f"the system says: {error.strerror}")
    if not stat.S_ISREG(found.st_mode):
        return _unreached(path, "it is a folder" if stat.S_ISDIR(found.st_mode) else "it is no ordinary file")
    changed = datetime.fromtimestamp(found.st_mtime, UTC)
    one = Source(path, printable(str(path)), printable(path.name), found.st_size, changed)
    if one.size > MOST_FILE_BYTES and path.suffix.lower() != ARCHIVE:
        return replace(one, refused=finding("file-too-large", value=one.name, why=f"{one.size:,} bytes"))
    return one


def _unreached(path: Path, why: str) -> Source:
    name = printable(path.name)
    refused = finding("file-unreadable", value=name, why=why)
    return Source(path, printable(str(path)), name, 0, datetime.fromtimestamp(0, UTC), refused=refused)


def printable(text: str) -> str:
    """A name that can be shown and stored: bytes that are no text and control characters as question marks.

    >>> printable("a\\x1b[31m\\udcff.xlsx")
    'a?[31m?.xlsx'
    """
    return "".join(letter if letter.isprintable() else "?" for letter in text)


# --- zip files -------------------------------------------------------------------------------------------------------


def members(archive: Source) -> Found:
    """The workbooks in a zip file; one that cannot be opened is itself the one workbook, with the finding why.

    For a process that may die of it: a zip file can be made to take much memory.
    """
    try:
        if archive.size > MOST_ARCHIVE_BYTES:
            return _only(archive, "file-too-large", f"{archive.size:,} bytes")
        with zipfile.ZipFile(archive.path) as opened:
            entries = opened.infolist()
            size = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_MEMBERS or size > MOST_MEMBER_BYTES:
                return _only(archive, "file-too-large", f"{len(entries):,} files, {size:,} bytes unpacked")
            return _members(archive, opened)
    except MemoryError:
        raise
    except Exception as error:  # a damaged zip file can bring about anything
        why = "it is no whole zip file" if isinstance(error, zipfile.BadZipFile) else f"it is damaged ({error})"
        return _only(archive, "file-unreadable", why)


def _only(archive: Source, check: str, why: str) -> Found:
    return Found([replace(archive, refused=finding(check, value=archive.name, why=why), sha256=archive.digest())])


def _members(archive: Source, opened: zipfile.ZipFile) -> Found:
    found = Found()
    for number, entry in enumerate(opened.infolist()):
        place = printable(entry.filename.replace("\\", "/"))
        *folders, name = place.split("/")
        if not name or name.startswith(_LEFT_OUT) or any(folder in _LEFT_OUT_FOLDERS for folder in folders):
            continue
        one = replace(
            archive,
            shown=f"{archive.shown}/{place}",
            name=f"{archive.name}/{place}",
            size=entry.file_size,
            received=_changed(entry) or archive.received,
            member=number,
        )
        if Path(name).suffix.lower() in (WORKBOOK, ARCHIVE):
            found.workbooks.append(_member(one, opened, entry))
        elif name != MANIFEST:
            found.others.append(one.shown)
    return found


def _member(one: Source, opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Source:
    """The member with its digest, or with the finding that says why it is not to be read."""
    name = Path(one.name).name
    if entry.flag_bits & 1:
        return replace(one, refused=finding("file-protected", value=name))
    try:
        with opened.open(entry) as file:
            one = replace(one, sha256=_digest(file))
    except MemoryError:
        raise
    except Exception:  # a damaged zip file can bring about anything
        return replace(one, refused=finding("file-unreadable", value=name, why="it is damaged within the zip file"))
    if one.size > MOST_FILE_BYTES:
        return replace(one, refused=finding("file-too-large", value=name, why=f"{one.size:,} bytes"))
    if Path(name).suffix.lower() == ARCHIVE:
        return replace(one, refused=finding("archive-inside", value=name))
    if reaches_outside(entry.filename):
        why = "its name in the zip file would have it unpacked outside its folder"
        return replace(one, refused=finding("file-unsafe", value=name, why=why))
    return one


def _changed(entry: zipfile.ZipInfo) -> datetime | None:
    if entry.date_time[:3] == _NO_TIME:
        return None
    try:
        return datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return None
