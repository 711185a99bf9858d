"""The dashboard's pages, each with a part that refreshes itself, the definitions and the exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from monitoring import exports, indicators
from monitoring.behind import ranchers_behind
from monitoring.dashboard_filters import (
    FilterForm,
    MapFilterForm,
    PracticeFilterForm,
    UseFilterForm,
)
from monitoring.dashboard_pages import PAGES, Ask, Page, use_question
from monitoring.drawn import drawn
from monitoring.drawn_ahead import remember
from monitoring.indicator_page import chosen_practice, indicator_figures, indicator_queries
from monitoring.indicators.comparisons import GROUP_NAMES, Group
from monitoring.quarters import label
from monitoring.use.behind import ranchers_in
from monitoring.use.files import use_table
from monitoring.views.maps import map_context
from ranchers.access import UserRequest, role_required
from ranchers.models import Programme, Role, Sex, Status

readers = role_required(Role.COORDINATOR, Role.MINISTRY)


@dataclass(frozen=True)
class Tab:
    label: Any
    url: str
    icon: str
    is_current: bool


def _ask(request: HttpRequest, form_class: type[FilterForm]) -> Ask:
    return Ask.of(form_class, request.GET, viewer=request.user)


def _page(slug: str) -> Page:
    try:
        return PAGES[slug]
    except KeyError:
        raise Http404(slug) from None


def _tabs(current: str, ask: Ask) -> list[Tab]:
    shared = {
        k: v for k, v in ask.form.chosen().items() if k in {"distrito", "sexo", "desde", "hasta"}
    }
    query = f"?{urlencode(shared)}" if shared else ""
    pages = [
        Tab(p.title, reverse("monitoring:dashboard_page", args=[p.slug]) + query, p.icon, p.slug == current)
        for p in PAGES.values()
    ]  # fmt: skip
    definitions = Tab(
        _("What each figure means"),
        reverse("monitoring:indicators"),
        "info",
        current == "indicadores",
    )
    return [*pages, definitions]


@require_safe
@readers
def dashboard(request: UserRequest, slug: str = "resumen") -> HttpResponse:
    page = _page(slug)
    ask = _ask(request, page.form)
    remember(page, ask)
    plots = {}
    if isinstance(ask.form, MapFilterForm):
        value = ask.form.cleaned_data.get("valor", "") if ask.form.is_valid() else ""
        plots = map_context(
            request.user,
            ask.form.words(),
            value=value,
            cohorts=ask.places.cohorts,
            practices=ask.practices,
        )
    live_url = reverse("monitoring:dashboard_live", args=[slug])
    query = request.GET.urlencode()
    context = {
        **plots,
        "page": page,
        "form": ask.form,
        "tabs": _tabs(slug, ask),
        "live_url": f"{live_url}?{query}" if query else live_url,
        "clear_url": request.path if ask.form.chosen() else "",
        "printed": _slice_words(page, ask),
        "drawn": drawn(page, ask, stamp=page.stamp(ask)),
    }
    status = 200 if ask.form.is_valid() else 400
    return render(request, "monitoring/dashboard/page.html", context, status=status)


@require_safe
@readers
def dashboard_live(request: HttpRequest, slug: str) -> HttpResponse:
    """The figures of a page alone; 304 when none of them changed since the reader's ETag."""
    page = _page(slug)
    ask = _ask(request, page.form)
    remember(page, ask)
    stamp = page.stamp(ask)
    etag = f'"{stamp}-{ask.role}-{get_language()}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None and unchanged.status_code == 304:
        return unchanged
    response = HttpResponse(drawn(page, ask, stamp=stamp))
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
@readers
def indicator_list(request: HttpRequest) -> HttpResponse:
    ask = _ask(request, FilterForm)
    context = {"tabs": _tabs("indicadores", ask), "groups": list(indicators.by_group())}
    return render(request, "monitoring/dashboard/indicators.html", context)


def _indicator(code: str) -> indicators.Indicator:
    try:
        return indicators.get(code)
    except indicators.UnknownIndicator:
        raise Http404(code) from None


def _indicator_form(indicator: indicators.Indicator) -> type[FilterForm]:
    return PracticeFilterForm if indicator.per_practice else FilterForm


@require_safe
@readers
def indicator_page(request: HttpRequest, code: str) -> HttpResponse:
    """What an indicator means, and its figures by time, district and sex."""
    indicator = _indicator(code)
    ask = _ask(request, _indicator_form(indicator))
    context = {
        "indicator": indicator,
        "form": ask.form,
        "tabs": _tabs("indicadores", ask),
        "clear_url": request.path if ask.form.chosen() else "",
        **indicator_figures(ask, indicator),
    }
    status = 200 if ask.form.is_valid() else 400
    return render(request, "monitoring/dashboard/indicator.html", context, status=status)


