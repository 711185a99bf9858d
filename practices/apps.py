from django.apps import AppConfig


class PracticesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "practices"

    def ready(self) -> None:
        """Ask `ranchers` to have what hangs on a rancher here moved when two become one."""
        from practices.attendance import move_attendance
        from ranchers.merging import on_merged

        on_merged(move_attendance)
