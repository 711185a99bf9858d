"""Addresses of the map and its tiles, under /mapa/."""

from django.urls import path, re_path

from monitoring.views import maps

urlpatterns = [
    path("mapa/", maps.page, name="map"),
    re_path(
        r"^mapa/teselas/(?P<layer>[a-z]+)/(?P<z>[^/]+)/(?P<x>[^/]+)/(?P<y>[^/]+)\.mvt$",
        maps.tile,
        name="tile",
    ),
    path("mapa/predio/<int:number>/", maps.plot_by_number, name="plot_by_number"),
]