@require_safe
@readers
def export(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """The cells of an indicator, as the reader may see them, as a file."""
    indicator = _indicator(code)
    ask = _ask(request, _indicator_form(indicator))
    if not ask.form.is_valid():
        return _bad_filter(request, ask, tab="indicadores", title=indicator.title)
    table = exports.long_table(
        ask,
        indicator,
        queries=indicator_queries(ask, indicator),
        is_synthetic=Programme.objects.filter(is_synthetic=True).exists(),
    )
    return _file(table, name=f"hato-{indicator.code}-{exports.slice_name(ask)}", kind=kind)


@require_safe
@readers
def use_export(request: HttpRequest, kind: str) -> HttpResponse:
    """A practice's comparisons of users with others, as the reader may see them, as a file."""
    ask = _ask(request, UseFilterForm)
    question = use_question(ask)
    if not ask.form.is_valid() or question is None:
        return _bad_filter(request, ask, tab="con-y-sin", title=PAGES["con-y-sin"].title)
    table = use_table(
        question,
        notes=ask.notes,
        sees_small_cells=ask.sees_small_cells,
        is_synthetic=Programme.objects.filter(is_synthetic=True).exists(),
    )
    return _file(table, name=f"hato-{question.practice.code}-{exports.slice_name(ask)}", kind=kind)


def _bad_filter(request: HttpRequest, ask: Ask, *, tab: str, title: str | Promise) -> HttpResponse:
    context = {"form": ask.form, "tabs": _tabs(tab, ask), "title": title}
    return render(request, "monitoring/dashboard/bad_filter.html", context, status=400)


def _file(table: exports.LongTable, *, name: str, kind: str) -> HttpResponse:
    content, content_type = exports.render_as(table, kind=kind)
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


EVERY_COHORT = "todas"


@require_safe
@role_required(Role.COORDINATOR)
def behind(request: HttpRequest, code: str) -> HttpResponse:
    """The ranchers and visits behind one cohort's figure (`cohorte=todas`: of all cohorts together;
    `estado`: of one status)."""
    indicator = _indicator(code)
    ask = _ask(request, _indicator_form(indicator))
    named = request.GET.get("cohorte")
    cohort = next((c for c in ask.places.cohorts if c.code == named), None)
    status = request.GET.get("estado") or None
    if (cohort is None and named != EVERY_COHORT) or (status and status not in Status.values):
        raise Http404(f"{named} {status}")
    practice = chosen_practice(ask, indicator)
    found = ranchers_behind(
        viewer=request.user,
        indicator=indicator,
        cohort=cohort,
        slice_=ask.slice_,
        practice=practice,
        status=Status(status) if status else None,
        page=request.GET.get("page", "1"),
    )
    said = [cohort or _("All cohorts"), label(ask.slice_.as_of), practice, _place(ask), status and Status(status).label]  # fmt: skip
    context = {
        "indicator": indicator,
        "form": ask.form,
        "heading": f"{indicator.title}: {_('who is behind it')}",
        "slice": " · ".join(str(one) for one in said if one),
        "tabs": _tabs("indicadores", ask),
        "found": found,
    }
    return render(request, "monitoring/dashboard/behind.html", context)


@require_safe
@role_required(Role.COORDINATOR)
def use_behind(request: HttpRequest) -> HttpResponse:
    """The ranchers and visits behind one group (`grupo`) of a comparison of users with others."""
    ask = _ask(request, UseFilterForm)
    question = use_question(ask)
    named = request.GET.get("grupo", "")
    if question is None or not ask.form.is_valid() or named not in set(Group):
        raise Http404(named)
    group = Group(named)
    page = request.GET.get("page", "1")
    said = [question.cohort_name, label(question.quarter), question.practice, GROUP_NAMES[group]]
    context = {
        "indicator": question.indicator,
        "form": ask.form,
        "heading": f"{question.indicator.title}: {_('who is behind it')}",
        "slice": " · ".join(str(one) for one in said),
        "tabs": _tabs("con-y-sin", ask),
        "found": ranchers_in(group, question=question, viewer=request.user, page=page),
    }
    return render(request, "monitoring/dashboard/behind.html", context)


def _slice_words(page: Page, ask: Ask) -> str:
    """What a printed page is of, since its filters are not printed."""
    asked = ask.slice_
    since = label(asked.since) if ask.form.chosen().get("desde") else ""
    as_of = _("as of %(quarter)s") % {"quarter": label(asked.as_of)}
    said = [page.title, _place(ask) or _("All districts"), since, as_of]
    return " · ".join(str(one) for one in said if one)


def _place(ask: Ask) -> str:
    """The district and sex chosen, in words."""
    chosen = ask.slice_
    names = [d.name for d in ask.places.districts if d.pk == chosen.district]
    return " · ".join([*names, *([str(Sex(chosen.sex).label)] if chosen.sex else [])])
