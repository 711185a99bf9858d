"""Telling the rest of the house that a rancher changed in a way that moves figures.

`ranchers` may not import `monitoring`, so `monitoring` asks to be told: its app config calls
`on_ranchers_changed(listener)` once, and the functions of this app call `ranchers_changed(...)`
inside their transaction. Plain calls, in order; what a listener raises undoes the change.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Protocol
from uuid import UUID


class Listener(Protocol):
    def __call__(self, *, rancher_ids: Collection[UUID], since: date | None) -> None:
        """`since` is the first day whose figures may differ; None means all of them."""


_listeners: list[Listener] = []


def on_ranchers_changed(listener: Listener) -> None:
    """Have `listener` called on every change; asking twice is the same as asking once."""
    if listener not in _listeners:
        _listeners.append(listener)


def ranchers_changed(*, rancher_ids: Collection[UUID], since: date | None) -> None:
    """Tell every listener; call it inside the transaction of the change."""
    for listener in _listeners:
        listener(rancher_ids=rancher_ids, since=since)
