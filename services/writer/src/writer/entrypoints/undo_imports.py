"""Takes imports back that somebody asked to undo: a thread of its own, one undo at a time.

Whoever holds the lease of an undo works on it; all that was done is committed with its counts, so
a worker that dies is followed by another one within the lease, which goes on where it ended.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import psycopg
import structlog

from sluice.background import BackgroundThread
from sluice.errors import Critical, Outage, Transient
from sluice.failpoints import failpoint
from writer import metrics
from writer.adapters import postgres_undo
from writer.adapters.postgres_errors import asking
from writer.adapters.postgres_scan import ScanCanceled, Watch
from writer.adapters.postgres_undo import NotOurs
from writer.adapters.postgres_undo_batch import UndoBatches
from writer.adapters.publish_rows_undone import rows_undone_record
from writer.domain.sqlstate import QUERY_CANCELED, TABLE_GONE, Meaning, meaning_of
from writer.domain.undo import BATCH_ROWS, Pace

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.events import Record
    from sluice.liveness import Heartbeat
    from writer.adapters.postgres_session import PostgresSession
    from writer.domain.undo import BatchCounts, Undo, UndoTarget

log = structlog.get_logger(__name__)

UNDO_SESSION = {
    "lock_timeout": "2s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "5s",
    "jit": "off",
}
STALE_AFTER_S = 660.0
"""Each statement of a batch may take its timeout of 60 s, and shows nothing meanwhile."""
LOOK_EVERY_S = 1.0
REST_S = 2.0
"""After a pass that met only locks; the undo is free for others meanwhile."""
LONG_REST_S = 30.0
CONFIRMED_WITHIN_S = 5.0
ABOVE_ALL = 2**31 - 1
LOCKED = "rows or the table are locked by somebody"
SLOW = "the database takes very long to delete a few rows: a foreign key without an index?"

CANCELED = (
    "a scan of the table for the rows of the import was cancelled in the database;"
    " an index spares it: sluice targets create-table --undo-index NAME"
)


class Outlet(Protocol):
    """Where facts go; a `RecordProducer` in service."""

    def send(self, record: Record) -> None:
        """Queue a fact; raises `Outage` when an earlier one could not be delivered."""

    def poll(self) -> None:
        """Serve delivery reports without waiting; raises as `send`."""

    def confirm(self, within_s: float) -> None:
        """Wait until the brokers have everything; raises `Outage` when they do not in time."""


class _Stopping(Exception):
    """The process shall end."""


@dataclass(slots=True)
class _InHand:
    """An undo that is worked on, and where in it: from the last line to the first, in passes."""

    target: UndoTarget
    batches: UndoBatches
    undo: Undo
    pace: Pace
    below: int = ABOVE_ALL
    moved_on: bool = False
    astray: int = 0
    """Rows that the pass did not find at their places."""
    passed_over: str = ""
    """Why rows were left for the next pass, if any were."""

    def begin_pass(self) -> None:
        self.below, self.moved_on, self.passed_over, self.astray = ABOVE_ALL, False, "", 0


class UndoWorker:
    """Claims, collects, reverses, tells; `stop` may be called from a signal handler."""

    def __init__(
        self,
        session: PostgresSession,
        outlet: Outlet,
        heart: Heartbeat,
        clock: Clock,
        worker: str,
        batch_rows: int = BATCH_ROWS,
    ) -> None:
        self._session = session
        self._outlet = outlet
        self._heart = heart
        self._clock = clock
        self._worker = worker
        self._batch_rows = batch_rows
        self._stopping = threading.Event()
        self._watch = Watch(heart.beat, self._stopping.is_set)
        self._thread = BackgroundThread("undo-worker", self.run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the batch in hand; a scan is cancelled."""
        self._stopping.set()

    def join(self, within_s: float) -> None:
        self._thread.join(within_s)

    def not_live(self) -> str:
        """Return why the process should be ended, or nothing."""
        return self._thread.not_live() or self._heart.not_live()

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stopping.is_set():
            self._heart.beat()
            try:
                found = self.step()
            except (Outage, Transient) as error:
                log.warning("undos wait", reason=str(error))
                found = False
            if not found:
                self._stopping.wait(LOOK_EVERY_S)
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def step(self) -> bool:
        """Work on one undo until its end, or until something is in the way; False: there is none.

        Raises:
            Outage: PostgreSQL or Kafka is away; what was done is committed.
            Transient: others are in the way of its very row.
        """
        with asking():
            conn = self._session.connection()
            job_id = postgres_undo.claim(conn, self._worker)
        if job_id is None:
            return False
        try:
            with asking():
                self._undo(conn, job_id)
        except NotOurs:
            log.info("an undo is not ours any more", job_id=str(job_id))
        except (_Stopping, ScanCanceled):
            self._give_back(conn, job_id)
        except Transient:
            self._rest(conn, job_id, LOCKED, REST_S)
        except Critical as error:
            self._rest(conn, job_id, error.message, LONG_REST_S)
        except psycopg.Error as error:
            if error.sqlstate in TABLE_GONE and self._vanishes(conn, job_id):
                return True
            log.warning("an undo cannot go on", job_id=str(job_id), sqlstate=error.sqlstate)
            told = error.diag.message_primary or type(error).__name__
            self._rest(conn, job_id, f"the database refuses: {told}", LONG_REST_S)
        return True

    def _undo(self, conn: Connection, job_id: UUID) -> None:
        target = postgres_undo.read_target(conn, job_id)
        undo = postgres_undo.collect(conn, target, self._worker, self._watch)
        self._say(target, undo)
        if not undo.is_done:
            if undo.waiting and not self._reverse(conn, target, undo):
                return
            undo = postgres_undo.finish(conn, job_id, self._worker)
            log.info("an import is undone", job_id=str(job_id), kept=undo.kept + undo.refused)
            self._say(target, undo)
        self._outlet.confirm(CONFIRMED_WITHIN_S)
        postgres_undo.note_stated(conn, job_id)

    def _reverse(self, conn: Connection, target: UndoTarget, undo: Undo) -> bool:
        """Go through what waits until nothing does; False: it rests."""
        batches = UndoBatches(conn, target, self._worker, self._watch)
        hand = _InHand(target, batches, undo, Pace(self._batch_rows, self._batch_rows))
        while hand.undo.waiting:
            self._pass_through(conn, hand)
            if hand.astray:
                self._take(hand, hand.batches.find_astray)
            if not hand.moved_on and self._stands_still(conn, hand):
                return False
        return True

    def _vanishes(self, conn: Connection, job_id: UUID) -> bool:
        """Let go of the rows of a table that is gone; the next step ends the undo."""
        try:
            with asking():
                target = postgres_undo.read_target(conn, job_id)
                is_gone = postgres_undo.vanish(conn, target, self._worker)
        except (NotOurs, Transient):
            return True
        if is_gone:
            log.warning("the table of an undo is gone", job_id=str(job_id))
        return is_gone

    def _pass_through(self, conn: Connection, hand: _InHand) -> None:
        """Go once through what waits."""
        hand.begin_pass()
        while True:
            self._heart.beat()
            if self._stopping.is_set():
                raise _Stopping
            low = postgres_undo.next_line(conn, hand.target.job_id, hand.below, hand.pace.limit)
            if low is None:
                return
            self._batch(hand, low)
            hand.below = low

    def _batch(self, hand: _InHand, low: int) -> None:
        failpoint("undo.before_batch")
        if self._take(hand, lambda: hand.batches.reverse(low, hand.below)):
            failpoint("undo.after_batch")

    def _take(self, hand: _InHand, work: Callable[[], tuple[BatchCounts, Undo]]) -> bool:
        """Do a transaction's work and take note of it; False: others are in its way."""
        try:
            counts, undo = work()
        except psycopg.Error as error:
            if meaning_of(error.sqlstate) is not Meaning.REPEAT:
                raise
            self._pass_over(hand, error)
            return False
        hand.undo = undo
        hand.pace.after(counts)
        hand.astray += counts.astray
        hand.moved_on |= counts.moved_on or bool(counts.moved)
        for outcome in ("reversed", "kept", "refused"):
            metrics.UNDONE.labels(outcome).inc(getattr(counts, outcome))
        if counts.moved_on:
            self._say(hand.target, undo)
        return True

    def _pass_over(self, hand: _InHand, error: psycopg.Error) -> None:
        """Leave rows that somebody locks for the next pass."""
        log.info("rows of an undo are passed over", sqlstate=error.sqlstate)
        is_slow = error.sqlstate == QUERY_CANCELED
        hand.passed_over = SLOW if is_slow else LOCKED
        if is_slow:
            hand.pace.after_timeout()

    def _stands_still(self, conn: Connection, hand: _InHand) -> bool:
        """Do what helps after a pass that did nothing; True: rest, and begin again later."""
        if hand.passed_over:
            self._rest(conn, hand.target.job_id, hand.passed_over, REST_S)
            return True
        if hand.pace.holds_all(hand.undo.waiting):
            hand.undo = postgres_undo.refuse_rest(conn, hand.target, self._worker)
        else:
            hand.pace.widen()
        return False

    def _say(self, target: UndoTarget, undo: Undo) -> None:
        """State where an undo is; what is lost on the way is stated again with the next one."""
        if not undo.batches and not undo.is_done:
            return
        try:
            self._outlet.send(rows_undone_record(target, undo, self._clock.now()))
            self._outlet.poll()
        except Outage as outage:
            log.warning("facts of an undo wait", reason=outage.reason)

    def _give_back(self, conn: Connection, job_id: UUID) -> None:
        """Let others have an undo, at once when we stop; a scan was cancelled for longer."""
        if self._stopping.is_set():
            self._rest(conn, job_id, None, 0.0)
        else:
            self._rest(conn, job_id, CANCELED, LONG_REST_S)

    def _rest(self, conn: Connection, job_id: UUID, trouble: str | None, rest_s: float) -> None:
        with asking():
            postgres_undo.rest(conn, job_id, self._worker, trouble, rest_s)
