"""The register among processes: killed at any moment, and two at once."""

import multiprocessing
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from pfexcel.returns.register import Received, Register
from tests.received import content_of, many_files, take_in

KILLS = 50
ROUNDS = 10  # the same register is killed in five times, then completed
FILES = many_files(120)


METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
CONTEXT: Any = multiprocessing.get_context(METHOD)
if METHOD == "forkserver":
    CONTEXT.set_forkserver_preload(["tests.received", __name__])


def start(path: Path, files: Sequence[Received], ready: Event, begin: Event) -> BaseProcess:
    """Start another process that receives files, once it may."""
    process: BaseProcess = CONTEXT.Process(target=receive_all, args=(path, files, ready, begin))
    process.start()
    return process


def receive_all(path: Path, files: Sequence[Received], ready: Event, begin: Event) -> None:
    """What the other process does."""
    ready.set()
    begin.wait(60)
    take_in(path, files)


def undisturbed(path: Path) -> tuple[str, float]:
    """The digest of a register that received all files, and the seconds it took."""
    began = time.perf_counter()
    take_in(path, FILES)
    return content_of(path), time.perf_counter() - began


def whole_returns_only(path: Path) -> int:
    """How many files a register holds, each of which must have all its returns and findings."""
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with Register(path) as register:
        assert register.verify() == []
        brought = {one.sha256: one for one in FILES}
        for file in register.files():
            one = brought[file.sha256]
            assert {*file.trusts, *file.blank} == {entered.ods_code for entered in one.returns}
            assert file.findings == one.findings
        return len(register.files())


def test_killed_at_any_moment_it_holds_whole_returns_and_is_completed_to_the_same(tmp_path: Path) -> None:
    wanted, seconds = undisturbed(tmp_path / "undisturbed.sqlite")
    chance, held = random.Random(6), []
    for number in range(ROUNDS):
        path = tmp_path / f"{number}.sqlite"
        for _ in range(KILLS // ROUNDS):
            ready, begin = CONTEXT.Event(), CONTEXT.Event()
            process = start(path, FILES, ready, begin)
            assert ready.wait(60)
            begin.set()
            time.sleep(chance.uniform(0, seconds / 2))
            process.kill()
            process.join()
            held.append(whole_returns_only(path))
        take_in(path, FILES)
        assert content_of(path) == wanted
    assert len(held) == KILLS
    assert sum(0 < number < max(held) for number in held) >= KILLS // ROUNDS, "few kills came in the midst of receiving"


@pytest.mark.parametrize(
    ("first", "second"),
    [(slice(80), slice(80, None)), (slice(80), slice(40, None)), (slice(None), slice(None))],
    ids=["different files", "some of the same", "the same files"],
)
def test_two_processes_at_once_come_to_the_same(tmp_path: Path, first: slice, second: slice) -> None:
    wanted, _ = undisturbed(tmp_path / "undisturbed.sqlite")
    path, begin, ready = tmp_path / "both.sqlite", CONTEXT.Event(), [CONTEXT.Event(), CONTEXT.Event()]
    processes = [start(path, FILES[part], r, begin) for part, r in zip((first, second), ready, strict=True)]
    assert all(event.wait(60) for event in ready)
    begin.set()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert content_of(path) == wanted
