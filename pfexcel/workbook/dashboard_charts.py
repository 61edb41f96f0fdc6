"""The charts of the Dashboard: native, with the theme's fonts and colours, each with an alternative text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pfexcel.workbook.dashboard_page import Range
from pfexcel.workbook.style import Styles

_LINE_COLOURS = ("green", "red", "amber", "mid_grey")
_DASHES = ("dash", "square_dot", "long_dash", "round_dot")
_LABELLED = 24  # so many columns have room for their figures side by side


class Line(NamedTuple):
    """A limit across a chart of scores: its name, and the cells it runs through."""

    name: str
    values: Range


def counts_chart(styles: Styles, title: str, labels: Range, series: Sequence[tuple[str, Range]], bars: int) -> Any:
    """Stacked bars, one a domain: how many trusts in each category."""
    chart: Any = styles.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    for word, values in series:
        colours = styles.theme["conditions"][word]
        font = _font(styles, 9, colours["font_color"], bold=True)
        look = {"fill": {"color": styles.colour(colours["bg_color"])}, "border": {"color": styles.colour("white")}}
        look |= {"gap": 45 if bars > 1 else 120, "data_labels": {"value": True, "num_format": "0;;;", "font": font}}
        chart.add_series({"name": word, "categories": labels, "values": values} | look)
    _look(chart, styles, title)
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
    chart.set_y_axis({"reverse": True, "num_font": _font(styles, 9), "major_tick_mark": "none"} | _line(styles))
    return chart


def scores_chart(
    styles: Styles, title: str, labels: Range, values: Range, lines: Sequence[Line], axes: tuple[str, str], most: float
) -> Any:
    """Columns, one a trust in order, with a line at each limit.

    The ranges begin and end with a line without a trust, so that the limits run from side to side.
    """
    number = int(values[3]) - int(values[1]) - 1
    chart: Any = styles.workbook.add_chart({"type": "column"})
    upright = {} if number <= _LABELLED else {"rotation": -90}
    font = _font(styles, 8, "white", bold=True) | upright
    look: dict[str, Any] = {"fill": {"color": styles.colour("blue")}, "gap": 60 if number > 4 else 250}
    look["data_labels"] = {"value": True, "num_format": "0.00;;;", "position": "inside_base", "font": font}
    chart.add_series({"name": axes[1], "categories": labels, "values": values} | look)
    over: Any = styles.workbook.add_chart({"type": "line"})
    for line, colour, dash in zip(lines, _LINE_COLOURS, _DASHES, strict=False):
        font = _font(styles, 9, colour, bold=True)
        last_alone = [{"delete": True}] * (number + 1)
        look = {"line": {"color": styles.colour(colour), "width": 1.5, "dash_type": dash}}
        look["data_labels"] = {"value": True, "num_format": "0.00", "position": "right", "font": font}
        look["data_labels"]["custom"] = last_alone
        over.add_series({"name": line.name, "categories": labels, "values": line.values} | look)
    chart.combine(over)
    _look(chart, styles, title)
    chart.set_x_axis(
        {"num_font": _font(styles, 9) | upright, "major_tick_mark": "none"}
        | _axis_name(styles, axes[0])
        | _line(styles)
    )
    chart.set_y_axis(
        {"min": 0, "max": most, "major_unit": 0.5, "num_format": "0.0", "num_font": _font(styles, 9)}
        | {"major_gridlines": {"visible": True, "line": {"color": styles.colour("light_grey")}}, "line": {"none": True}}
        | _axis_name(styles, axes[1])
    )
    return chart


def _look(chart: Any, styles: Styles, title: str) -> None:
    chart.set_title({"name": title, "name_font": _font(styles, 11, "dark_blue", bold=True), "overlay": False})
    chart.set_legend({"position": "bottom", "font": _font(styles, 9)})
    chart.set_chartarea({"border": {"color": styles.colour("light_grey")}, "fill": {"color": styles.colour("white")}})
    chart.show_hidden_data()


def _font(styles: Styles, size: float, colour: str = "text", bold: bool = False) -> dict[str, Any]:
    return {"name": styles.theme["font"]["font_name"], "size": size, "color": styles.colour(colour), "bold": bold}


def _line(styles: Styles) -> dict[str, Any]:
    return {"line": {"color": styles.colour("mid_grey")}}


def _axis_name(styles: Styles, name: str) -> dict[str, Any]:
    return {"name": name, "name_font": _font(styles, 9)}
