"""The API's visits, figures and facts: thin over sync, photos and dashboards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from monitoring import quarters, sync
from monitoring.indicators import INDICATORS
from monitoring.models import Cell, Channel, Outcome, Photo, Visit
from monitoring.models.facts import PracticeFact, RancherFact
from monitoring.photos import MAX_BYTES, PhotoRefused, store_photo
from monitoring.readings import Reading, suppressed
from monitoring.serializers import (
    CellSerializer,
    FactsSerializer,
    IndicatorSerializer,
    PhotoSerializer,
    ReceiptSerializer,
    VisitSerializer,
    WholeVisitSerializer,
)
from monitoring.visits import visits_for
from practices.models import Practice
from ranchers.access import EVERYONE, STAFF, ranchers_for, sees_small_cells
from ranchers.api_auth import roles
from ranchers.api_pages import LatestFirst
from ranchers.api_problems import NotAccepted, TooLarge
from ranchers.models import Cohort, District, Role, Sex

STATUS_OF = {
    Outcome.CREATED: 201,
    Outcome.UPDATED: 200,
    Outcome.UNCHANGED: 200,
    Outcome.CONFLICT: 409,
    Outcome.REJECTED: 422,
    Outcome.QUARANTINED: 202,
    Outcome.PENDING: 202,
}


class VisitFilter(django_filters.FilterSet):
    rancher = django_filters.UUIDFilter()
    since = django_filters.DateFilter(field_name="visited_on", lookup_expr="gte")
    until = django_filters.DateFilter(field_name="visited_on", lookup_expr="lte")
    updated_since = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Visit
        fields: list[str] = []


class Visits(generics.ListAPIView[Visit]):
    """Visits of the ranchers you look after, newest first, deleted ones included."""

    serializer_class = VisitSerializer
    filterset_class = VisitFilter
    pagination_class = LatestFirst
    permission_classes = [roles(Role.COORDINATOR, Role.TECHNICIAN)]

    def get_queryset(self) -> QuerySet[Visit]:
        return visits_for(self.request.user).select_related(None)

    def get_throttles(self) -> list[Any]:
        self.throttle_scope = "visits" if self.request.method == "POST" else ""
        return super().get_throttles()

    @extend_schema(
        request=OpenApiTypes.OBJECT,
        responses=dict.fromkeys(sorted({*STATUS_OF.values()}), ReceiptSerializer),
        description="Send one visit, new or edited (docs/architecture.md, schema 1). Sending it again "
        "changes nothing. Created 201, updated or unchanged 200, kept for a coordinator to decide "
        "202, edited meanwhile by somebody else 409, not possible 422.",
    )
    def post(self, request: Request) -> Response:
        if request.content_type.partition(";")[0].strip().lower() != "application/json":
            raise UnsupportedMediaType(request.content_type)
        sender: Any = request.user
        try:
            receipt = sync.receive(raw=request._request.body, sender=sender, channel=Channel.API)
        except sync.PayloadTooLarge as error:
            raise TooLarge(_("A visit may have at most 256 KB. Send photos apart.")) from error
        return Response(ReceiptSerializer(receipt).data, status=STATUS_OF[Outcome(receipt.outcome)])


class OneVisit(generics.RetrieveAPIView[Visit]):
    """One visit, whole."""

    serializer_class = WholeVisitSerializer
    permission_classes = [roles(Role.COORDINATOR, Role.TECHNICIAN)]

    def get_queryset(self) -> QuerySet[Visit]:
        return visits_for(self.request.user).prefetch_related("photos")


class VisitPhotos(generics.ListAPIView[Photo]):
    """Photos of one visit."""

    serializer_class = PhotoSerializer
    permission_classes = [roles(Role.COORDINATOR, Role.TECHNICIAN)]
    throttle_scope = "photos"
    pagination_class = None
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Photo]:
        visit = get_object_or_404(visits_for(self.request.user), pk=self.kwargs["pk"])
        return visit.photos.order_by("received_at", "pk")

    @extend_schema(
        request={"image/jpeg": OpenApiTypes.BINARY},
        responses={201: PhotoSerializer},
        parameters=[
            OpenApiParameter(
                "sha256", str, description="Of the bytes, hex; a damaged photo is refused"
            )
        ],
        description="Send one photo: the bytes of a JPEG, PNG or WebP of at most 8 MB as the body. "
        "The same bytes again change nothing.",
    )
    def post(self, request: Request, pk: UUID) -> Response:
        if not request.content_type.lower().startswith("image/"):
            raise UnsupportedMediaType(request.content_type)
        data = request._request.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise TooLarge(_("The photo is larger than 8 MB."))
        sender: Any = request.user
        declared = request.query_params.get("sha256", "")
        try:
            photo = store_photo(visit_id=pk, data=data, sha256=declared, sender=sender)
        except PhotoRefused as refusal:
            if refusal.code == "visit":
                raise Http404 from refusal
            raise NotAccepted(str(refusal), code=refusal.code) from refusal
        return Response(PhotoSerializer(photo).data, status=201)


class Facts(APIView):
    """What is known of one rancher, quarter by quarter: the rows that the figures add up."""

    permission_classes = [roles(Role.COORDINATOR, Role.TECHNICIAN, Role.RANCHER)]

    @extend_schema(responses=FactsSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        rancher = get_object_or_404(ranchers_for(request.user), pk=pk)
        found = {
            "quarters": RancherFact.objects.filter(rancher=rancher).order_by("quarter"),
            "practices": PracticeFact.objects.filter(rancher=rancher)
            .select_related("practice")
            .order_by("practice_id", "from_quarter"),
        }
        return Response(FactsSerializer(found).data)


class Indicators(APIView):
    """The definitions of all figures."""

    permission_classes = [roles(*EVERYONE)]

    @extend_schema(responses=IndicatorSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(IndicatorSerializer(INDICATORS, many=True).data)


class QuarterField(forms.CharField):
    """`2024-T3`."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return quarters.parse(text)
        except ValueError as error:
            raise forms.ValidationError(_("Write a quarter as 2024-T3.")) from error


