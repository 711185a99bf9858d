"""One small programme in which everybody has something: the ground of the access walk."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.files.base import ContentFile
from django.utils.timezone import localdate, now
from psycopg2.extras import DateRange

from monitoring import plot_shapes
from monitoring.models import (
    Conflict,
    CoverSource,
    DataFlag,
    EudrExport,
    FieldFile,
    InboxPayload,
    NextStep,
    Photo,
    PlotShape,
    Target,
    Visit,
)
from practices.models import (
    Criterion,
    FieldDay,
    Manual,
    Practice,
    Principle,
)
from ranchers.accounts import set_password_path
from ranchers.cards import issue_card
from ranchers.models import (
    ApiToken,
    Cohort,
    Consent,
    ConsentScope,
    Enrolment,
    EnrolmentStatus,
    Plot,
    PlotBoundary,
    Role,
)
from ranchers.tokens import issue_token
from tests import people
from tests.monitoring.factories import payload, send

SECRETS = ("Zacarías", "Quispecondori", "46813579", "987654321", "Fundo Zacarías")
"""Words that only those who may see the rancher may read."""


def square(lon: float = -69.49, lat: float = -11.4, side: float = 0.01) -> MultiPolygon:
    corners = [(lon, lat), (lon + side, lat), (lon + side, lat + side), (lon, lat + side)]
    return MultiPolygon(Polygon([*corners, corners[0]]), srid=4326)


def build() -> Any:
    """The world; `world.rancher` is the person whom outsiders must not see."""
    w = SimpleNamespace()
    w.district, w.elsewhere = people.district(), people.other_district()
    w.coordinator = people.staff(Role.COORDINATOR)
    w.technician = people.technician(w.district)
    w.outsider = people.technician(w.elsewhere)
    w.ministry = people.staff(Role.MINISTRY)
    w.rancher_record = people.rancher(
        given_names="Zacarías",
        surnames="Quispecondori",
        dni="46813579",
        phone="+51987654321",
        technician=w.technician,
        district=w.district,
        birth_year=1970,
    )
    w.neighbour_record = people.rancher(district=w.elsewhere)
    w.card_token = issue_card(rancher=w.rancher_record, issued_by=w.technician, pin="8317")
    w.rancher = w.rancher_record.user
    w.neighbour = people.rancher_user(w.neighbour_record)
    w.account = people.staff(Role.MINISTRY, name="Cuenta por cambiar")
    w.reset = set_password_path(w.account).rstrip("/").rsplit("/", 1)[1].partition("-")
    w.reset_uid, w.reset_key = w.reset[0], w.reset[2]
    _land(w)
    _programme(w)
    _visit(w)
    w.cover_source = _cover_source()
    w.old_token = issue_token(user=w.ministry, name="informe", days=30)
    w.token = ApiToken.objects.get(user=w.ministry)
    return w


def _land(w: Any) -> None:
    forever = DateRange(date(2020, 1, 1), None)
    w.plot = Plot.objects.create(
        rancher=w.rancher_record, name="Fundo Zacarías", district=w.district
    )
    w.boundary = PlotBoundary.objects.create(
        plot=w.plot, boundary=square(), area_ha="120.5", period=forever
    )
    for scope in (ConsentScope.PROGRAMME, ConsentScope.MINISTRY):
        w.consent = Consent.objects.create(rancher=w.rancher_record, scope=scope, period=forever)


def _programme(w: Any) -> None:
    w.cohort = Cohort.objects.order_by("pk").first() or Cohort.objects.create(
        code="scale-up-x", name="Ampliación", phase="scale_up", starts_on=date(2020, 1, 1)
    )
    w.enrolment = Enrolment.objects.create(rancher=w.rancher_record, cohort=w.cohort)
    EnrolmentStatus.objects.create(
        enrolment=w.enrolment, status="active", period=DateRange(date(2020, 3, 1), None)
    )
    w.practice = Practice.objects.order_by("pk").first() or _practice()
    w.practice_code = w.practice.code
    w.manual = Manual.objects.create(
        practice=w.practice,
        language="es",
        title="Manual",
        body="Cómo se hace.",
        version=90,
        published_on=date(2021, 1, 1),
    )
    w.field_day = FieldDay.objects.create(
        title="Día de campo",
        district=w.district,
        starts_at=now() + timedelta(days=9),
        place="Local comunal",
    )


def _cover_source() -> CoverSource:
    """Not in use, and its files are not there."""
    return CoverSource.objects.create(
        code="bosque", name="Bosque", kind="gfc", measures="forest", location="/nowhere",
        version="GFC-2024-v1.12", baseline_year=2000, last_year=2024, licence="CC BY 4.0",
        attribution="UMD/GLAD",
    )  # fmt: skip


def _practice() -> Practice:
    principle = Principle.objects.create(code="principio", name_es="Principio")
    criterion = Criterion.objects.create(code="criterio", principle=principle, name_es="Criterio")
    return Practice.objects.create(id=901, code="cerco-vivo", criterion=criterion, name_es="Cerco")


def _visit(w: Any) -> None:
    w.visit = Visit.objects.create(
        rancher=w.rancher_record,
        plot=w.plot,
        technician=w.technician,
        visited_on=localdate() - timedelta(days=3),
        content_hash="0" * 64,
        notes="Visita a Zacarías",
    )
    w.photo = Photo(visit=w.visit, sha256="0" * 64, size_bytes=9)
    w.photo.file.save("x.jpg", ContentFile(b"una foto"))
    w.step = NextStep.objects.create(visit=w.visit, text="Podar el cerco")
    document = payload(w.rancher_record, id=str(w.visit.pk), base_version=7)
    w.received = send(document, w.technician).number
    w.conflict = Conflict.objects.get(visit=w.visit)
    w.quarantined = send(payload(w.rancher_record), w.outsider).number
    w.flag = DataFlag.objects.create(code="soft_milk_max", rancher=w.rancher_record, visit=w.visit)
    w.target = Target.objects.create(
        cohort=w.cohort, indicator="active_share", quarter=8100, value=0.5
    )
    w.payload = InboxPayload.objects.create(
        sender=w.technician, channel="api", raw=b"{}", sha256="0" * 64, outcome="quarantined"
    )
    w.eudr_export = EudrExport.objects.create(recipient="Comprador", shape="point")
    plot_shapes.refresh_all()
    w.field_file = FieldFile.objects.create(file_name="hato.json", sha256="0" * 64)
    w.plot_number = PlotShape.objects.get(plot=w.plot).number
    w.dashboard_slug = "adopcion"
