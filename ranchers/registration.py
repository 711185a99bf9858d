"""Registering ranchers: what is written down is checked and written one way."""

from __future__ import annotations

import re
import unicodedata
import uuid
from io import BytesIO
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from ranchers.changes import ranchers_changed
from ranchers.models import District, Rancher, Sex, User

LANGUAGES = ("es", "pt", "qu", "pib", "en")
PHOTO_MOST_BYTES = 10 * 1024 * 1024
PHOTO_MOST_PIXELS = 50_000_000
PHOTO_SIDE_PX = 800
PARTICLES = {"de", "del", "la", "las", "los", "y", "da", "do", "dos"}
MOVES_FIGURES = {"district", "sex"}


class InvalidRancher(ValidationError):
    """The rancher cannot be recorded as asked; messages per field."""


@transaction.atomic
def register_rancher(
    *,
    given_names: str,
    surnames: str,
    district: District,
    by: User | None,
    rancher_id: uuid.UUID | None = None,
    **details: Any,
) -> Rancher:
    """Record a new rancher. `details`: as the fields of `Rancher`; `dni` may carry its check digit,
    `photo` is the bytes of an image. `rancher_id`: when a phone has given one already.

    Raises `InvalidRancher`.
    """
    rancher = Rancher(id=rancher_id or uuid.uuid4())
    _write(
        rancher, {"given_names": given_names, "surnames": surnames, "district": district, **details}
    )
    return rancher


@transaction.atomic
def update_rancher(*, rancher: Rancher, by: User | None, **details: Any) -> set[str]:
    """Change what is given; the names of the fields that really changed. Raises `InvalidRancher`."""
    before = Rancher.objects.select_for_update().get(pk=rancher.pk)
    rancher.refresh_from_db()
    changed = _write(rancher, details)
    if changed & MOVES_FIGURES:
        ranchers_changed(rancher_ids=[before.pk], since=None)
    return changed


def _write(rancher: Rancher, details: dict[str, Any]) -> set[str]:
    errors: dict[str, list[str]] = {}
    clean: dict[str, Any] = {}
    for name, value in details.items():
        try:
            clean[name] = CLEANERS[name](value) if name in CLEANERS else value
        except ValidationError as refused:
            errors[name] = refused.messages
    if clean.get("dni"):
        taken = Rancher.objects.filter(dni=clean["dni"]).exclude(pk=rancher.pk)
        if taken.exists():
            errors["dni"] = [_("Another rancher already has this DNI.")]
    if errors:
        raise InvalidRancher(errors)
    changed = {name for name, value in clean.items() if getattr(rancher, name, None) != value}
    for name in changed:
        setattr(rancher, name, clean[name])
    try:
        with transaction.atomic():
            rancher.save()
    except IntegrityError as clash:
        # Someone else registered the same DNI between the look and the write.
        raise InvalidRancher({"dni": _("Another rancher already has this DNI.")}) from clash
    return changed


def tidy_text(text: str | None) -> str:
    """Text in NFC without control characters, with single spaces and none at the ends."""
    text = unicodedata.normalize("NFC", text or "")
    text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return re.sub(r"\s+", " ", text).strip()


def clean_name(text: str | None) -> str:
    """A name as people write it: all capitals or all small letters become 'Rosa de la Cruz'."""
    name = tidy_text(text)
    if not name:
        raise ValidationError(_("Write the name."))
    if len(name) > 80:
        raise ValidationError(_("At most 80 characters."))
    if not any(c.isalpha() for c in name):
        raise ValidationError(_("A name has letters."))
    if name.isupper() or name.islower():
        words = [w if w in PARTICLES else w.capitalize() for w in name.lower().split(" ")]
        words = [re.sub(r"(?<=[-'’])\w", lambda m: m.group().upper(), w) for w in words]
        name = " ".join(words)
    return name[0].upper() + name[1:]


def clean_dni(text: str | None) -> str | None:
    """The eight digits of a DNI with leading zeros; None when empty.

    A ninth character is the check digit (a digit or a letter A-K, after an optional hyphen) and
    must fit. Weights and tables as used by RENIEC.
    """
    dni = re.sub(r"[\s.]", "", tidy_text(text)).upper()
    if not dni:
        return None
    match = re.fullmatch(r"([0-9]{8})(?:-?([0-9A-K]))?", dni)
    if not match:
        raise ValidationError(_("A DNI has eight digits (and, apart, a check character)."))
    digits, check = match.groups()
    if check and check not in dni_check_characters(digits):
        raise ValidationError(_("The check character does not fit this DNI: one digit is wrong."))
    return digits


def dni_check_characters(digits: str) -> tuple[str, str]:
    """The check digit and the check letter of eight DNI digits."""
    total = sum(int(d) * w for d, w in zip(digits, (3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    index = (11 - total % 11) % 11
    return "67890112345"[index], "KABCDEFGHIJ"[index]


def clean_phone(text: str | None) -> str:
    """The number in E.164; without a country code it is Peruvian. Empty stays empty."""
    text = tidy_text(text)
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text, "PE")
    except phonenumbers.NumberParseException as unreadable:
        raise ValidationError(_("This is not a phone number.")) from unreadable
    if not phonenumbers.is_valid_number(number):
        raise ValidationError(_("There is no such phone number. Example: 982 123 456."))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_birth_year(year: int | None) -> int | None:
    """A year of birth that makes the person 14 to 120 years old; None stays None."""
    if year is not None and not localdate().year - 120 <= year <= localdate().year - 14:
        raise ValidationError(_("This year of birth cannot be."))
    return year


def clean_photo(content: bytes | None) -> ContentFile | str:
    """The photo decoded and written anew as JPEG, at most 800 px wide or high, without metadata.

    An empty string when there is none.
    """
    if not content:
        return ""
    if len(content) > PHOTO_MOST_BYTES:
        raise ValidationError(_("The photo is larger than 10 MB."))
    try:
        with Image.open(BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as opened:
            if opened.width * opened.height > PHOTO_MOST_PIXELS:
                raise ValidationError(_("The photo has too many pixels."))
            photo = ImageOps.exif_transpose(opened).convert("RGB")
    except ValidationError:
        raise
    except Exception as unreadable:  # Pillow raises a dozen kinds on hostile bytes
        raise ValidationError(_("This file is not a JPEG, PNG or WebP photo.")) from unreadable
    photo.thumbnail((PHOTO_SIDE_PX, PHOTO_SIDE_PX))
    out = BytesIO()
    photo.save(out, "JPEG", quality=82)
    return ContentFile(out.getvalue(), name=f"{uuid.uuid4()}.jpg")


def _clean_line(text: str | None) -> str:
    line = tidy_text(text)
    if len(line) > 120:
        raise ValidationError(_("At most 120 characters."))
    return line


def _clean_sex(value: str | None) -> str:
    if (value or "") not in Sex.values:
        raise ValidationError(_("Unknown value."))
    return value or ""


def _clean_language(value: str | None) -> str:
    if (value or "es") not in LANGUAGES:
        raise ValidationError(_("Unknown value."))
    return value or "es"


CLEANERS: dict[str, Any] = {
    "given_names": clean_name,
    "surnames": clean_name,
    "dni": clean_dni,
    "phone": clean_phone,
    "birth_year": clean_birth_year,
    "photo": clean_photo,
    "community": _clean_line,
    "association": _clean_line,
    "sex": _clean_sex,
    "language": _clean_language,
}
