"""Charts put each mark where its value says, and say in words what they draw."""

import re
from xml.etree import ElementTree as ET

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import translation

from monitoring.charts import (
    Area,
    Chart,
    Layer,
    LineChart,
    MapChart,
    Mark,
    Row,
    RowChart,
    Series,
    StackChart,
    Strip,
    SurvivalChart,
    SurvivalCurve,
    bar_chart,
    dot_chart,
    funnel_chart,
    legend,
    line_chart,
    map_chart,
    sparkline,
    stack_chart,
    stack_key,
    strip,
    survival_chart,
)
from monitoring.charts.frame import nice_ticks

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def in_spanish():
    with translation.override("es"):
        yield


def drawn(svg):
    return ET.fromstring(svg)  # noqa: S314 (our own output)


def places(root, marker):
    return [
        tuple(float(n) for n in re.findall(r"-?[\d.]+", e.get("transform"))[:2])
        for e in root.iter(f"{SVG}path")
        if e.get("class") == marker
    ]


def line(*marks, **options):
    return drawn(
        line_chart(LineChart(title="Sube", unit="%", series=[Series("Piloto", marks)], **options))
    )


def test_a_higher_value_is_drawn_higher_and_in_proportion():
    root = line(Mark(0, 0.0), Mark(1, 50.0), Mark(2, 100.0), y_max=100)
    (x0, y0), (x1, y1), (x2, y2) = places(root, "mark mark--1")
    assert x0 < x1 < x2
    assert y0 - y1 == pytest.approx(y1 - y2)
    assert y0 > y2


def test_marks_agree_with_the_axis_beside_them():
    root = line(Mark(0, 40.0), Mark(1, 20.0))
    labels = {e.text: float(e.get("y")) - 4.5 for e in root.iter(f"{SVG}text")}
    first, second = places(root, "mark mark--1")
    assert first[1] == pytest.approx(labels["40"], abs=0.11)
    assert second[1] == pytest.approx(labels["20"], abs=0.11)


def test_an_unknown_value_breaks_the_line_instead_of_counting_as_zero():
    root = line(Mark(0, 1.0), Mark(1, 2.0), Mark(2, None), Mark(3, 2.0), Mark(4, 1.0))
    lines = list(root.iter(f"{SVG}polyline"))
    assert [len(e.get("points").split()) for e in lines] == [2, 2]
    assert len(places(root, "mark mark--1")) == 4


def test_the_band_follows_the_interval():
    root = line(Mark(0, 5.0, 4.0, 6.0), Mark(1, 5.0, 2.0, 8.0))
    (band,) = list(root.iter(f"{SVG}polygon"))
    corners = [tuple(map(float, pair.split(","))) for pair in band.get("points").split()]
    widths = [corners[3][1] - corners[0][1], corners[2][1] - corners[1][1]]
    assert widths[1] == pytest.approx(3 * widths[0], rel=0.01)


def test_a_mark_says_its_value_interval_and_n_in_the_readers_language():
    root = line(Mark(0, 37.1, 30.8, 44.0, 202, label="2024 T3"))
    hints = [e.text for e in root.iter(f"{SVG}title")]
    assert hints[0] == "Sube"
    assert "Piloto, 2024 T3: 37,1 %" in hints[1]
    assert "30,8" in hints[1]
    assert "n = 202" in hints[1]


