"""Step 2: states on Kafka what the parser has read: `rows-chunked`, and the facts of a parse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice import tracing
from sluice.events import ParsingFailed, ParsingStarted, SheetParsed, to_record
from sluice.events.chunk_records import TOPIC, record_headers, record_key
from sluice.tracing import Kind, chunk_is_traced, unsampled

if TYPE_CHECKING:
    from parser.adapters.sheet_reader import ChunkRead, Ended
    from parser.domain.claims import Claim
    from sluice.clock import Clock
    from sluice.events import Fact, Record
    from sluice.kafka.producer import RecordProducer

SOURCE = "parser"


class ChunkPublisher:
    """Queues records; the broker has them when `unconfirmed` says zero."""

    def __init__(self, producer: RecordProducer, clock: Clock) -> None:
        self._producer = producer
        self._clock = clock

    @property
    def unconfirmed(self) -> int:
        return self._producer.queued()

    def poll(self) -> None:
        """Serve delivery reports; raises `Outage` when a record was not delivered."""
        self._producer.poll()

    def flush(self, timeout_s: float) -> bool:
        return self._producer.flush(timeout_s)

    def publish_rows_chunked(
        self, claim: Claim, chunk: ChunkRead, traceparent: str | None = None
    ) -> None:
        """Publish a chunk, spread over the partitions by job and chunk number."""
        now_iso = self._clock.now().isoformat(timespec="milliseconds")
        if not chunk_is_traced(chunk.chunk_no):
            traceparent = unsampled(traceparent)
        span = tracing.start(f"send {TOPIC}", traceparent, Kind.PRODUCER)
        span.set({"sluice.chunk.no": chunk.chunk_no, "sluice.chunk.bytes": len(chunk.value)})
        self._producer.send_raw(
            TOPIC,
            record_key(claim.job_id, chunk.chunk_no),
            chunk.value,
            record_headers(claim.job_id, chunk.chunk_no, now_iso, span.traceparent),
            span,
        )

    def publish_parsing_started(
        self, claim: Claim, bytes_total: int, traceparent: str | None = None
    ) -> None:
        self._publish(
            ParsingStarted(
                job_id=claim.job_id,
                run=claim.run,
                epoch=claim.epoch,
                bytes_total=bytes_total,
                estimated_rows=claim.layout.estimated_rows,
            ),
            traceparent,
        )

    def publish_sheet_parsed(
        self, claim: Claim, ended: Ended, traceparent: str | None = None
    ) -> None:
        self._publish(
            SheetParsed(
                job_id=claim.job_id,
                run=claim.run,
                total_rows=ended.total_rows,
                total_chunks=ended.total_chunks,
                bytes_total=ended.bytes_total,
            ),
            traceparent,
        )

    def publish_parsing_failed(self, claim: Claim, code: str, message: str) -> None:
        self._publish(
            ParsingFailed(job_id=claim.job_id, run=claim.run, code=code, message=message),
            claim.traceparent,
        )

    def say(self, record: Record) -> None:
        """Queue a soft fact; raises `Outage` when an earlier record was not delivered."""
        self._producer.send(record)

    def _publish(self, fact: Fact, traceparent: str | None) -> None:
        now = self._clock.now()
        self._producer.send(to_record(fact, source=SOURCE, now=now, traceparent=traceparent))
