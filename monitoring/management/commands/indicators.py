"""Write docs/indicators.md from the definitions, or check that it is up to date."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from monitoring.indicators.page import markdown

PAGE = Path(settings.BASE_DIR) / "docs" / "indicators.md"


class Command(BaseCommand):
    help = "Write docs/indicators.md from the definitions in monitoring/indicators/."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")

    def handle(self, *args: Any, **options: Any) -> None:
        page = markdown()
        if not options["check"]:
            PAGE.write_text(page)
        elif not PAGE.exists() or PAGE.read_text() != page:
            raise CommandError("docs/indicators.md is stale: run manage.py indicators")
