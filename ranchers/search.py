"""Finding ranchers by name, DNI or community, without caring for accents, capitals or a slip."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from ranchers.models import Cohort, District, Enrolment, EnrolmentStatus, Rancher, User
from ranchers.models.people import SEARCHED
from ranchers.plain_text import plain, plain_sql

MOST_WORDS = 6


def search_ranchers(
    ranchers: QuerySet[Rancher], text: str, *, nearly: bool = True
) -> QuerySet[Rancher]:
    """The ranchers in whose name, community or DNI each word of `text` is found, or nearly so.

    To be found nearly takes the database some 30 microseconds a rancher, to be found a fifth of it.
    """
    words = plain(text).split()[:MOST_WORDS]
    if not words:
        return ranchers
    ranchers = ranchers.alias(plain=plain_sql(*SEARCHED))
    for word in words:
        matches = Q(plain__contains=word)
        if nearly and word.isalpha() and len(word) > 3:
            matches |= Q(plain__trigram_word_similar=word)
        ranchers = ranchers.filter(matches)
    return ranchers


def filter_ranchers(
    ranchers: QuerySet[Rancher],
    *,
    on: date,
    text: str = "",
    district: District | None = None,
    cohort: Cohort | None = None,
    status: str = "",
    technician: User | None = None,
    nearly: bool = True,
) -> QuerySet[Rancher]:
    """The ranchers that fit every filter given; cohort and status are those of day `on`, and `nearly`
    finds also who is nearly called so."""
    if district:
        ranchers = ranchers.filter(district=district)
    if technician:
        ranchers = ranchers.filter(technician=technician)
    if cohort or status:
        enrolments = Enrolment.objects.filter(rancher=OuterRef("pk"))
        if cohort:
            enrolments = enrolments.filter(cohort=cohort)
        if status:
            enrolments = enrolments.filter(statuses__status=status, statuses__period__contains=on)
        ranchers = ranchers.filter(Exists(enrolments))
    return search_ranchers(ranchers, text, nearly=nearly)


def with_status(ranchers: QuerySet[Rancher], *, on: date) -> QuerySet[Rancher]:
    """With district, technician and `enrolments`, whose `in_force` lists the status on a day."""
    statuses = EnrolmentStatus.objects.filter(period__contains=on)
    enrolments = Enrolment.objects.select_related("cohort").prefetch_related(
        Prefetch("statuses", queryset=statuses, to_attr="in_force")
    )
    return (
        ranchers.select_related("district", "technician")
        .defer("district__boundary", "district__capital_point")
        .prefetch_related(
            Prefetch("enrolments", queryset=enrolments.order_by("cohort__starts_on", "id"))
        )
    )
