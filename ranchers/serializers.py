"""What the API says of people, places and cohorts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from ranchers.models import Cohort, District, Rancher, User


class MeSerializer(serializers.ModelSerializer[User]):
    """The person who asks."""

    districts: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(
        slug_field="ubigeo", many=True, read_only=True
    )

    class Meta:
        model = User
        fields = ["id", "name", "email", "role", "language", "rancher", "districts"]
        read_only_fields = fields


class DistrictSerializer(serializers.ModelSerializer[District]):
    class Meta:
        model = District
        fields = ["ubigeo", "ubigeo_reniec", "name", "province", "department"]
        read_only_fields = fields


class CohortSerializer(serializers.ModelSerializer[Cohort]):
    class Meta:
        model = Cohort
        fields = ["code", "name", "phase", "starts_on"]
        read_only_fields = fields


class RancherSerializer(serializers.ModelSerializer[Rancher]):
    cohorts = serializers.SerializerMethodField()

    class Meta:
        model = Rancher
        fields = [
            "id",
            "given_names",
            "surnames",
            "dni",
            "phone",
            "sex",
            "birth_year",
            "community",
            "district",
            "association",
            "language",
            "technician",
            "cohorts",
            "updated_at",
        ]
        read_only_fields = fields

    def get_cohorts(self, rancher: Rancher) -> list[str]:
        return [enrolment.cohort.code for enrolment in rancher.enrolments.all()]


class PointsSerializer(serializers.Serializer[Any]):
    """A GeoJSON geometry."""

    type = serializers.ChoiceField(choices=["MultiPolygon"])
    coordinates = serializers.ListField(child=serializers.JSONField())


class PlotPropertiesSerializer(serializers.Serializer[Any]):
    """`plot`, `name` and `rancher` only for those who may see the person."""

    area_ha = serializers.FloatField()
    district = serializers.CharField()
    since = serializers.DateField()
    plot = serializers.UUIDField(required=False)
    name = serializers.CharField(required=False)
    rancher = serializers.UUIDField(required=False)


class PlotFeatureSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=["Feature"])
    id = serializers.UUIDField()
    geometry = PointsSerializer()
    properties = PlotPropertiesSerializer()
