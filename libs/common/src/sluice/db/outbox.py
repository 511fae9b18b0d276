"""The outbox: a fact is stated in the transaction that makes it true, and published afterwards."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import structlog

from sluice import tracing
from sluice.background import BackgroundThread
from sluice.db.pool import connection_of
from sluice.errors import Outage
from sluice.failpoints import failpoint
from sluice.tracing import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg_pool import ConnectionPool

    from sluice.db.pool import Connection
    from sluice.events import Record
    from sluice.kafka.producer import RecordProducer

log = structlog.get_logger(__name__)

BATCH = 200
POLL_S = 1.0
"""How long a row waits that another process inserted and could not publish any more."""
TURN_S = 0.05
"""How soon a relay asks again for its turn."""
BACKOFF_MAX_S = 5.0
CONFIRMED_WITHIN_S = 4.0
RELAY_LOCK = 0x51_0E_1A_00_00_00_00_01
"""One relay publishes at a time: that keeps the rows of a job in order."""

_INSERT = """
INSERT INTO sluice.outbox (job_id, topic, key, headers, value)
VALUES (%s, %s, %s, %s, %s)
"""
_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"
_NEXT = """
SELECT outbox_id, topic, key, headers, value
  FROM sluice.outbox ORDER BY outbox_id LIMIT %s
"""
_DELETE = "DELETE FROM sluice.outbox WHERE outbox_id = ANY(%s)"


def put(conn: Connection, job_id: object, record: Record) -> None:
    """Put a record into the outbox; it is published if the caller's transaction commits."""
    headers = json.dumps([[name, value.decode()] for name, value in record.headers])
    conn.execute(_INSERT, [job_id, record.topic, record.key, headers, record.value])


@dataclass(frozen=True, slots=True)
class _Row:
    outbox_id: int
    topic: str
    key: bytes
    headers: list[list[str]]
    value: bytes


class OutboxRelay:
    """Publishes the outbox from a thread of its own; `wake` it after a commit."""

    def __init__(self, pool: ConnectionPool[Connection], producer: RecordProducer) -> None:
        self._pool = pool
        self._producer = producer
        self._wake = threading.Event()
        self._stopping = False
        self._is_waiting_turn = False
        self._thread = BackgroundThread("outbox-relay", self._run)

    def start(self) -> None:
        self._thread.start()

    def not_live(self) -> str:
        """Return why the process should be started again, or nothing."""
        return self._thread.not_live()

    def wake(self) -> None:
        """Publish soon: something was put into the outbox and committed."""
        self._wake.set()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Stop after the batch in hand; what is left stays for the next relay."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        backoff_s = POLL_S
        while not self._stopping:
            try:
                published = self.publish_batch()
                backoff_s = POLL_S
            except (Outage, psycopg.Error) as error:
                published, self._is_waiting_turn = 0, False
                backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)
                log.warning("the outbox waits", reason=str(error).partition("\n")[0])
            if not published:
                # Whoever has the turn may have looked before our row was there
                self._wake.wait(TURN_S if self._is_waiting_turn else backoff_s)
                self._wake.clear()

    def publish_batch(self) -> int:
        """Publish the oldest rows; return how many went.

        Rows are deleted in the transaction that read them, after the brokers confirmed each: a
        crash in between publishes them again under the same event ids.

        Raises:
            Outage: PostgreSQL or Kafka is away; nothing was deleted.
        """
        with connection_of(self._pool) as conn, conn.transaction():
            locked = conn.execute(_LOCK, [RELAY_LOCK]).fetchone()
            self._is_waiting_turn = locked is None or not locked[0]
            if self._is_waiting_turn:
                return 0
            rows = [_Row(*row) for row in conn.execute(_NEXT, [BATCH])]
            if not rows:
                return 0
            self._confirm(rows)
            failpoint("outbox.after_confirm")
            conn.execute(_DELETE, [[row.outbox_id for row in rows]])
        return len(rows)

    def _confirm(self, rows: list[_Row]) -> None:
        """Send rows and wait for the brokers; what they did not take is not kept for later."""
        try:
            with ExitStack() as spans:
                for row in rows:
                    headers = [*spans.enter_context(_sent(row))]
                    self._producer.send_raw(row.topic, bytes(row.key), bytes(row.value), headers)
                self._producer.confirm(CONFIRMED_WITHIN_S)
        except Outage:
            self._producer.drop_queued()
            raise


@contextmanager
def _sent(row: _Row) -> Iterator[list[tuple[str, bytes]]]:
    """Lend a row's headers, with the span of its sending where it is traced."""
    told = dict(row.headers)
    begun = tracing.start(f"send {row.topic}", told.get("traceparent"), Kind.PRODUCER)
    with tracing.held(begun) as span:
        if span.is_recorded:
            told["traceparent"] = span.traceparent or ""
        yield [(name, text.encode()) for name, text in told.items()]
