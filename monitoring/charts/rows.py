"""Figures side by side, one row each: bars, dots with intervals, the funnel, the middle half."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from monitoring.charts.frame import (
    INK,
    LINE,
    STRONG_LINE,
    Chart,
    Drawing,
    Mark,
    Scale,
    Text,
    mark_text,
    nice_ticks,
    number_text,
    style_of,
)

LEFT, RIGHT = 8, 472
LABEL_HEIGHT, LANE = 22, 20


@dataclass(frozen=True)
class Row:
    """One row: its label, and one mark per series in the chart's order."""

    label: Text
    marks: Sequence[Mark]


@dataclass(frozen=True)
class RowChart(Chart):
    """Rows of figures; `maximum` is the least end of the axis (100 for a share)."""

    rows: Sequence[Row] = field(default_factory=tuple)
    maximum: float | None = None


def _scale(chart: RowChart, *, right: float) -> tuple[Scale, list[float]]:
    values = [
        v for row in chart.rows for m in row.marks for v in (m.value, m.high) if v is not None
    ]
    lows = [v for row in chart.rows for m in row.marks for v in (m.value, m.low) if v is not None]
    low = min([*lows, 0.0])
    high = max([*values, chart.maximum] if chart.maximum is not None else values, default=1.0)
    ticks = nice_ticks(low, high)
    return Scale((ticks[0], ticks[-1]), (LEFT, right)), ticks


def _draw_ticks(
    drawing: Drawing, chart: RowChart, *, scale: Scale, ticks: Sequence[float], bottom: float
) -> None:
    decimals = 0 if all(tick == int(tick) for tick in ticks) else 1
    for i, tick in enumerate(ticks):
        x = scale(tick)
        colour = STRONG_LINE if tick == 0 else LINE
        drawing.add("line", x1=x, x2=x, y1=4, y2=bottom, stroke=colour, stroke_width="1")
        anchor = "start" if i == 0 else "end" if i == len(ticks) - 1 else "middle"
        unit = chart.unit if i == len(ticks) - 1 else ""
        drawing.text(
            number_text(tick, decimals=decimals, unit=unit), x=x, y=bottom + 18, text_anchor=anchor
        )


def _whisker(drawing: Drawing, mark: Mark, *, scale: Scale, y: float, colour: str) -> None:
    if mark.low is None or mark.high is None:
        return
    x1, x2 = scale(mark.low), scale(mark.high)
    drawing.add(
        "path", class_="whisker", fill="none", stroke=colour, stroke_width="1.8",
        d=f"M{x1:.1f} {y - 4:.1f}v8M{x1:.1f} {y:.1f}H{x2:.1f}M{x2:.1f} {y - 4:.1f}v8",
    )  # fmt: skip


def bar_chart(chart: RowChart) -> SafeString:
    """Horizontal bars from zero with interval whiskers, the label above its bars."""
    return _rows(chart, as_bars=True)


def dot_chart(chart: RowChart) -> SafeString:
    """Dots with their intervals, one lane per series, the label above."""
    return _rows(chart, as_bars=False)


def _rows(chart: RowChart, *, as_bars: bool) -> SafeString:
    row_height = LABEL_HEIGHT + LANE * max(len(chart.series), 1) + 8
    bottom = 6 + row_height * len(chart.rows)
    drawing = Drawing(chart=chart, height=bottom + 26, kind="bar" if as_bars else "dot")
    scale, ticks = _scale(chart, right=RIGHT)
    _draw_ticks(drawing, chart, scale=scale, ticks=ticks, bottom=bottom)
    for i, row in enumerate(chart.rows):
        top = 6 + i * row_height
        drawing.text(
            row.label, x=LEFT, y=top + 16, fill=INK, font_weight="600", class_="row-label",
            paint_order="stroke", stroke="#fff", stroke_width="4",
        )  # fmt: skip
        for lane, (series, mark) in enumerate(zip(chart.series, row.marks, strict=True)):
            y = top + LABEL_HEIGHT + LANE * lane + LANE / 2
            hint = mark_text(chart, label=f"{row.label}, {series.label}", mark=mark)
            if mark.value is None:
                drawing.text(mark.label or "—", x=LEFT + 2, y=y + 4.5)
                continue
            colour = style_of(series.style).colour
            if as_bars:
                x0 = scale(max(scale.domain[0], 0.0))
                drawing.add(
                    "rect", hint=hint, class_=f"bar bar--{series.style}", x=min(x0, scale(mark.value)),
                    y=y - 7, width=abs(scale(mark.value) - x0), height="14", fill=colour,
                )  # fmt: skip
            _whisker(drawing, mark, scale=scale, y=y, colour=INK if as_bars else colour)
            if not as_bars:
                drawing.marker(style=series.style, x=scale(mark.value), y=y, hint=hint)
    return drawing.svg()


