"""Drops, now and then, the tables that dry runs have left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from sluice.errors import Outage, Transient
from writer.adapters.postgres_errors import asking
from writer.adapters.postgres_twins import drop_ended_twins

if TYPE_CHECKING:
    from sluice.clock import Clock
    from writer.adapters.postgres_session import PostgresSession

log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 20.0
LOCK_TIMEOUT_MS = 200
"""A table that somebody still holds can wait for the next sweep."""


class Housekeeping:
    """What any writer does for all, between two fetches; several at once are harmless."""

    def __init__(self, session: PostgresSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._next_s = 0.0

    def sweep_if_due(self) -> None:
        """Drop what nobody needs any more; while PostgreSQL is away it stays."""
        if self._clock.monotonic_s() < self._next_s:
            return
        self._next_s = self._clock.monotonic_s() + SWEEP_EVERY_S
        try:
            with self._session.lock_timeout(LOCK_TIMEOUT_MS), asking():
                drop_ended_twins(self._session.connection())
        except (Outage, Transient) as error:
            log.info("dry runs are not swept", reason=str(error))
