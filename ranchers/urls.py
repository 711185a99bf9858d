"""Addresses under /ganaderos/."""

from django.urls import path

from ranchers.views import people, plots

app_name = "ranchers"
urlpatterns = [
    path("", people.rancher_list, name="list"),
    path("nuevo/", people.register, name="register"),
    path("mapa/", plots.plot_map, name="map"),
    path("mapa/predios.geojson", plots.map_plots, name="map_plots"),
    path("predios/<uuid:pk>/", plots.plot_page, name="plot"),
    path("predios/<uuid:pk>/editar/", plots.edit_plot, name="edit_plot"),
    path("predios/<uuid:pk>/contorno/", plots.new_boundary, name="new_boundary"),
    path("predios/<uuid:pk>/uso/", plots.edit_land_use, name="land_use"),
    path("predios/<uuid:pk>/cerrar/", plots.close, name="close_plot"),
    path("inscripciones/<int:pk>/", people.status, name="status"),
    path("<uuid:pk>/", people.rancher_page, name="page"),
    path("<uuid:pk>/editar/", people.edit, name="edit"),
    path("<uuid:pk>/foto/", people.photo, name="photo"),
    path("<uuid:pk>/consentimiento/", people.consent, name="consent"),
    path("<uuid:pk>/inscribir/", people.enrol_in_cohort, name="enrol"),
    path("<uuid:rancher_pk>/predios/nuevo/", plots.new_plot, name="new_plot"),
]
