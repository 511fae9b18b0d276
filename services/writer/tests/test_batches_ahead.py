"""What waits for its turn, and what is in hand: the loop's two books, without servers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast
from uuid import UUID

import pytest
from services.writer.tests.writer_world import chunk_of

from sluice.kafka.loop import Fetched, RecordFeed
from sluice.kafka.partitions import Claim, PartitionId, Partitions
from writer.domain.batching import BatchLimits, ChunkInHand, JobBatch
from writer.entrypoints.batches_ahead import BatchesAhead
from writer.entrypoints.records_in_hand import MOST_BYTES, RecordsInHand, care_of
from writer.prepare_batch import Made
from writer.write_batch import BatchWriter

JOB = UUID(int=7)
SOURCE = PartitionId("t", 0)
ONE_A_BATCH = BatchLimits(chunks=1, rows=1000)


class Preparing:
    """Stands for the writer: prepares a batch by naming it, or fails."""

    def __init__(self) -> None:
        self.begun: list[JobBatch] = []
        self.unknown: set[int] = set()
        self.failing: set[int] = set()

    def ahead(self, batch: JobBatch) -> Callable[[], Made] | None:
        number = batch.metas[0].chunk_no
        if number in self.unknown:
            return None
        self.begun.append(batch)

        def make() -> Made:
            if number in self.failing:
                raise ArithmeticError(number)
            return Made(cast("Any", number), 0.0)

        return make


@pytest.fixture
def preparing() -> Preparing:
    return Preparing()


@pytest.fixture
def line(preparing: Preparing) -> Iterator[BatchesAhead]:
    made = BatchesAhead(cast("BatchWriter", preparing), ONE_A_BATCH)
    yield made
    made.close()


def written(line: BatchesAhead) -> Any:
    """Take a batch, and return what the thread made of it."""
    return line.prepared(line.take())


def chunks(*numbers: int) -> list[ChunkInHand]:
    made = [chunk_of(JOB, number, [number + 2], [("a", None)]) for number in numbers]
    return [ChunkInHand(chunk, ()) for chunk in made]


def numbers_of(batches: Iterable[JobBatch]) -> list[list[int]]:
    return [[meta.chunk_no for meta in batch.metas] for batch in batches]


def test_while_a_batch_is_written_the_next_is_prepared(
    line: BatchesAhead, preparing: Preparing
) -> None:
    line.add(chunks(0, 1, 2))
    assert written(line) is None  # nobody had begun the first one
    assert numbers_of(preparing.begun) == [[1]]
    assert [written(line) for _ in range(2)] == [1, 2]
    assert numbers_of(preparing.begun) == [[1], [2]]


def test_chunks_share_a_batch_with_those_that_came_before_and_are_not_begun(
    preparing: Preparing,
) -> None:
    line = BatchesAhead(cast("BatchWriter", preparing), BatchLimits(chunks=3, rows=1000))
    line.add(chunks(*range(7)))
    written(line)
    assert numbers_of(line.waiting) == [[3, 4, 5], [6]]
    line.add(chunks(7, 8))
    line.add(chunks(9))
    assert numbers_of(line.waiting) == [[3, 4, 5], [6, 7, 8], [9]]
    assert written(line) == 3, "what the thread has made is not made again"
    line.close()


def test_what_is_prepared_is_given_once(line: BatchesAhead, preparing: Preparing) -> None:
    """A batch that is tried again is prepared anew; the next one goes on being prepared."""
    line.add(chunks(0, 1, 2))
    written(line)
    second = line.take()
    tried: list[Any] = [line.prepared(second), line.prepared(second)]
    assert tried == [1, None]
    assert [b.metas[0].chunk_no for b in preparing.begun] == [1, 2]
    assert written(line) == 2


def test_the_loop_is_told_of_a_failure_at_the_batchs_turn(
    line: BatchesAhead, preparing: Preparing
) -> None:
    preparing.failing = {1}
    line.add(chunks(0, 1, 2))
    written(line)
    with pytest.raises(ArithmeticError):
        written(line)
    assert written(line) == 2


def test_a_batch_put_off_unwritten_is_not_taken_for_another(
    line: BatchesAhead, preparing: Preparing
) -> None:
    line.add(chunks(0, 1, 2))
    written(line)
    line.take()  # its table is locked, say
    assert written(line) is None


def test_a_batch_of_an_unknown_job_waits_for_the_loop(
    line: BatchesAhead, preparing: Preparing
) -> None:
    preparing.unknown = {1}
    line.add(chunks(0, 1))
    written(line)
    assert written(line) is None


class Message:
    def __init__(self, size: int) -> None:
        self._value = bytes(size)

    def value(self) -> bytes:
        return self._value


class Feed:
    """Has so many records of one size, and counts how it was asked."""

    def __init__(self, records: int, size: int) -> None:
        self.partitions = Partitions()
        self.partitions.assign([SOURCE])
        self.left = [
            Fetched(Claim(SOURCE, offset, 1), cast("Any", Message(size)))
            for offset in range(records)
        ]
        self.timeouts: list[float] = []

    def fetch(self, max_records: int, timeout_s: float) -> list[Fetched]:
        self.timeouts.append(timeout_s)
        given, self.left = self.left[:max_records], self.left[max_records:]
        return given


def in_hand(feed: Feed, most: int = 64) -> RecordsInHand:
    return RecordsInHand(cast("RecordFeed", feed), most, care_of(most, 32))


def test_no_more_is_in_hand_than_a_successor_is_careful_with() -> None:
    """Also when part of it was told of: its offsets are not committed before it is settled."""
    hand = in_hand(Feed(100, 10), most=20)
    fetched = hand.fetch(1.0)
    assert len(fetched) == len(hand) == 20
    assert not hand.has_room
    hand.tell([record.claim for record in fetched[:5]])
    assert hand.fetch(1.0) == []
    assert hand.settled() == [record.claim for record in fetched[:5]]
    assert len(hand.fetch(1.0)) == 5


def test_large_records_are_fetched_up_to_a_size() -> None:
    hand = in_hand(Feed(60, MOST_BYTES // 10))
    assert 10 <= len(hand.fetch(1.0)) < 20


def test_only_the_first_record_is_waited_for() -> None:
    feed = Feed(20, 10)
    in_hand(feed).fetch(1.0)
    assert feed.timeouts == [1.0, 0, 0]


def test_records_of_a_partition_that_left_meanwhile_are_not_begun() -> None:
    feed = Feed(3, 10)
    hand = in_hand(feed)
    feed.partitions.drop([SOURCE])
    assert hand.fetch(1.0) == []
    assert len(hand.put_down()) == 3
    assert len(hand) == 0
