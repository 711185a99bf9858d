"""Load the default coefficients and thresholds; what is there already stays."""

from typing import Any

from django.core.management.base import BaseCommand

from monitoring.coefficients import load_defaults


class Command(BaseCommand):
    help = "Load the default coefficients and thresholds, each with its source."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load_defaults()} added")
