"""Time to adoption as Kaplan-Meier steps."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString

from monitoring.charts.frame import Drawing, Mark, Scale, Series, Text, mark_text, points, style_of
from monitoring.charts.lines import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, LineChart, draw_axes


@dataclass(frozen=True)
class SurvivalCurve:
    """One group: at each month, the share that has adopted by then (0-100) and its interval."""

    label: Text
    steps: Sequence[Mark]
    style: int = 1
    median: float | None = None


@dataclass(frozen=True)
class SurvivalChart(LineChart):
    curves: Sequence[SurvivalCurve] = field(default_factory=tuple)


def survival_chart(chart: SurvivalChart) -> SafeString:
    """Steps of the share that adopted by month since enrolment, with bands and medians."""
    drawing = Drawing(chart=chart, height=HEIGHT + 12, kind="survival")
    last = max(
        [s.x for c in chart.curves for s in c.steps] + [x for x, _ in chart.x_ticks] + [12.0]
    )
    x_scale = Scale((0, last), (LEFT + 6, RIGHT - 6))
    y_scale = Scale((0, 100), (BOTTOM, TOP))
    draw_axes(drawing, chart, x_scale=x_scale, y_scale=y_scale)
    for curve in chart.curves:
        colour = style_of(curve.style).colour
        known = [s for s in curve.steps if s.low is not None and s.high is not None]
        if len(known) > 1:
            upper = _staircase(
                [(s.x, s.high) for s in known if s.high is not None], x_scale, y_scale
            )
            lower = _staircase([(s.x, s.low) for s in known if s.low is not None], x_scale, y_scale)
            drawing.add("polygon", class_=f"band band--{curve.style}", points=points([*upper, *lower[::-1]]), fill=colour, fill_opacity="0.15")  # fmt: skip
    for curve in chart.curves:
        _draw_curve(drawing, chart, curve, x_scale=x_scale, y_scale=y_scale)
    return drawing.svg()


def _staircase(
    steps: Sequence[tuple[float, float]], x_scale: Scale, y_scale: Scale
) -> list[tuple[float, float]]:
    """Corners of a right-continuous step function."""
    corners: list[tuple[float, float]] = []
    for x, value in steps:
        if corners:
            corners.append((x_scale(x), corners[-1][1]))
        corners.append((x_scale(x), y_scale(value)))
    return corners


def _draw_curve(
    drawing: Drawing,
    chart: SurvivalChart,
    curve: SurvivalCurve,
    *,
    x_scale: Scale,
    y_scale: Scale,
) -> None:
    look = style_of(curve.style)
    steps = [(s.x, s.value) for s in curve.steps if s.value is not None]
    drawing.add(
        "polyline", class_=f"line line--{curve.style}", fill="none", stroke=look.colour,
        stroke_width="2.5", stroke_dasharray=look.dash or "none",
        points=points(_staircase(steps, x_scale, y_scale)),
    )  # fmt: skip
    if curve.median is not None:
        x, y = x_scale(curve.median), y_scale(50)
        drawing.add("line", class_="median", x1=x, x2=x, y1=y, y2=BOTTOM, stroke=look.colour, stroke_dasharray="2 3")  # fmt: skip
        series = Series(label=curve.label, marks=(), style=curve.style)
        hint = mark_text(chart, label=series.label, mark=Mark(x=curve.median, value=50.0))
        drawing.marker(style=curve.style, x=x, y=y, hint=hint)
