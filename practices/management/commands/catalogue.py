"""manage.py catalogue: bring the catalogue files into the database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.catalogue import CatalogueError, load


class Command(BaseCommand):
    help = "Create or update the practices and their manuals from the catalogue files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="show, write nothing")
        parser.add_argument(
            "--overwrite",
            action="store_true",
            help="also replace the texts that a coordinator edited on the site",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = load(dry_run=options["dry_run"], overwrite=options["overwrite"])
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        verbose = options["verbosity"] > 1 or options["dry_run"]
        for word, labels in (("new", done.created), ("changed", done.updated), ("kept", done.kept)):
            self.stdout.write(f"{word}: {len(labels)}")
            if verbose:
                for label in labels:
                    self.stdout.write(f"  {label}")
        if options["dry_run"]:
            self.stdout.write("dry run: nothing was written")
