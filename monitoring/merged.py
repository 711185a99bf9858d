"""What monitoring keeps of a rancher, when two registrations of one person become one."""

from __future__ import annotations

from datetime import UTC, datetime

from monitoring.models import Conflict, DataFlag, DirtyRancher, Visit
from monitoring.recompute import mark_dirty, recompute_dirty
from monitoring.sync.store import rebuild_stages
from practices.models import Practice
from ranchers.models import Rancher

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def move_records(*, duplicate: Rancher, into: Rancher) -> None:
    """Have visits, flags and conflicts of `duplicate` be those of `into`, and the figures follow.

    A visit keeps its version: it says the same of the same person, so a phone that carries it has
    nothing new to learn. The figures of `duplicate` are taken out of the cells here and now, since
    its row is about to go; those of `into` follow with the next recompute.
    """
    Visit.objects.filter(rancher=duplicate).update(rancher=into)
    DataFlag.objects.filter(rancher=duplicate).update(rancher=into)
    Conflict.objects.filter(rancher=duplicate).update(rancher=into)
    practices = list(Practice.objects.values_list("pk", flat=True))
    rebuild_stages(rancher_ids=[duplicate.pk, into.pk], practice_ids=practices)
    mark_dirty(rancher_ids=[duplicate.pk, into.pk])
    own = DirtyRancher.objects.filter(rancher=duplicate)
    own.update(marked_at=_FIRST)
    while own.exists():
        recompute_dirty(limit=1)
