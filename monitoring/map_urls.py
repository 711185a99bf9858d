"""Addresses of the map and its tiles, under /mapa/, and of the file for the European Union, under /ue/."""

from django.urls import path, re_path

from monitoring.views import eudr, maps

urlpatterns = [
    path("mapa/", maps.page, name="map"),
    re_path(
        r"^mapa/teselas/(?P<layer>[a-z]+)/(?P<z>[^/]+)/(?P<x>[^/]+)/(?P<y>[^/]+)\.mvt$",
        maps.tile,
        name="tile",
    ),
    path("mapa/predio/<int:number>/", maps.plot_by_number, name="plot_by_number"),
    path("ue/", eudr.eudr, name="eudr"),
    path("ue/<uuid:pk>/", eudr.eudr_export, name="eudr_export"),
    path("ue/<uuid:pk>/avance/", eudr.eudr_progress, name="eudr_progress"),
    re_path(
        r"^ue/(?P<pk>[0-9a-f-]{36})/archivo/(?P<name>[\w-]+\.geojson)$",
        eudr.eudr_file,
        name="eudr_file",
    ),
    re_path(
        r"^ue/(?P<pk>[0-9a-f-]{36})/informe\.(?P<kind>csv|xlsx)$",
        eudr.eudr_report,
        name="eudr_report",
    ),
]
