"""The base template and its parts."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from ranchers.models import Programme
from ranchers.tables import Column, Table


@pytest.fixture
def request_of_nobody():
    request = RequestFactory().get("/x/?a=1")
    request.user = AnonymousUser()
    return request


@pytest.mark.django_db
@pytest.mark.parametrize("is_synthetic", [True, False])
def test_synthetic_data_is_said_on_every_page(request_of_nobody, is_synthetic):
    Programme.objects.update_or_create(
        id=1, defaults={"name": "Piloto", "is_synthetic": is_synthetic}
    )
    page = render_to_string("404.html", request=request_of_nobody)
    assert ("Datos sintéticos" in page) is is_synthetic


def test_a_failed_field_says_what_is_wrong_and_where(request_of_nobody):
    class PlotForm(forms.Form):
        name = forms.CharField(label="Nombre", help_text="Como lo llama usted")
        notes = forms.CharField(label="Notas", required=False)

    form = PlotForm({"name": ""})
    html = render_to_string("parts/field.html", {"field": form["name"]})
    assert 'for="id_name"' in html
    assert "aria-invalid" in html
    described_by = re.search(r'aria-describedby="([^"]+)"', html)
    assert described_by
    assert all(f'id="{name}"' in html for name in described_by[1].split())
    summary = render_to_string("parts/form_errors.html", {"form": form})
    assert 'href="#id_name"' in summary
    assert "(opcional)" in render_to_string("parts/field.html", {"field": form["notes"]})


def test_a_table_escapes_what_it_shows_and_links_where_asked():
    table = Table.of(
        caption="Predios",
        columns=[Column("Predio"), Column("Área (ha)", numeric=True)],
        rows=[[("<b>La Loma</b>", "/p/1/"), ("1 204,5", "", 1204.5)]],
    )
    html = render_to_string("parts/data_table.html", {"table": table})
    assert "&lt;b&gt;La Loma" in html
    assert 'href="/p/1/"' in html
    assert 'data-value="1204.5"' in html


def test_templates_keep_to_the_content_security_policy():
    for template in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        text = template.read_text()
        assert not re.search(r'\sstyle="|\son[a-z]+="|<style|<script(?![^>]*\bsrc=)', text), (
            template
        )


def test_every_icon_a_template_names_is_in_the_icon_file():
    symbols = set(
        re.findall(r'id="([\w-]+)"', Path(settings.BASE_DIR, "static/img/icons.svg").read_text())
    )
    for template in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        for name in re.findall(r'{% icon "([\w-]+)"', template.read_text()):
            assert name in symbols, f"{template}: {name}"


def test_the_stylesheet_stays_small_enough_for_a_cheap_phone():
    import gzip

    css = Path(settings.BASE_DIR, "static/css/hato.css").read_bytes()
    assert len(gzip.compress(css)) < 15_000


def lighter(a, b):
    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("text", ["ink", "ink-soft", "forest", "earth", "river", "alarm"])
@pytest.mark.parametrize("surface", ["paper", "ground"])
def test_text_is_legible_in_sunlight(text, surface):
    css = Path(settings.BASE_DIR, "static/css/hato.css").read_text()
    tokens = {
        name: value if len(value) == 7 else value
        for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css)
    }
    assert lighter(tokens[text], tokens[surface]) >= 7
