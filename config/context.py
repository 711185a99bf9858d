"""What every template may use: the programme (for the synthetic-data banner) and the menu."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from ranchers.navigation import NavItem, menu


def _menu(request: HttpRequest) -> list[NavItem]:
    role = getattr(getattr(request, "user", None), "role", "")
    return menu(role=str(role or ""), path=request.path)


def _programme() -> Any:
    return apps.get_model("ranchers", "Programme").objects.defer("region").first()


def _logout_url() -> str:
    try:
        return reverse("account_logout")
    except NoReverseMatch:
        return ""


def page(request: HttpRequest) -> dict[str, Any]:
    """`programme`, `nav_items` and `logout_url`, read only when a template asks for them."""
    return {
        "programme": SimpleLazyObject(_programme),
        "nav_items": SimpleLazyObject(lambda: _menu(request)),
        "logout_url": _logout_url(),
    }
