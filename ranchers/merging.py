"""Two registrations of one person become one, and nothing of either is lost."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from ranchers.models import RancherAlias


def current_ids(ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The rancher that each of these ids stands for today: itself unless it became an alias."""
    found = dict(RancherAlias.objects.filter(pk__in=ids).values_list("pk", "rancher_id"))
    return {one: found.get(one, one) for one in ids}


def current_id(one: UUID) -> UUID:
    return current_ids([one])[one]
