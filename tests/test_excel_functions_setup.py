"""Setting Excel up for the functions, and looking at what it lacks, on a computer that is stood in."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest

import pfexcel
from pfexcel.functions import call
from tests.windows import FUNCTIONS as MODULE
from udfs.excel import files, host
from udfs.excel.host import ExcelHost
from udfs.excel.machine import INTERPRETER, Machine, read_settings, this_machine, write_settings

LIBRARIES = {"xlwings": files.XLWINGS, "pywin32": "311", "pyOpenVBA": "6.5.0"}
REGISTRY: dict[tuple[str, str], str | int] = {(host.EXCEL_KEY, ""): r"C:\Office\EXCEL.EXE"}


def computer(
    folder: Path,
    system: str = "Windows",
    libraries: dict[str, str] = LIBRARIES,
    registry: dict[tuple[str, str], str | int] = REGISTRY,
    encoding: str = "cp1252",
) -> Machine:
    """A computer with Excel, and Python with the libraries, in a folder."""
    python = folder / "Python" / "python.exe"
    python.parent.mkdir(parents=True, exist_ok=True)
    for path in (python, *(python.parent / f"xlwings{bits}-{files.XLWINGS}.dll" for bits in (32, 64))):
        path.touch()
    return Machine(
        system=system,
        home=folder / "home",
        app_data=folder / "data",
        python=python,
        encoding=encoding,
        registry=lambda key, name: registry.get((key, name)),
        installed=libraries.get,
        answer=lambda python, program: str(call("PF_VERSION")) if Path(python).is_file() else "No such file",
    )


def missing(machine: Machine) -> dict[str, str]:
    """What is found of each thing that does not serve."""
    return {check.what: check.found for check in ExcelHost(machine).doctor() if not check.fine}


def test_after_install_nothing_is_missing(tmp_path: Path) -> None:
    machine = computer(tmp_path)
    assert list(missing(machine)) == ["Add-in", "Python for Excel", "A function, tried as Excel tries it"]
    said = ExcelHost(machine).install()
    assert missing(machine) == {}
    assert "tick pfexcel" in " ".join(said)
    assert files.versions(machine.add_ins / "pfexcel.xlam")[files.VERSION] == pfexcel.__version__
    assert machine.interpreter() == str(machine.python)
    assert ExcelHost(machine).install() == said


def test_install_makes_the_add_in_for_the_xlwings_that_is_there(tmp_path: Path) -> None:
    machine = computer(tmp_path, libraries={**LIBRARIES, "xlwings": "0.99.1"})
    ExcelHost(machine).install()
    assert files.versions(machine.add_ins / "pfexcel.xlam")[files.XLWINGS_VERSION] == "0.99.1"
    assert list(missing(machine)) == ["xlwings' libraries for Excel"]
    assert "xlwings64-0.99.1.dll" in missing(machine)["xlwings' libraries for Excel"]


def test_in_a_virtual_environment_the_libraries_stand_one_folder_up(tmp_path: Path) -> None:
    machine = computer(tmp_path)
    python = machine.python.parent / "Scripts" / "python.exe"
    python.parent.mkdir()
    python.touch()
    machine = dataclasses.replace(machine, python=python)
    ExcelHost(machine).install()
    assert missing(machine) == {}


def test_other_settings_of_the_user_stay(tmp_path: Path) -> None:
    machine = computer(tmp_path)
    write_settings(machine, {"SHOW CONSOLE": "True", INTERPRETER: r"C:\old\python.exe"})
    assert "not there any more" in missing(machine)["Python for Excel"]
    ExcelHost(machine).install()
    assert read_settings(machine) == {"SHOW CONSOLE": "True", INTERPRETER: str(machine.python)}
    text = machine.settings.read_bytes().decode("cp1252")
    assert text == f'"SHOW CONSOLE","True"\r\n"{INTERPRETER}","{machine.python}"\r\n'


def test_a_folder_that_macros_cannot_read_is_refused(tmp_path: Path) -> None:
    machine = computer(tmp_path / "Łódź")
    with pytest.raises(ValueError, match="cannot read 'Ł'"):
        ExcelHost(machine).install()
    assert not machine.settings.exists()


def test_an_add_in_of_another_version_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = computer(tmp_path)
    ExcelHost(machine).install()
    monkeypatch.setattr(pfexcel, "__version__", "9.0")
    assert missing(machine)["Add-in"].endswith(
        f"is for pfexcel version {files.versions(machine.add_ins / files.ADD_IN)[files.VERSION]}; 9.0 is installed"
    )


def test_another_python_is_told(tmp_path: Path) -> None:
    machine = computer(tmp_path)
    ExcelHost(machine).install()
    other = tmp_path / "other.exe"
    other.touch()
    found = missing(dataclasses.replace(machine, python=other))
    assert list(found) == ["Python for Excel"]
    assert f"not this one, {other}" in found["Python for Excel"]


@pytest.mark.parametrize(
    ("key", "name", "value", "what"),
    [
        (host.MACRO_KEYS[0], "VBAWarnings", 4, "Macros"),
        (host.MACRO_KEYS[0], "VBAWarnings", 3, "Macros"),
        (host.MACRO_KEYS[1], "VBAWarnings", 4, "Macros"),
        (host.CHILD_KEY, host.CHILD_RULE, "1", "Excel may start Python"),
        (host.EXCEL_KEY, "", "", "Excel"),
    ],
)
def test_a_locked_computer_is_told(tmp_path: Path, key: str, name: str, value: str | int, what: str) -> None:
    machine = computer(tmp_path, registry={**REGISTRY, (key, name): value})
    ExcelHost(machine).install()
    assert list(missing(machine)) == [what]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_missing_library_is_told(tmp_path: Path, library: str) -> None:
    ExcelHost(computer(tmp_path)).install()
    without = computer(tmp_path, libraries={name: v for name, v in LIBRARIES.items() if name != library})
    assert missing(without) == {library: "Not installed"}


def test_without_xlwings_nothing_is_installed(tmp_path: Path) -> None:
    machine = computer(tmp_path, libraries={})
    with pytest.raises(ValueError, match="xlwings is not installed"):
        ExcelHost(machine).install()
    assert not machine.add_ins.exists()


def test_an_add_in_that_excel_holds_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(files.os, "replace", held)
    machine = computer(tmp_path)
    with pytest.raises(ValueError, match="Close Excel, then run this again"):
        ExcelHost(machine).install()
    assert list(machine.add_ins.iterdir()) == []


@pytest.mark.parametrize("system", ["Linux", "Darwin"])
def test_elsewhere_a_plain_message(tmp_path: Path, system: str) -> None:
    machine = computer(tmp_path, system=system)
    with pytest.raises(ValueError, match=f"this is {system}. Excel runs these functions on Windows only"):
        ExcelHost(machine).install()
    [check] = ExcelHost(machine).doctor()
    assert (check.what, check.fine) == ("Windows", False)


def test_the_files_are_built_anywhere(tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    book = Workbook(str(tmp_path / "pf-functions.xlsx"))
    book.add_worksheet()
    book.close()
    built = ExcelHost(computer(tmp_path, "Linux", libraries={})).build(tmp_path, tmp_path / "pf-functions.xlsx")
    assert [path.name for path in built] == ["pfexcel.xlam", "pf-functions.xlsm"]


def test_a_python_without_pfexcel_is_told(tmp_path: Path) -> None:
    machine = computer(tmp_path)
    ExcelHost(machine).install()
    without = dataclasses.replace(machine, answer=lambda *_: "ModuleNotFoundError: No module named 'udfs'")
    assert missing(without) == {"A function, tried as Excel tries it": "ModuleNotFoundError: No module named 'udfs'"}


def test_this_computer() -> None:
    machine = this_machine()
    assert machine.answer(sys.executable, host.TRIAL) == call("PF_VERSION")
    assert machine.answer(sys.executable, "import no_such_module").startswith("ModuleNotFoundError")
    assert "no such" in machine.answer("no such program", "").casefold()
    assert machine.python.is_file()
    assert machine.installed("no such library") is None
    assert machine.registry(r"HKCU\no\such\key", "") is None
    assert machine.settings.name == "pfexcel.conf"


def test_the_macros_start_what_install_sets() -> None:
    connection = (Path(files.__file__).parent / "vba" / "pf_python.bas").read_text(encoding="ascii")
    assert INTERPRETER in connection
    assert r"\.pfexcel\pfexcel.conf" in connection
    assert MODULE in (Path(files.__file__).parent / "vba" / "pf_calls.bas").read_text(encoding="ascii")


def test_the_extra_installs_the_xlwings_that_files_are_made_for() -> None:
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert project.count(f'"xlwings=={files.XLWINGS}') == 2
