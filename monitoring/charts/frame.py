"""The common ground of the charts: scales, ticks, number text, SVG elements, series styles."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

Text = str | Promise

WIDTH = 480
INK = "#1f1a13"
SOFT = "#4b4335"
LINE = "#cfc6b2"
STRONG_LINE = "#7d725c"


@dataclass(frozen=True)
class Style:
    """How one series is told apart: colour, dash of its line, shape of its marker."""

    colour: str
    dash: str
    marker: str


# Orange and blue first: safe for every common colour blindness, and apart in grey print.
STYLES: Sequence[Style] = (
    Style("#b3470b", "", "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z"),
    Style("#0a5c92", "7 4", "M-4 -4h8v8h-8z"),
    Style("#5b5b5b", "2 3", "M0 -5.2l5 9h-10z"),
    Style("#7b3f8f", "10 3 2 3", "M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z"),
    Style("#1d6f4c", "4 2", "M-4.5 -2.5h9v5h-9z"),
)


@dataclass(frozen=True)
class Mark:
    """One figure: its place on the x axis (where there is one), value, interval and n."""

    x: float
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    label: Text = ""


@dataclass(frozen=True)
class Series:
    """One group's figures; `style` 1..5 is the group's look on every chart of a page."""

    label: Text
    marks: Sequence[Mark]
    style: int = 1


@dataclass(frozen=True)
class Chart:
    """What every chart says: the finding, what is drawn, in which unit, with how many decimals."""

    title: Text
    unit: Text = ""
    decimals: int = 1
    description: Text = ""
    series: Sequence[Series] = field(default_factory=tuple)


def style_of(number: int) -> Style:
    return STYLES[(number - 1) % len(STYLES)]


def number_text(value: float | None, *, decimals: int, unit: Text = "") -> str:
    """A number in the reader's language with its unit, '—' for none."""
    if value is None:
        return "—"
    text = _digits(value, decimals, get_language())
    return f"{text} {unit}" if unit else text


@lru_cache(maxsize=16_384)
def _digits(value: float, decimals: int, language: str | None) -> str:  # noqa: ARG001
    """The number as the active language writes it; a page has thousands, most of them seen before."""
    return str(number_format(round(value, decimals) or 0, decimal_pos=decimals))


def mark_text(chart: Chart, *, label: Text, mark: Mark) -> str:
    """A figure in words: 'Pilot, 2024 Q3: 37.1 % (30.8 to 44.0), n = 202'."""
    where = f"{label}, {mark.label}" if mark.label and label else f"{label}{mark.label}"
    figure = (mark.value, mark.low, mark.high)
    text = f"{where}: {_figure_text(*figure, chart.decimals, str(chart.unit), get_language())}"
    return text if mark.n is None else f"{text}, n = {mark.n}"


@lru_cache(maxsize=16_384)
def _figure_text(
    value: float | None,
    low: float | None,
    high: float | None,
    decimals: int,
    unit: str,
    language: str | None,  # noqa: ARG001 (the active one: the words are kept for each)
) -> str:
    text = number_text(value, decimals=decimals, unit=unit)
    if low is None or high is None:
        return text
    ends = {"low": number_text(low, decimals=decimals), "high": number_text(high, decimals=decimals)}  # fmt: skip
    return f"{text} {_('(%(low)s to %(high)s)') % ends}"


def range_text(chart: Chart, *, label: Text, mark: Mark) -> str:
    """A figure of which only a range is told: 'Pilot, 2024 Q3: between 60 and 90 %, n = 10'."""
    ends = {
        "where": f"{label}, {mark.label}" if mark.label else str(label),
        "low": number_text(mark.low, decimals=0),
        "high": number_text(mark.high, decimals=0, unit=chart.unit),
    }
    return _("%(where)s: between %(low)s and %(high)s") % ends + f", n = {mark.n}"


def nice_ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Round numbers that cover [low, high], about `about` of them."""
    if high <= low:
        high = low + 1
    rough = (high - low) / max(about - 1, 1)
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(s * magnitude for s in (1, 2, 2.5, 5, 10) if s * magnitude >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


@dataclass(frozen=True)
class Scale:
    """A linear map from a domain of values to a range of view-box units."""

    domain: tuple[float, float]
    range: tuple[float, float]

    def __call__(self, value: float) -> float:
        (d0, d1), (r0, r1) = self.domain, self.range
        return r0 + (value - d0) / ((d1 - d0) or 1) * (r1 - r0)


def points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


@lru_cache(maxsize=256)
def _attribute(name: str) -> str:
    """`stroke_width` becomes `stroke-width`, `class_` becomes `class`."""
    return name.rstrip("_").replace("_", "-")


def element(tag: str, *inside: str, hint: str = "", **attributes: object) -> str:
    """An SVG element as text; `inside` are elements. By hand, since a tree of objects takes three
    times as long for a chart of a hundred marks."""
    written = "".join(
        f' {_attribute(name)}="{value:.1f}"'
        if isinstance(value, float)
        else f' {_attribute(name)}="{escape(str(value))}"'
        for name, value in attributes.items()
    )
    title = f"<title>{escape(hint)}</title>" if hint else ""
    return f"<{tag}{written}>{title}{''.join(inside)}</{tag}>"


class Drawing:
    """An SVG being drawn. `title` and `description` are read by screen readers."""

    def __init__(self, *, chart: Chart, height: float, width: float = WIDTH, kind: str) -> None:
        self._root: dict[str, str] = {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": f"chart__svg chart__svg--{kind}",
            "viewBox": f"0 0 {width:g} {height:g}",
            "role": "img",
            "font-family": "system-ui, sans-serif",
            "font-size": "13",
        }
        self._elements = [element("title", escape(str(chart.title)))]
        if chart.description:
            self._elements.append(element("desc", escape(str(chart.description))))

    def add(self, tag: str, *inside: str, hint: str = "", **attributes: object) -> None:
        """Add an `element`."""
        self._elements.append(element(tag, *inside, hint=hint, **attributes))

    def text(self, content: Text, *, x: float, y: float, **attributes: object) -> None:
        attributes.setdefault("fill", SOFT)
        self.add("text", escape(str(content)), hint="", x=float(x), y=float(y), **attributes)

    def marker(self, *, style: int, x: float, y: float, hint: str, size: float = 1.0) -> None:
        look = style_of(style)
        place = f"translate({x:.1f} {y:.1f})"
        if size != 1.0:
            place += f" scale({size:g})"
        self.add(
            "path", hint=hint, class_=f"mark mark--{style}", d=look.marker, transform=place,
            fill=look.colour, stroke="#fff", stroke_width="1",
        )  # fmt: skip

    def svg(self) -> SafeString:
        return mark_safe(element("svg", *self._elements, hint="", **self._root))  # noqa: S308 (escaped above)


def legend(series: Sequence[Series]) -> SafeString:
    """The key to a chart's series, as a list that wraps."""
    items = format_html_join(
        "",
        '<li><svg viewBox="0 0 34 14" width="34" height="14" aria-hidden="true" focusable="false">'
        '<path d="M0 7h34" fill="none" stroke="{}" stroke-width="2.5" stroke-dasharray="{}"/>'
        '<path d="{}" transform="translate(17 7)" fill="{}"/></svg> {}</li>',
        (
            (look.colour, look.dash, look.marker, look.colour, one.label)
            for one in series
            for look in [style_of(one.style)]
        ),
    )
    return format_html('<ul class="legend">{}</ul>', items)
