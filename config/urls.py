"""The address map: one include per app."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from config.health import health
from ranchers.views.home import home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("cuentas/", include("ranchers.urls_accounts")),
    path("", include("ranchers.urls_cards")),
    path("api/v1/", include("config.api")),
    path("salud/", health, name="health"),
    path("idioma/", set_language, name="set_language"),
    path("ganaderos/", include("ranchers.urls")),
    path("practicas/", include("practices.urls")),
    path("", include("monitoring.urls")),
]
