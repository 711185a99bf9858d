"""The address map: one include per app."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from config.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("salud/", health, name="health"),
    path("idioma/", set_language, name="set_language"),
    path("practicas/", include("practices.urls")),
]
