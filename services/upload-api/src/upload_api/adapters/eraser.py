"""Brings erasures to their end: rows, the file, the keys in Redis; any process may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import redis
import structlog

from sluice.db.pool import connection_of
from sluice.errors import Outage
from sluice.redis_keys import keys_of_job
from upload_api.adapters.postgres_erasures import delete_large, end_erasure, open_erasures

if TYPE_CHECKING:
    from uuid import UUID

    from psycopg_pool import ConnectionPool

    from sluice.db.pool import Connection
    from sluice.storage import FileStorage
    from upload_api.adapters.postgres_erasures import Erasure

REDIS_S = 5.0
log = structlog.get_logger(__name__)


class Eraser:
    """Removes what erased jobs have left."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        storage: FileStorage,
        redis_url: str | None,
    ) -> None:
        self._pool = pool
        self._storage = storage
        self._redis_url = redis_url

    def finish_all(self) -> int:
        """End the erasures that are open; return how many did end.

        Raises:
            Outage: PostgreSQL is away.
        """
        return sum(self._finish(erasure) for erasure in self.open())

    def _finish(self, erasure: Erasure) -> bool:
        self.delete_rows(erasure)
        return self.delete_file(erasure) and self.end(erasure)

    def open(self) -> list[Erasure]:
        """Return the erasures that are open; raises `Outage`."""
        with connection_of(self._pool) as conn:
            return open_erasures(conn)

    def delete_rows(self, erasure: Erasure) -> None:
        """Delete what may be millions of rows; raises `Outage`."""
        with connection_of(self._pool) as conn:
            delete_large(conn, erasure.job_id)

    def delete_file(self, erasure: Erasure) -> bool:
        """Tell whether the file is gone; what is away is tried again by the next round."""
        try:
            self._storage.delete(erasure.file_url)
        except (OSError, Outage) as error:
            log.warning("an erasure waits", job_id=str(erasure.job_id), reason=type(error).__name__)
            return False
        return True

    def end(self, erasure: Erasure) -> bool:
        """Delete the keys, and tell whether nothing is left; raises `Outage`: PostgreSQL is away.

        Redis that is away is tried again by the next round.
        """
        try:
            self._delete_keys(erasure.job_id)
        except redis.RedisError as error:
            log.warning("an erasure waits", job_id=str(erasure.job_id), reason=type(error).__name__)
            return False
        with connection_of(self._pool) as conn:
            return end_erasure(conn, erasure.job_id)

    def _delete_keys(self, job_id: UUID) -> None:
        if self._redis_url is None:
            return
        with redis.Redis.from_url(self._redis_url, socket_timeout=REDIS_S) as keys:
            keys.delete(*keys_of_job(job_id))
