from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "monitoring"

    def ready(self) -> None:
        """Ask `ranchers` to tell when a change there moves figures."""
        from monitoring import recompute
        from monitoring.cover import marks
        from ranchers.changes import on_ranchers_changed

        on_ranchers_changed(recompute.ranchers_changed)
        on_ranchers_changed(marks.ranchers_changed)
