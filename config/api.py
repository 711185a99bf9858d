"""The API's addresses below /api/v1/, and its own description."""

from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from monitoring import api as monitoring
from monitoring.field import api as field
from practices import api as practices
from ranchers import api as ranchers
from ranchers.api_problems import not_found

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("me/", ranchers.Me.as_view(), name="me"),
    path("districts/", ranchers.Districts.as_view(), name="districts"),
    path("cohorts/", ranchers.Cohorts.as_view(), name="cohorts"),
    path("ranchers/", ranchers.Ranchers.as_view(), name="ranchers"),
    path("ranchers/<uuid:pk>/", ranchers.OneRancher.as_view(), name="rancher"),
    path("ranchers/<uuid:pk>/facts/", monitoring.Facts.as_view(), name="facts"),
    path("plots/", ranchers.Plots.as_view(), name="plots"),
    path("practices/", practices.Practices.as_view(), name="practices"),
    path("visits/", monitoring.Visits.as_view(), name="visits"),
    path("visits/<uuid:pk>/", monitoring.OneVisit.as_view(), name="visit"),
    path("visits/<uuid:pk>/photos/", monitoring.VisitPhotos.as_view(), name="photos"),
    path("indicators/", monitoring.Indicators.as_view(), name="indicators"),
    path("cells/", monitoring.Cells.as_view(), name="cells"),
    path("field/devices/", field.Devices.as_view(), name="field_devices"),
    path("field/devices/<uuid:pk>/key/", field.DeviceKey.as_view(), name="field_device_key"),
    path(
        "field/devices/<uuid:pk>/locked/", field.DeviceLocked.as_view(), name="field_device_locked"
    ),
    path("field/devices/<uuid:pk>/wiped/", field.DeviceWiped.as_view(), name="field_device_wiped"),
    path("field/package/", field.Package.as_view(), name="field_package"),
    path("field/photos/", field.Photos.as_view(), name="field_photos"),
    path("field/photos/<uuid:pk>/", field.PhotoPart.as_view(), name="field_photo"),
    path("field/sync/", field.Sync.as_view(), name="field_sync"),
    re_path(r"^[\s\S]*$", not_found, name="nothing"),
]
