"""Below /cuentas/: log-in and second step (django-allauth), staff accounts, API tokens.

allauth's pages are listed one by one: what is not here (sign-up, changing one's address) does not
exist. Managing a log-in is for staff; a rancher's log-in is the card.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path, re_path

from ranchers.access import STAFF, role_required
from ranchers.views import accounts, tokens

staff: Callable[..., Any] = role_required(*STAFF)

urlpatterns = [
    path("entrar/", account.login, name="account_login"),
    path("salir/", account.logout, name="account_logout"),
    path("inactiva/", account.account_inactive, name="account_inactive"),
    path("reautenticar/", account.reauthenticate, name="account_reauthenticate"),
    path("clave/cambiar/", staff(account.password_change), name="account_change_password"),
    path("clave/poner/", staff(account.password_set), name="account_set_password"),
    path("clave/olvido/", accounts.forgotten_password, name="account_reset_password"),
    path("clave/olvido/enviado/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^clave/nueva/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "clave/nueva/lista/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("segundo-paso/", staff(mfa.index), name="mfa_index"),
    path("segundo-paso/codigo/", mfa.authenticate, name="mfa_authenticate"),
    path("segundo-paso/reautenticar/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("segundo-paso/app/", staff(totp.activate_totp), name="mfa_activate_totp"),
    path("segundo-paso/app/quitar/", staff(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "segundo-paso/respaldo/", staff(codes.view_recovery_codes), name="mfa_view_recovery_codes"
    ),
    path(
        "segundo-paso/respaldo/nuevo/",
        staff(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "segundo-paso/respaldo/archivo/",
        staff(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("llaves/", staff(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("llaves/nueva/", staff(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("llaves/entrar/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(
        "llaves/reautenticar/",
        staff(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("llaves/<int:pk>/quitar/", staff(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("llaves/<int:pk>/", staff(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("usuarios/", accounts.users, name="users"),
    path("usuarios/nuevo/", accounts.new_user, name="user_new"),
    path("usuarios/<int:pk>/", accounts.edit_user, name="user_edit"),
    path("usuarios/<int:pk>/enlace/", accounts.password_link, name="user_password_link"),
    path("usuarios/<int:pk>/desactivar/", accounts.deactivate_user, name="user_deactivate"),
    path("usuarios/<int:pk>/reactivar/", accounts.reactivate_user, name="user_reactivate"),
    path("usuarios/<int:pk>/segundo-paso/", accounts.remove_second_step, name="user_second_step"),
    path("fichas/", tokens.tokens, name="tokens"),
    path("fichas/<int:pk>/revocar/", tokens.revoke_token, name="token_revoke"),
]
