"""LibreOffice as a host: what is in the extension, how it is installed, and what the doctor says of a computer."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

import pfexcel
from pfexcel.commands.functions import hosts
from pfexcel.functions import FUNCTIONS
from tests.hosts import require_soffice
from udfs.libreoffice import host, office
from udfs.libreoffice.extension import (
    EXCEL_PREFIX,
    IDENTIFIER,
    INTERFACE,
    build_extension,
    camel,
    extension_files,
    methods,
)
from udfs.libreoffice.host import LibreOfficeHost
from udfs.libreoffice.office import Office, OfficeError, Trial, find_office
from udfs.libreoffice.typelibrary import ANY, RANGE, type_library

NAME = "{http://openoffice.org/2001/registry}name"
FINE = Trial(f"pfexcel {pfexcel.__version__}, edition 2011-12", "3.11.2", "")


# --- the extension ---------------------------------------------------------------------------------------------------


def test_the_extension_is_the_same_every_time() -> None:
    assert build_extension() == build_extension()


def test_every_part_that_the_manifest_names_is_there() -> None:
    files = extension_files()
    named = ElementTree.fromstring(files["META-INF/manifest.xml"])
    paths = {value for entry in named for key, value in entry.attrib.items() if key.endswith("full-path")}
    assert paths <= set(files)
    for name in files:
        if name.endswith((".xml", ".xcu", ".components")):
            ElementTree.fromstring(files[name])


def test_every_function_and_argument_has_its_help() -> None:
    table = ElementTree.fromstring(extension_files()["CalcAddIns.xcu"])
    shown = {node.get(NAME): node for node in table.iter("node")}
    for method, function in methods().items():
        texts = {prop.get(NAME): prop.findtext("value") for prop in shown[method].iterfind("prop")}
        prefix = EXCEL_PREFIX if method.endswith("FromExcel") else ""
        assert texts["DisplayName"] == texts["CompatibilityName"] == f"{prefix}{function.name}"
        assert texts["Description"]
        arguments = {
            node.get(NAME): [prop.findtext("value") for prop in node.iterfind("prop")]
            for node in shown[method].iterfind("node/node")
        }
        assert arguments == {camel(a.name): [a.name, a.help] for a in function.arguments}
    assert json.loads(extension_files()["methods.json"]) == {m: f.name for m, f in methods().items()}
    assert {f.name for f in methods().values()} == set(FUNCTIONS)


@pytest.mark.host
def test_the_types_are_those_that_libreoffice_makes_of_idl(tmp_path: Path) -> None:
    require_soffice()
    program = Path(shutil.which("soffice") or "").resolve().parent
    tools = program.parent / "sdk" / "bin"
    if not (tools / "unoidl-write").is_file():
        pytest.skip("LibreOffice's SDK is not installed")
    kinds = {ANY: "any", RANGE: f"::{RANGE.replace('.', '::')}"}
    shape = {"one": [("fields", RANGE), ("edition", ANY)], "two": [("otherWords", ANY)], "none": []}
    lines = [
        f"any {name}({', '.join(f'[in] {kinds[kind]} {argument}' for argument, kind in arguments)});"
        for name, arguments in shape.items()
    ]
    *modules, last = INTERFACE.split(".")
    idl = "".join(f"module {name} {{ " for name in modules)
    idl += f"interface {last} : ::com::sun::star::uno::XInterface {{ {' '.join(lines)} }}; {'}; ' * len(modules)}"
    (tmp_path / "types.idl").write_text(idl)
    (tmp_path / "ours.rdb").write_bytes(type_library(INTERFACE, shape))
    known = [program / "types.rdb", program / "types" / "offapi.rdb"]
    subprocess.run([tools / "unoidl-write", *known, tmp_path / "types.idl", tmp_path / "theirs.rdb"], check=True)
    read = [
        subprocess.run([tools / "unoidl-read", *known, tmp_path / name], check=True, capture_output=True).stdout
        for name in ("ours.rdb", "theirs.rdb")
    ]
    assert read[0] == read[1]
    assert b"otherWords" in read[0]


# --- installing and looking ------------------------------------------------------------------------------------------


@pytest.mark.host
def test_it_is_installed_and_found_in_libreoffice_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_soffice()
    for variable in ("UserInstallation", "UNO_SHARED_PACKAGES", "UNO_SHARED_PACKAGES_CACHE"):
        monkeypatch.setenv(variable, (tmp_path / variable).as_uri())
    libreoffice = LibreOfficeHost()
    before = {check.what: check for check in libreoffice.doctor()}
    assert before["Extension"].found == "Not installed"
    assert before["A function, tried in LibreOffice"].fine
    assert "is installed in" in libreoffice.install()[0]
    assert [check for check in libreoffice.doctor() if not check.fine] == []


class FakeOffice(Office):
    """A LibreOffice that says what a test wants."""

    said: str = "LibreOffice 25.2.3.2 520(Build:2)"
    trial: Trial | OfficeError = FINE
    listed: str = f"Identifier: {IDENTIFIER}\n  Version: {pfexcel.__version__}\n"
    added: str = ""

    def __init__(self, **says: object) -> None:
        super().__init__(Path("program"))
        for name, value in says.items():
            object.__setattr__(self, name, value)

    def run(self, program: str, *arguments: str, environment: object = None) -> str:
        if program == "soffice":
            return self.said
        if arguments[0] == "add" and self.added:
            raise OfficeError(self.added)
        return self.listed

    def try_extension(self, extension: bytes) -> Trial:
        if isinstance(self.trial, OfficeError):
            raise self.trial
        return self.trial


OLD_PYTHON = Trial("pfexcel needs Python 3.10, this LibreOffice has 3.8.16: use ...", "3.8.16", "pfexcel needs Python")


@pytest.mark.parametrize(
    ("says", "what", "words"),
    [
        ({}, "", ""),
        ({"said": "LibreOffice 7.4.7.2"}, "LibreOffice", "Install LibreOffice 25.2 or later"),
        ({"said": "something"}, "LibreOffice", "Install LibreOffice 25.2 or later"),
        ({"trial": OLD_PYTHON}, "Python 3.10 or later in LibreOffice", "needs Python"),
        ({"trial": Trial("", "", "")}, "Python 3.10 or later in LibreOffice", "support for Python"),
        ({"trial": OfficeError("no display")}, "A function, tried in LibreOffice", "by hand"),
        ({"listed": ""}, "Extension", "pfexcel functions install"),
        ({"listed": "Version: 0.0.9"}, "Extension", "pfexcel functions install"),
    ],
)
def test_the_doctor_says_what_is_missing_and_what_to_do(says: dict[str, object], what: str, words: str) -> None:
    missing = [check for check in LibreOfficeHost(FakeOffice(**says)).doctor() if not check.fine]
    assert [check.what for check in missing][:1] == ([what] if what else [])
    assert words in "".join(check.action for check in missing[:1])


def test_without_libreoffice_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "find_office", lambda: None)
    [check] = LibreOfficeHost().doctor()
    assert (check.found, check.fine) == ("Not found", False)
    with pytest.raises(ValueError, match=r"it was not found\. Install LibreOffice"):
        LibreOfficeHost().install()


def test_while_libreoffice_runs_it_is_not_installed() -> None:
    running = FakeOffice(added="ERROR: unopkg cannot be started. The lock file indicates it is already running")
    with pytest.raises(ValueError, match=r"Close LibreOffice and run this again"):
        LibreOfficeHost(running).install()


@pytest.mark.parametrize(
    ("system", "folder"),
    [("linux", "opt/libreoffice25.8/program"), ("darwin", "Applications/LibreOffice.app/Contents/MacOS")],
)
def test_it_is_found_where_its_installers_put_it(
    system: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(
        office, "_standard_places", lambda: tmp_path.glob(office.PLACES[system][-1].rpartition("s/")[2])
    )
    assert find_office() is None
    program = tmp_path / folder.rpartition("s/")[2]
    program.mkdir(parents=True)
    (program / "unopkg").touch()
    assert find_office() == Office(program)


def test_the_extension_is_written_as_a_file(tmp_path: Path) -> None:
    assert LibreOfficeHost(FakeOffice()).build(tmp_path) == [tmp_path / "pfexcel.oxt"]
    assert (tmp_path / "pfexcel.oxt").read_bytes() == build_extension()
    assert zipfile.ZipFile(tmp_path / "pfexcel.oxt").testzip() is None


def test_the_command_knows_libreoffice() -> None:
    assert [type(each) for each in hosts("LibreOffice").values()] == [LibreOfficeHost]