class QuarterFilter(django_filters.Filter):
    field_class = QuarterField


class CellFilter(django_filters.FilterSet):
    """`all` in a dimension: only the cells of all of them together."""

    indicator = django_filters.ChoiceFilter(choices=[(i.code, i.code) for i in INDICATORS])
    quarter = QuarterFilter(label="2024-T3")
    since = QuarterFilter(field_name="quarter", lookup_expr="gte", label="2024-T3")
    until = QuarterFilter(field_name="quarter", lookup_expr="lte", label="2024-T3")
    cohort = django_filters.ModelChoiceFilter(
        queryset=Cohort.objects.all(), to_field_name="code", null_label="all", null_value="all"
    )
    practice = django_filters.ModelChoiceFilter(
        queryset=Practice.objects.all(), to_field_name="code", null_label="all", null_value="all"
    )
    district = django_filters.ModelChoiceFilter(
        queryset=District.objects.all(), null_label="all", null_value="all"
    )
    sex = django_filters.ChoiceFilter(
        choices=[(Sex.FEMALE.value, "f"), (Sex.MALE.value, "m"), ("all", "all")], method="of_sex"
    )

    class Meta:
        model = Cell
        fields: list[str] = []

    def of_sex(self, cells: QuerySet[Cell], _name: str, sex: str) -> QuerySet[Cell]:
        return cells.filter(sex="" if sex == "all" else sex)


class Cells(generics.ListAPIView[Cell]):
    """Figures. Those with too few ranchers behind are hidden from all but coordinators."""

    serializer_class = CellSerializer
    filterset_class = CellFilter
    permission_classes = [roles(*STAFF)]
    queryset = Cell.objects.all()

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        page: Any = super().paginate_queryset(queryset) or []
        return readings(page, sees_small=sees_small_cells(self.request.user))

    def get_serializer_context(self) -> dict[str, Any]:
        return {
            **super().get_serializer_context(),
            "cohorts": dict(Cohort.objects.values_list("pk", "code")),
            "practices": dict(Practice.objects.values_list("pk", "code")),
        }


def readings(cells: Sequence[Cell], *, sees_small: bool) -> list[Reading]:
    """The cells as one reader may see them, in their order. What to hide is decided on the whole
    tables that the cells are part of, whatever was filtered."""
    found = [_reading(cell) for cell in cells]
    if sees_small:
        return found
    tables = Cell.objects.filter(
        indicator__in={cell.indicator for cell in cells},
        quarter__in={cell.quarter for cell in cells},
    )
    return suppressed(found, tables=tables)


def _reading(cell: Cell) -> Reading:
    return Reading(
        cell.indicator,
        cell.quarter,
        cell.cohort_id,
        cell.practice_id,
        cell.district_id,
        cell.sex,
        cell.category,
        cell.value,
        cell.low,
        cell.high,
        cell.n_known,
        cell.n_enrolled,
        cell.numerator,
        cell.denominator,
        cell.method,
        cell.computed_at,
    )
