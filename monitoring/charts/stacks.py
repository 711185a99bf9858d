"""Amounts that add up, over time: steps stacked on one another."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from monitoring.charts.frame import (
    INK,
    Chart,
    Drawing,
    Mark,
    Scale,
    Text,
    mark_text,
    nice_ticks,
    number_text,
)
from monitoring.charts.lines import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, LineChart, draw_axes

LOWEST_LABEL = 16
"""Units of the view box: a lower band has no room for its figure."""


@dataclass(frozen=True)
class Layer:
    """One kind of amount. A mark's value holds from its x up to the next mark's x."""

    label: Text
    colour: str
    marks: Sequence[Mark]
    is_dark: bool = False


@dataclass(frozen=True)
class StackChart(Chart):
    """Layers from the bottom up, all with marks at the same places; the last mark's x is the end."""

    layers: Sequence[Layer] = field(default_factory=tuple)
    x_ticks: Sequence[tuple[float, Text]] = field(default_factory=tuple)


def stack_chart(chart: StackChart) -> SafeString:
    """Bands of which each piece tells its figure; those of the last stretch have it written on them."""
    drawing = Drawing(chart=chart, height=HEIGHT - 8, kind="stack")
    xs = [mark.x for mark in chart.layers[0].marks]
    tops = [sum(layer.marks[i].value or 0 for layer in chart.layers) for i in range(len(xs))]
    ticks = nice_ticks(0, max(tops))
    x_scale = Scale((xs[0], xs[-1]), (LEFT + 6, RIGHT - 6))
    y_scale = Scale((0, ticks[-1]), (BOTTOM, TOP))
    axes = LineChart(title=chart.title, unit=chart.unit, x_ticks=chart.x_ticks)
    draw_axes(drawing, axes, x_scale=x_scale, y_scale=y_scale)
    floor = [0.0] * len(xs)
    for layer in chart.layers:
        for i, mark in enumerate(layer.marks[:-1]):
            if not mark.value:
                continue
            left, right = x_scale(xs[i]), x_scale(xs[i + 1])
            top, bottom = y_scale(floor[i] + mark.value), y_scale(floor[i])
            # The paper's colour between the pieces: kinds stay apart without telling colours apart.
            drawing.add(
                "rect", hint=mark_text(chart, label=layer.label, mark=mark), x=left, y=top,
                width=right - left, height=bottom - top, fill=layer.colour, stroke="#fff",
                stroke_width="1.5",
            )  # fmt: skip
            is_last = i == len(layer.marks) - 2
            text = number_text(mark.value, decimals=chart.decimals)
            if is_last and bottom - top >= LOWEST_LABEL and right - left >= 8 * len(text):
                drawing.text(
                    text, x=right - 5, y=(top + bottom) / 2 + 4.5, text_anchor="end",
                    fill="#fff" if layer.is_dark else INK,
                )  # fmt: skip
            floor[i] += mark.value
    return drawing.svg()


def stack_key(layers: Sequence[Layer]) -> SafeString:
    """The key to the layers, the topmost first, as they lie on one another."""
    items = format_html_join(
        "",
        '<li><svg viewBox="0 0 20 14" width="20" height="14" aria-hidden="true" focusable="false">'
        '<rect x="1" y="1" width="18" height="12" fill="{}" stroke="#2b2417"/></svg> {}</li>',
        ((layer.colour, layer.label) for layer in reversed(layers)),
    )
    return format_html('<ul class="legend">{}</ul>', items)
