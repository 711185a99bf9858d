"""manage.py demo: a synthetic programme to look at, to test with and to measure on."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localdate
from tqdm import tqdm

from monitoring.demo import parameters as p
from monitoring.demo.build import NotSynthetic, build, clear, is_synthetic, refuse_real_data
from monitoring.demo.staff import logins
from ranchers.models import Rancher


class Command(BaseCommand):
    help = (
        "Makes a synthetic programme (seeded: the same every time but for today's date) in an "
        "empty database, and marks it as synthetic on every page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ranchers",
            type=int,
            default=p.SMALL_PROGRAMME,
            help=f"{p.PILOT_RANCHERS} to {p.MAX_RANCHERS:,} (default {p.SMALL_PROGRAMME})",
        )
        parser.add_argument("--logins", action="store_true", help="print the log-ins, make nothing")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        parser.add_argument(
            "--reset", action="store_true", help="clear the synthetic data first (asks)"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask before --reset")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except NotSynthetic as error:
            raise CommandError(str(error)) from error

    def _handle(self, options: dict[str, Any]) -> None:
        ranchers = options["ranchers"]
        if not p.PILOT_RANCHERS <= ranchers <= p.MAX_RANCHERS:
            raise CommandError(f"--ranchers goes from {p.PILOT_RANCHERS} to {p.MAX_RANCHERS:,}.")
        refuse_real_data()
        if options["logins"]:
            if not is_synthetic():
                raise CommandError("There is no demo here: there are no demo log-ins.")
            return self._print_logins()
        there = Rancher.objects.count()
        if there and not options["reset"]:
            self.stdout.write(f"The demo is already here: {there:,} ranchers (--reset renews it).")
            return self._print_logins()
        if options["dry_run"]:
            self.stdout.write(
                f"Would {f'clear {there:,} synthetic ranchers and ' if there else ''}"
                f"make {ranchers:,} ranchers, about {ranchers * 10:,} visits."
            )
            return None
        if there or is_synthetic():
            self._clear(there, ask=bool(there) and not options["yes"])
        self._build(ranchers, options["verbosity"])
        return self._print_logins()

    def _clear(self, there: int, *, ask: bool) -> None:
        if ask:
            answer = input(f"Clear {there:,} synthetic ranchers and every user? Write 'yes': ")
            if answer.strip() != "yes":
                raise CommandError("Nothing was changed.")
        clear()

    def _build(self, ranchers: int, verbosity: int) -> None:
        began = time.monotonic()
        with tqdm(total=ranchers, unit=" ranchers", disable=verbosity == 0) as bar:
            built = build(
                ranchers=ranchers,
                today=localdate(),
                advance=bar.update,
                tiles=settings.COVER_ROOT / "synthetic" if ranchers <= p.MOST_WITH_COVER else None,
            )
        a_minute = built.rows / built.load_seconds * 60 / 1e6
        self.stdout.write(
            f"{built.ranchers:,} ranchers and {built.rows:,} rows by COPY in"
            f" {built.load_seconds:.1f} s ({a_minute:.1f} million a minute),"
            f" {built.sent['created']:,} visits sent as phones do, facts and cells:"
            f" {time.monotonic() - began:.1f} s in all."
        )

    def _print_logins(self) -> None:
        for login in logins():
            self.stdout.write(f"{login.role:20} {login.who:28} {login.address}  {login.secret}")
