"""Addresses of the coordinator's pages of tree cover sources, under /cobertura/."""

from django.urls import path

from monitoring.views import cover

urlpatterns = [
    path("cobertura/", cover.sources_page, name="cover_sources"),
    path("cobertura/nueva/", cover.new_source, name="cover_new"),
    path("cobertura/<int:pk>/", cover.source_page, name="cover_source"),
    path("cobertura/<int:pk>/avance/", cover.source_progress, name="cover_progress"),
    path("cobertura/<int:pk>/revisar/", cover.check_source, name="cover_check"),
    path("cobertura/<int:pk>/calcular/", cover.compute_source, name="cover_compute"),
    path("cobertura/<int:pk>/usar/", cover.activate_source, name="cover_activate"),
]
