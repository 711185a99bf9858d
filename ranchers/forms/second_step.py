"""Forms of a passkey: allauth's, said in words that a technician knows."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.utils.translation import gettext_lazy as _


class PasskeyForm(AddWebAuthnForm):
    """A new passkey; it opens the account alone, unless the person wants the password asked too."""

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