@pytest.mark.parametrize(
    "svg",
    [
        line_chart(LineChart(title="T")),
        sparkline(Chart(title="T", series=[Series("a", [Mark(0, None)])])),
        bar_chart(RowChart(title="T")),
        dot_chart(RowChart(title="T")),
        funnel_chart(RowChart(title="T")),
        strip(Strip(title="T")),
        survival_chart(SurvivalChart(title="T")),
        map_chart(MapChart(title="T")),
    ],
)
def test_a_chart_of_nothing_is_still_a_titled_image(svg):
    root = drawn(svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "T"
    assert root.get("viewBox")


def test_charts_keep_to_the_content_security_policy_and_escape_names():
    svg = bar_chart(
        RowChart(
            title="<script>alert(1)</script>",
            series=[Series("A", ())],
            rows=[Row('"><img src=x onerror=y>', [Mark(0, 3.0, 2.0, 4.0)])],
        )
    )
    assert "<script" not in svg
    assert "<img" not in svg
    assert "style=" not in svg


def test_bars_are_as_long_as_their_values_and_whiskers_end_at_the_interval():
    chart = RowChart(
        title="T",
        series=[Series("Piloto", ()), Series("Ampliación", (), style=2)],
        rows=[Row("Cercos vivos", [Mark(0, 80.0, 60.0, 90.0), Mark(0, 40.0)])],
        maximum=100,
    )
    root = drawn(bar_chart(chart))
    first, second = [float(e.get("width")) for e in root.iter(f"{SVG}rect")]
    assert first == pytest.approx(2 * second, abs=0.2)
    left = float(next(root.iter(f"{SVG}rect")).get("x"))
    whisker = next(e for e in root.iter(f"{SVG}path") if e.get("class") == "whisker").get("d")
    start, end = (
        re.findall(r"M([\d.]+) [\d.]+v8M", whisker)[0],
        re.findall(r"H([\d.]+)", whisker)[0],
    )
    assert (float(start) - left) / first == pytest.approx(60 / 80, abs=0.01)
    assert (float(end) - left) / first == pytest.approx(90 / 80, abs=0.01)


def test_dots_of_the_same_value_share_a_place_across_series():
    rows = [Row("A", [Mark(0, 30.0), Mark(0, 30.0)]), Row("B", [Mark(0, 60.0), Mark(0, None)])]
    root = drawn(
        dot_chart(RowChart(title="T", series=[Series("p", ()), Series("q", (), 2)], rows=rows))
    )
    pilot, other = places(root, "mark mark--1"), places(root, "mark mark--2")
    assert pilot[0][0] == other[0][0]
    assert pilot[1][0] > pilot[0][0]
    assert len(other) == 1


def test_the_funnel_keeps_the_order_of_steps_and_shows_counts():
    rows = [Row("Invitados", [Mark(0, 200.0, label="100 %")]), Row("Activos", [Mark(0, 75.0)])]
    root = drawn(funnel_chart(RowChart(title="T", decimals=0, series=[Series("p", ())], rows=rows)))
    widths = [float(e.get("width")) for e in root.iter(f"{SVG}rect")]
    assert widths[1] / widths[0] == pytest.approx(75 / 200, abs=0.01)
    assert "200 · 100 %" in [e.text for e in root.iter(f"{SVG}text")]


def test_survival_steps_stay_level_between_events():
    curve = SurvivalCurve("Piloto", [Mark(0, 0.0), Mark(6, 50.0), Mark(12, 100.0)], median=6)
    root = drawn(survival_chart(SurvivalChart(title="T", curves=[curve])))
    corners = [
        tuple(map(float, pair.split(",")))
        for pair in next(root.iter(f"{SVG}polyline")).get("points").split()
    ]
    assert corners[0][1] == corners[1][1]
    assert corners[1][0] == corners[2][0]
    assert corners[2][1] == corners[3][1]
    median = next(e for e in root.iter(f"{SVG}line") if e.get("class") == "median")
    assert float(median.get("x1")) == corners[1][0]


def test_own_figure_is_placed_against_the_middle_half():
    root = drawn(
        strip(Strip(title="T", own=4.0, own_label="Usted", lower=2.0, median=4.0, upper=6.0))
    )
    (own,) = places(root, "own")
    half = next(e for e in root.iter(f"{SVG}rect"))
    middle = float(half.get("x")) + float(half.get("width")) / 2
    assert own[0] == pytest.approx(middle, abs=0.2)


def test_areas_are_shaded_by_class_and_an_absent_figure_is_not_shaded_as_low():
    def square(west):
        return MultiPolygon(Polygon.from_bbox((west, -11, west + 1, -10)))

    root = drawn(
        map_chart(
            MapChart(
                title="T",
                areas=[
                    Area("Iñapari", square(-71), Mark(0, 10.0)),
                    Area("Iberia", square(-70), Mark(0, 90.0)),
                    Area("Tahuamanu", square(-69), Mark(0, None), note="< 5"),
                ],
            )
        )
    )
    classes = [
        e.get("class") for e in root.iter(f"{SVG}path") if (e.get("class") or "").startswith("area")
    ]
    assert classes == ["area area--0", "area area--4", "area area--none"]
    assert "< 5" in [e.text for e in root.iter(f"{SVG}text")]


def test_the_legend_tells_series_apart_by_more_than_colour():
    html = legend([Series("A", (), 1), Series("B", (), 2)])
    assert len(set(re.findall(r'stroke-dasharray="([^"]*)"', html))) == 2
    assert len(set(re.findall(r'<path d="(M-[^"]+)"', html))) == 2


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 0), (0.2, 0.31), (-3, 7), (0, 98765)])
def test_ticks_are_round_and_cover_the_values(low, high):
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 12


def test_layers_stand_on_one_another_and_each_piece_tells_its_figure():
    layers = [
        Layer(
            "Bosque", "#1d4d36", [Mark(0, 10, label="2020"), Mark(5, 5, label="2025"), Mark(10, 5)]
        ),
        Layer("Pasto", "#f0d264", [Mark(0, 0), Mark(5, 5, label="2025"), Mark(10, 5)]),
    ]
    root = drawn(stack_chart(StackChart(title="Sube el pasto", unit="ha", layers=layers)))
    forest, less, pasture = root.iter(f"{SVG}rect")
    height = {one.get("fill"): float(one.get("height")) for one in (forest, pasture)}
    assert height["#1d4d36"] == pytest.approx(2 * height["#f0d264"], abs=0.2)
    assert float(pasture.get("y")) + float(pasture.get("height")) == pytest.approx(
        float(less.get("y")), abs=0.2
    )
    assert pasture.find(f"{SVG}title").text == "Pasto, 2025: 5,0 ha"
    assert re.findall("</svg> (\\w+)", stack_key(layers)) == ["Pasto", "Bosque"]
