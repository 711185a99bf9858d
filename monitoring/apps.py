from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "monitoring"

    def ready(self) -> None:
        """Ask `ranchers` to tell when a change there moves figures."""
        from monitoring.recompute import ranchers_changed
        from ranchers.changes import on_ranchers_changed

        on_ranchers_changed(ranchers_changed)
