"""Stands still with every other writer until an operator lets them go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from sluice.errors import Outage, Transient
from writer import metrics
from writer.adapters import postgres_halts
from writer.adapters.postgres_errors import asking

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.clock import Clock
    from sluice.kafka.waiting_notices import WaitingNotices
    from writer.adapters.postgres_session import PostgresSession
    from writer.entrypoints.patience import Patience

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
REASON = "halted"
TOLD = "too many imports failed in the same way; an operator has to look and let the writers go on"


class HaltWatch:
    """Looks at the one row about once a second, and at once after a dead letter."""

    def __init__(
        self,
        session: PostgresSession,
        patience: Patience,
        notices: WaitingNotices,
        clock: Clock,
    ) -> None:
        self._session = session
        self._patience = patience
        self._notices = notices
        self._clock = clock
        self._look_at_s = 0.0

    def look_soon(self) -> None:
        """A letter was written: this may have been one too many."""
        self._look_at_s = 0.0

    def stand_while_halted(self) -> None:
        """Return when the writers go on, at once where they are not halted.

        Raises:
            Stopping: the process shall end.
        """
        if self._clock.monotonic_s() < self._look_at_s:
            return
        halted = False
        while why := self._why(halted=halted):
            if not halted:
                log.error("the writers are halted", why=why)
                metrics.HALTED.set(1)
            halted = True
            self._notices.waits(self._jobs(), "operator", TOLD)
            self._patience.stand(
                REASON, f"halted: {why}; go on with: sluice dlq resume", LOOK_EVERY_S
            )
        if halted:
            metrics.HALTED.set(0)
            self._notices.go_on()
            self._patience.end_rest(REASON)
        self._look_at_s = self._clock.monotonic_s() + LOOK_EVERY_S

    def _why(self, *, halted: bool) -> str:
        """Return why we stand; while nobody can tell, as before."""
        try:
            with asking():
                return postgres_halts.read_halt(self._session.connection())
        except (Outage, Transient) as error:
            return str(error) if halted else ""

    def _jobs(self) -> list[tuple[UUID, int]]:
        try:
            with asking():
                return postgres_halts.read_unfinished_jobs(self._session.connection())
        except (Outage, Transient):
            return []
