"""The files for Excel: their macros read back by another reader, valid packages, the same to the byte."""

from __future__ import annotations

import re
import warnings
import zipfile
from pathlib import Path

import pytest
from pyopenvba.interpreter import _preprocess, parse_module

import pfexcel
from pfexcel.functions import FUNCTIONS, Argument
from pfexcel.template.build import SHIPPED
from tests import hosts
from udfs.excel import files, vba

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # oletools uses old names of pyparsing
    from oletools.olevba import VBA_Parser

EXCELS = {
    "64 bits": ({}, {"kernel32", "xlwings64-0.37.8.dll"}),
    "32 bits": ({"Win64": False}, {"kernel32", "xlwings32-0.37.8.dll"}),
    "Mac": ({"Mac": True}, set()),
}
LONGEST_LINE, MOST_CONTINUED = 1023, 24


@pytest.fixture(scope="module")
def add_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files.write_add_in(tmp_path_factory.mktemp("add-in") / "pfexcel.xlam")


@pytest.fixture(scope="module")
def with_macros(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return files.write_macro_workbook(SHIPPED, tmp_path_factory.mktemp("book") / "pf-functions.xlsm")


def read_back(path: Path) -> dict[str, str]:
    """The macros of a file by module, as olevba reads them."""
    parser = VBA_Parser(str(path))
    found = {str(name).rpartition(".")[0]: str(code) for _, _, name, code in parser.extract_macros()}
    parser.close()
    return found


def without_attributes(code: str) -> str:
    return re.sub(r"(?m)^Attribute .*\n?", "", code.replace("\r\n", "\n")).strip()


def test_the_add_in_holds_the_macros(add_in: Path) -> None:
    found = {name: without_attributes(code) for name, code in read_back(add_in).items()}
    for name, source in vba.sources(files.XLWINGS).items():
        assert found[name] == source.replace("\r\n", "\n").strip()


def test_the_workbook_holds_the_same_macros(with_macros: Path, add_in: Path) -> None:
    found, wanted = read_back(with_macros), read_back(add_in)
    assert {name: found[name] for name in wanted} == wanted


def test_the_workbooks_sheets_stay_as_they_are_but_for_the_name_that_macros_know_them_by(with_macros: Path) -> None:
    with zipfile.ZipFile(with_macros) as made, zipfile.ZipFile(SHIPPED) as before:
        assert set(made.namelist()) - set(before.namelist()) == {"xl/vbaProject.bin"}
        names = set()
        for part in before.namelist():
            if part.startswith("xl/worksheets/sheet"):
                [name] = re.findall(r' codeName="(\w+)"', made.read(part).decode())
                names.add(name)
                plain = re.sub(r'<sheetPr codeName="\w+"/>| codeName="\w+"', "", made.read(part).decode())
                assert plain == before.read(part).decode()
            elif part.startswith("xl/") and "workbook" not in part:
                assert made.read(part) == before.read(part)
    assert names == {name for name in read_back(with_macros) if name.startswith("Sheet")}


def test_the_same_files_to_the_byte(add_in: Path, with_macros: Path, tmp_path: Path) -> None:
    assert files.write_add_in(tmp_path / "pfexcel.xlam").read_bytes() == add_in.read_bytes()
    assert files.write_macro_workbook(SHIPPED, tmp_path / "other.xlsm").read_bytes() == with_macros.read_bytes()


def test_an_add_in_says_what_it_is_made_for(add_in: Path, tmp_path: Path) -> None:
    other = files.write_add_in(tmp_path / "other.xlam", "0.99.1")
    assert files.versions(add_in) == {files.VERSION: pfexcel.__version__, files.XLWINGS_VERSION: files.XLWINGS}
    assert files.versions(other)[files.XLWINGS_VERSION] == "0.99.1"
    assert "xlwings64-0.99.1.dll" in read_back(other)["pf_python"]
    (tmp_path / "no.xlam").write_text("no add-in")
    assert files.versions(tmp_path / "no.xlam") == files.versions(tmp_path / "absent.xlam") == {}


def test_nobody_is_named_in_a_file(add_in: Path) -> None:
    with zipfile.ZipFile(add_in) as archive:
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r"<dc:creator>(.*?)<|<cp:lastModifiedBy>(.*?)<", core) == [("pfexcel", ""), ("", "pfexcel")]


@pytest.mark.host
def test_the_open_xml_validator_finds_nothing_wrong(add_in: Path, with_macros: Path) -> None:
    hosts.require_validator()
    assert hosts.validate_ooxml([add_in, with_macros]) == {add_in: [], with_macros: []}


# The macros as VBA takes them


@pytest.mark.parametrize("excel", EXCELS)
def test_the_macros_are_read_on_every_excel(excel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    constants, libraries = EXCELS[excel]
    monkeypatch.setattr(_preprocess, "DEFAULT_CONSTANTS", {**_preprocess.DEFAULT_CONSTANTS, **constants})
    sources = vba.sources("0.37.8").items()
    parsed = [parse_module(source.replace("WithEvents ", ""), name=name) for name, source in sources]
    assert {declared.library for module in parsed for declared in module.declares} == libraries


def test_the_macros_keep_to_what_the_editor_takes() -> None:
    for name, source in vba.sources(files.XLWINGS).items():
        assert source.isascii()
        assert "\n" not in source.replace("\r\n", "")
        lines = source.split("\r\n")
        assert lines[0] == "Option Explicit"
        assert max(map(len, lines)) <= LONGEST_LINE
        assert all(run.count("\r\n") <= MOST_CONTINUED for run in re.findall(r"(?:[^\n]* _\r\n)+", source))
        started = re.search(r"(?m)^(Public|Private) (Sub|Function)\b", source)
        assert started is not None, name
        declared = [m.start() for m in re.finditer(r"(?m)^(Public|Private) (?!Sub|Function)", source)]
        assert all(at < started.start() for at in declared), f"{name} declares something below its first procedure"


def test_help_that_is_too_long_or_not_ascii() -> None:
    function = FUNCTIONS["PF_LEAD"]
    long = type(function)("PF_LONG", "x" * 256, (), "", "", function.run)
    with pytest.raises(ValueError, match="256 characters is too long"):
        vba._described(long)
    spelt = type(function)("PF_X", 'a – b’s "café" −1', (Argument("a", "£5"),), "", "", function.run)
    assert vba._described(spelt) == '    Describe "PF_X", "a - b\'s ""cafe"" -1", _\n        Array("GBP 5")'
