"""The folder of a publication: it holds one publication whole, the old one or the new one."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
MOST_NAMED = 3


def write_folder(files: Mapping[str, bytes], folder: Path, period: str) -> None:
    """Write files to a folder beside, then put it in place of `folder`: a new one, or the last publication.

    Raises:
        ValueError: for a folder that holds anything else, or another period; it is left as it is.
        OSError: where a file cannot be written or is open in another program; the older publication stays.
    """
    check_folder(folder, period)
    folder = folder.resolve()
    old = _old(folder)
    shutil.rmtree(old, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    new = place / folder.name  # made as any folder is: the one above is for its owner only
    try:
        for name, content in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if folder.exists():
            os.rename(folder, old)
        try:
            os.rename(new, folder)
        except OSError:
            if old.exists():
                os.rename(old, folder)
            raise
    finally:
        shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _old(folder: Path) -> Path:
    """Where the older publication is while folders change."""
    return folder.with_name(f".{folder.name}.old")


def check_folder(folder: Path, period: str) -> None:
    """Refuse a folder with anything in it that would be lost; ValueError says what."""
    folder = folder.resolve()
    if _old(folder).exists() and not folder.exists():
        os.rename(_old(folder), folder)  # an interrupted change of folders left it
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ValueError(f"{folder} is a file; name a folder to publish to")
    named = manifest_of(folder)
    if named and named["period"] != period:
        raise ValueError(f"{folder} holds the publication of {named['period']}; name another folder for {period}")
    here = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    own = {MANIFEST, *(entry["file"] for entry in named.get("files", ()))} if named else set()
    foreign = [name for name in here if name not in own]
    if foreign:
        first = ", ".join(foreign[:MOST_NAMED])
        raise ValueError(f"{folder} also holds {first}, which would be lost; move it, or name a new folder")


def manifest_of(folder: Path) -> dict[str, Any]:
    """What the manifest of a publication's folder says; empty where there is none that can be read."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) and "period" in said else {}
