"""Addresses of visits, the technician's route and what coordinators settle."""

from django.urls import path

from monitoring.views import (
    devices,
    field_files,
    photo_quarantine,
    registration_conflicts,
    route,
    settlement,
    visit_photos,
    visits,
)

urlpatterns = [
    path(
        "coordinacion/registros/<int:conflict_id>/",
        registration_conflicts.registration_conflict,
        name="registration_conflict",
    ),
    path("coordinacion/campo/importar/", field_files.field_files, name="field_files"),
    path("coordinacion/campo/importar/<uuid:pk>/", field_files.field_file, name="field_file"),
    path(
        "coordinacion/campo/importar/<uuid:pk>/aplicar/",
        field_files.apply,
        name="field_file_apply",
    ),
    path(
        "coordinacion/campo/importar/<uuid:pk>/descartar/",
        field_files.discard,
        name="field_file_discard",
    ),
    path("telefonos/", devices.device_list, name="devices"),
    path("telefonos/<uuid:pk>/cerrar/", devices.device_sign_out, name="device_sign_out"),
    path("telefonos/<uuid:pk>/deshacer/", devices.device_undo, name="device_undo"),
    path("visitas/", visits.visit_list, name="visits"),
    path("visitas/nueva/", visits.choose_rancher, name="visit_choose"),
    path("visitas/nueva/<uuid:rancher_id>/", visits.new_visit, name="visit_new"),
    path("visitas/<uuid:visit_id>/", visits.visit_detail, name="visit"),
    path("visitas/<uuid:visit_id>/editar/", visits.edit_visit, name="visit_edit"),
    path("visitas/<uuid:visit_id>/borrar/", visits.delete_visit, name="visit_delete"),
    path("visitas/<uuid:visit_id>/restaurar/", visits.restore_visit, name="visit_restore"),
    path("visitas/recibo/<int:number>/", visits.receipt, name="visit_receipt"),
    path("visitas/<uuid:visit_id>/fotos/", visit_photos.add_photos, name="visit_photos"),
    path("visitas/fotos/<uuid:photo_id>/", visit_photos.photo, name="visit_photo"),
    path("mi-ruta/", route.my_route, name="my_route"),
    path("mi-ruta/pasos/<uuid:step_id>/", route.step_done, name="step_done"),
    path("coordinacion/conflictos/<int:conflict_id>/", settlement.conflict, name="conflict"),
    path(
        "coordinacion/cuarentena/fotos/<uuid:pk>/",
        photo_quarantine.quarantined_photo,
        name="quarantined_photo",
    ),
    path(
        "coordinacion/cuarentena/fotos/<uuid:pk>/imagen/",
        photo_quarantine.picture,
        name="quarantined_picture",
    ),
    path("coordinacion/cuarentena/<int:number>/", settlement.quarantine, name="quarantine"),
]
