from typing import Any

from django.core.management.base import BaseCommand

from ranchers.places import load_places


class Command(BaseCommand):
    help = "Load the districts of Tahuamanu and the programme's region. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        for district in load_places():
            self.stdout.write(f"{district.ubigeo} {district.name}")
