"""The plain form of the package's data files: what a host whose Python reads no TOML has in their place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pfexcel import catalogue
from pfexcel.rules import ladder, load, monitor
from pfexcel.shipped import digest, plain_form, read_shipped, shipped

FOLDERS = {Path(catalogue.__file__).parent, load.SHIPPED, ladder.SHIPPED, monitor.SHIPPED}
FILES = sorted(path for folder in FOLDERS for path in folder.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_plain_form_reads_as_the_same_tables(path: Path, tmp_path: Path) -> None:
    (tmp_path / f"{path.stem}.json").write_text(plain_form(path.read_bytes()), encoding="utf-8")
    from_json, from_toml = read_shipped(tmp_path, path.stem), read_shipped(path.parent, path.stem)
    assert repr(from_json) == repr(from_toml)
    assert from_json.digest == digest(path.read_bytes())


def test_the_plain_form_goes_by_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(plain_form(b"weight = 1"), encoding="utf-8")
    shutil.copy(load.SHIPPED / "2011-12.toml", tmp_path)
    assert shipped(tmp_path) == ("2011-12", "mine")


def test_an_edition_is_the_same_from_either() -> None:
    text = (load.SHIPPED / "2011-12.toml").read_bytes()
    assert load.load_edition("2011-12").digest == digest(text) == digest(text.replace(b"\n", b"\r\n"))
