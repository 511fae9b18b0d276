"""Which chunks share a transaction."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.writer.tests.writer_world import chunk_of

from sluice.events.rows_chunked import RowsChunked
from sluice.kafka.partitions import Claim, PartitionId
from writer.domain.batching import BatchLimits, ChunkInHand, plan_batches

ONE, TWO = UUID(int=1), UUID(int=2)


LIMITS = BatchLimits(chunks=10, rows=1_000, size_bytes=1_000)


def chunk(job: UUID, number: int, text: str = "a") -> RowsChunked:
    return chunk_of(job, number, [number + 2], [(text, None)])


def in_hand(*chunks: RowsChunked) -> list[ChunkInHand]:
    source = PartitionId("t", 0)
    return [ChunkInHand(c, (Claim(source, offset, 1),)) for offset, c in enumerate(chunks)]


def test_a_transaction_holds_chunks_of_one_job_by_rising_number() -> None:
    held = in_hand(chunk(ONE, 3), chunk(TWO, 0), chunk(ONE, 1), chunk(ONE, 2))
    batches = plan_batches(held, replace(LIMITS, chunks=2))
    assert [(b.job_id, [m.chunk_no for m in b.metas]) for b in batches] == [
        (TWO, [0]),  # a small file does not wait for a large one's transactions
        (ONE, [1, 2]),
        (ONE, [3]),
    ]


def test_copies_in_one_fetch_are_written_once_and_finished_together() -> None:
    (batch,) = plan_batches(in_hand(chunk(ONE, 0), chunk(ONE, 1), chunk(ONE, 0)), LIMITS)
    assert [meta.chunk_no for meta in batch.metas] == [0, 1]
    assert sorted(claim.offset for claim in batch.claims) == [0, 1, 2]


def test_a_copy_with_another_content_is_a_batch_of_its_own() -> None:
    batches = plan_batches(in_hand(chunk(ONE, 0), chunk(ONE, 0, "b"), chunk(ONE, 1)), LIMITS)
    assert [[meta.chunk_no for meta in batch.metas] for batch in batches] == [[0, 1], [0]]


def test_a_transaction_has_a_limit_of_rows_and_one_of_bytes() -> None:
    held = in_hand(*(chunk(ONE, number) for number in range(5)))
    by_rows = plan_batches(held, replace(LIMITS, rows=2))
    assert [[m.chunk_no for m in b.metas] for b in by_rows] == [[0, 1], [2, 3], [4]]
    heavy = [
        replace(one, size_bytes=size) for one, size in zip(held, (1, 9, 400, 700, 1), strict=True)
    ]
    by_bytes = plan_batches(heavy, replace(LIMITS, size_bytes=500))
    assert [[m.chunk_no for m in b.metas] for b in by_bytes] == [[0, 1, 2], [3], [4]]
