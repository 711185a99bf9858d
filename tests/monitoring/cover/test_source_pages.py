"""The coordinator's pages of sources: add one, see it checked and measured, put it in use."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from monitoring import tasks
from monitoring.cover import sources
from monitoring.models import CoverSource, DirtyCover, PlotCover, SourceStatus
from ranchers.models import Programme, Rancher, Role
from tests.monitoring.cover.rasters import VERSION, gfc_source
from tests.monitoring.cover.test_compute import plot_of, square
from tests.practices.factories import make_user


@pytest.fixture
def office(rancher: Rancher) -> Client:
    client = Client(headers={"accept-language": "es"})
    client.force_login(make_user(Role.COORDINATOR))
    return client


@pytest.fixture
def root(settings: Any, gfc_folder: Path) -> Path:
    """The server's folder for rasters, with one folder `gfc`."""
    settings.COVER_ROOT = gfc_folder.parent
    return gfc_folder.parent


def form(**changes: str) -> dict[str, str]:
    fields = {
        "kind": "gfc", "code": "gfc-2024", "location": "gfc", "version": VERSION, "last_year": "2024",
    }  # fmt: skip
    return fields | changes


def test_a_source_is_added_checked_measured_and_put_in_use(
    office: Client, root: Path, rancher: Rancher
) -> None:
    plot_of(rancher, square(90, 30))
    answer = office.post("/cobertura/nueva/", form())
    source = CoverSource.objects.get()
    page = f"/cobertura/{source.pk}/"
    assert answer["Location"] == page
    assert source.location == str(root / "gfc")
    assert "Se están mirando los archivos" in office.get(page).content.decode()
    tasks.check_cover(source.pk, "es")
    shown = office.get(page).content.decode()
    assert "10S_070W" in shown
    assert "Tambopata" in shown
    office.post(f"{page}usar/")
    assert CoverSource.objects.get(is_active=True) == source
    assert "0 de 1" in office.get(f"{page}avance/").content.decode()
    sources.compute_waiting()
    assert office.get(f"{page}avance/")["HX-Refresh"] == "true"
    assert "1 lindero medido" in office.get(page).content.decode()
    office.post(f"{page}calcular/")
    assert DirtyCover.objects.count() == 1
    assert PlotCover.objects.count() == 1
    office.post(f"{page}revisar/")
    assert CoverSource.objects.get().status == SourceStatus.NEW


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"location": "../../etc"}, "No hay nada con ese nombre"),
        ({"location": "/etc/passwd"}, "No hay nada con ese nombre"),
        ({"location": "nothing"}, "No hay nada con ese nombre"),
        ({"location": "http://example.com/a.tif"}, "https://"),
        ({"location": "https://127.0.0.1/a.tif"}, "no es público"),
        ({"location": "https://169.254.169.254/latest/a.tif"}, "no es público"),
        ({"last_year": "2020"}, "2024"),
        ({"kind": "declared", "name": "x", "licence": "x", "attribution": "x", "baseline_year": "2020"}, "canopy"),
        ({"kind": "alerts"}, "último día"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_added(
    office: Client, root: Path, changes: dict[str, str], said: str
) -> None:
    answer = office.post("/cobertura/nueva/", form(**changes))
    assert answer.status_code == 422
    assert said.lower() in answer.content.decode().lower()
    assert not CoverSource.objects.exists()


def test_a_link_out_of_the_folder_is_not_followed(office: Client, root: Path) -> None:
    (root / "out").symlink_to("/etc")
    assert office.post("/cobertura/nueva/", form(location="out")).status_code == 422


def test_a_made_up_source_does_not_feed_a_real_programme(office: Client, root: Path) -> None:
    source = gfc_source(root / "gfc", is_synthetic=True, status=SourceStatus.READY)
    source.save()
    Programme.objects.update(is_synthetic=False)
    answer = office.post(f"/cobertura/{source.pk}/usar/", follow=True)
    assert "inventada" in answer.content.decode()
    assert not CoverSource.objects.filter(is_active=True).exists()


def test_missing_tiles_and_unreadable_files_are_told(office: Client, root: Path) -> None:
    source = gfc_source(
        root / "gfc", status=SourceStatus.PARTIAL, findings={"missing": ["10S_080W"]}
    )
    source.save()
    shown = office.get(f"/cobertura/{source.pk}/").content.decode()
    assert "10S_080W" in shown
    assert "nunca sin bosque" in shown


def test_the_list_takes_as_many_queries_for_many_sources_as_for_one(
    office: Client, root: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        gfc_source(root / "gfc", code=f"gfc-{number}").save()
    with django_assert_max_num_queries(8):
        assert "GFC-2024" in office.get("/cobertura/").content.decode()


def test_an_empty_list_says_what_to_do(office: Client) -> None:
    assert "Aún no hay fuentes" in office.get("/cobertura/").content.decode()


@pytest.mark.parametrize("role", [Role.MINISTRY, Role.TECHNICIAN, Role.RANCHER])
def test_only_coordinators_get_in(rancher: Rancher, role: Role) -> None:
    client = Client()
    client.force_login(make_user(role))
    assert client.get("/cobertura/").status_code == 403
    assert client.post("/cobertura/nueva/", form()).status_code == 403
