from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "monitoring"

    def ready(self) -> None:
        """Ask `ranchers` to tell when a change there moves figures; offer it parts of its pages."""
        from monitoring import recompute
        from monitoring.cover import marks
        from monitoring.merged import move_records
        from monitoring.plot_page import sections
        from ranchers.changes import on_ranchers_changed
        from ranchers.merging import on_merged
        from ranchers.plot_sections import offer_sections

        on_ranchers_changed(recompute.ranchers_changed)
        on_ranchers_changed(marks.ranchers_changed)
        offer_sections(sections)
        on_merged(move_records)
