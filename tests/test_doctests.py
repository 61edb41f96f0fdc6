"""The examples in docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import pfexcel
import udfs

MODULES = [
    "pfexcel",
    *sorted(module.name for module in pkgutil.walk_packages(pfexcel.__path__, "pfexcel.")),
    *sorted(module.name for module in pkgutil.walk_packages(udfs.__path__, "udfs.")),
]
WITH_EXAMPLES = ["pfexcel", "pfexcel.engine.rate", "pfexcel.periods", "pfexcel.rules.expression", "pfexcel.rules.load"]


def examples(name: str) -> doctest.TestResults:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("pfexcel"):
            raise
        pytest.skip(f"needs {error.name}")
    return doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert examples(name).failed == 0


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_has_examples(name: str) -> None:
    assert examples(name).attempted > 0
