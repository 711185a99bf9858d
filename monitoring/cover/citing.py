"""What is said beside every figure of tree cover: source, version, years, known limits, made up or not."""

from __future__ import annotations

from hashlib import sha256

from django.utils.translation import gettext as _

from monitoring.models import CoverSource


def active_sources() -> dict[str, CoverSource]:
    """The sources that feed the indicators, by what they measure ('forest', 'alerts')."""
    return {source.measures: source for source in CoverSource.objects.filter(is_active=True)}


def source_words(source: CoverSource) -> str:
    """Which dataset and version a figure is from, and that it is made up where it is."""
    text = _("Source: %(source)s. %(attribution)s") % {
        "source": source,
        "attribution": f"{source.attribution.rstrip('.')}.",
    }
    return f"{text} {_('Synthetic data.')}" if source.is_synthetic else text


def short_words(source: CoverSource) -> str:
    """One line under a figure: 'Source: Global Forest Change GFC-2024-v1.12 (...). Synthetic data.'"""
    text = _("Source: %(source)s (%(span)s).") % {"source": source, "span": source.span_words}
    return f"{text} {_('Synthetic data.')}" if source.is_synthetic else text


def words_beside(source: CoverSource | None) -> str:
    """All that must stand beside a figure that stands alone; says so where no source is in use."""
    if source is None:
        return _("No source of tree cover is in use, so nothing newer is computed.")
    return " ".join(filter(None, [short_words(source), source.caveat]))


def stamp() -> str:
    """A word that changes when anything that is said of the active sources does."""
    fields = (
        *("pk", "name", "version", "attribution", "caveat", "is_synthetic"),
        *("baseline_year", "last_year", "covers_from", "covers_until"),
    )
    rows = CoverSource.objects.filter(is_active=True).order_by("pk").values_list(*fields)
    return sha256(repr(list(rows)).encode()).hexdigest()
