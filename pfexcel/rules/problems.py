"""What is wrong with an edition file, gathered so that all of it can be put right at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One thing wrong: the key it stands at, what is wrong, what to do."""

    key: str
    message: str
    action: str

    def __str__(self) -> str:
        return f"{self.key}: {self.message}. {self.action}."


class EditionError(ValueError):
    """An edition file that cannot be used, with every problem found: file, key, what is wrong and what to do."""

    def __init__(self, origin: str, problems: list[Problem]) -> None:
        self.origin = origin
        self.problems = problems
        super().__init__("\n".join(f"{origin}: {problem}" for problem in problems))


@dataclass
class Problems:
    """Collects problems while an edition is read; `at` opens a key, `add` notes a problem there."""

    found: list[Problem] = field(default_factory=list)
    path: list[str] = field(default_factory=list)

    @contextmanager
    def at(self, *keys: str) -> Iterator[None]:
        self.path.extend(keys)
        try:
            yield
        finally:
            del self.path[len(self.path) - len(keys) :]

    @contextmanager
    def afresh(self, *keys: str) -> Iterator[None]:
        """Open a key from the top of the file, whatever is open."""
        path, self.path = self.path, [*keys]
        try:
            yield
        finally:
            self.path = path

    def add(self, message: str, action: str, *keys: str) -> None:
        self.found.append(Problem(".".join([*self.path, *keys]) or "(top)", message, action))
