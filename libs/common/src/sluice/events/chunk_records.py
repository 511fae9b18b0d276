"""What stands around a chunk on Kafka: topic, key and headers; without pyarrow, 30 MB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sluice.kafka import topic_names

if TYPE_CHECKING:
    from uuid import UUID

NAME = "rows-chunked"
TOPIC = topic_names.CHUNKS
CE_TYPE = "io.sluice.imports.rows-chunked.v1"
MAX_VALUE_BYTES: Final = topic_names.MAX_RECORD_BYTES - 64 * 1024
"""Leaves room for the headers that tell of retries, and why a chunk is a dead letter."""


def record_key(job_id: UUID, chunk_no: int) -> bytes:
    """Return the record's key: one job's chunks are spread over all partitions."""
    return f"{job_id}:{chunk_no}".encode()


def record_headers(
    job_id: UUID, chunk_no: int, now_iso: str, traceparent: str | None = None
) -> list[tuple[str, bytes]]:
    """Return the CloudEvents headers of a chunk; nobody needs them to handle it."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": f"{job_id}:{NAME}:{chunk_no}",
        "ce_source": "/sluice/parser",
        "ce_type": CE_TYPE,
        "ce_subject": str(job_id),
        "ce_time": now_iso,
        "content-type": "application/vnd.apache.arrow.stream",
    }
    if traceparent:
        headers["traceparent"] = traceparent
    return [(name, text.encode()) for name, text in headers.items()]
