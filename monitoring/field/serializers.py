"""How the field API is described, and what it takes."""

from __future__ import annotations

from typing import Any

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
    """The secret is told only here."""

    secret = serializers.CharField()
    user = HolderSerializer()


class RecoveredSerializer(ContactSerializer):
    """The key with which the phone encrypts, and a new secret."""

    data_key = serializers.CharField()
    secret = serializers.CharField()


class NewPhotoSerializer(serializers.Serializer[Any]):
    """A photo that is to come in chunks."""

    id = serializers.UUIDField()
    visit = serializers.UUIDField()
    practice = serializers.CharField(max_length=40, allow_null=True, allow_blank=True, default="")
    sha256 = serializers.RegexField("^[0-9a-f]{64}$")
    size = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    taken_at = serializers.DateTimeField(allow_null=True, default=None)


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
