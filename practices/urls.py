"""Addresses under /practicas/."""

from django.urls import path, re_path

from practices.views import catalogue, demonstrations, field_days

app_name = "practices"
urlpatterns = [
    path("", catalogue.practice_list, name="list"),
    path("dias-de-campo/", field_days.field_day_list, name="field_days"),
    path("dias-de-campo/calendario/", field_days.field_day_calendar, name="field_day_calendar"),
    path("dias-de-campo/nuevo/", field_days.field_day_new, name="field_day_new"),
    path("dias-de-campo/<int:pk>/", field_days.field_day_page, name="field_day"),
    path("dias-de-campo/<int:pk>/editar/", field_days.field_day_edit, name="field_day_edit"),
    path("dias-de-campo/<int:pk>/asistencia/", field_days.attendance, name="attendance"),
    path(
        "dias-de-campo/<int:pk>/asistencia/<uuid:rancher_id>/",
        field_days.attendance_record,
        name="attendance_record",
    ),
    path("dias-de-campo/fincas/", demonstrations.farm_list, name="demonstrations"),
    path("dias-de-campo/fincas/nueva/", demonstrations.farm_search, name="demonstration_search"),
    path(
        "dias-de-campo/fincas/nueva/<uuid:plot_id>/",
        demonstrations.farm_new,
        name="demonstration_new",
    ),
    path(
        "dias-de-campo/fincas/<int:pk>/terminar/",
        demonstrations.farm_end,
        name="demonstration_end",
    ),
    path("manuales/<int:pk>/pdf/", catalogue.manual_pdf, name="manual_pdf"),
    path("<slug:code>/", catalogue.practice_page, name="practice"),
    path("<slug:code>/editar/", catalogue.practice_edit, name="practice_edit"),
    path("<slug:code>/manual/", catalogue.manual_page, name="manual"),
    re_path(
        r"^(?P<code>[-a-zA-Z0-9_]+)/manual/(?P<language>es|en)/publicar/$",
        catalogue.manual_publish,
        name="manual_publish",
    ),
]
