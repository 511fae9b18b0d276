"""The loop among many imports: each has its turn, and what is in hand stays near the offset."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from services.writer.tests.test_pacing import Quiet
from services.writer.tests.writer_world import chunk_of

from sluice.clock import SystemClock
from sluice.events import rows_chunked
from sluice.kafka.loop import Fetched
from sluice.kafka.partitions import PartitionId, Partitions
from writer.domain.batching import BatchLimits, JobBatch
from writer.entrypoints.confirmed_facts import ConfirmedFacts
from writer.entrypoints.consume_rows_chunked import ChunkConsumer, Parts
from writer.entrypoints.records_in_hand import care_of

SOURCE = PartitionId("t", 0)
MOST, BATCH_CHUNKS = 64, 32
BIG = 0
Place = tuple[int, int]
"""Which job, and which of its chunks."""


@cache
def value_of(place: Place) -> bytes:
    job, number = place
    chunk = chunk_of(UUID(int=job), number, [number + 2], [("a", None)])
    return rows_chunked.encode(chunk.meta, chunk.cells)


class Message:
    def __init__(self, value: bytes) -> None:
        self._value = value

    def value(self) -> bytes:
        return self._value

    def key(self) -> bytes:
        return b""

    def headers(self) -> list[tuple[str, bytes]]:
        return []

    def timestamp(self) -> tuple[int, int]:
        return (1, 0)


class Feed:
    """One partition's chunks.

    A commit is there once the next one is sent, or when somebody waits; a fetch notes it.
    """

    def __init__(self, stream: Iterable[Place], draw: random.Random) -> None:
        self.partitions = Partitions()
        self.partitions.assign([SOURCE])
        self.committed = self._on_its_way = 0
        self._stream = enumerate(stream)
        self._draw = draw

    def fetch(self, max_records: int, timeout_s: float) -> list[Fetched]:
        if timeout_s:
            self.committed = self._on_its_way
        self.partitions.committed({SOURCE: self.committed})
        found = []
        most = self._draw.choice([1, max_records, max_records])
        for offset, place in (next(self._stream, (0, None)) for _ in range(most)):
            claim = None if place is None else self.partitions.receive(SOURCE, offset)
            if place is not None and claim is not None:
                found.append(Fetched(claim, cast("Any", Message(value_of(place)))))
        return found

    def finish(self, claims: Iterable[Any]) -> None:
        self.partitions.finish(claims)

    def commit(self) -> None:
        self.committed = self._on_its_way
        self._on_its_way = self.partitions.commit_points(unchanged=True)[SOURCE]


class Writer:
    """Writes nothing; notes the order, and how far from the offset what it begins is."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.order: list[JobBatch] = []
        self.farthest = 0

    def ahead(self, batch: JobBatch) -> Callable[[], Any]:
        self._note_begun(batch)
        return lambda: SimpleNamespace(noted=lambda: None)

    def prepare(self, batch: JobBatch) -> None:
        self._note_begun(batch)
        self.order.append(batch)

    def _note_begun(self, batch: JobBatch) -> None:
        reached = max(claim.offset for claim in batch.claims) - self._feed.committed + 1
        self.farthest = max(self.farthest, reached)


class Clock(SystemClock):
    """A second goes by with each look, so that nothing waits for more."""

    def __init__(self) -> None:
        super().__init__()
        self._looks = 0

    def monotonic_s(self) -> float:
        self._looks += 1
        return float(self._looks)


class Producer(Quiet):
    def flush(self, _within_s: float) -> bool:
        return True


def written(stream: Iterable[Place], steps: int, seed: int = 0) -> Writer:
    """Let a writer's loop make so many steps with these chunks."""
    feed = Feed(stream, random.Random(seed))  # noqa: S311 - a schedule
    writer, quiet = Writer(feed), Quiet()
    parts: dict[str, Any] = dict.fromkeys(Parts.__slots__, quiet)
    facts = ConfirmedFacts(cast("Any", Producer()), cast("Any", feed))
    parts |= {"feed": feed, "writer": writer, "facts": facts, "clock": Clock()}
    limits = BatchLimits(chunks=BATCH_CHUNKS, rows=1_000)
    settings = SimpleNamespace(
        batch_limits=limits,
        writer_fetch_records=MOST,
        writer_chunks_per_transaction=BATCH_CHUNKS,
    )
    consumer = ChunkConsumer(Parts(**parts), cast("Any", settings))
    for _ in range(steps):
        consumer.step()
    return writer


def small_imports(behind: Iterable[Place]) -> Iterator[Place]:
    """Return some chunks, and then import after import of one chunk."""
    yield from behind
    yield from ((job, 0) for job in range(1000, 2000))


def test_imports_of_one_chunk_without_end_do_not_keep_a_larger_one_waiting() -> None:
    stream = small_imports([(1, 0), (2, 0), (3, 0), (BIG, 0), (BIG, 1), (BIG, 2)])
    writer = written(stream, 100)
    first = writer.order[:MOST]  # only what was in hand with it goes before it
    assert [len(batch.chunks) for batch in first if batch.job_id == UUID(int=BIG)] == [3]


def mixed(draw: random.Random, jobs: int, small: float) -> Iterator[Place]:
    """Return chunks of some large imports, in order, among which small ones come."""
    numbers = [0] * jobs
    for at in range(1200):
        job = draw.randrange(jobs)
        yield (1000 + at, 0) if draw.random() < small else (job, numbers[job])
        numbers[job] += 1


@pytest.mark.parametrize("seed", range(8))
def test_what_may_kill_a_writer_is_among_what_its_successor_takes_with_care(seed: int) -> None:
    """However long the first record waits for its turn, and were the last commit lost."""
    draw = random.Random(seed)  # noqa: S311 - a schedule
    writer = written(mixed(draw, 1 + seed // 2, (0.1, 0.6)[seed % 2]), 900, seed)
    assert sum(len(batch.chunks) for batch in writer.order) > 800
    assert writer.farthest <= care_of(MOST, BATCH_CHUNKS)
