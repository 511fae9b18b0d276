"""Seals what waits, once a second: in every process that has it, one at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import structlog

from sluice.audit.seals import ClusterIsYounger, seal_waiting
from sluice.background import BackgroundThread
from sluice.db.pool import connection_of
from sluice.errors import Outage

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    from sluice.audit.chain import Seal
    from sluice.db.pool import Connection

log = structlog.get_logger(__name__)
EVERY_S = 1.0
AGAIN_S = 5.0


class AuditSealer:
    """A thread of its own; an advisory lock lets one sealer at a time have its turn."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool
        self._stop = threading.Event()
        self._thread = BackgroundThread("audit-sealer", self._run)

    def start(self) -> None:
        self._thread.start()

    def not_live(self) -> str:
        """Return why the process should be started again, or nothing."""
        return self._thread.not_live()

    def stop(self, timeout_s: float = 5.0) -> None:
        self._stop.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            wait_s = EVERY_S
            try:
                with connection_of(self._pool) as conn:
                    seal = seal_waiting(conn)
                if seal is not None:
                    _tell(seal)
            except (Outage, psycopg.Error) as error:
                log.warning("the audit is not sealed", reason=str(error).partition("\n")[0])
                wait_s = AGAIN_S
            except ClusterIsYounger as error:
                log.error("the audit cannot be sealed", reason=str(error))  # noqa: TRY400
                wait_s = AGAIN_S
            self._stop.wait(wait_s)


def _tell(seal: Seal) -> None:
    """Log the head: a log that is kept elsewhere proves later that nothing was cut off."""
    log.info(
        "the audit is sealed",
        head=f"{seal.seal_no}:{seal.seal_hash.hex()}",
        rows=len(seal.audit_ids),
    )
