"""Step 4: jobs that have ended, and that a correction or an undo is changing now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from progress_gateway.adapters import settlements
from progress_gateway.domain.missing import untold_healings
from progress_gateway.domain.progress import JobProgress
from progress_gateway.domain.settlement_after_end import healed_facts, settlement_after_end
from progress_gateway.entrypoints.settler_metrics import FINISHED

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from progress_gateway.adapters.fold_states import FoldStates, FoldView
    from progress_gateway.domain.after_end import Healing
    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.entrypoints.restater import Restater
    from sluice.clock import Clock
    from sluice.db.outbox import OutboxRelay
    from sluice.db.pool import Connection

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class AfterEnd:
    """The part of the settler for them; their last word comes with the correction's own end."""

    states: FoldStates
    restater: Restater
    relay: OutboxRelay
    clock: Clock
    _told: dict[UUID, int] = field(default_factory=dict)
    """By correction: so many healed rows have been stated, whether the fold has them or not."""
    _written: dict[UUID, object] = field(default_factory=dict)
    """The row each job was last given."""

    def forget_all_but(self, job_ids: Collection[UUID]) -> None:
        """Forget the jobs that do not change any more."""
        for job_id in set(self._written) - set(job_ids):
            del self._written[job_id]
        if not job_ids:
            self._told.clear()

    def bring_on(self, conn: Connection, record: JobRecord) -> None:
        """Write what has become of the job's counters, tell the fold, and end an undo.

        Raises:
            Outage: a dependency is away.
        """
        view = self.states.read(record.job_id)
        if record.undoing is not None and record.undoing.done:
            self._end_undo(conn, record, view)
            return
        settlement = settlement_after_end(record, view.state, ends=False)
        row = settlement.row() | {"version": 0}
        is_new = bool(record.healings) and row != self._written.get(record.job_id)
        if is_new and settlements.refresh_ended(conn, settlement):
            self._written[record.job_id] = row
        if view.is_known:
            state = view.state or JobProgress()
            self.tell(record, state)
            self.restater.repair(conn, record, state)

    def tell(self, record: JobRecord, state: JobProgress) -> None:
        """State what corrections have written since, to a fold that knows how the job ended.

        One that has forgotten the job is told of all of it first, as of any other loss.
        """
        new = [each for each in untold_healings(record, state) if self._is_new(each)]
        if not new or state.end is None:
            return
        self.restater.produce(healed_facts(record, new), repair=False)
        self._told |= {each.correction_id: each.healed for each in new}

    def _is_new(self, healing: Healing) -> bool:
        return healing.healed > self._told.get(healing.correction_id, 0)

    def _end_undo(self, conn: Connection, record: JobRecord, view: FoldView) -> None:
        if view.is_known:
            self.restater.repair_now(conn, record, view.state or JobProgress())
        settlement = settlements.settle_undo(conn, record.job_id, view.state, self.clock.now())
        if settlement is None:
            return
        self.relay.wake()
        FINISHED.labels(settlement.status.value).inc()
        log.info("a job was undone", job_id=str(record.job_id), rows=settlement.undone_rows)
