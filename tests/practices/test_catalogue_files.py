"""The catalogue files load, load again without a change, and keep what a coordinator wrote."""

import shutil
from datetime import date

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from practices.catalogue import CatalogueError, load
from practices.catalogue.loading import FILES
from practices.models import Manual, Practice, Principle

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tmp_path):
    copy = tmp_path / "catalogue"
    shutil.copytree(FILES, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def test_every_practice_says_all_it_should_in_both_languages():
    load()
    assert 20 <= Practice.objects.count() <= 24
    for practice in Practice.objects.all():
        for field in ("name", "summary", "adopted_when", "evidence"):
            for language in ("es", "en"):
                assert getattr(practice, f"{field}_{language}"), (practice.code, field, language)
        assert practice.moves_indicator, practice.code
        assert practice.icon != "practice", practice.code


def test_every_practice_has_a_manual_that_can_be_followed_in_both_languages():
    load()
    for practice in Practice.objects.all():
        spanish = practice.manuals.get(language="es").body
        assert 300 <= len(spanish.split()) <= 600, practice.code
        for heading in ("Para qué sirve", "Pasos", "Errores comunes", "Cuidado"):
            assert f"## {heading}" in spanish, (practice.code, heading)
        english = practice.manuals.get(language="en").body
        assert len(english.split()) >= 120, practice.code
        assert "## Safety" in english, practice.code


def test_loading_again_changes_nothing():
    assert load().created
    again = load()
    assert not again.changed


def test_dry_run_tells_and_writes_nothing():
    assert load(dry_run=True).created
    assert not Practice.objects.exists()
    assert not Principle.objects.exists()


def test_a_practice_that_the_coordinator_edited_keeps_its_text():
    load()
    Practice.objects.filter(code="cercos-vivos").update(name_es="Cerco vivo", edited_at=now())
    assert load().kept == ["cercos-vivos"]
    assert Practice.objects.get(code="cercos-vivos").name_es == "Cerco vivo"
    load(overwrite=True)
    assert Practice.objects.get(code="cercos-vivos").name_es == "Cercos vivos"


def test_a_changed_file_updates_the_row_and_only_that_row(files):
    load(files=files)
    path = files / "practices" / "02-cercos-vivos.toml"
    path.write_text(path.read_text().replace('"Cercos vivos"', '"Cercos con árboles"'))
    assert load(files=files).updated == ["cercos-vivos"]


def test_an_edition_published_on_the_site_survives_a_new_catalogue(files):
    load(files=files)
    practice = Practice.objects.get(code="cercos-vivos")
    manual = Manual.objects.create(
        practice=practice,
        language="es",
        title="Nuestra guía",
        body="Pasos",
        version=9,
        published_on=date(2024, 1, 1),
    )
    manuals = files / "manuals" / "es"
    manuals.mkdir(parents=True, exist_ok=True)
    (manuals / "02-cercos-vivos.md").write_text("# Otra guía\n\nOtros pasos.\n")
    load(files=files)
    manual.refresh_from_db()
    assert manual.body == "Pasos"
    assert practice.manuals.filter(language="es").first() == manual


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (b"id = 2\ncode = ", "02-cercos-vivos.toml"),
        (b"\xff\xfe\x00", "02-cercos-vivos.toml"),
        (b'id = 2\ncode = "cercos-vivos"\ncriterion = "no-hay"\n', "no-hay"),
        (b'id = 1\ncode = "cercos-vivos"\ncriterion = "bosque-en-pie"\n', "arboles-dispersos"),
    ],
)
def test_a_broken_file_is_named_and_nothing_is_loaded(files, broken, message):
    (files / "practices" / "02-cercos-vivos.toml").write_bytes(broken)
    with pytest.raises(CatalogueError, match=message):
        load(files=files)
    assert not Practice.objects.exists()


def test_the_command_says_what_it_did(capsys):
    call_command("catalogue")
    assert "new: " in capsys.readouterr().out
    call_command("catalogue", dry_run=True)
    out = capsys.readouterr().out
    assert "new: 0" in out
    assert "nothing was written" in out
