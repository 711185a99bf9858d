"""The synthetic programme keeps away from real data, and is the same every time."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from monitoring.demo.build import NotSynthetic, build, clear
from monitoring.models import Visit
from practices.models import StageInterval
from ranchers.models import Rancher, Role, User

TODAY = date(2026, 6, 15)


def make() -> None:
    build(ranchers=12, today=TODAY, advance=lambda _n: None)


def test_the_same_day_gives_the_same_programme(db: None) -> None:
    make()

    def content() -> list[tuple]:
        visits = Visit.objects.order_by("id").values_list("id", "rancher__dni", "visited_on")
        stages = StageInterval.objects.order_by("rancher", "practice", "period")
        return [*visits, *stages.values_list("rancher", "practice", "stage", "intensity")]

    before = content()
    clear()
    assert not Rancher.objects.exists()
    make()
    assert content() == before


def test_it_refuses_to_stand_beside_real_data(db: None) -> None:
    User.objects.create_user("rosa@example.com", "x", name="Rosa", role=Role.COORDINATOR)
    with pytest.raises(NotSynthetic):
        make()
    with pytest.raises(NotSynthetic):
        clear()
    with pytest.raises(CommandError, match="real data"):
        call_command("demo", "--reset", "--yes")
    assert User.objects.count() == 1
    assert not Rancher.objects.exists()


def test_a_dry_run_writes_nothing(db: None) -> None:
    call_command("demo", "--dry-run", stdout=StringIO())
    assert not Rancher.objects.exists()


@pytest.mark.parametrize("ranchers", ["9", "200001", "-5"])
def test_sizes_that_cannot_be_are_refused(db: None, ranchers: str) -> None:
    with pytest.raises(CommandError):
        call_command("demo", f"--ranchers={ranchers}")
