"""What a figure is counted in, and how it is said in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """What a figure is counted in: how it is entered, bounded, shown in a cell and said in words."""

    id: str
    kind: str
    words: str
    cell: str = "General"
    decimals: int = 0
    percent: bool = False
    whole: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None

    @property
    def is_number(self) -> bool:
        return self.kind == "number"

    def show(self, value: float | str | None) -> str:
        """The value in words, with as many decimals as it takes to tell it from any limit.

        >>> Unit("share", "number", "%", percent=True, decimals=2).show(0.9496)
        '94.96%'
        >>> Unit("money", "number", "GBP thousand").show(-1250)
        'GBP −1,250 thousand'
        """
        if value is None:
            return "missing"
        if isinstance(value, str):
            return value
        shown = value * 100 if self.percent else value
        text = _decimal(shown, self.decimals)
        if self.percent:
            return f"{text}%"
        if self.words.startswith("GBP "):
            return f"GBP {text} {self.words[4:]}"
        return f"{text} {self.words}" if self.words in ("days", "weeks", "points") else text


def _decimal(value: float, decimals: int) -> str:
    """The number to `decimals` decimals without idle zeros, or to more where it would read rounder than it is."""
    size = abs(value)
    for places in range(decimals, 9):
        text = f"{size:,.{places}f}"
        exact = abs(float(text.replace(",", "")) - size) <= 1e-9 * max(size, 1.0)
        if exact or not text.endswith("0") or places == 8:
            text = text.rstrip("0").rstrip(".") if "." in text else text
            return f"−{text}" if value < 0 and text.strip("0.,") else text
    return str(value)
