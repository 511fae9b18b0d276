"""Step 3: the spans of the chunks in hand.

A chunk's span is below the record that brought it and ends when its fact is confirmed, so each
chunk has one way through the tree. What a batch does at once for several of them is below the first
one, with links to the others, as OpenTelemetry's conventions for messaging have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice import tracing
from sluice.events.rows_chunked import TOPIC
from sluice.tracing import Kind, Span

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from sluice.events.rows_chunked import ChunkMeta
    from sluice.kafka.partitions import Claim

PROCESS = f"process {TOPIC}"
WRITE = "write batch"
NOBODYS = (None, 0)


class ChunkTraces:
    """Knows the parents of what is in hand; empty where nothing is traced."""

    def __init__(self) -> None:
        self._spans: dict[tuple[object, int], Span] = {}
        self._brought_by: dict[Claim, tuple[object, int]] = {}

    def begin(self, claim: Claim, meta: ChunkMeta, headers: Iterable[tuple[str, bytes]]) -> None:
        """Take a chunk in hand, with the headers of its record."""
        parent = next((value for name, value in headers if name == "traceparent"), b"")
        span = tracing.start(PROCESS, parent.decode(errors="replace"), Kind.CONSUMER)
        if span.traceparent is None:
            return
        span.set(
            {
                "sluice.job.id": str(meta.job_id),
                "sluice.chunk.no": meta.chunk_no,
                "sluice.rows": meta.rows,
            }
        )
        self._spans[meta.job_id, meta.chunk_no] = span
        self._brought_by[claim] = (meta.job_id, meta.chunk_no)

    def traceparent(self, job_id: object, chunk_no: int) -> str | None:
        """Return what is to be told with a fact of this chunk."""
        span = self._spans.get((job_id, chunk_no))
        return None if span is None else span.traceparent

    def writing(self, metas: Iterable[ChunkMeta]) -> AbstractContextManager[Span]:
        """Have the span of a batch in hand, and its job and chunks in every log line."""
        metas = list(metas)
        spans = [self._spans.get((meta.job_id, meta.chunk_no)) for meta in metas]
        traced = [each.traceparent for each in spans if each is not None and each.is_recorded]
        parents = [parent for parent in traced if parent is not None]
        span = tracing.NOT_TRACED
        if parents:
            span = tracing.start(WRITE, parents[0], links=parents[1:])
            span.set({"messaging.batch.message_count": len(metas)})
        numbers = [meta.chunk_no for meta in metas]
        return tracing.held(
            span,
            job_id=str(metas[0].job_id),
            chunk_no=numbers[0] if len(numbers) == 1 else numbers,
        )

    def end(self, claims: Iterable[Claim]) -> None:
        """What these records brought is confirmed, or given up."""
        if not self._brought_by:
            return
        for claim in claims:
            span = self._spans.pop(self._brought_by.pop(claim, NOBODYS), None)
            if span is not None:
                span.end()
