"""Figures over time: lines with interval bands, and the small line without axes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from monitoring.charts.frame import (
    INK,
    LINE,
    STRONG_LINE,
    WIDTH,
    Chart,
    Drawing,
    Mark,
    Scale,
    Series,
    Text,
    mark_text,
    nice_ticks,
    number_text,
    points,
    range_text,
    style_of,
)

HEIGHT = 280
LEFT, RIGHT, TOP, BOTTOM = 56, 468, 26, 244


@dataclass(frozen=True)
class LineChart(Chart):
    """Several series over x; `x_ticks` are (x, label); `from_zero` keeps zero on the y axis."""

    x_ticks: Sequence[tuple[float, Text]] = field(default_factory=tuple)
    x_title: Text = ""
    from_zero: bool = True
    y_max: float | None = None


def line_chart(chart: LineChart) -> SafeString:
    """Lines with interval bands; a mark without a value breaks its line."""
    drawing = Drawing(chart=chart, height=HEIGHT - 8, kind="line")
    x_scale, y_scale = scales(chart)
    draw_axes(drawing, chart, x_scale=x_scale, y_scale=y_scale)
    for series in chart.series:
        for run in runs(series.marks):
            draw_band(drawing, series, run, x_scale=x_scale, y_scale=y_scale)
    for series in chart.series:
        draw_line(drawing, chart, series, x_scale=x_scale, y_scale=y_scale)
    return drawing.svg()


def scales(chart: LineChart) -> tuple[Scale, Scale]:
    marks = [mark for series in chart.series for mark in series.marks]
    xs = [mark.x for mark in marks] + [x for x, _label in chart.x_ticks] or [0.0]
    values = [v for mark in marks for v in (mark.value, mark.low, mark.high) if v is not None]
    low = min([*values, 0.0]) if chart.from_zero else min(values, default=0.0)
    high = chart.y_max if chart.y_max is not None else max(values, default=1.0)
    ticks = nice_ticks(low, high)
    return (
        Scale((min(xs), max(max(xs), min(xs) + 1)), (LEFT + 6, RIGHT - 6)),
        Scale((ticks[0], ticks[-1]), (BOTTOM, TOP)),
    )


def draw_axes(drawing: Drawing, chart: LineChart, *, x_scale: Scale, y_scale: Scale) -> None:
    ticks = nice_ticks(*y_scale.domain)
    decimals = (
        0 if all(tick == int(tick) for tick in ticks) else 1 if ticks[1] - ticks[0] >= 0.1 else 2
    )
    for tick in ticks:
        y = y_scale(tick)
        colour = STRONG_LINE if tick == ticks[0] else LINE
        drawing.add("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, stroke=colour, stroke_width="1")
        drawing.text(number_text(tick, decimals=decimals), x=LEFT - 7, y=y + 4.5, text_anchor="end")
    drawing.text(chart.unit, x=4, y=14, fill=INK, font_weight="600")
    for i, (x, label) in enumerate(chart.x_ticks):
        place = x_scale(x)
        alternate = "tick tick--alternate" if i % 2 and len(chart.x_ticks) > 6 else "tick"
        drawing.add("line", x1=place, x2=place, y1=BOTTOM, y2=BOTTOM + 5, stroke=STRONG_LINE)
        drawing.text(label, x=place, y=BOTTOM + 20, text_anchor="middle", class_=alternate)
    if chart.x_title:
        drawing.text(chart.x_title, x=RIGHT, y=HEIGHT + 4, text_anchor="end", fill=INK)


def runs(marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    """The unbroken stretches of marks with a value."""
    run: list[Mark] = []
    for mark in marks:
        if mark.value is not None:
            run.append(mark)
        elif run:
            yield run
            run = []
    if run:
        yield run


def draw_band(
    drawing: Drawing, series: Series, run: Sequence[Mark], *, x_scale: Scale, y_scale: Scale
) -> None:
    top, bottom = y_scale.range[1], y_scale.range[0]
    upper = [
        (x_scale(m.x), max(y_scale(m.high), top))
        for m in run
        if m.low is not None and m.high is not None
    ]
    lower = [
        (x_scale(m.x), min(y_scale(m.low), bottom))
        for m in run
        if m.low is not None and m.high is not None
    ]
    if len(upper) > 1:
        drawing.add(
            "polygon", class_=f"band band--{series.style}", points=points([*upper, *lower[::-1]]),
            fill=style_of(series.style).colour, fill_opacity="0.15",
        )  # fmt: skip


def draw_line(
    drawing: Drawing, chart: Chart, series: Series, *, x_scale: Scale, y_scale: Scale
) -> None:
    look = style_of(series.style)
    for mark in series.marks:
        _draw_range(drawing, chart, series, mark, x_scale=x_scale, y_scale=y_scale)
    for run in runs(series.marks):
        places = [(x_scale(m.x), y_scale(m.value)) for m in run if m.value is not None]
        if len(places) > 1:
            drawing.add(
                "polyline", class_=f"line line--{series.style}", points=points(places), fill="none",
                stroke=look.colour, stroke_width="2.5", stroke_dasharray=look.dash or "none",
                stroke_linejoin="round",
            )  # fmt: skip
        size = 1.0 if len(series.marks) <= 16 else 0.65
        for (x, y), mark in zip(places, run, strict=True):
            hint = mark_text(chart, label=series.label, mark=mark)
            drawing.marker(style=series.style, x=x, y=y, hint=hint, size=size)


def _draw_range(
    drawing: Drawing, chart: Chart, series: Series, mark: Mark, *, x_scale: Scale, y_scale: Scale
) -> None:
    """A bar from low to high for a figure of which only that is told."""
    if mark.value is not None or mark.low is None or mark.high is None:
        return
    x, top, bottom = x_scale(mark.x), y_scale(mark.high), y_scale(mark.low)
    drawing.add(
        "path", hint=range_text(chart, label=series.label, mark=mark), class_="range", fill="none",
        d=f"M{x - 3:.1f} {top:.1f}h6M{x:.1f} {top:.1f}V{bottom:.1f}M{x - 3:.1f} {bottom:.1f}h6",
        stroke=style_of(series.style).colour, stroke_width="1.5",
    )  # fmt: skip


def sparkline(chart: Chart, *, ends: tuple[Text, Text] | None = None) -> SafeString:
    """A small line of the first series, without axes; its last mark is drawn. `ends` are words
    below its beginning and its end."""
    drawing = Drawing(chart=chart, height=56 if ends else 40, width=160, kind="spark")
    if ends:
        drawing.text(ends[0], x=4, y=52)
        drawing.text(ends[1], x=156, y=52, text_anchor="end")
    series = chart.series[0]
    known = [mark for mark in series.marks if mark.value is not None]
    values = [mark.value for mark in known if mark.value is not None]
    if not values:
        return drawing.svg()
    x_scale = Scale((series.marks[0].x, series.marks[-1].x), (6, 152))
    y_scale = Scale(
        (min(values), max(values) if max(values) > min(values) else min(values) + 1), (34, 6)
    )
    look = style_of(series.style)
    for run in runs(series.marks):
        places = [(x_scale(m.x), y_scale(m.value)) for m in run if m.value is not None]
        drawing.add("polyline", class_="line", points=points(places), fill="none", stroke=look.colour, stroke_width="2")  # fmt: skip
    last = known[-1]
    drawing.marker(
        style=series.style, x=x_scale(last.x), y=y_scale(values[-1]),
        hint=mark_text(chart, label=series.label, mark=last), size=0.8,
    )  # fmt: skip
    return drawing.svg()


__all__ = ["WIDTH", "LineChart", "line_chart", "sparkline"]
