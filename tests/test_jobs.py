"""Several processes write the same bytes as one."""

from pathlib import Path

import pytest

import pfexcel


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    shas = ["Q32", "Q37", "Q38"]
    values = {"RXH": {"ytd_surplus": 120.5}}
    for jobs in (1, 2):
        pfexcel.build_returns("2011-12", "2011-12-Q3", tmp_path / str(jobs), sha=shas, values=values, jobs=jobs)
    assert written(tmp_path / "1") == written(tmp_path / "2")
    assert len(written(tmp_path / "1")) == 4


def test_codes_may_follow_one_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pfexcel import cli

    command = ["pfexcel", "generate", "-e", "2011-12", "-p", "2011-12-Q3", "-o", str(tmp_path), "--sha", "q37", "Q38"]
    monkeypatch.setattr("sys.argv", command)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 0
    assert [path.name.split("_")[2] for path in sorted(tmp_path.glob("*.xlsx"))] == ["Q37", "Q38"]
