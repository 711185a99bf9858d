"""Manuals: safe pages, PDFs judged by content, editions that stay."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from practices import manuals
from practices.models import Manual
from ranchers.models import Role
from tests.practices import pdfs
from tests.practices.factories import DAY, make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def publish_url(practice, language="es") -> str:
    return f"/practicas/{practice.code}/manual/{language}/publicar/"


def upload(content: bytes, name: str = "guia.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def refusal(content: bytes) -> str:
    with translation.override("es"), pytest.raises(manuals.PdfRefused) as caught:
        manuals.check_pdf(BytesIO(content), size_bytes=len(content))
    return str(caught.value)


def test_a_plain_pdf_is_taken():
    content = pdfs.plain_pdf(pages=3)
    assert manuals.check_pdf(BytesIO(content), size_bytes=len(content)) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no es un PDF"),
        (b"<html><script>alert(1)</script></html>", "no es un PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "no es un PDF"),
        (b"%PDF-1.7\n" + b"\xff\x00basura" * 400, "dañado"),
        (pdfs.plain_pdf()[:200], "dañado"),
        (pdfs.pdf_with_password(), "contraseña"),
        (pdfs.pdf_with_script(), "programas"),
        (pdfs.pdf_that_launches(), "programas"),
        (pdfs.pdf_with_attachment(), "programas"),
        (pdfs.plain_pdf(pages=201), "200 páginas"),
    ],
)
def test_a_bad_pdf_is_refused_in_plain_spanish(content, words):
    assert words in refusal(content)


def test_a_pdf_of_eleven_megabytes_is_refused_before_it_is_read():
    class Unreadable(BytesIO):
        def read(self, *args):
            raise AssertionError("was read")

    with translation.override("es"), pytest.raises(manuals.PdfRefused, match="10 MB"):
        manuals.check_pdf(Unreadable(), size_bytes=11 * 1024 * 1024)


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
        "<div style='position:fixed' onclick='a()'>x</div>",
        "<iframe src='https://example.org'></iframe>",
    ],
)
def test_markup_that_could_do_something_does_not_reach_the_page(body):
    html = manuals.as_html(f"## Pasos\n\n{body}")
    assert "<h2>Pasos</h2>" in html
    for bad in ("<script", "onerror", "javascript:", "data:", "style=", "<iframe", "onclick"):
        assert bad not in html


def test_the_reader_gets_the_newest_edition_in_their_language_else_spanish():
    practice = make_practice()
    for language, version in (("es", 1), ("es", 2), ("en", 1)):
        Manual.objects.create(
            practice=practice,
            language=language,
            version=version,
            title=f"{language}{version}",
            body="x",
            published_on=DAY,
        )
    assert manuals.edition_for(practice, "es").title == "es2"
    assert manuals.edition_for(practice, "en").title == "en1"
    practice.manuals.filter(language="en").delete()
    assert manuals.edition_for(practice, "en").title == "es2"


def test_a_coordinator_publishes_a_pdf_and_a_rancher_downloads_it(log_in):
    practice = make_practice()
    content = pdfs.plain_pdf()
    answer = log_in(Role.COORDINATOR).post(
        publish_url(practice),
        {"language": "es", "title": "Guía", "body": "", "pdf": upload(content, "../../etc/x.pdf")},
    )
    assert answer.status_code == 302
    manual = Manual.objects.get(practice=practice)
    assert manual.pdf.name.endswith(f"{practice.code}-es-v1.pdf")
    download = log_in(Role.RANCHER).get(f"/practicas/manuales/{manual.pk}/pdf/")
    assert b"".join(download.streaming_content) == content
    assert download["Content-Disposition"].startswith("attachment")
    assert download["X-Content-Type-Options"] == "nosniff"


def test_a_new_edition_keeps_the_old_one_and_its_pdf(log_in):
    practice, browser = make_practice(), log_in(Role.COORDINATOR)
    first = {"language": "es", "title": "Guía", "body": "Uno", "pdf": upload(pdfs.plain_pdf())}
    browser.post(publish_url(practice), first)
    second = {"language": "es", "title": "Guía", "body": "Dos", "keep_pdf": "on"}
    browser.post(publish_url(practice), second)
    newest, oldest = practice.manuals.filter(language="es")
    assert (newest.version, newest.body, oldest.body) == (2, "Dos", "Uno")
    assert newest.pdf.name == oldest.pdf.name


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": ""}, "Escriba el texto o elija un PDF."),
        ({"title": ""}, "requerido"),
        ({"language": "xx"}, "xx"),
        ({"title": "x" * 161}, "160"),
        ({"body": "x" * 40_001}, "40000"),
        ({"title": "nul\x00o"}, "nulos"),
        ({"pdf": b"MZ\x90\x00"}, "no es un PDF"),
        ({"pdf": b""}, "vacío"),
    ],
)
def test_a_manual_with_something_wrong_is_refused_and_nothing_is_published(log_in, change, words):
    practice = make_practice()
    data = {"language": "es", "title": "Guía", "body": "Pasos", **change}
    if "pdf" in data:
        data["pdf"] = upload(data["pdf"])
    answer = log_in(Role.COORDINATOR).post(publish_url(practice), data)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert not practice.manuals.exists()


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.MINISTRY, Role.RANCHER])
def test_only_the_coordinator_publishes(log_in, role):
    practice = make_practice()
    answer = log_in(role).post(publish_url(practice), {"language": "es", "title": "x", "body": "x"})
    assert answer.status_code == 403
    assert not practice.manuals.exists()


def test_a_pdf_lost_from_the_disk_is_not_found(log_in):
    practice = make_practice()
    manual = Manual.objects.create(
        practice=practice, language="es", title="x", pdf="manuals/no-hay.pdf", published_on=DAY
    )
    assert log_in(Role.RANCHER).get(f"/practicas/manuales/{manual.pk}/pdf/").status_code == 404


def test_the_manual_page_shows_its_text_and_says_when_it_is_in_another_language(log_in):
    practice, browser = make_practice(), log_in(Role.RANCHER)
    Manual.objects.create(
        practice=practice, language="es", title="Guía", body="## Pasos\n\n1. Uno", published_on=DAY
    )
    spanish = browser.get(f"/practicas/{practice.code}/manual/").content.decode()
    assert "<h2>Pasos</h2>" in spanish
    assert "10 de mayo de 2022" in spanish.lower()
    english = browser.get(f"/practicas/{practice.code}/manual/", headers={"accept-language": "en"})
    assert "no manual in your language" in english.content.decode()
