"""Deletes what is kept for long enough: files, errors, jobs, keys. One process at a time does."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import structlog

from sluice.background import PeriodicThread
from sluice.db.lease import drop_lease, take_lease
from sluice.db.pool import connection_of
from sluice.db.statements import statement
from sluice.errors import Outage
from upload_api.adapters.gate_patience import GateBusy
from upload_api.adapters.postgres_audit import Actor, Caller
from upload_api.adapters.postgres_erasures import begin_erasure, delete_batches
from upload_api.adapters.postgres_idempotency import forget_keys
from upload_api.domain.erasure_rules import EraseRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from psycopg_pool import ConnectionPool

    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.storage import FileStorage
    from upload_api.adapters.eraser import Eraser
    from upload_api.domain.erasure_rules import RetentionPolicy

log = structlog.get_logger(__name__)
PACKAGE: Final = "upload_api"
LEASE: Final = "retention"
LEASE_S: Final = 300
EVERY_S: Final = 60.0
UNLIMITED: Final = 2**62
NOBODY = Actor(user_id=None, caller=Caller(ip=None, user_agent=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one round did."""

    files: int = 0
    errors: int = 0
    jobs: int = 0
    erasures: int = 0


class RetentionSweeper(PeriodicThread):
    """Sweeps every minute, from a thread of its own, while it holds the lease."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        storage: FileStorage,
        eraser: Eraser,
        policy: RetentionPolicy,
        clock: Clock,
    ) -> None:
        super().__init__("retention", EVERY_S)
        self._pool = pool
        self._storage = storage
        self._eraser = eraser
        self._policy = policy
        self._clock = clock
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"

    def turn(self) -> None:
        """Sweep once; raises as `sweep`."""
        swept = self.sweep()
        if swept not in (None, Swept()):
            log.info("what was kept for long enough is deleted", swept=swept)

    def leave(self) -> None:
        """Let another process lead at once; else the lease runs out by itself."""
        with connection_of(self._pool) as conn:
            drop_lease(conn, LEASE, self._worker)

    def sweep(self) -> Swept | None:
        """Do one round; None while another process leads.

        The lease is renewed before each step; one that ran out nevertheless does no harm, since
        every step can be done twice. A file that cannot be deleted keeps nothing else from going.

        Raises:
            Outage: PostgreSQL is away.
        """
        now = self._clock.now()
        with connection_of(self._pool) as conn:
            if not take_lease(conn, LEASE, self._worker, LEASE_S):
                return None
            forget_keys(conn)
            files = self._delete_files(conn, now)
            errors = self._delete_errors(conn, now)
            jobs = self._erase_jobs(conn, now)
        return Swept(files=files, errors=errors, jobs=jobs, erasures=self._eraser.finish_all())

    def _delete_files(self, conn: Connection, now: datetime) -> int:
        values = {"ended_before": self._policy.files_before(now)}
        found = conn.execute(statement(PACKAGE, "files_to_delete"), values).fetchall()
        deleted = 0
        for job_id, file_url in self._while_leading(conn, found):
            try:
                self._storage.delete(file_url)
            except (OSError, Outage) as error:
                log.warning("a file stays", job_id=str(job_id), reason=type(error).__name__)
                continue
            conn.execute(statement(PACKAGE, "note_file_deleted"), {"job_id": job_id})
            deleted += 1
        return deleted

    def _delete_errors(self, conn: Connection, now: datetime) -> int:
        values = {"ended_before": self._policy.errors_before(now)}
        found = conn.execute(statement(PACKAGE, "errors_to_delete"), values).fetchall()
        deleted = 0
        for (job_id,) in self._while_leading(conn, found):
            delete_batches(conn, "rejected_rows", job_id)
            conn.execute(statement(PACKAGE, "note_errors_deleted"), {"job_id": job_id})
            deleted += 1
        return deleted

    def _erase_jobs(self, conn: Connection, now: datetime) -> int:
        policy = self._policy
        values = {
            "ended_before": policy.jobs_before(now),
            "keep_completed": _or_unlimited(policy.keep_completed),
            "keep_failed": _or_unlimited(policy.keep_failed),
        }
        found = conn.execute(statement(PACKAGE, "expired_jobs"), values).fetchall()
        return sum(_erase(conn, job_id) for (job_id,) in self._while_leading(conn, found))

    def _while_leading(
        self, conn: Connection, found: Iterable[tuple[Any, ...]]
    ) -> Iterator[tuple[Any, ...]]:
        for row in found:
            if not take_lease(conn, LEASE, self._worker, LEASE_S):
                return
            yield row


def _erase(conn: Connection, job_id: UUID) -> bool:
    try:
        begin_erasure(conn, job_id, NOBODY, "retention")
    except (EraseRefused, GateBusy) as reason:
        log.info("a job is not erased yet", job_id=str(job_id), reason=str(reason))
        return False
    return True


def _or_unlimited(kept: int | None) -> int:
    return UNLIMITED if kept is None else kept
