"""Seals what waits, once a second: in every process that has it, one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from sluice.audit.seals import ClusterIsYounger, seal_waiting
from sluice.background import PeriodicThread
from sluice.db.pool import connection_of

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool

    from sluice.audit.chain import Seal
    from sluice.db.pool import Connection

log = structlog.get_logger(__name__)
EVERY_S = 1.0


class AuditSealer(PeriodicThread):
    """A thread of its own; an advisory lock lets one sealer at a time have its turn."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        super().__init__("audit-sealer", EVERY_S)
        self._pool = pool

    def turn(self) -> None:
        """Seal what waits; raises `Outage` or `psycopg.Error`."""
        try:
            with connection_of(self._pool) as conn:
                seal = seal_waiting(conn)
        except ClusterIsYounger as error:
            log.error("the audit cannot be sealed", reason=str(error))  # noqa: TRY400
            return
        if seal is not None:
            _tell(seal)


def _tell(seal: Seal) -> None:
    """Log the head: a log that is kept elsewhere proves later that nothing was cut off."""
    log.info(
        "the audit is sealed",
        head=f"{seal.seal_no}:{seal.seal_hash.hex()}",
        rows=len(seal.audit_ids),
    )
