"""Forms of a passkey: allauth's, said in words that a technician knows."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class CredentialField(forms.JSONField):
    """What the browser says of a passkey; JSON nested without end is refused, as any other nonsense."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


def _credential() -> CredentialField:
    return CredentialField(required=True, widget=forms.HiddenInput)


class PasskeyLoginForm(LoginWebAuthnForm):
    credential = _credential()


class PasskeySecondStepForm(AuthenticateWebAuthnForm):
    credential = _credential()


class PasskeyAgainForm(ReauthenticateWebAuthnForm):
    credential = _credential()


class PasskeyForm(AddWebAuthnForm):
    """A new passkey; it opens the account alone, unless the person wants the password asked too."""

    credential = _credential()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the passkey")
        self.fields["name"].help_text = _("For instance: my phone.")
        self.fields["name"].max_length = 80
        alone = self.fields["passwordless"]
        alone.label = _("Log in with it alone, without typing the password")
        alone.help_text = _("The phone asks for your finger, your face or its own PIN.")
        alone.initial = True


class PasskeyNameForm(EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the passkey")
        self.fields["name"].max_length = 80
