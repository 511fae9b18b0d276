"""Brings records that have waited long enough back to `imports.chunks`: a thread of its own.

A record goes back untouched, is acknowledged, and only then is its offset committed: a crash
between the two brings it back twice, and the ledger knows it.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import structlog
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME

from sluice.errors import Outage
from sluice.failpoints import failpoint
from sluice.kafka import topic_names
from sluice.kafka.records import header_list
from sluice.kafka.retry_policy import CHUNK_LADDER, RetryLadder, wait_left_s
from writer import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka import Message

    from sluice.clock import Clock
    from sluice.kafka.loop import Fetched, RecordFeed
    from sluice.kafka.partitions import PartitionId
    from sluice.kafka.producer import RecordProducer
    from sluice.liveness import Heartbeat

log = structlog.get_logger(__name__)

GROUP = "sluice-writer-retry"
FETCH_RECORDS = 16
"""Waiting records are held in memory: 16 of at most 0.6 MB."""
LONGEST_POLL_S = 0.2
FLUSH_S = 0.5
LAST_FLUSH_S = 3.0


class _Waiting(NamedTuple):
    record: Fetched
    due_s: float


class RetryForwarder:
    """Holds a partition while its first record waits; the others go on."""

    def __init__(
        self,
        feed: RecordFeed,
        producer: RecordProducer,
        heart: Heartbeat,
        clock: Clock,
        ladder: RetryLadder = CHUNK_LADDER,
    ) -> None:
        self._feed = feed
        self._producer = producer
        self._heart = heart
        self._clock = clock
        self._ladder = ladder
        self._waiting: dict[PartitionId, deque[_Waiting]] = {}
        self._sent: list[Fetched] = []
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End soon; may be called from any thread."""
        self._stopping.set()

    def run(self) -> None:
        """Forward until told to stop, then commit and leave the group."""
        while not self._stopping.is_set():
            self.step()
        if self._sent:
            self._confirm(LAST_FLUSH_S)
        self._feed.close()

    def step(self) -> None:
        """Send on what is due, confirm it, and look for more."""
        self._heart.beat()
        now_s = self._clock.monotonic_s()
        self._send_due(now_s)
        if self._sent:
            self._confirm(FLUSH_S)
        for record in self._feed.fetch(FETCH_RECORDS, self._poll_s(now_s)):
            self._take(record)
        self._forget_lost()

    def _take(self, record: Fetched) -> None:
        source = record.claim.source
        due_s = self._clock.monotonic_s() + self._wait_s(source.topic, record.message)
        queue = self._waiting.setdefault(source, deque())
        if not queue:
            self._feed.hold(source)
        queue.append(_Waiting(record, due_s))

    def _wait_s(self, topic: str, message: Message) -> float:
        delay_s = self._ladder.delay_of(topic)
        kind, appended_ms = message.timestamp()
        if kind != TIMESTAMP_LOG_APPEND_TIME:
            return delay_s
        return wait_left_s(delay_s, appended_ms, int(self._clock.now().timestamp() * 1000))

    def _poll_s(self, now_s: float) -> float:
        dues = [queue[0].due_s - now_s for queue in self._waiting.values() if queue]
        return min(max(min(dues, default=LONGEST_POLL_S), 0.0), LONGEST_POLL_S)

    def _send_due(self, now_s: float) -> None:
        for source, queue in self._waiting.items():
            while queue and queue[0].due_s <= now_s:
                record = queue[0].record
                if self._feed.partitions.holds(record.claim) and not self._send(record):
                    return
                queue.popleft()
            if not queue:
                self._feed.release(source)
        self._waiting = {source: queue for source, queue in self._waiting.items() if queue}

    def _send(self, record: Fetched) -> bool:
        message = record.message
        try:
            self._producer.send_raw(
                topic_names.CHUNKS,
                message.key() or b"",
                message.value() or b"",
                header_list(message),
            )
        except Outage as error:
            self._send_again(error)
            return False
        self._sent.append(record)
        return True

    def _confirm(self, within_s: float) -> None:
        """Commit what the brokers have; what they refused is sent again."""
        failpoint("retry.before_ack")
        try:
            if not self._producer.flush(within_s):
                return
        except Outage as error:
            self._send_again(error)
            return
        failpoint("retry.after_ack")
        for record in self._sent:
            metrics.FORWARDED.labels(record.claim.source.topic).inc()
        self._feed.finish(record.claim for record in self._sent)
        self._sent = []
        self._feed.commit()

    def _send_again(self, error: Outage) -> None:
        log.warning("retries wait", reason=error.reason)
        now_s = self._clock.monotonic_s()
        for record in reversed(self._sent):
            queue = self._waiting.setdefault(record.claim.source, deque())
            queue.appendleft(_Waiting(record, now_s))
            self._feed.hold(record.claim.source)
        self._sent = []

    def _forget_lost(self) -> None:
        """Drop what waits of partitions that left: their next owner has it."""
        for source, queue in list(self._waiting.items()):
            kept = deque(w for w in queue if self._feed.partitions.holds(w.record.claim))
            if kept:
                self._waiting[source] = kept
            else:
                del self._waiting[source]


class ForwarderThread:
    """Runs the forwarder beside the writer; a bug in it ends the process."""

    def __init__(self, forwarder: RetryForwarder, on_failure: Callable[[], None]) -> None:
        self._forwarder = forwarder
        self._on_failure = on_failure
        self._thread = threading.Thread(target=self._run, name="retry-forwarder", daemon=True)
        self.has_failed = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Tell it to end; may be called from a signal handler."""
        self._forwarder.stop()

    def join(self, within_s: float) -> None:
        self._thread.join(within_s)

    def _run(self) -> None:
        ended_well = False
        try:
            self._forwarder.run()
            ended_well = True
        finally:
            if not ended_well:
                self.has_failed = True
                self._on_failure()
