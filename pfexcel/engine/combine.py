"""How scores, parts and over-riding rules become one category: ranks, 0 for the best, None where data are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def lowest(ranks: Iterable[int | None], stands: int) -> int | None:
    """The rank of the worst part; with a part missing, None, unless another is at `stands` or worse."""
    known = [rank for rank in ranks]
    worst = max((rank for rank in known if rank is not None), default=None)
    if None in known and (worst is None or worst < stands):
        return None
    return worst


def capped(uncapped: int | None, caps: Sequence[int], rule_unknown: bool, stands: int) -> int | None:
    """The rank after the over-riding rules that hold (`caps` are the best ranks they allow).

    A rule that makes it `stands` or worse holds although data are missing; else a missing score, or a rule
    that cannot be judged, leaves the category open.

    >>> capped(0, [1], False, 2), capped(None, [1], False, 2), capped(None, [2], True, 2)
    (1, None, 2)
    """
    cap = max(caps, default=0)
    if cap < stands and (uncapped is None or rule_unknown):
        return None
    return max(cap, uncapped or 0)
