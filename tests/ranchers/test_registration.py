from io import BytesIO

import pytest
from PIL import Image

from ranchers.models import Rancher
from ranchers.registration import (
    InvalidRancher,
    clean_dni,
    clean_name,
    clean_phone,
    register_rancher,
    update_rancher,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("00123456", "00123456"),
        (" 17801146-0 ", "17801146"),
        ("178011460", "17801146"),
        ("", None),
        (None, None),
    ],
)
def test_a_dni_keeps_its_leading_zeros_and_loses_its_check_digit(written, kept):
    assert clean_dni(written) == kept


@pytest.mark.parametrize(
    "wrong", ["1234567", "17801146-5", "1234567a", "１２３４５６７８", "12345678901"]
)
def test_what_is_not_a_dni_is_refused(wrong, iberia):
    with pytest.raises(InvalidRancher) as refused:
        register_rancher(given_names="A", surnames="B", district=iberia, dni=wrong, by=None)
    assert list(refused.value.message_dict) == ["dni"]
    assert not Rancher.objects.exists()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("982 123 456", "+51982123456"),
        ("+51 982123456", "+51982123456"),
        ("+55 68 99987-1234", "+5568999871234"),
        ("", ""),
    ],
)
def test_phones_are_kept_in_one_form(written, kept):
    assert clean_phone(written) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  ROSA   MARÍA ", "Rosa María"),
        ("de la cruz", "De la Cruz"),
        ("McArthur", "McArthur"),
        ("JOSE\x00\u202e", "Jose"),
        ("N\u0303ato", "Ñato"),
    ],
)
def test_names_are_written_as_people_write_them(written, kept):
    assert clean_name(written) == kept


def test_two_ranchers_cannot_share_a_dni(iberia):
    register_rancher(given_names="A", surnames="B", district=iberia, dni="00000001", by=None)
    with pytest.raises(InvalidRancher) as refused:
        register_rancher(given_names="C", surnames="D", district=iberia, dni="00000001", by=None)
    assert "dni" in refused.value.message_dict
    assert Rancher.objects.count() == 1


def test_all_wrong_fields_are_named_at_once(iberia):
    with pytest.raises(InvalidRancher) as refused:
        register_rancher(
            given_names="", surnames="x" * 81, district=iberia, phone="12", birth_year=1800, by=None
        )
    assert set(refused.value.message_dict) == {"given_names", "surnames", "phone", "birth_year"}


def photo(size=(2000, 1000), kind="JPEG"):
    out = BytesIO()
    Image.new("RGB", size, "green").save(out, kind)
    return out.getvalue()


def test_a_photo_is_written_anew_small_and_without_metadata(iberia, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    rancher = register_rancher(
        given_names="A", surnames="B", district=iberia, photo=photo(kind="PNG"), by=None
    )
    with Image.open(rancher.photo.path) as kept:
        assert kept.format == "JPEG"
        assert max(kept.size) == 800
        assert not kept.getexif()


@pytest.mark.parametrize(
    "content", [b"<svg onload=alert(1)>", photo()[:300], b"GIF89a", b"\x00" * 50]
)
def test_what_is_not_a_photo_is_refused(iberia, content):
    with pytest.raises(InvalidRancher) as refused:
        register_rancher(given_names="A", surnames="B", district=iberia, photo=content, by=None)
    assert "photo" in refused.value.message_dict


def test_an_update_says_what_changed(rancher):
    changed = update_rancher(rancher=rancher, surnames="Quispe Mamani", sex="f", by=None)
    assert changed == {"sex"}
