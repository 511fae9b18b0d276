"""Deletes stored files that belong to nobody: what crashes leave, previews that are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from sluice.background import PeriodicThread
from sluice.db.pool import connection_of
from sluice.errors import Outage
from upload_api.adapters.postgres_jobs import existing_jobs
from upload_api.adapters.postgres_previews import drop_expired
from upload_api.domain.orphan_files import FoundFile, candidates, orphans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from psycopg_pool import ConnectionPool

    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.storage import FileStorage

log = structlog.get_logger(__name__)
EVERY_S = 300.0
"""Kept files of previews go so much after their hour at the latest."""


class StorageSweeper(PeriodicThread):
    """Sweeps the storage at the start and every few minutes, from a thread of its own."""

    def __init__(
        self,
        storage: FileStorage,
        pool: ConnectionPool[Connection],
        clock: Clock,
        min_age: timedelta,
    ) -> None:
        super().__init__("storage-sweeper", EVERY_S)
        self._storage = storage
        self._pool = pool
        self._clock = clock
        self._min_age = min_age

    def turn(self) -> None:
        """Sweep once; raises as `sweep`."""
        names = self.sweep()
        if names:
            log.info("orphaned files are deleted", files=len(names))

    def sweep(self) -> tuple[str, ...]:
        """Delete the orphans, and what previews kept for long enough; return the orphans' names.

        Raises:
            Outage: PostgreSQL or storage is away.
        """
        try:
            old = candidates(self._files(), self._clock.now(), self._min_age)
            ids = [c.job_id for c in old if c.job_id is not None]
            with connection_of(self._pool) as conn:
                expired = drop_expired(conn)
                names = orphans(old, existing_jobs(conn, ids))
            for url in expired:
                self._storage.delete(url)
            for name in names:
                self._storage.remove(name)
        except OSError as error:
            raise Outage("storage", error.strerror or type(error).__name__) from error
        return names

    def _files(self) -> Iterator[FoundFile]:
        for kept in self._storage.names():
            yield FoundFile(name=kept.name, changed_at=kept.changed_at)
