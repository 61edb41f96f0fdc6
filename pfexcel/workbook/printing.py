"""How tall rows are, and where printed pages end.

Rows are as tall as their texts need, by the widths of letters, so that a printed page is the same from any program;
a page ends before a table that would be torn where the next page has room for all of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from math import ceil

PORTRAIT, LANDSCAPE = (523, 748), (770, 500)  # what A4 has room for within its margins: width and height, in points
PLAIN = 14.25  # the height of a row of one line, in points; 15 would be left to the program

_LINE, _PADDING = 1.275, 1.5  # of the size of the letters; points
_EDGE = 15  # pixels of a cell that an indent and the space beside the text take
_POINTS = 0.75  # to a pixel

# Arial's widths of the letters from the space on, in thousandths of their size; any other counts as a wide one.
_WIDTHS = (
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
    *(*[556] * 10, 278, 278, 584, 584, 584, 556),
    *(1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778),
    *(667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556),
    *(333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556),
    *(556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584),
)
_WIDE = 667
_FULL = 0.75  # of a page, after which a table too long for one page begins on the next
_SAFE, _BOLD = 1.03, 1.08  # programs round letters to pixels; bold letters are wider


def pixels(width: float) -> int:
    """The pixels of a column's width.

    >>> pixels(10)
    75
    """
    return int(width * 7 + 5.5)


def height(lines: int, size: float) -> float:
    """The height of a row with `lines` lines in letters of `size` points, in whole pixels.

    >>> height(1, 10), height(2, 10), height(1, 12)
    (14.25, 27.0, 17.25)
    """
    return ceil((lines * size * _LINE + _PADDING) / _POINTS) * _POINTS


@lru_cache(maxsize=8192)
def lines_of(text: str, width: float, size: float = 10, bold: bool = False) -> int:
    """How many lines a text takes in a column.

    >>> lines_of("Performance under review", 26), lines_of("Performance under review", 14)
    (1, 2)
    """
    room = (pixels(width) - _EDGE) * _POINTS / (size * _SAFE * (_BOLD if bold else 1)) * 1000
    space = _WIDTHS[0]
    lines, used = 1, -space
    for word in text.split(" "):
        needed = sum(_WIDTHS[ord(c) - 32] if 32 <= ord(c) < 127 else _WIDE for c in word)
        if used > 0 and used + space + needed > room:
            lines, used = lines + 1, -space
        used += space + needed
    return lines


def room_of(widths: Sequence[float], landscape: bool) -> float:
    """The height in points of the rows that a page holds where columns of these widths fill its width."""
    page = LANDSCAPE if landscape else PORTRAIT
    return page[1] / min(1.0, page[0] / (sum(map(pixels, widths)) * _POINTS))


def page_breaks(
    heights: Mapping[int, float], starts: Sequence[int], last: int, room: float, repeated: float = 0.0
) -> list[int]:
    """The rows before which a page ends so that no block is torn that a page has room for.

    A block that no page has room for begins where it stands, unless hardly anything of it would fit there.

    Args:
        heights: the height of each row; others are plain.
        starts: the first row of each block, in order; what stands above the first goes with it.
        last: the last row printed.
        room: the height of a page.
        repeated: the height of the rows that every further page repeats.

    >>> page_breaks({}, [2, 20, 30], 60, 25 * PLAIN)
    [20]
    """

    def tall(first: int, end: int) -> float:
        return sum(heights.get(row, PLAIN) for row in range(first, end + 1))

    def overflows(end: int) -> bool:
        return tall(top, end) > room - (repeated if top else 0)

    found, top = [], 0
    for start, after in pairwise([*starts, last + 1]):
        fits_a_page = tall(start, after - 1) <= room - repeated
        if start > top and overflows(after - 1) and (fits_a_page or tall(top, start) > _FULL * room):
            found.append(start)
            top = start
        for row in range(start, after):
            if overflows(row):
                top = row
    return found
