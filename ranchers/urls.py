"""Addresses under /ganaderos/."""

from django.urls import path

from ranchers.views import imports, merge, people, plots

app_name = "ranchers"
urlpatterns = [
    path("", people.rancher_list, name="list"),
    path("nuevo/", people.register, name="register"),
    path("mapa/", plots.moved_map, name="map"),
    path("importar/", imports.imports, name="imports"),
    path("importar/plantilla.xlsx", imports.template, name="import_template"),
    path("importar/<uuid:pk>/", imports.import_page, name="import"),
    path("importar/<uuid:pk>/avance/", imports.import_progress, name="import_progress"),
    path("importar/<uuid:pk>/aplicar/", imports.apply_import, name="import_apply"),
    path("importar/<uuid:pk>/deshacer/", imports.undo, name="import_undo"),
    path("importar/<uuid:pk>/errores.xlsx", imports.wrong_rows, name="import_wrong_rows"),
    path("predios/<uuid:pk>/", plots.plot_page, name="plot"),
    path("predios/<uuid:pk>/editar/", plots.edit_plot, name="edit_plot"),
    path("predios/<uuid:pk>/contorno/", plots.new_boundary, name="new_boundary"),
    path("predios/<uuid:pk>/uso/", plots.edit_land_use, name="land_use"),
    path("predios/<uuid:pk>/cerrar/", plots.close, name="close_plot"),
    path("inscripciones/<int:pk>/", people.status, name="status"),
    path("<uuid:pk>/", people.rancher_page, name="page"),
    path("<uuid:pk>/editar/", people.edit, name="edit"),
    path("<uuid:pk>/unir/", merge.merge, name="merge"),
    path("<uuid:pk>/foto/", people.photo, name="photo"),
    path("<uuid:pk>/consentimiento/", people.consent, name="consent"),
    path("<uuid:pk>/inscribir/", people.enrol_in_cohort, name="enrol"),
    path("<uuid:rancher_pk>/predios/nuevo/", plots.new_plot, name="new_plot"),
]
