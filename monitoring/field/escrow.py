"""Keeping a device's data key so that only this server, with its SECRET_KEY, can read it."""

from __future__ import annotations

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from monitoring.models import FieldDevice

DATA_KEY_BYTES = 32
_NONCE_BYTES = 12
_INFO = b"hato field device data key"


class KeyUnreadable(ValueError):
    """Neither SECRET_KEY nor a key of SECRET_KEY_FALLBACKS opens what is kept."""


def seal(data_key: bytes, *, device_id: UUID) -> bytes:
    """The data key encrypted (AES-GCM), bound to its device."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, data_key, device_id.bytes)


def open_sealed(sealed: bytes, *, device_id: UUID) -> bytes:
    """The data key again. Raises KeyUnreadable."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return AESGCM(_key(secret)).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], device_id.bytes
            )
        except InvalidTag:
            continue
    raise KeyUnreadable


def opened(device: FieldDevice, *, iv: bytes, data: bytes) -> bytes:
    """What the device itself encrypted with its data key. Raises KeyUnreadable."""
    key = open_sealed(bytes(device.data_key), device_id=device.pk)
    try:
        return AESGCM(key).decrypt(iv, data, None)
    except (InvalidTag, ValueError) as error:
        raise KeyUnreadable from error


def _key(secret: str | bytes) -> bytes:
    material = secret.encode() if isinstance(secret, str) else secret
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(material)
