"""docs/indicators.md, made from the definitions."""

from django.utils.translation import override

from monitoring.coefficients import DEFAULTS
from monitoring.indicators import by_group
from monitoring.indicators.comparisons import COMPARED, COMPARISONS, NEVER_CHANGES, NO_PROOF

_HEAD = """# Indicators

Made from `monitoring/indicators/` by `manage.py indicators`; do not edit. A cell is one indicator for
quarter x cohort x district x sex (each 'all' or one), and practice where it says so. Values are the
newest of the quarter and the five before it (18 months); older is unknown, never zero. Where two
visits of one day disagree the larger value counts. Fewer than 90 days of exposure say nothing about
12 months. Intervals are at 95 %; 'ratio' is a percentile bootstrap (1,000 replicates) in slices of
up to 200 ranchers, the delta method beyond; the method is kept with each cell.
"""


def markdown() -> str:
    """The whole page, in English."""
    parts = [_HEAD]
    with override("en"):
        for _group, title, indicators in by_group():
            parts.append(f"\n## {title}\n")
            for one in indicators:
                unit = f", {one.unit}" if str(one.unit) else ""
                parts.append(f"\n### `{one.code}`: {one.title}{unit}\n\n{one.definition}\n\n")
                parts.append(f"- Kind: {one.kind}; interval: {one.interval}; since {one.since}\n")
                parts.append(f"- Source: {one.source}\n")
                if one.numerator:
                    parts.append(f"- Per rancher: `{one.numerator}` / `{one.denominator}`")
                    parts.append(f", times {one.scale:g}\n" if one.scale != 1 else "\n")
                if one.per_practice:
                    parts.append("- One cell per practice\n")
        parts.append(_comparisons())
    parts.append("\n## Coefficients and thresholds: the defaults\n\n")
    parts.append("Coordinators change them as rows with an interval and a source.\n\n")
    parts.append("| code | value | unit | source |\n| --- | --- | --- | --- |\n")
    parts += [f"| `{code}` | {value} | {unit} | {src} |\n" for code, value, unit, src in DEFAULTS]
    return "".join(parts)


def _comparisons() -> str:
    """How users of a practice are compared with others, in the active language."""
    told = "".join(f"\n### {one.title}\n\n{one.definition}\n" for one in COMPARISONS)
    codes = ", ".join(f"`{one.code}`" for one in COMPARED)
    unchanging = ", ".join(f"`{code}`" for code in sorted(NEVER_CHANGES))
    return (
        f"\n## Farms that use a practice, and others\n\nOf {codes}; no change is told of {unchanging}."
        " Made for each practice, quarter and cohort (docs/decisions/045); no cells.\n"
        f"{told}\n{NO_PROOF}\n"
    )
