"""What the API says of visits, indicators, cells and facts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from monitoring import quarters
from monitoring.models import Outcome, Photo, Visit
from monitoring.models.facts import PracticeFact, RancherFact
from monitoring.sync.content import as_payload
from monitoring.sync.store import content_of

_NOT_COLUMNS = {"pk", "rancher", "stratum", "quarter"}


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a field was not taken as it is; `confirm` is what accepts it, for a soft limit."""

    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()
    confirm = serializers.CharField(required=False)


class ReceiptSerializer(serializers.Serializer[Any]):
    """The answer to one visit that was sent. What was sent is kept, whatever the outcome."""

    number = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=Outcome.values)
    visit_id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    reasons = ReasonSerializer(many=True)


class PhotoSerializer(serializers.ModelSerializer[Photo]):
    class Meta:
        model = Photo
        fields = ["id", "visit", "sha256", "size_bytes", "received_at"]
        read_only_fields = fields


class VisitSerializer(serializers.ModelSerializer[Visit]):
    class Meta:
        model = Visit
        fields = [
            "id",
            "rancher",
            "plot",
            "technician",
            "visited_on",
            "version",
            "created_at",
            "updated_at",
            "deleted_at",
        ]
        read_only_fields = fields


class WholeVisitSerializer(VisitSerializer):
    """With `payload`: the content as it would be sent to edit it (docs/architecture.md)."""

    payload = serializers.SerializerMethodField()
    photos = PhotoSerializer(many=True, read_only=True)

    class Meta(VisitSerializer.Meta):
        fields = [*VisitSerializer.Meta.fields, "payload", "photos"]
        read_only_fields = fields

    def get_payload(self, visit: Visit) -> dict[str, Any]:
        return as_payload(content_of(visit), visit_id=visit.pk, base_version=visit.version)


class IndicatorSerializer(serializers.Serializer[Any]):
    """A definition, in the reader's language."""

    code = serializers.CharField()
    group = serializers.CharField()
    title = serializers.CharField()
    definition = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    kind = serializers.CharField()
    interval = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    level = serializers.CharField()
    since = serializers.CharField()
    per_practice = serializers.BooleanField()
    categories = serializers.ListField(child=serializers.CharField())
    decimals = serializers.IntegerField()


class CellSerializer(serializers.Serializer[Any]):
    """One figure. Null in a dimension is 'all'. Hidden: too few ranchers behind it, so neither
    value nor counts are told."""

    indicator = serializers.CharField()
    quarter = serializers.SerializerMethodField()
    cohort = serializers.SerializerMethodField()
    practice = serializers.SerializerMethodField()
    district = serializers.CharField(allow_null=True)
    sex = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n_known = serializers.IntegerField(allow_null=True)
    n_enrolled = serializers.IntegerField(allow_null=True)
    method = serializers.CharField(allow_blank=True)
    is_hidden = serializers.BooleanField()

    def get_quarter(self, reading: Any) -> str:
        return quarters.label(reading.quarter)

    def get_cohort(self, reading: Any) -> str | None:
        return self.context["cohorts"].get(reading.cohort)

    def get_practice(self, reading: Any) -> str | None:
        return self.context["practices"].get(reading.practice)


class RancherFactSerializer(serializers.ModelSerializer[RancherFact]):
    quarter = serializers.SerializerMethodField()

    class Meta:
        model = RancherFact
        fields = [
            "quarter",
            *[f.name for f in RancherFact._meta.concrete_fields if f.name not in _NOT_COLUMNS],
        ]

    def get_quarter(self, fact: RancherFact) -> str:
        return quarters.label(fact.quarter)


class PracticeFactSerializer(serializers.ModelSerializer[PracticeFact]):
    practice = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    from_quarter = serializers.SerializerMethodField()
    to_quarter = serializers.SerializerMethodField(help_text="The first quarter after the run")
    intensity = serializers.FloatField(allow_null=True, read_only=True)
    ceiling = serializers.FloatField(allow_null=True, read_only=True)

    class Meta:
        model = PracticeFact
        fields = ["practice", "from_quarter", "to_quarter", "stage", "intensity", "ceiling"]

    def get_from_quarter(self, fact: PracticeFact) -> str:
        return quarters.label(fact.from_quarter)

    def get_to_quarter(self, fact: PracticeFact) -> str:
        return quarters.label(fact.to_quarter)


class FactsSerializer(serializers.Serializer[Any]):
    """What is known of one rancher, quarter by quarter."""

    quarters = RancherFactSerializer(many=True)
    practices = PracticeFactSerializer(many=True)
