"""The theme as XlsxWriter formats."""

from __future__ import annotations

from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from pfexcel.workbook.templates import template

_COLOURS = ("font_color", "bg_color", "border_color", "bottom_color", "top_color")


class Styles:
    """Hands out the formats of the theme, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self.theme = template("theme")
        self.made: dict[tuple[str, str], Format] = {}

    def get(self, style: str, number: str = "") -> Format:
        """The format of a style, with a number format where one is given."""
        key = (style, number)
        if key not in self.made:
            table = {**self.theme["font"], **self._colours(self.theme["styles"][style])}
            if number:
                table["num_format"] = number
            self.made[key] = self.workbook.add_format(table)
        return self.made[key]

    def condition(self, words: str) -> Format:
        """What a cell takes on where it says `words`."""
        key = ("condition", words)
        if key not in self.made:
            self.made[key] = self.workbook.add_format(self._colours(self.theme["conditions"][words]))
        return self.made[key]

    def number_only(self, number: str) -> Format:
        """A number format alone, for a cell that changes its decimals."""
        key = ("number", number)
        if key not in self.made:
            self.made[key] = self.workbook.add_format({"num_format": number})
        return self.made[key]

    def key(self, words: str) -> Format:
        """A cell of the colour key that looks as one that says `words`."""
        key = ("key", words)
        if key not in self.made:
            table = {**self.theme["font"], **self.theme["styles"]["key"], **self.theme["conditions"][words]}
            self.made[key] = self.workbook.add_format(self._colours(table))
        return self.made[key]

    def colour(self, name: str) -> str:
        """A colour of the theme by name."""
        return self.theme["colours"][name]

    def _colours(self, table: dict[str, Any]) -> dict[str, Any]:
        return {k: self.theme["colours"].get(v, v) if k in _COLOURS else v for k, v in table.items()}
