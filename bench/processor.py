"""Processor time of the database server, which a machine shared with others does not lengthen."""

from __future__ import annotations

import os
from pathlib import Path

from django.db import connection


def database_seconds() -> float:
    """Seconds of processor that the PostgreSQL of the default database has used since it started, in
    all its processes, those that ended included. It must run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        postmaster = _stat(cursor.fetchone()[0])[1]
    ticks = sum(_stat(postmaster)[11:15])  # its own, and those of its children that ended
    for child in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split():
        ticks += sum(_stat(int(child))[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[int]:
    """The numbers of /proc/<pid>/stat from the state on (0), so that [1] is the parent."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(one) if one.lstrip("-").isdigit() else 0 for one in fields]
