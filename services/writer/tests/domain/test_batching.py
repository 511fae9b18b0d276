"""Which chunks share a transaction."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from services.writer.tests.writer_world import chunk_of

from sluice.events.rows_chunked import RowsChunked
from sluice.kafka.partitions import Claim, PartitionId
from writer.domain.batching import BatchLimits, ChunkInHand, JobBatch, fill_up, plan_batches

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


def after(waiting: list[JobBatch], *come: ChunkInHand) -> tuple[list[list[int]], list[int]]:
    """Return the numbers in each batch, and those that are left."""
    filled, left = fill_up(waiting, come, replace(LIMITS, chunks=3))
    numbers = [[meta.chunk_no for meta in batch.metas] for batch in filled]
    return numbers, [chunk.meta.chunk_no for chunk in left]


def test_chunks_join_waiting_batches_of_their_job_while_there_is_room() -> None:
    waiting = plan_batches(in_hand(chunk(ONE, 1), chunk(ONE, 4), chunk(TWO, 7)), LIMITS)
    come = in_hand(chunk(ONE, 3), chunk(ONE, 5), chunk(TWO, 8), chunk(UUID(int=3), 9))
    assert after(waiting, *come) == ([[7, 8], [1, 3, 4]], [5, 9])


def test_a_copy_of_a_chunk_that_waits_is_finished_with_it() -> None:
    waiting = plan_batches(in_hand(chunk(ONE, 0), chunk(ONE, 1), chunk(ONE, 2)), LIMITS)
    (copy,) = [
        replace(one, claims=(Claim(PartitionId("t", 0), 9, 1),)) for one in in_hand(chunk(ONE, 1))
    ]
    (batch,), left = fill_up(waiting, [copy], replace(LIMITS, chunks=3))
    assert [claim.offset for claim in batch.claims] == [0, 1, 9, 2]
    assert left == []


def test_what_differs_or_has_failed_before_joins_no_batch_that_waits() -> None:
    (plain, failed) = in_hand(chunk(ONE, 0), chunk(ONE, 5))
    alone = replace(failed, alone=True)
    waiting = plan_batches([plain, alone], LIMITS)
    (other, late, more) = in_hand(chunk(ONE, 0, "b"), chunk(ONE, 6), chunk(ONE, 7))
    found = after(waiting, other, replace(late, alone=True), more)
    assert found == ([[0, 7], [5]], [0, 6])
    assert after(waiting[1:], more) == ([[5]], [7])
