"""Work on files in long-lived processes of limited memory and time: one that dies is replaced, and the others go on.

Each process has a pipe of its own, so that it is always known on what a dead one worked, and its death cannot hold up
the others. Pools whose processes share a queue do not have that: see docs/decisions/0008-one-pipe-a-process.md.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

MOST_TRIES = 2  # a process may die of something else than its task, such as a machine short of memory
START_SECONDS = 120.0
_NO_ERROR_BOXES = 0x0001 | 0x0002  # of Windows: for critical errors, and for faults of a program


@dataclass(frozen=True)
class Limits:
    """What one task may take: seconds, and the bytes of memory of its process.

    The operating system limits the memory, where it can: Linux and most Unix systems, not Windows.
    """

    seconds: float = 60.0
    memory: int = 1_500_000_000


class Kind(Enum):
    """Why a task has no outcome: its process ended, or the task took too long or too much memory."""

    DIED = "died"
    TOO_SLOW = "too slow"
    TOO_LARGE = "too large"


class _Word(Enum):
    """What a process says of itself."""

    STARTED = "started"


@dataclass(frozen=True)
class Failure:
    """A task without an outcome, and why."""

    kind: Kind
    why: str


def run(
    work: Callable[[Task], Outcome], tasks: Iterable[Task], jobs: int, limits: Limits | None = None
) -> Generator[tuple[Task, Outcome | Failure], None, None]:
    """Do `work` on every task in `jobs` processes, and yield each task with its outcome as it is done.

    Args:
        work: a function of a module, or an object of one; it and its outcomes can be pickled.
        tasks: what to work on; one is taken as a process becomes free.
        jobs: how many processes.
        limits: what one task may take; a process that takes longer is ended and replaced.

    Raises:
        ChildProcessError: where a process cannot even start.

    However the iteration ends, by an exception or Ctrl-C too, no process is left.

    >>> sorted(run(abs, [-1, 2, -3], jobs=1))
    [(-3, 3), (-1, 1), (2, 2)]
    """
    limits = limits or Limits()
    upcoming = (_Try(task) for task in tasks)
    again: list[_Try[Task]] = []
    workers: list[_Worker[Task]] = []
    try:
        while True:
            while len(_busy(workers)) < jobs:
                following = again.pop() if again else next(upcoming, None)
                if following is None:
                    break
                _free(workers, work, limits).take_on(following)
            if not _busy(workers):
                return
            for worker in _stirring(workers):
                tried = worker.current
                outcome = worker.hear()
                if not worker.is_alive:
                    workers.remove(worker)
                if tried is None or outcome is _Word.STARTED:
                    continue
                if isinstance(outcome, Failure) and outcome.kind is Kind.DIED and tried.number < MOST_TRIES:
                    again.append(_Try(tried.task, tried.number + 1))
                else:
                    yield tried.task, outcome
    finally:
        for worker in workers:
            worker.end()


@dataclass(frozen=True)
class _Try(Generic[Task]):
    task: Task
    number: int = 1


class _Worker(Generic[Task]):
    """One process, its pipe, and what it works on."""

    def __init__(self, work: Callable[[Task], Any], limits: Limits) -> None:
        spawn = multiprocessing.get_context("spawn")  # as Windows and macOS do, so that all systems do the same
        self.limits = limits
        self.connection, theirs = spawn.Pipe()
        self.process = spawn.Process(target=_serve, args=(theirs, work, limits.memory), daemon=True)
        with _deaf_to_interrupts(), _apart_from_the_script():
            self.process.start()
        theirs.close()
        self.current: _Try[Task] | None = None
        self.has_started = False
        self.deadline = time.monotonic() + START_SECONDS
        self.is_alive = True

    def take_on(self, tried: _Try[Task]) -> None:
        self.current = tried
        if self.has_started:
            self.deadline = time.monotonic() + self.limits.seconds
        with contextlib.suppress(OSError):  # it has just died, which `hear` says
            self.connection.send(tried.task)

    def hear(self) -> Any:
        """The outcome of its task; or, the first time, that the process has started."""
        if not self.connection.poll():
            self.end()
            if not self.has_started:
                raise ChildProcessError("a process to read files does not start")
            return Failure(Kind.TOO_SLOW, f"more than {self.limits.seconds:g} seconds")
        try:
            said = self.connection.recv()
        except (EOFError, OSError):
            self.process.join(START_SECONDS)
            self.end()
            if not self.has_started:
                raise ChildProcessError(f"a process to read files cannot start ({self.last_words})") from None
            return Failure(Kind.DIED, self.last_words)
        if said is _Word.STARTED:
            self.has_started = True
            self.deadline = time.monotonic() + self.limits.seconds
        else:
            self.current = None
        return said

    @property
    def last_words(self) -> str:
        """How the process ended: a signal by its name, or an exit status."""
        status = self.process.exitcode or 0
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"

    def end(self) -> None:
        """End the process, whatever it does."""
        self.is_alive = False
        self.connection.close()
        self.process.kill()
        self.process.join()


def _busy(workers: Iterable[_Worker[Task]]) -> list[_Worker[Task]]:
    return [worker for worker in workers if worker.current is not None]


def _free(workers: list[_Worker[Task]], work: Callable[[Task], Any], limits: Limits) -> _Worker[Task]:
    """A process that has nothing to do; a new one where there is none."""
    found = next((worker for worker in workers if worker.current is None), None)
    if found is None:
        found = _Worker(work, limits)
        workers.append(found)
    return found


def _stirring(workers: list[_Worker[Task]]) -> list[_Worker[Task]]:
    """Wait for the processes that say something, end, or have used up their time."""
    busy = _busy(workers)
    patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
    heard = wait([worker.connection for worker in busy], patience)
    now = time.monotonic()
    return [worker for worker in busy if worker.connection in heard or worker.deadline <= now]


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal; one started in here leaves it to the one that started it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _apart_from_the_script() -> Iterator[None]:
    """Keep a process started in here from running the script, which has nothing that it needs, once more."""
    script = vars(sys.modules["__main__"])
    kept = {name: script.pop(name) for name in ("__file__", "__spec__") if name in script}
    script["__spec__"] = None
    try:
        yield
    finally:
        script.update(kept)


# --- in the process --------------------------------------------------------------------------------------------------


def _serve(connection: Connection[Any, Any], work: Callable[[Any], Any], memory: int) -> None:
    """Work on one task after another, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit(memory)
    _hush()
    with contextlib.suppress(EOFError, OSError):
        connection.send(_Word.STARTED)
        while True:
            connection.send(_outcome(work, connection.recv(), memory))


def _outcome(work: Callable[[Any], Any], task: Any, memory: int) -> Any:
    try:
        return work(task)
    except MemoryError:
        return Failure(Kind.TOO_LARGE, f"more than {memory / 1e6:,.0f} MB of memory")
    except Exception as error:  # of one task; the others must go on
        return Failure(Kind.DIED, f"{type(error).__name__}: {error}")


def _limit(memory: int) -> None:
    """Limit the process's memory, where the system can, and have it end without a core or a box on the screen."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(_NO_ERROR_BOXES)
        return
    import resource

    for limit, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(OSError, ValueError):  # macOS refuses the first
            resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))


def _hush() -> None:
    """Send what a reader prints as it goes down nowhere; what is wrong is reported in words."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
