"""The catalogue, one practice, its manual, and the coordinator's forms for them."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from practices import field_days, listing, manuals
from practices.effects import effect_name
from practices.forms import LANGUAGE_NAMES, ManualForm, PracticeForm
from practices.models import Manual, Practice
from ranchers.access import has_role, role_required
from ranchers.models import Role

EVERYONE = tuple(Role.values)


def _practice_or_404(request: HttpRequest, code: str) -> Practice:
    return get_object_or_404(listing.practices_for(request.user), code=code)


@require_GET
@role_required(*EVERYONE)
def practice_list(request: HttpRequest) -> HttpResponse:
    stages = listing.own_stages(request.user)
    practices = listing.practices_for(request.user)
    return render(
        request,
        "practices/list.html",
        {"groups": listing.grouped(practices, stages), "has_stages": bool(stages)},
    )


@require_GET
@role_required(*EVERYONE)
def practice_page(request: HttpRequest, code: str) -> HttpResponse:
    practice = _practice_or_404(request, code)
    upcoming = field_days.upcoming(field_days.visible_to(request.user))
    return render(
        request,
        "practices/practice.html",
        {
            "practice": practice,
            "effect": effect_name(practice.moves_indicator),
            "stage": listing.own_stages(request.user).get(practice.pk),
            "manual": manuals.edition_for(practice, get_language() or "es"),
            "field_days": upcoming.filter(practices=practice, status="planned")[:3],
            "sees_dashboards": has_role(request.user, Role.COORDINATOR, Role.MINISTRY),
            "may_edit": has_role(request.user, Role.COORDINATOR),
        },
    )


@require_http_methods(["GET", "POST"])
@role_required(Role.COORDINATOR)
def practice_edit(request: HttpRequest, code: str) -> HttpResponse:
    practice = _practice_or_404(request, code)
    form = PracticeForm(request.POST or None, instance=practice)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("The practice was saved."))
        return redirect("practices:practice", code=practice.code)
    status = 422 if form.errors else 200
    context = {"form": form, "practice": listing.practices_for(request.user).get(code=code)}
    return render(request, "practices/practice_form.html", context, status=status)


@require_GET
@role_required(*EVERYONE)
def manual_page(request: HttpRequest, code: str) -> HttpResponse:
    practice = _practice_or_404(request, code)
    language = (get_language() or "es")[:2]
    manual = manuals.edition_for(practice, language)
    return render(
        request,
        "practices/manual.html",
        {
            "practice": practice,
            "manual": manual,
            "html": manuals.as_html(manual.body) if manual else "",
            "in_other_language": bool(manual and manual.language != language),
            "may_edit": has_role(request.user, Role.COORDINATOR),
        },
    )


@require_GET
@role_required(*EVERYONE)
def manual_pdf(request: HttpRequest, pk: int) -> FileResponse:
    readable = Manual.objects.filter(practice__in=listing.practices_for(request.user))
    manual = get_object_or_404(readable.exclude(pdf="").select_related("practice"), pk=pk)
    try:
        content = manual.pdf.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(
        content,
        as_attachment=True,
        filename=manuals.download_name(manual),
        content_type="application/pdf",
    )


@require_http_methods(["GET", "POST"])
@role_required(Role.COORDINATOR)
def manual_publish(request: HttpRequest, code: str, language: str) -> HttpResponse:
    practice = _practice_or_404(request, code)
    current = Manual.objects.filter(practice=practice, language=language).first()
    initial = {
        "language": language,
        "title": current.title if current else practice.name,
        "body": current.body if current else "",
    }
    form = ManualForm(request.POST or None, request.FILES or None, current=current, initial=initial)
    if request.method == "POST" and form.is_valid():
        manual = form.publish(practice)
        messages.success(
            request, _("Edition %(version)s was published.") % {"version": manual.version}
        )
        return redirect("practices:manual", code=practice.code)
    context = {
        "form": form,
        "practice": practice,
        "current": current,
        "language_name": LANGUAGE_NAMES[language],
    }
    status = 422 if form.errors else 200
    return render(request, "practices/manual_form.html", context, status=status)
