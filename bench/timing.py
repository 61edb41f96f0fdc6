"""Timing two functions in turn, so that a machine whose speed drifts slows both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Compared:
    """What a comparison found: median times of both, in seconds, and the ratio ours / baseline of each round."""

    name: str
    baseline: str
    ours: float
    theirs: float
    ratios: tuple[float, ...]

    def __str__(self) -> str:
        ratio = statistics.median(self.ratios)
        spread = f"{min(self.ratios):.3g} to {max(self.ratios):.3g}"
        return f"{self.name}: {ratio:.3g} times {self.baseline} ({spread}); {self.ours:.3g} s and {self.theirs:.3g} s"


def compare(
    name: str, ours: Callable[[], object], baseline: str, theirs: Callable[[], object], rounds: int = 5
) -> Compared:
    """Run both in turn, once to warm up and then `rounds` times."""
    ours()
    theirs()
    own, other = [], []
    for _ in range(rounds):
        own.append(_time(ours))
        other.append(_time(theirs))
    ratios = tuple(a / b for a, b in zip(own, other, strict=True))
    return Compared(name, baseline, statistics.median(own), statistics.median(other), ratios)


def _time(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
