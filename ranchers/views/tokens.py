"""The page with a person's own API tokens."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ranchers import tokens as api_tokens
from ranchers.access import STAFF, UserRequest, role_required
from ranchers.forms.accounts import TokenForm
from ranchers.models import ApiToken


@never_cache
@role_required(*STAFF)
def tokens(request: UserRequest) -> HttpResponse:
    """The tokens, and a form for a new one, whose token is shown this once."""
    form, token = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            token = api_tokens.issue_token(user=request.user, **form.cleaned_data)
            form = TokenForm()
        except api_tokens.TooManyTokens:
            form.add_error(None, _("You have too many tokens: revoke one first."))
    mine = ApiToken.objects.filter(user=request.user, revoked_at=None)
    context = {"form": form, "token": token, "tokens": mine, "now": now()}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "accounts/tokens.html", context, status=status)


@require_POST
@role_required(*STAFF)
def revoke_token(request: UserRequest, pk: int) -> HttpResponse:
    if not api_tokens.revoke_token(user=request.user, pk=pk):
        raise Http404
    messages.success(request, _("The token was revoked."))
    return redirect("tokens")
