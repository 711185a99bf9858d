"""Pages where a coordinator looks after the accounts of staff."""

from allauth.account import views as account
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ranchers import accounts
from ranchers.access import UserRequest, role_required
from ranchers.forms.accounts import AccountForm
from ranchers.models import Role, User


def staff_accounts() -> QuerySet[User]:
    """Accounts a coordinator manages here: everyone's but the ranchers'."""
    second_step = Authenticator.objects.filter(user=OuterRef("pk"))
    return (
        User.objects.exclude(role=Role.RANCHER)
        .annotate(has_second_step=Exists(second_step))
        .prefetch_related("districts")
        .order_by("-is_active", "name", "pk")
    )


@never_cache
@role_required(Role.COORDINATOR)
def users(request: UserRequest) -> HttpResponse:
    return render(request, "accounts/users.html", {"accounts": staff_accounts()})


@never_cache
@role_required(Role.COORDINATOR)
def new_user(request: UserRequest) -> HttpResponse:
    form = AccountForm(request.POST or None, initial={"role": Role.TECHNICIAN})
    if request.method == "POST" and form.is_valid():
        try:
            person = accounts.create_account(**form.cleaned_data)
        except accounts.AccountRefused as refusal:
            form.add_error("email", str(refusal))
        else:
            return _show_link(request, person)
    context = {"form": form, "title": _("New account")}
    return render(request, "accounts/user_form.html", context, status=_status(form))


@never_cache
@role_required(Role.COORDINATOR)
def edit_user(request: UserRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(staff_accounts(), pk=pk)
    form = AccountForm(request.POST or None, account=person)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.change_account(person, by=request.user, **form.cleaned_data)
        except accounts.AccountRefused as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(request, _("The account was changed."))
            return redirect("users")
    context = {"form": form, "title": person.name, "account": person}
    return render(request, "accounts/user_form.html", context, status=_status(form))


@never_cache
@require_POST
@role_required(Role.COORDINATOR)
def password_link(request: UserRequest, pk: int) -> HttpResponse:
    return _show_link(request, get_object_or_404(staff_accounts(), pk=pk, is_active=True))


@require_POST
@role_required(Role.COORDINATOR)
def deactivate_user(request: UserRequest, pk: int) -> HttpResponse:
    try:
        accounts.deactivate(get_object_or_404(staff_accounts(), pk=pk), by=request.user)
    except accounts.AccountRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The account is closed and its sessions have ended."))
    return redirect("users")


@never_cache
@require_POST
@role_required(Role.COORDINATOR)
def reactivate_user(request: UserRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(staff_accounts(), pk=pk)
    accounts.reactivate(person, by=request.user)
    return _show_link(request, person)


@require_POST
@role_required(Role.COORDINATOR)
def remove_second_step(request: UserRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(staff_accounts(), pk=pk)
    accounts.remove_second_step(person, by=request.user)
    messages.success(request, _("The second step was removed; a password is enough now."))
    return redirect("user_edit", pk=pk)


def forgotten_password(request: HttpRequest) -> HttpResponse:
    """allauth's page that sends a link; without a mail server, whom to ask instead."""
    if settings.MAIL_WORKS:
        return account.password_reset(request)
    return render(request, "accounts/ask_coordinator.html")


def _show_link(request: HttpRequest, person: User) -> HttpResponse:
    """The page with a new one-time link; it is not kept, so it is shown this once."""
    link = request.build_absolute_uri(accounts.set_password_path(person))
    return render(request, "accounts/password_link.html", {"account": person, "link": link})


def _status(form: AccountForm) -> int:
    return 422 if form.is_bound and form.errors else 200
