"""Waits for a job's gate, and ends whoever stands still in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import psycopg
import structlog

from sluice.db.statements import statement

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sluice.db.pool import Connection

log = structlog.get_logger(__name__)
TRIES = 3
T = TypeVar("T")


class GateBusy(Exception):
    """Somebody is in the job's gate for longer than we wait."""


def patiently(conn: Connection, job_id: UUID, act: Callable[[], T]) -> T:
    """Do something behind a job's gate; each try waits for `lock_timeout`.

    Raises:
        GateBusy: the gate was not free in time.
    """
    for _ in range(TRIES):
        try:
            return act()
        except psycopg.errors.LockNotAvailable:
            ended = conn.execute(statement("upload_api", "end_stopped_writers"))
            log.warning("a job's gate is busy", job_id=str(job_id), ended_sessions=ended.rowcount)
    raise GateBusy(f"the gate of job {job_id}")
