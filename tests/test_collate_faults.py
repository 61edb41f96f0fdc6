"""Faulty files among clean ones: each gets its own finding or refusal, no clean return is touched, memory is bounded.

The faults are those of `tests/faults.py`. PFEXCEL_FAULTS=full makes 400 files, 200 of them faulty.
"""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pfexcel.returns.register import Register
from tests.faults import FAULTS, Fault, Form, clean_forms, comment_of

FULL = os.environ.get("PFEXCEL_FAULTS") == "full"
CLEAN, FAULTY = (200, 200) if FULL else (50, 50)
PERIODS = ("2011-12-Q3", "2011-12-Q2", "2011-12-Q1")
MOST_MB = {"this": 250, "workers": 500}

# The command line as a user calls it; last it says how much memory it and its processes took at most.
PROGRAM = r"""
import json, re, sys, time
from pathlib import Path
from pfexcel import cli
began = time.monotonic()
try:
    cli.main()
finally:
    used = {"seconds": time.monotonic() - began}
    if sys.platform == "linux":
        import resource
        # `getrusage` would say what the program that started this one took.
        used["this"] = int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) / 1e3
        used["workers"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    print(json.dumps(used), file=sys.stderr)
"""


class Run(NamedTuple):
    """What collating printed, its exit status, and the seconds and megabytes it took."""

    files: dict[str, Any]
    status: int
    took: dict[str, float]
    register: Path
    forms: list[Form]
    faulty: dict[str, Fault]


@pytest.fixture(scope="module")
def collated(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("returned")
    forms = list(clean_forms(CLEAN, PERIODS))
    for form in forms:
        (folder / form.name).write_bytes(form.content)
    faulty: dict[str, Fault] = {}
    taken = itertools.cycle(clean_forms(len(FAULTS) if not FULL else FAULTY, ["2011-12-Q4", "2010-11-Q4"]))
    clean = itertools.cycle(forms)
    for number, (kind, fault) in zip(range(FAULTY), itertools.cycle(FAULTS.items()), strict=False):
        form = next(clean if fault.refused else taken)
        name = f"{number:03d} {kind} {form.trust.ods_code}.xlsx"
        (folder / name).write_bytes(fault.make(form))
        faulty[name] = fault
    register = folder.parent / "register.sqlite"
    command = ["collate", folder, "--register", register, "--received", "2012-01-19", "--jobs", "2", "--json"]
    ran = subprocess.run([sys.executable, "-c", PROGRAM, *map(str, command)], capture_output=True, timeout=600)
    files = {Path(one["file"]).name: one for one in json.loads(ran.stdout)}
    took = json.loads(ran.stderr)
    print(f"{len(files)} files, seconds and megabytes at most: {took}")
    return Run(files, ran.returncode, took, register, forms, faulty)


def test_each_fault_gets_its_finding(collated: Run) -> None:
    assert len(collated.files) == CLEAN + FAULTY
    for name, fault in collated.faulty.items():
        found = collated.files[name]
        ids = [one["id"] for one in found["findings"]]
        assert fault.finding in ids, f"{name}: {ids}"
        assert (found["outcome"] == "refused") == fault.refused, name
        assert all(one["message"] and one["action"] for one in found["findings"])


def test_no_clean_return_is_touched(collated: Run) -> None:
    with Register(collated.register, create=False) as register:
        assert register.verify() == []
        for form in collated.forms:
            [version] = register.versions(form.trust.ods_code, form.period)
            assert version.one.values == form.entered
            assert list(version.one.comments.values()) == [comment_of(form.trust)]
            assert version.one.file.name == form.name
            assert version.one.findings == ()
    assert all(collated.files[form.name]["outcome"] == "read" for form in collated.forms)


def test_what_could_not_be_read_is_in_the_register_with_its_reason(collated: Run) -> None:
    with Register(collated.register, create=False) as register:
        for name, fault in collated.faulty.items():
            entry = register.file(collated.files[name]["sha256"])
            assert entry is not None, name
            assert name in entry.names
            assert entry.readable != fault.refused
            assert fault.finding in [one.id for one in register.file_findings(entry.sha256)]


def test_errors_among_others_are_status_1(collated: Run) -> None:
    assert collated.status == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says how much memory a process took")
def test_memory_is_bounded(collated: Run) -> None:
    assert all(collated.took[name] < most for name, most in MOST_MB.items()), collated.took
