"""How the field API is described, and what it takes."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from monitoring.models import Outcome
from monitoring.serializers import ReasonSerializer


class NewDeviceSerializer(serializers.Serializer[Any]):
    """What a phone tells of itself. `data_key`: 32 bytes, base64."""

    id = serializers.UUIDField()
    name = serializers.CharField(max_length=80)
    app_version = serializers.CharField(max_length=40, allow_blank=True, default="")
    data_key = serializers.CharField(max_length=64)


class HolderSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    language = serializers.CharField()


class ContactSerializer(serializers.Serializer[Any]):
    """In every answer to a device."""

    server_time = serializers.DateTimeField()
    wipe = serializers.BooleanField()


class RegisteredSerializer(ContactSerializer):
    """The secret and the token are told only here."""

    secret = serializers.CharField()
    locked_token = serializers.CharField(help_text="Kept in the open: read also while locked")
    user = HolderSerializer()


class RecoveredSerializer(ContactSerializer):
    """The key with which the phone encrypts, and new secrets."""

    data_key = serializers.CharField()
    secret = serializers.CharField()
    locked_token = serializers.CharField()


class Base64Field(serializers.CharField):
    """Bytes as base64."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError(_("This is not base64.")) from error


class SealedItemSerializer(serializers.Serializer[Any]):
    """An item as the phone keeps it: AES-GCM under the phone's data key."""

    kind = serializers.CharField(max_length=12)
    id = serializers.UUIDField()
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    base_version = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, allow_null=True, default=None
    )
    iv = Base64Field(max_length=32)
    sealed = Base64Field()


class SealedBatchSerializer(serializers.Serializer[Any]):
    """What a locked phone hands over; no items: it only asks."""

    app_version = serializers.CharField(max_length=40, allow_blank=True, default="")
    items = serializers.ListField(child=SealedItemSerializer(), max_length=100, default=list)


class NewPhotoSerializer(serializers.Serializer[Any]):
    """A photo that is to come in chunks. `sealed_iv`: it comes encrypted (AES-GCM under the phone's data
    key, 16 bytes more than `size`), from a phone that was signed out while locked."""

    id = serializers.UUIDField()
    visit = serializers.UUIDField()
    practice = serializers.CharField(max_length=40, allow_null=True, allow_blank=True, default="")
    sha256 = serializers.RegexField("^[0-9a-f]{64}$")
    size = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    taken_at = serializers.DateTimeField(allow_null=True, default=None)
    sealed_iv = Base64Field(max_length=32, allow_null=True, default=None)


class ProgressSerializer(ContactSerializer):
    """How far a photo is: bytes that are safe here, and whether it is whole."""

    offset = serializers.IntegerField()
    done = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    refused = serializers.BooleanField(help_text="All of it is here, and it cannot be used")


class ItemSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    body = serializers.CharField(help_text="JSON text exactly as it was hashed")
    sha256 = serializers.CharField()


class BatchSerializer(serializers.Serializer[Any]):
    """At most 100 items and 2 MB; the body may be gzipped (`Content-Encoding: gzip`)."""

    device = serializers.UUIDField(required=False)
    app_version = serializers.CharField(required=False)
    sent_at = serializers.DateTimeField(required=False)
    waiting = serializers.IntegerField(required=False)
    items = ItemSerializer(many=True)


class ItemReceiptSerializer(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    number = serializers.IntegerField()
    kind = serializers.CharField()
    id = serializers.UUIDField(allow_null=True)
    outcome = serializers.ChoiceField(choices=Outcome.values)
    version = serializers.IntegerField(allow_null=True)
    reasons = ReasonSerializer(many=True)


class BatchAnswerSerializer(ContactSerializer):
    clock_offset_s = serializers.IntegerField(allow_null=True)
    items = ItemReceiptSerializer(many=True)
