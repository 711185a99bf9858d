"""Charts drawn on the server as SVG: dataclasses in, `SafeString` out; nothing here reads data.

Every chart carries a title that says the finding and a description for screen readers, axis units,
n and interval behind each mark (also as the mark's tooltip), and tells series apart by colour, dash
and marker. Colours are presentation attributes, so that a chart pasted elsewhere keeps them.
Sizes are in units of a 480-wide view box; static/css/hato.css enlarges the text on phones.
"""

from monitoring.charts.frame import Chart, Mark, Series, legend
from monitoring.charts.lines import LineChart, line_chart, sparkline
from monitoring.charts.maps import Area, MapChart, map_chart
from monitoring.charts.rows import Row, RowChart, Strip, bar_chart, dot_chart, funnel_chart, strip
from monitoring.charts.stacks import Layer, StackChart, stack_chart, stack_key
from monitoring.charts.survival import SurvivalChart, SurvivalCurve, survival_chart

__all__ = [
    "Area",
    "Chart",
    "Layer",
    "LineChart",
    "MapChart",
    "Mark",
    "Row",
    "RowChart",
    "Series",
    "StackChart",
    "Strip",
    "SurvivalChart",
    "SurvivalCurve",
    "bar_chart",
    "dot_chart",
    "funnel_chart",
    "legend",
    "line_chart",
    "map_chart",
    "sparkline",
    "stack_chart",
    "stack_key",
    "strip",
    "survival_chart",
]