def funnel_chart(chart: RowChart) -> SafeString:
    """Counts by step, as bars with the count beside them; one lane per series."""
    row_height = LABEL_HEIGHT + (LANE + 2) * max(len(chart.series), 1) + 6
    drawing = Drawing(chart=chart, height=row_height * len(chart.rows) + 4, kind="funnel")
    scale, _ticks = _scale(chart, right=RIGHT - 90)
    for i, row in enumerate(chart.rows):
        top = i * row_height
        drawing.text(row.label, x=LEFT, y=top + 16, fill=INK, font_weight="600", class_="row-label")
        for lane, (series, mark) in enumerate(zip(chart.series, row.marks, strict=True)):
            y = top + LABEL_HEIGHT + (LANE + 2) * lane
            width = max(scale(mark.value) - LEFT, 1.0) if mark.value is not None else 0.0
            drawing.add(
                "rect", hint=mark_text(chart, label=f"{row.label}, {series.label}", mark=mark),
                class_=f"bar bar--{series.style}", x=float(LEFT), y=y, width=width, height=LANE - 2,
                fill=style_of(series.style).colour,
            )  # fmt: skip
            value = number_text(mark.value, decimals=chart.decimals)
            drawing.text(
                f"{value} · {mark.label}" if mark.label and mark.value is not None else mark.label or value,
                x=LEFT + width + 7, y=y + 14, fill=INK,
            )  # fmt: skip
    return drawing.svg()


@dataclass(frozen=True)
class Strip(Chart):
    """One person's figure against a group's middle half (from the lower to the upper quartile)."""

    own: float | None = None
    own_label: Text = ""
    lower: float = 0.0
    median: float | None = None
    upper: float = 0.0
    group_label: Text = ""


def strip(chart: Strip) -> SafeString:
    """A line from zero with the middle half shaded, the middle ticked and one's own place marked."""
    width = 320  # a card on a phone: words stay as large as those beside it
    drawing = Drawing(chart=chart, height=90, width=width, kind="strip")
    top = max(chart.upper * 1.35, (chart.own or 0) * 1.1, 0.1)
    ticks = nice_ticks(0, top, about=3)
    scale = Scale((0, ticks[-1]), (10, width - 10))
    y = 42.0
    drawing.add("line", x1=scale(0), x2=scale(ticks[-1]), y1=y, y2=y, stroke=STRONG_LINE, stroke_width="2")  # fmt: skip
    drawing.add(
        "rect", hint=str(chart.group_label), class_="middle-half", x=scale(chart.lower), y=y - 11,
        width=max(scale(chart.upper) - scale(chart.lower), 2.0), height="22", rx="3",
        fill="#d7e4ee", stroke="#0a5c92", stroke_width="1.5",
    )  # fmt: skip
    if chart.median is not None:
        x = scale(chart.median)
        drawing.add("line", x1=x, x2=x, y1=y - 11, y2=y + 11, stroke="#0a5c92", stroke_width="2.5")
    for tick in ticks:
        end = tick == ticks[-1]
        text = number_text(
            tick, decimals=0 if tick == int(tick) else 1, unit=chart.unit if end else ""
        )
        anchor = "start" if tick == 0 else "end" if end else "middle"
        drawing.text(text, x=scale(tick), y=76, text_anchor=anchor)
    if chart.own is not None:
        x = scale(chart.own)
        hint = (
            f"{chart.own_label}: {number_text(chart.own, decimals=chart.decimals, unit=chart.unit)}"
        )
        drawing.add("path", hint=hint, class_="own", d="M0 0l-9 -15h18z", transform=f"translate({x:.1f} {y - 2:.1f})", fill="#b3470b", stroke="#fff", stroke_width="1.5")  # fmt: skip
        anchor = "start" if x < 40 else "end" if x > width - 40 else "middle"
        drawing.text(chart.own_label, x=x, y=17, text_anchor=anchor, fill=INK, font_weight="700")
    return drawing.svg()
