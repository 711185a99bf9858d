"""The API's people, places and plots; everything starts from ranchers/access.py."""

from __future__ import annotations

import json
import math
from typing import Any

import django_filters
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from ranchers.access import EVERYONE, districts_for, plots_for, ranchers_for, sees_names
from ranchers.api_auth import roles
from ranchers.api_pages import Features
from ranchers.maps import boundaries_on
from ranchers.models import Cohort, District, Enrolment, PlotBoundary, Rancher, Role, User
from ranchers.serializers import (
    CohortSerializer,
    DistrictSerializer,
    MeSerializer,
    PlotFeatureSerializer,
    RancherSerializer,
)


class Me(generics.RetrieveAPIView[User]):
    """The person the token belongs to."""

    serializer_class = MeSerializer
    permission_classes = [roles(*EVERYONE)]

    def get_object(self) -> User:
        return self.request.user  # type: ignore[return-value]


class Districts(generics.ListAPIView[District]):
    """Districts by ubigeo."""

    serializer_class = DistrictSerializer
    permission_classes = [roles(*EVERYONE)]

    def get_queryset(self) -> QuerySet[District]:
        return districts_for(self.request.user)


class Cohorts(generics.ListAPIView[Cohort]):
    """Cohorts: the pilot, the scale-up, and those they are compared with."""

    serializer_class = CohortSerializer
    permission_classes = [roles(*EVERYONE)]
    queryset = Cohort.objects.all()


class RancherFilter(django_filters.FilterSet):
    district = django_filters.ModelChoiceFilter(queryset=District.objects.all())
    cohort = django_filters.ModelChoiceFilter(
        queryset=Cohort.objects.all(), to_field_name="code", field_name="enrolments__cohort"
    )
    technician = django_filters.ModelChoiceFilter(
        queryset=User.objects.filter(role=Role.TECHNICIAN)
    )
    dni = django_filters.CharFilter(max_length=8)
    updated_since = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Rancher
        fields: list[str] = []


class RanchersSeen(generics.GenericAPIView[Rancher]):
    """What the two views of ranchers share."""

    serializer_class = RancherSerializer
    permission_classes = [roles(Role.COORDINATOR, Role.TECHNICIAN)]

    def get_queryset(self) -> QuerySet[Rancher]:
        enrolments = Enrolment.objects.select_related("cohort").order_by("pk")
        return ranchers_for(self.request.user).prefetch_related(
            Prefetch("enrolments", queryset=enrolments)
        )


class Ranchers(RanchersSeen, generics.ListAPIView[Rancher]):
    """The ranchers you look after."""

    filterset_class = RancherFilter


class OneRancher(RanchersSeen, generics.RetrieveAPIView[Rancher]):
    """One rancher you look after."""


def _window(text: str) -> Polygon:
    """`west,south,east,north` in degrees as a rectangle."""
    try:
        west, south, east, north = numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(math.isfinite(number) for number in numbers):
        raise ValidationError(_("Write bbox as west,south,east,north in degrees."))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValidationError(_("The bbox is empty or not on the Earth."))
    window = Polygon.from_bbox((west, south, east, north))
    window.srid = 4326
    return window


class PlotFilter(django_filters.FilterSet):
    bbox = django_filters.CharFilter(
        method="in_window", max_length=120, validators=[_window], help_text="west,south,east,north"
    )
    district = django_filters.ModelChoiceFilter(
        queryset=District.objects.all(), field_name="plot__district"
    )

    class Meta:
        model = PlotBoundary
        fields: list[str] = []

    def in_window(
        self, rows: QuerySet[PlotBoundary], _name: str, text: str
    ) -> QuerySet[PlotBoundary]:
        return rows.filter(boundary__bboverlaps=_window(text))


class Plots(generics.ListAPIView[PlotBoundary]):
    """Plots in force today, as GeoJSON. Ministry staff get those of ranchers who consent to it,
    without names."""

    filterset_class = PlotFilter
    pagination_class = Features
    permission_classes = [roles(*EVERYONE)]

    def get_queryset(self) -> QuerySet[PlotBoundary]:
        rows = boundaries_on(plots_for(self.request.user), day=localdate())
        return rows.annotate(geojson=AsGeoJSON("boundary", precision=6)).defer("boundary")

    @extend_schema(responses=PlotFeatureSerializer(many=True))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        named = sees_names(request.user)
        return self.get_paginated_response([_feature(row, named=named) for row in page])


def _feature(row: PlotBoundary, *, named: bool) -> dict[str, Any]:
    properties = {
        "area_ha": float(row.area_ha),
        "district": row.plot.district_id,
        "since": row.period.lower.isoformat(),
    }
    if named:
        properties |= {
            "plot": str(row.plot_id),
            "name": row.plot.name,
            "rancher": str(row.plot.rancher_id),
        }
    geometry = json.loads(row.geojson)  # type: ignore[attr-defined]
    return {"type": "Feature", "id": str(row.pk), "geometry": geometry, "properties": properties}
