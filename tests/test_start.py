"""A fast start and imports that point one way, so that a worksheet function's host can bring the core alone."""

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "pfexcel"
HEAVY = {"numpy", "pandas", "openpyxl", "xlsxwriter", "pydantic", "typer", "rich", "python_calamine"}

# Each imports only from lines above its own; the parts of one line do not know of each other, but for the last.
LAYERS = [
    ["model", "organisations", "shipped"],
    ["catalogue", "rules"],
    ["periods"],
    ["engine", "samples"],
    ["tables"],
    ["functions", "workbook"],
    ["returns", "template"],
    ["checks_page", "functions_page", "publish", "rules_page"],
    ["cli", "commands", "demo", "terminal"],
]
RANKS = {part: rank for rank, parts in enumerate(LAYERS) for part in parts}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, timeout=60)


def loaded_by(program: str) -> set[str]:
    """Which heavy modules a fresh interpreter has loaded after a program."""
    return HEAVY & set(python("-c", f"import sys\n{program}\nprint(*sys.modules)").stdout.split())


def test_the_package_starts_without_any_library() -> None:
    assert loaded_by("import pfexcel") == set()


def test_rating_and_explaining_a_return_needs_no_library() -> None:
    rate = "pfexcel.rate('2011-12', 'acute', {'ytd_surplus': 120}, period='2011-12-Q3').explain()"
    assert loaded_by(f"import pfexcel; {rate}") == set()


def test_the_command_line_loads_no_spreadsheet_library_for_help() -> None:
    program = "from pfexcel import cli\nsys.argv = ['pfexcel', '--help']\ntry: cli.main()\nexcept SystemExit: pass"
    assert loaded_by(program) <= {"typer", "rich"}


def test_the_package_starts_within_100_milliseconds() -> None:
    times = []
    for _ in range(5):
        lines = python("-X", "importtime", "-c", "import pfexcel").stderr
        [microseconds] = re.findall(r"import time:\s+\d+ \|\s+(\d+) \| pfexcel$", lines, re.M)
        times.append(int(microseconds) / 1000)
    print(f"import pfexcel: {statistics.median(times):.1f} ms")
    assert statistics.median(times) < 100


def imports(path: Path) -> Iterator[str]:
    """The parts of the package that a module imports, wherever in it and for whatever purpose."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            package, _, rest = name.partition(".")
            part = rest.partition(".")[0]
            if package == "pfexcel" and part in {module.stem for module in PACKAGE.iterdir()}:
                yield part


def modules() -> list[Path]:
    """Every module but the one that makes names public, which imports from all parts when they are asked for."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for imported in imports(path):
        if (part, imported) == ("model", "engine"):  # a Rating explains itself, by a function-local import
            assert "\n        from pfexcel.engine" in path.read_text(encoding="utf-8")
            continue
        below, same = RANKS[imported] < RANKS[part], imported == part or {part, imported} <= set(LAYERS[-1])
        assert below or same, f"{part} imports {imported}"


HOSTS = sorted((PACKAGE.parent / "udfs").rglob("*.py"))


@pytest.mark.parametrize("path", HOSTS, ids=lambda path: str(path.relative_to(PACKAGE.parent)))
def test_a_host_of_the_functions_imports_the_core_and_no_other_part(path: Path) -> None:
    assert set(imports(path)) <= {"functions", "rules", "shipped"}


def test_every_part_has_its_layer() -> None:
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert parts - {"__init__"} <= set(RANKS)
