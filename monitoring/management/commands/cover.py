"""manage.py cover: add, check and compute sources of tree cover, or make synthetic ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from monitoring.cover import compute, referee, sources, synthetic
from monitoring.cover.remote import InvalidLocation
from monitoring.cover.tiles import UnreadableTile
from monitoring.models import CoverSource, Measures, SourceKind
from ranchers.models import PlotBoundary


class Command(BaseCommand):
    help = (
        "Tree cover from published rasters: add, check and compute sources, or make synthetic ones."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="register a source")
        add.add_argument("code", help="a short name of your own, such as gfc-2024")
        add.add_argument("kind", choices=SourceKind.values)
        add.add_argument("location", help="a GeoTIFF, a folder of tiles, or an https address")
        add.add_argument("--source-version", default="", help="of the dataset: GFC-2024-v1.12")
        add.add_argument("--name", default="")
        add.add_argument("--measures", choices=Measures.values, default="")
        add.add_argument("--baseline-year", type=int)
        add.add_argument("--last-year", type=int)
        add.add_argument("--covers-from", default="", help="first day of alerts, YYYY-MM-DD")
        add.add_argument("--covers-until", default="", help="last day of alerts, YYYY-MM-DD")
        add.add_argument("--licence", default="")
        add.add_argument("--attribution", default="")
        add.add_argument("--caveat", default="", help="known limits, shown beside every figure")
        add.add_argument("--bands", default="{}", help="JSON, for kind declared (cover/layouts.py)")
        check = verbs.add_parser("check", help="say what a source holds and what lacks")
        check.add_argument("code", nargs="?", help="all of them when left out")
        check.add_argument(
            "--referee", type=int, default=0, metavar="N",
            help="have exactextract measure N stored plots at random, and compare",
        )  # fmt: skip
        work = verbs.add_parser("compute", help="measure what is marked; goes on where it stopped")
        work.add_argument("code", nargs="?", help="all that wait when left out")
        work.add_argument("--again", action="store_true", help="mark every boundary first")
        work.add_argument("--activate", action="store_true", help="have it feed the indicators")
        made = verbs.add_parser("synthetic", help="write made-up tiles in the published layouts")
        made.add_argument("--folder", type=Path, default=Path(settings.COVER_ROOT) / "synthetic")
        made.add_argument("--seed", type=int, default=synthetic.SEED)
        for verb in (add, check, work, made):
            verb.add_argument("--dry-run", action="store_true", help="say it, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, "_" + options["verb"])(options)
        except ValidationError as error:
            raise CommandError(_said(error)) from error

    def _add(self, options: dict[str, Any]) -> None:
        names = (
            *("code", "kind", "location", "name", "measures", "baseline_year", "last_year"),
            *("covers_from", "covers_until", "licence", "attribution", "caveat"),
        )
        fields = {name: options[name] for name in names}
        fields["version"] = options["source_version"]
        try:
            fields["bands"] = json.loads(options["bands"])
        except ValueError as error:
            raise CommandError(f"--bands is no JSON: {error}") from error
        source = sources.add(by=None, dry_run=options["dry_run"], **fields)
        self._print_findings(source, sources.check(source, dry_run=options["dry_run"]))

    def _check(self, options: dict[str, Any]) -> None:
        for source in self._chosen(options):
            self._print_findings(source, sources.check(source, dry_run=options["dry_run"]))
            if options["referee"]:
                self._have_judged(source, count=options["referee"])

    def _have_judged(self, source: CoverSource, *, count: int) -> None:
        verdict = referee.judge(source, count=count)
        self.stdout.write(
            f"  exactextract measured {verdict.boundaries:,} stored plots again: {verdict.figures:,} figures,"
            f" largest difference {verdict.largest_m2:.1f} m2"
        )
        for one in verdict.differences:
            self.stdout.write(
                f"  {one.boundary_id}: {one.figure} is {one.stored:,.1f} m2, by exactextract"
                f" {one.measured:,.1f} m2"
            )
        if verdict.differences:
            raise CommandError(f"{source.code}: {len(verdict.differences):,} figures differ.")

    def _compute(self, options: dict[str, Any]) -> None:
        for source in self._chosen(options):
            if options["dry_run"]:
                waiting = (
                    PlotBoundary.objects.count() if options["again"] else source.waiting.count()
                )
                self.stdout.write(f"{source.code}: {waiting:,} boundaries would be measured.")
                continue
            self._compute_one(source, options)

    def _compute_one(self, source: CoverSource, options: dict[str, Any]) -> None:
        if options["activate"]:
            sources.check(source)
            sources.activate(source)
        if options["again"]:
            sources.start(source)
        total = source.waiting.count()
        try:
            with tqdm(total=total, unit=" plots", disable=options["verbosity"] == 0) as bar:
                done = compute.compute(source, advance=bar.update)
        except compute.AlreadyRunning as error:
            raise CommandError(f"{source.code} is being measured by a worker now.") from error
        except (InvalidLocation, UnreadableTile) as error:
            raise CommandError(f"{source.code}: {_said(error)}") from error
        self.stdout.write(f"{source.code}: {done:,} boundaries measured.")

    def _synthetic(self, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            self.stdout.write(
                f"Would write made-up tiles for {PlotBoundary.objects.count():,} boundaries to"
                f" {options['folder']} and register them as synthetic sources."
            )
            return
        with tqdm(unit=" blocks", disable=options["verbosity"] == 0) as bar:
            made = synthetic.make(
                folder=options["folder"], seed=options["seed"], advance=bar.update
            )
        for source in made:
            self._print_findings(source, sources.check(source))

    def _chosen(self, options: dict[str, Any]) -> list[CoverSource]:
        if not options["code"]:
            return list(CoverSource.objects.all())
        source = CoverSource.objects.filter(code=options["code"]).first()
        if source is None:
            known = ", ".join(CoverSource.objects.values_list("code", flat=True)) or "none"
            raise CommandError(f"There is no source {options['code']!r}; there are: {known}.")
        return [source]

    def _print_findings(self, source: CoverSource, findings: sources.Findings) -> None:
        mark = " [synthetic]" if source.is_synthetic else ""
        self.stdout.write(f"{source.code}{mark}: {source.get_status_display()}")
        for line in findings.lines:
            self.stdout.write(f"  {line}")
        if findings.missing:
            self.stdout.write(f"  missing for the programme's plots: {', '.join(findings.missing)}")
        if findings.problem:
            self.stdout.write(f"  {findings.problem}")


def _said(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
    )
