"""The one rounding of the rulebook: ten decimals, halves away from zero, the same to the bit in Python and numpy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DECIMALS = 10
SCALE = 10.0**DECIMALS
_INFINITE = math.inf
_floor = math.floor


def round_measure(value: float) -> float:
    """Round a measure, or one side of a comparison, to ten decimals.

    Limits are decimal numbers, measures come out of float divisions: without rounding `0.57 / 0.6` misses 0.95.

    >>> round_measure(0.57 / 0.6) == 0.95
    True
    >>> round_measure(-0.00000000005)
    -1e-10
    """
    if value >= 0.0:
        scaled = value * SCALE
        return _floor(scaled + 0.5) / SCALE if scaled < _INFINITE else value
    scaled = value * -SCALE
    return -(_floor(scaled + 0.5) / SCALE) if scaled < _INFINITE else value


def round_measures(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """`round_measure` over an array; NaN stays NaN."""
    import numpy as np

    scaled = np.abs(values) * SCALE
    rounded = np.copysign(np.floor(scaled + 0.5) / SCALE, values + 0.0)
    huge = np.isinf(scaled)
    return np.where(huge, values, rounded) if huge.any() else rounded
