"""Step 4: the settler measures every unfinished job by the truth, repairs the view, ends the job.

The fold is a view over facts, and a fact can be lost; what a fact rests on cannot. So the settler
states again, from PostgreSQL, whatever the fold lacks, and a job can never stand still at 99 %.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
import structlog

from progress_gateway.adapters import settlements
from progress_gateway.adapters.job_records import (
    jobs_changed_after_end,
    lately_finished_jobs,
    read_jobs,
    unfinished_jobs,
)
from progress_gateway.adapters.lease import RENEW_S, drop_lease, take_lease
from progress_gateway.domain.progress import JobProgress
from progress_gateway.domain.settlement import settlement_of
from progress_gateway.entrypoints.restater import KAFKA
from progress_gateway.entrypoints.settler_metrics import FINISHED, JOB_S, WAITING
from sluice import tracing
from sluice.db.pool import connection_of
from sluice.errors import Outage
from sluice.failpoints import failpoint
from sluice.metrics import STAGE_S

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from psycopg_pool import ConnectionPool

    from progress_gateway.adapters.fold_states import FoldStates, FoldView
    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.entrypoints.restater import Restater
    from progress_gateway.entrypoints.settle_after_end import AfterEnd
    from sluice.clock import Clock
    from sluice.db.outbox import OutboxRelay
    from sluice.db.pool import Connection
    from sluice.liveness import Heartbeat

log = structlog.get_logger(__name__)

LOOK_S = 1.0
"""How often every unfinished job is looked at, and at most how often its row is written."""
LOOK_BACK_S = 30.0
"""How often the jobs that ended lately are compared with the fold."""
OUTAGE_S = 1.0


@dataclass(slots=True, kw_only=True)
class Settler:
    """One pass after the other, in one thread; `hint` may be called from any."""

    worker: str
    pool: ConnectionPool[Connection]
    restater: Restater
    after_end: AfterEnd
    relay: OutboxRelay
    states: FoldStates
    clock: Clock
    heart: Heartbeat
    waits_for: str = "starting"
    leads: bool = False
    """Whether this one of several settlers works; others read it from their threads."""
    _hints: set[UUID] = field(default_factory=set)
    _wake: threading.Event = field(default_factory=threading.Event)
    _stopping: bool = False
    _written: dict[UUID, object] = field(default_factory=dict)
    """The row each job was last given: the same is not written twice."""

    def hint(self, job_id: UUID) -> None:
        """Look at a job soon: it may be finished, or was controlled."""
        self._hints.add(job_id)
        self._wake.set()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def run(self) -> None:
        """Settle until told to stop; an outage is waited out, a bug ends the process."""
        renew_s = look_s = look_back_s = 0.0
        while not self._stopping:
            self.heart.beat()
            now_s = self.clock.monotonic_s()
            try:
                if now_s >= renew_s:
                    self.leads, renew_s = self._take_lease(), now_s + RENEW_S
                hinted = self._taken_hints()
                if self.leads and now_s >= look_s:
                    self.look_at_unfinished()
                    look_s = now_s + LOOK_S
                elif self.leads and hinted:
                    self.settle(hinted)
                if self.leads and now_s >= look_back_s:
                    self.look_back()
                    look_back_s = now_s + LOOK_BACK_S
                self.waits_for = ""
                WAITING.set(0)
            except (Outage, psycopg.OperationalError) as error:
                self._wait_out(error)
            self._wake.wait(max(0.0, min(look_s, renew_s) - self.clock.monotonic_s()))
        self._drop_lease()

    def _take_lease(self) -> bool:
        with connection_of(self.pool) as conn:
            return take_lease(conn, self.worker)

    def _drop_lease(self) -> None:
        if self.waits_for:
            return  # it runs out by itself, and nobody waits for a dependency that is away
        try:
            with connection_of(self.pool) as conn:
                drop_lease(conn, self.worker)
        except Outage as outage:
            log.warning("the lease runs out by itself", reason=outage.reason)

    def _taken_hints(self) -> list[UUID]:
        self._wake.clear()
        taken = list(self._hints)
        self._hints.difference_update(taken)
        return taken

    def _wait_out(self, error: Exception) -> None:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        if isinstance(error, Outage):
            self.waits_for = reason
            WAITING.set(1)
        log.warning("settling waits", reason=reason)
        self._wake.wait(OUTAGE_S)

    def look_at_unfinished(self) -> None:
        """Settle or repair every unfinished job, and those that are changed after their end."""
        with connection_of(self.pool) as conn:
            jobs, changed = unfinished_jobs(conn), jobs_changed_after_end(conn)
        looked_at = {*jobs, *changed}
        self.restater.forget_all_but(looked_at)
        self.after_end.forget_all_but(looked_at)
        for job_id in set(self._written) - looked_at:
            del self._written[job_id]
        self.settle([*jobs, *(job_id for job_id in changed if job_id not in set(jobs))])

    def settle(self, job_ids: Sequence[UUID]) -> None:
        """Bring these jobs on: write the row, repair the view, end what is at its end.

        Raises:
            Outage: PostgreSQL is away; or, once every job was looked at, Kafka is.
        """
        away: Outage | None = None
        with connection_of(self.pool) as conn:
            settlements.heal_letters(conn, job_ids)
            for record in read_jobs(conn, job_ids):
                if self._stopping:
                    continue
                self.heart.beat()
                try:
                    self._bring_on(conn, record)
                except psycopg.errors.LockNotAvailable:
                    # A writer is in the gate for long: the others need not wait for this job
                    log.warning("a job's gate is busy", job_id=str(record.job_id))
                except Outage as outage:
                    if outage.dependency != KAFKA:
                        raise
                    away = outage
        if away is not None:
            raise away

    def _bring_on(self, conn: Connection, record: JobRecord) -> None:
        if not record.status.is_terminal:
            self._settle_one(conn, record)
        elif record.is_changed_after_end:
            self.after_end.bring_on(conn, record)

    def _settle_one(self, conn: Connection, record: JobRecord) -> None:
        view = self.states.read(record.job_id)
        retrying = view.is_retrying(record.run)
        settlement = settlement_of(record, view.version_for(record), retrying=retrying)
        if settlement.status.is_terminal:
            span = tracing.start("settle", record.traceparent)
            with STAGE_S.labels("settle").time(), tracing.held(span, job_id=str(record.job_id)):
                self._finish(conn, record, view)
            return
        row = settlement.row() | {"version": 0}
        if row != self._written.get(record.job_id):
            settlements.go_on(conn, settlement, self.clock.now())
            self._written[record.job_id] = row
            if settlement.begins:
                self.relay.wake()
        if view.is_known:
            state = view.state or JobProgress()
            self.after_end.tell(record, state)
            self.restater.repair(conn, record, state)

    def _finish(self, conn: Connection, record: JobRecord, view: FoldView) -> None:
        """Make sure that the log holds every fact, then end the job behind them."""
        stated = self.restater.repair_now(conn, record, view.state or JobProgress())
        failpoint("settler.before_finish")
        root = record.correction_of
        settlement = settlements.finish(
            conn,
            record.job_id,
            stated_chunks=stated,
            fold_version=view.version_for(record),
            root_state=None if root is None else self.states.read(root).state,
            now=self.clock.now(),
        )
        if settlement is None:
            self.hint(record.job_id)
            return
        failpoint("settler.after_finish")
        self.relay.wake()
        settlements.heal_letters(conn, [record.job_id])
        FINISHED.labels(settlement.status.value).inc()
        if record.run == 1:  # later runs begin whenever somebody retries
            JOB_S.labels(settlement.status.value).observe(record.age_s)
        log.info("a job ended", job_id=str(record.job_id), status=settlement.status.value)

    def look_back(self) -> None:
        """State the end of jobs again where the fold, which answers, has not seen it."""
        with connection_of(self.pool) as conn:
            lately = lately_finished_jobs(conn)
            settlements.heal_letters(conn, lately)
            for record in read_jobs(conn, lately):
                state = self.states.read(record.job_id).state
                if state is not None:
                    self.restater.repair_end(record, state)
