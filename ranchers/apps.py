from django.apps import AppConfig


class RanchersConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "ranchers"
