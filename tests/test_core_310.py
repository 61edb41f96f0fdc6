"""The core that LibreOffice brings along: standard library only, and it runs on Python 3.10, as data without TOML."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pfexcel.functions import CellError, call
from pfexcel.rules.load import SHIPPED
from tests.function_tables import questions
from udfs.libreoffice import core
from udfs.libreoffice.core import core_files, core_modules

ADDIN = Path(core.__file__).with_name("addin.py")
NEWER_THAN_310 = {"tomllib"}
ASK = """
import json, sys
sys.path[:0] = [sys.argv[1]]
from pfexcel.functions import CellError, call

def cell(value):
    return CellError(value["error"], "") if isinstance(value, dict) else value

def plain(value):
    if isinstance(value, list):
        return [plain(one) for one in value]
    return {"error": value.code, "sentence": value.sentence} if isinstance(value, CellError) else value

def block(value):
    return [[cell(one) for one in row] for row in value] if isinstance(value, list) else cell(value)

asked = json.load(sys.stdin)
print(json.dumps([plain(call(name, *map(block, arguments))) for name, arguments in asked]))
"""


@cache
def python310() -> str | None:
    """A Python 3.10 on this computer."""
    found = [shutil.which("python3.10"), *sorted(map(str, Path.home().glob(".pyenv/versions/3.10.*/bin/python")))]
    for path in filter(None, found):
        tried = subprocess.run(
            [path, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=False
        )
        if tried.stdout.startswith("3.10."):
            return path
    return None


def test_the_core_is_what_the_functions_need_and_no_more() -> None:
    names = set(core_files())
    assert {"pfexcel/functions/__init__.py", "pfexcel/engine/trace.py", "pfexcel/rules/editions/2011-12.json"} <= names
    assert not {name for name in names if "workbook" in name or "bulk" in name or "schema" in name}
    assert not any(name.endswith(".toml") for name in names)


@pytest.mark.parametrize("path", core_modules(), ids=lambda path: path.stem)
def test_the_core_is_written_in_python_310_and_its_library(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))
    for module in core.imports(core.in_use(tree)):
        top = module.partition(".")[0]
        inside_function = top in {"numpy", "pydantic", *NEWER_THAN_310} and module not in core.imports(tree.body)
        assert inside_function or top == "pfexcel" or top in sys.stdlib_module_names - NEWER_THAN_310


def test_the_component_is_written_in_python_38() -> None:
    ast.parse(ADDIN.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    for name, content in core_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def asked_in(python: str, bundle: Path, asked: list[Any]) -> list[Any]:
    """What the bundled core answers in a Python without any other library."""
    ended = subprocess.run(
        [python, "-I", "-S", "-c", ASK, str(bundle)],
        input=json.dumps(asked, default=plain),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def plain(cell: CellError) -> dict[str, str]:
    return {"error": cell.code, "sentence": cell.sentence}


def test_the_bundle_answers_the_same_without_any_library(bundle: Path) -> None:
    answers_the_same(sys.executable, bundle)


def test_the_bundle_answers_the_same_in_python_310(bundle: Path) -> None:
    python = python310()
    if python is None:
        pytest.skip("there is no python3.10 on this computer")
    answers_the_same(python, bundle)


def answers_the_same(python: str, bundle: Path) -> None:
    asked = [[one.function, one.arguments] for one in questions(8, seed=3)]
    table = [["ytd_ebitda", "ytd_income"]], [[6, 100]]
    asked += [
        ["PF_EXPLAIN", table],
        ["PF_CHECK", table],
        ["PF_VERSION", ()],
        ["PF_TFA_RAG", ("Performing", "Performing")],
    ]
    asked += [["PF_ESCALATE", ([["Red", "Red", "Red"]], "tfa")], ["PF_LEAD", ("Challenged",)]]
    wanted = json.loads(json.dumps([call(name, *arguments) for name, arguments in asked], default=plain))
    assert asked_in(python, bundle, asked) == wanted


def test_a_file_of_ones_own_is_refused_in_a_sentence(bundle: Path) -> None:
    python = python310() or sys.executable
    table = [["ytd_ebitda", "ytd_income"]], [[6, 100]]
    [answer] = asked_in(python, bundle, [["PF_FINANCE_SCORE", (*table, str(SHIPPED / "2011-12.toml"))]])
    assert answer["error"] == "#VALUE!"
    assert "cannot use a file of your own" in answer["sentence"]
