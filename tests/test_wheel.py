"""The built wheel works by itself: editions, templates and tables are in it, and it runs from any folder."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path) -> str:
    """Run a program away from the project, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    ended = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-index"]
    run(*pip, "--no-build-isolation", "--wheel-dir", folder, PROJECT, folder=folder)
    [path] = folder.glob("pfexcel-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment with this wheel and, from the one at hand, the libraries it needs."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", programs / "python"]
    run(*pip, "install", "--no-deps", "--no-index", wheel, folder=folder)
    own = run(programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder)
    # As a line in a .pth file: the editable install of this project, itself a .pth file over there, is not followed.
    Path(own.strip(), "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return programs


def test_all_data_are_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    data = {
        path.relative_to(PROJECT).as_posix()
        for folder in ("pfexcel", "udfs")
        for path in (PROJECT / folder).rglob("*")
        if path.suffix in (".toml", ".csv", ".py", ".bas", ".cls", ".html", ".css", ".js")
    }
    templates = {f"pfexcel/workbook_templates/{path.name}" for path in (PROJECT / "workbook_templates").iterdir()}
    assert data | templates <= inside


def test_nothing_but_the_packages_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert tops == {"pfexcel", "udfs", "-".join(wheel.name.split("-")[:2]) + ".dist-info"}


def test_the_installed_package_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import pfexcel; print(pfexcel.__file__)", folder=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_the_installed_program_works_in_any_folder(installed: Path, tmp_path: Path) -> None:
    options = ["--edition", "2012-13", "--period", "2012-13-M07", "--sha", "Q38", "--out", "out"]
    assert "1 workbook and manifest.json in out" in run(installed / "pfexcel", "generate", *options, folder=tmp_path)
    assert [path.name for path in (tmp_path / "out").glob("*.xlsx")] == ["pf-return_2012-13-M07_Q38_south-central.xlsx"]
    assert "2009-10" in run(installed / "python", "-m", "pfexcel.cli", "editions", folder=tmp_path)


def test_the_installed_program_makes_the_files_for_functions(installed: Path, tmp_path: Path) -> None:
    made = run(installed / "pfexcel", "functions", "build", "--out", "made", folder=tmp_path).splitlines()
    names = {"pf-functions.xlsx", "pf-functions.xlsm", "pfexcel.xlam", "pfexcel.oxt"}
    assert {Path(line).name for line in made} == {path.name for path in (tmp_path / "made").iterdir()} == names
