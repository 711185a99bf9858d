"""Addresses of the monitoring pages."""

from django.urls import path

from monitoring.views import progress

app_name = "monitoring"
urlpatterns = [
    path("avance/", progress.my_progress, name="my_progress"),
    path("avance/<uuid:rancher_id>/", progress.rancher_progress, name="rancher_progress"),
]
