"""Addresses of the monitoring pages."""

from django.urls import path, re_path

from monitoring import cover_urls, map_urls, visit_urls
from monitoring.views import coordination, dashboards, field, progress

app_name = "monitoring"
urlpatterns = [
    path("tablero/", dashboards.dashboard, name="dashboard"),
    path("tablero/indicadores/", dashboards.indicator_list, name="indicators"),
    path("tablero/indicadores/<slug:code>/", dashboards.indicator_page, name="indicator"),
    path("tablero/indicadores/<slug:code>/detras/", dashboards.behind, name="behind"),
    re_path(
        r"^tablero/indicadores/(?P<code>[-\w]+)/datos\.(?P<kind>csv|xlsx)$",
        dashboards.export,
        name="export",
    ),
    path("tablero/con-y-sin/detras/", dashboards.use_behind, name="use_behind"),
    re_path(
        r"^tablero/con-y-sin/datos\.(?P<kind>csv|xlsx)$", dashboards.use_export, name="use_export"
    ),
    path("tablero/<slug:slug>/", dashboards.dashboard, name="dashboard_page"),
    path("tablero/<slug:slug>/vivo/", dashboards.dashboard_live, name="dashboard_live"),
    path("coordinacion/", coordination.coordination, name="coordination"),
    path("coordinacion/calidad/", coordination.queue, name="quality_queue"),
    path("coordinacion/calidad/<int:pk>/cerrar/", coordination.close_flag, name="close_flag"),
    path(
        "coordinacion/cuarentena/<int:number>/admitir/",
        coordination.accept_payload,
        name="accept_payload",
    ),
    path(
        "coordinacion/cuarentena/<int:number>/rechazar/",
        coordination.refuse_payload,
        name="refuse_payload",
    ),
    *visit_urls.urlpatterns,
    path("campo/", field.shell, name="field_app"),
    path("campo/sw.js", field.worker, name="field_worker"),
    path("campo/app.webmanifest", field.manifest, name="field_manifest"),
    path("campo/textos/<slug:language>.json", field.words, name="field_words"),
    *map_urls.urlpatterns,
    *cover_urls.urlpatterns,
    path("avance/", progress.my_progress, name="my_progress"),
    path("avance/<uuid:rancher_id>/", progress.rancher_progress, name="rancher_progress"),
]
