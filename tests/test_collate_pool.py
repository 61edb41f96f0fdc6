"""Processes that die, hang or take too much memory cost their own task only, and none is left behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from pfexcel.returns.pool import Failure, Kind, Limits, run

UNIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit or signal")


def work(task: str | int) -> object:
    """What each task asks for."""
    match task:
        case "abort":
            os.abort()
        case "exit":
            os._exit(3)
        case "hang":
            time.sleep(600)
        case "grow":
            return len(bytearray(3_000_000_000))
        case "raise":
            raise KeyError("lost")
        case "large":
            return bytes(30_000_000)
    return os.getpid() if task == "who" else task


def outcomes(tasks: list[str | int], jobs: int, **limits: float) -> dict[str | int, object]:
    found = dict(run(work, tasks, jobs, Limits(**limits)))  # type: ignore[arg-type]
    assert not multiprocessing.active_children()
    return found


@pytest.mark.parametrize("jobs", [1, 3])
def test_each_failure_costs_its_own_task_only(jobs: int) -> None:
    tasks = ["abort", 1, "exit", 2, "hang", 3, "raise", 4, 5]
    found = outcomes(tasks, jobs, seconds=1.0)
    assert [found[n] for n in range(1, 6)] == [1, 2, 3, 4, 5]
    failures = {task: found[task] for task in ("abort", "exit", "hang", "raise")}
    assert all(isinstance(failure, Failure) for failure in failures.values())
    kinds = {task: failure.kind for task, failure in failures.items() if isinstance(failure, Failure)}
    assert kinds == {"abort": Kind.DIED, "exit": Kind.DIED, "hang": Kind.TOO_SLOW, "raise": Kind.DIED}
    why = {task: failure.why for task, failure in failures.items() if isinstance(failure, Failure)}
    assert (why["exit"], why["raise"]) == ("exit status 3", "KeyError: 'lost'")
    assert os.name == "nt" or why["abort"] == "SIGABRT"


@UNIX
@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit the memory of a process")
def test_memory_has_a_limit() -> None:
    found = outcomes(["grow", 1], 1, memory=800_000_000)
    assert found == {"grow": Failure(Kind.TOO_LARGE, "more than 800 MB of memory"), 1: 1}


def test_processes_are_kept_and_large_outcomes_arrive() -> None:
    found = list(run(work, ["who", "large", "who", "who"], 1))
    assert len({outcome for task, outcome in found if task == "who"}) == 1
    assert len(dict(found)["large"]) == 30_000_000  # type: ignore[arg-type]


def test_many_deaths_cost_nothing_else() -> None:
    """What pools with one queue for all processes fail at."""
    tasks = [n if n % 3 else f"exit {n}" for n in range(24)]
    found = dict(run(die_or_return, tasks, 3))
    assert [task for task in tasks if isinstance(found[task], Failure)] == [t for t in tasks if isinstance(t, str)]


def die_or_return(task: object) -> object:
    return os._exit(1) if isinstance(task, str) else task


def test_no_process_is_left_where_the_iteration_is_broken_off() -> None:
    iteration = run(work, [1, "hang", "hang"], 2)
    next(iteration)
    iteration.close()
    assert not multiprocessing.active_children()


def test_a_process_that_cannot_start_is_an_error() -> None:
    with pytest.raises(ChildProcessError, match="cannot start"):
        list(run(_Unloadable(), [1], 1))


class _Unloadable:
    """Cannot be unpickled in the other process."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (__import__, ("pfexcel.no_such_module",))

    def __call__(self, task: object) -> object:
        return task


@UNIX
@pytest.mark.parametrize("ends", ["SIGINT", "SIGKILL"])
def test_its_processes_end_with_the_program(ends: str, tmp_path: Path) -> None:
    """The program has no `if __name__ == "__main__"`: its processes do not run it again."""
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent("""
            import multiprocessing
            import time
            from pfexcel.returns.pool import run

            for _ in run(time.sleep, [0.0, *[3.0] * 9], 2):
                print(*(process.pid for process in multiprocessing.active_children()), flush=True)
        """),
        encoding="utf-8",
    )
    process = subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [int(pid) for pid in process.stdout.readline().split()]
    process.send_signal(signal.Signals[ends])
    said = process.communicate(timeout=30)[1]
    assert said.count("Traceback") == (ends == "SIGINT"), said
    deadline = time.monotonic() + 30
    assert len(pids) == 2
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text(encoding="ascii", errors="replace").split()[2] == "Z")
