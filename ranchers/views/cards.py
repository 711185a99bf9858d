"""The rancher's log-in with a card, and the pages where cards are issued."""

import uuid

import segno
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ranchers import cards
from ranchers.access import UserRequest, ranchers_for, role_required
from ranchers.accounts import session_seconds
from ranchers.forms.cards import EnterForm, PinForm
from ranchers.models import AccessCard, Rancher, Role

PER_PAGE = 50
SHEET_MAX = 100
issuers = role_required(Role.COORDINATOR, Role.TECHNICIAN)


@never_cache
@require_GET
def scanned(request: HttpRequest, token: str) -> HttpResponse:
    """Where the QR code leads: asks for the PIN."""
    card = cards.live_card(token)
    if card is None or not card.pin_hash:
        context = {"waits_for_pin": card is not None}
        return _quiet(render(request, "cards/dead.html", context, status=404))
    form = EnterForm(initial={"token": token})
    return _quiet(render(request, "cards/enter.html", {"form": form}))


@never_cache
@sensitive_post_parameters("pin", "token")
@sensitive_variables("form")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Checks the PIN; without a card, tells how to get in."""
    if request.method == "GET":
        return render(request, "cards/how.html")
    form = EnterForm(request.POST)
    if form.is_valid():
        card, pin = cards.hashed(form.cleaned_data["token"]), form.cleaned_data["pin"]
        user = authenticate(request, card=card, secret_pin=pin)
        if user:
            login(request, user)
            request.session.set_expiry(session_seconds(user))
            return redirect("home")
        form.add_error("pin", _("That PIN is not right. Try again slowly."))
    return _quiet(render(request, "cards/enter.html", {"form": form}, status=422))


@never_cache
@issuers
@require_GET
def card_list(request: UserRequest) -> HttpResponse:
    """My ranchers and whether they have a card."""
    wanted = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    live = AccessCard.objects.filter(revoked_at=None)
    ranchers = (
        ranchers_for(request.user)
        .only("id", "given_names", "surnames", "community", "district")
        .select_related("district")
        .prefetch_related(Prefetch("access_cards", queryset=live, to_attr="live_cards"))
    )
    if wanted:
        ranchers = ranchers.filter(
            Q(surnames__icontains=wanted) | Q(given_names__icontains=wanted) | Q(dni=wanted)
        )
    page = Paginator(ranchers, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "cards/list.html", {"page": page, "q": wanted})


@never_cache
@issuers
@sensitive_post_parameters("pin", "again")
def card(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """One rancher's card: its state, and the PIN set here with the rancher."""
    rancher = get_object_or_404(ranchers_for(request.user), pk=pk)
    live = AccessCard.objects.filter(rancher=rancher, revoked_at=None).first()
    form = PinForm(request.POST or None, rancher=rancher)
    if request.method == "POST" and live and form.is_valid():
        cards.set_pin(rancher=rancher, pin=form.cleaned_data["pin"])
        messages.success(request, _("The PIN is set. The rancher can log in with the card now."))
        return redirect("card", pk=pk)
    status = 422 if form.is_bound and form.errors else 200
    context = {"rancher": rancher, "card": live, "form": form}
    return render(request, "cards/card.html", context, status=status)


@never_cache
@require_POST
@issuers
def issue(request: UserRequest) -> HttpResponse:
    """A sheet with a new card for each chosen rancher, to be printed now: it is shown once."""
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, _("Choose at least one rancher, and at most 100."))
        return redirect("cards")
    printed = []
    for rancher in chosen:
        token = cards.issue_card(rancher=rancher, issued_by=request.user)
        address = request.build_absolute_uri(reverse("card_scanned", args=[token]))
        printed.append({"rancher": rancher, "qr": _qr_svg(address)})
    return _quiet(render(request, "cards/sheet.html", {"cards": printed}))


@require_POST
@issuers
def revoke(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    rancher = get_object_or_404(ranchers_for(request.user), pk=pk)
    cards.revoke_card(rancher=rancher, by=request.user)
    messages.success(request, _("The card no longer works and its sessions have ended."))
    return redirect("card", pk=pk)


def _chosen(request: UserRequest) -> list[Rancher]:
    ids = []
    for text in request.POST.getlist("rancher")[: SHEET_MAX + 1]:
        try:
            ids.append(uuid.UUID(text))
        except ValueError:
            return []
    if len(ids) > SHEET_MAX:
        return []
    return list(ranchers_for(request.user).select_related("technician").filter(pk__in=ids))


def _qr_svg(address: str) -> str:
    svg: str = segno.make(address, error="m").svg_inline(omitsize=True, border=0)
    return mark_safe(svg)  # noqa: S308 drawn by segno from an address of ours


def _quiet(response: HttpResponse) -> HttpResponse:
    """A page whose address or content holds a token: kept nowhere and told to nobody."""
    response["Referrer-Policy"] = "strict-origin"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
