"""The looks of the OpenDocument spreadsheet: the theme of the workbook as OpenDocument styles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pfexcel.publish.odf import Element, element
from pfexcel.publish.tables import words
from pfexcel.workbook.templates import template

CENTIMETRES = 0.2  # a character of a column's width
DATE = "date"
LANDSCAPE = ("29.7cm", "21cm")


class Styles:
    """The automatic styles of one document, made when first asked for; each answer is a style's name."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, ...], str] = {}
        self.elements: list[Element] = []

    def cell(self, look: str, figures: str = "", said: str = "", right: bool = False) -> str:
        """A cell style: a look of the theme, a number format, the colours of what the cell says."""
        said = said if said in words()["conditions"] else ""
        key = (look, figures, said, "right" if right else "")
        if key not in self.made:
            data = {"style__data_style_name": self.number(figures)} if figures else {}
            properties = {**_look(look), **_coloured(words()["conditions"].get(said, {}))}
            align = {"fo__text_align": "end" if right else "start", **_indent(properties)}
            children = [
                element("style:table-cell-properties", **_cell(properties)),
                element("style:paragraph-properties", **align),
                element("style:text-properties", **_text(properties)),
            ]
            self._add(key, "style:style", children, style__family="table-cell", **data)
        return self.made[key]

    def number(self, figures: str) -> str:
        """A number format: a number of decimals, or a date."""
        key = ("number", figures)
        if key not in self.made and figures == DATE:
            parts = [
                element("number:day"),
                element("number:text", " "),
                element("number:month", number__textual="true"),
                element("number:text", " "),
                element("number:year", number__style="long"),
            ]
            self._add(key, "number:date-style", parts)
        elif key not in self.made:
            digits = {"number__decimal_places": figures, "number__min_decimal_places": figures}
            plain = element("number:number", number__min_integer_digits="1", **digits)
            self._add(key, "number:number-style", [plain])
        return self.made[key]

    def width(self, characters: int) -> str:
        """A column style of a width."""
        key = ("width", str(characters))
        if key not in self.made:
            wide = element("style:table-column-properties", style__column_width=f"{characters * CENTIMETRES:.2f}cm")
            self._add(key, "style:style", [wide], style__family="table-column")
        return self.made[key]

    def _add(self, key: tuple[str, ...], name: str, children: list[Element], **attributes: str) -> None:
        self.made[key] = f"own{len(self.made)}"
        self.elements.append(element(name, children=children, style__name=self.made[key], **attributes))


def common_styles() -> list[Element]:
    """The styles that a document begins with: its font and language, and a page on its side."""
    speech = {"fo__language": "en", "fo__country": "GB"}
    text = element("style:text-properties", **_text(_look("global")), **speech)
    default = element("style:default-style", children=[text], style__family="table-cell")
    named = element("style:style", style__name="Default", style__family="table-cell")
    wide, high = LANDSCAPE
    size = {"fo__page_width": wide, "fo__page_height": high, "style__print_orientation": "landscape"}
    page = element("style:page-layout-properties", fo__margin="1cm", **size)
    layout = element("style:page-layout", children=[page], style__name="page")
    master = element("style:master-page", style__name="Default", style__page_layout_name="page")
    return [
        element("office:styles", children=[default, named]),
        element("office:automatic-styles", children=[layout]),
        element("office:master-styles", children=[master]),
    ]


def _look(name: str) -> dict[str, Any]:
    theme = words()["theme"]
    return {**_coloured(theme["global"]), **_coloured(theme.get(name, {}))}


def _coloured(look: Mapping[str, Any]) -> dict[str, Any]:
    colours = template("theme")["colours"]
    return {key: colours.get(value, value) if isinstance(value, str) else value for key, value in look.items()}


def _text(look: Mapping[str, Any]) -> dict[str, str]:
    weight = "bold" if look.get("bold") else "normal"
    size, colour = f"{look['font_size']}pt", look["font_color"]
    return {"fo__font_family": look["font_name"], "fo__font_size": size, "fo__color": colour, "fo__font_weight": weight}


def _cell(look: Mapping[str, Any]) -> dict[str, str]:
    wrap = "wrap" if look.get("text_wrap") else "no-wrap"
    found = {"style__vertical_align": look.get("valign", "top"), "fo__wrap_option": wrap}
    if "bg_color" in look:
        found["fo__background_color"] = look["bg_color"]
    if "bottom" in look:
        found["fo__border_bottom"] = f"{look['bottom'] * 0.75}pt solid {look['bottom_color']}"
    return found


def _indent(look: Mapping[str, Any]) -> dict[str, str]:
    return {"fo__margin_left": "0.15cm", "fo__margin_right": "0.15cm"} if look.get("indent") else {}
