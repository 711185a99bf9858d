"""The coordinator's page where two registrations of one person become one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ranchers.access import UserRequest, ranchers_for, role_required
from ranchers.duplicates import MOST, comparison, have_different_dnis, likely_duplicates
from ranchers.forms.people import MergeForm, MergeSearch
from ranchers.merging import NotMerged, merge_ranchers
from ranchers.models import Rancher, Role
from ranchers.search import search_ranchers


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.COORDINATOR)
def merge(request: UserRequest, pk: UUID) -> HttpResponse:
    """Choose the other registration (`q`), look at both (`con`), confirm. The one of the address
    stays."""
    people = ranchers_for(request.user).select_related("district", "technician")
    stays = get_object_or_404(people, pk=pk)
    page = reverse("ranchers:page", args=[stays.pk])
    context = {
        "rancher": stays,
        "crumbs": [
            {"label": _("Ranchers"), "url": reverse("ranchers:list")},
            {"label": stays.full_name, "url": page},
            {"label": _("Join two registrations")},
        ],
    }
    if "con" not in request.GET:
        search = MergeSearch(request.GET)
        text = search.cleaned_data["q"] if search.is_valid() else ""
        found = search_ranchers(people.exclude(pk=stays.pk), text)[:MOST] if text else None
        return render(
            request,
            "ranchers/merge_choose.html",
            {
                **context,
                "form": search,
                "found": likely_duplicates(stays, among=people) if found is None else found,
                "is_search": bool(text),
            },
        )
    goes = _other(people, request.GET["con"])
    if goes.pk == stays.pk:
        raise Http404
    given = request.POST if request.method == "POST" else None
    form = MergeForm(given, asks_about_dni=have_different_dnis(stays, goes))
    if form.is_valid():
        try:
            merge_ranchers(duplicate=goes, into=stays, by=request.user)
        except NotMerged as refused:
            form.add_error(None, refused)
        else:
            said = _("The registration of %(name)s was joined with this one. Nothing was lost.")
            messages.success(request, said % {"name": goes.full_name})
            return redirect(page)
    return render(
        request,
        "ranchers/merge.html",
        {
            **context,
            "other": goes,
            "form": form,
            "table": comparison(stays=stays, goes=goes),
            "swap_url": f"{reverse('ranchers:merge', args=[goes.pk])}?con={stays.pk}",
        },
        status=422 if form.errors else 200,
    )


def _other(people: QuerySet[Rancher], text: str) -> Rancher:
    try:
        pk = UUID(text)
    except ValueError as wrong:
        raise Http404(text) from wrong
    found: Rancher = get_object_or_404(people, pk=pk)
    return found
