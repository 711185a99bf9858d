"""What happens around the farms: field days and who came, demonstration farms, targets."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.timezone import make_aware, now

from monitoring.demo import parameters as p
from monitoring.models import DataFlag, Target
from monitoring.quarters import quarter_of
from practices.models import Attendance, DemonstrationFarm, FieldDay, Practice
from ranchers.models import Cohort, Plot, Rancher, User

PILOT_GOALS_BY, SCALE_UP_GOALS_BY = date(2022, 12, 31), date(2027, 12, 31)
INVENTED = "Meta inventada para la demostración"
# (indicator, practice, goal of the pilot, goal of the scale-up); shares in %.
GOALS = (
    ("active_share", None, 80.0, 60.0),
    ("adoption_rate", "pastoreo-rotacional", 80.0, 60.0),
    ("adoption_rate", "cercos-vivos", 70.0, 50.0),
    ("adoption_rate", "suplemento-mineral", 80.0, 65.0),
    ("practices_per_rancher", None, 6.0, 4.0),
    ("stocking_rate", None, 1.5, 1.5),
    ("milk_per_cow", None, 5.0, 5.0),
    ("trees_on_pasture", None, 10.0, 10.0),
)
TOPICS = (
    ("Pastoreo rotacional y cerco eléctrico", ("pastoreo-rotacional", "bebederos")),
    ("Cercos vivos y árboles en potrero", ("cercos-vivos", "arboles-dispersos")),
    ("Sales minerales y calendario sanitario", ("suplemento-mineral", "calendario-sanitario")),
    ("Bancos forrajeros para la época seca", ("bancos-forrajeros", "pastos-mejorados")),
    ("Registros del hato y ordeño limpio", ("registros", "ordeno-limpio")),
    ("Renovar pastos sin quemar", ("renovacion-sin-quema", "control-malezas-sin-quema")),
    ("Plan de predio y acuerdo de bosque", ("plan-de-predio", "acuerdo-conservacion-bosque")),
)
DAYS_BETWEEN_FIELD_DAYS = 47
COMING_FIELD_DAYS = (9, 23, 44)  # days from today


def tell(*, coordinator: User, today: date) -> None:
    """Targets, demonstration farms and field days for the programme that is already loaded."""
    rng = np.random.default_rng([p.SEED, 4])
    codes = Practice.objects.in_bulk(field_name="code")
    set_targets(codes)
    hosts = demonstration_farms(codes)
    field_days(codes=codes, hosts=hosts, coordinator=coordinator, today=today, rng=rng)


def set_targets(codes: dict[str, Practice]) -> None:
    """The goals of the two phases."""
    pilot, scale_up = Cohort.objects.order_by("starts_on")
    Target.objects.bulk_create(
        Target(
            cohort=cohort,
            indicator=indicator,
            practice=codes.get(practice or ""),
            quarter=quarter_of(by),
            value=value,
            source=INVENTED,
        )
        for indicator, practice, *values in GOALS
        for cohort, by, value in zip(
            (pilot, scale_up), (PILOT_GOALS_BY, SCALE_UP_GOALS_BY), values, strict=True
        )
    )


def demonstration_farms(codes: dict[str, Practice]) -> list[Plot]:
    """The pilot ranchers' farms as classrooms; returns their plots."""
    plots = list(
        Plot.objects.filter(rancher__enrolments__cohort__phase="pilot")
        .select_related("rancher")
        .order_by("external_ref")
    )
    for number, plot in enumerate(plots):
        farm = DemonstrationFarm.objects.create(
            plot=plot, period=DateRange(p.PILOT_SINCE + timedelta(days=300 + 40 * number), None)
        )
        _title, topics = TOPICS[number % len(TOPICS)]
        farm.practices.set([codes[code] for code in topics if code in codes])
    return plots


def field_days(
    *,
    codes: dict[str, Practice],
    hosts: list[Plot],
    coordinator: User,
    today: date,
    rng: np.random.Generator,
) -> None:
    """One every seven weeks since the pilot's farms opened, none in the pandemic, three to come."""
    first = p.PILOT_SINCE + timedelta(days=330)
    past = (today - first).days
    days = [first + timedelta(days=at) for at in range(0, past, DAYS_BETWEEN_FIELD_DAYS)]
    days = [day for day in days if not p.PANDEMIC[0] <= day < p.PANDEMIC[1] and day < today]
    days += [today + timedelta(days=ahead) for ahead in COMING_FIELD_DAYS]
    for number, day in enumerate(days):
        day += timedelta(days=(5 - day.weekday()) % 7)  # Saturdays
        host = hosts[number % len(hosts)]
        title, topics = TOPICS[number % len(TOPICS)]
        held = day < today
        event = FieldDay.objects.create(
            title=title,
            district_id=host.district_id,
            plot=host,
            starts_at=make_aware(datetime.combine(day, time(9, 0))),
            place=f"{host.name}, {host.rancher.community}",
            capacity=30,
            status=FieldDay.Status.HELD if held else FieldDay.Status.PLANNED,
            created_by=coordinator,
        )
        event.practices.set([codes[code] for code in topics if code in codes])
        if held:
            _attend(event, day, coordinator, rng)


def _attend(event: FieldDay, day: date, coordinator: User, rng: np.random.Generator) -> None:
    """Between 8 and 26 ranchers of the district who were in the programme that day."""
    could = list(
        Rancher.objects.filter(
            district_id=event.district_id,
            enrolments__statuses__period__contains=day,
            enrolments__statuses__status__in=["supported", "active"],
        )
        .order_by("dni")
        .values_list("pk", flat=True)[:3_000]
    )
    came = rng.permutation(len(could))[: int(rng.integers(8, 27))]
    Attendance.objects.bulk_create(
        Attendance(field_day=event, rancher_id=could[row], recorded_by=coordinator)
        for row in sorted(came)
    )


def settle_old_flags(*, coordinator: User, today: date) -> int:
    """The coordinator has looked at what came up more than six weeks ago; returns how many."""
    old = DataFlag.objects.filter(closed_at=None, opened_at__date__lt=today - timedelta(days=45))
    return old.update(
        closed_at=now(), closed_by=coordinator, resolution="Revisado con el técnico: es correcto."
    )
