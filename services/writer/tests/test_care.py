"""Behind a writer that died, records are taken one by one; what kills twice is put aside."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable

import pytest
from services.writer.tests.writer_faults import Faults
from services.writer.tests.writer_road import Road, of_kind, until
from services.writer.tests.writer_world import Hand, World, chunk_of, chunks_of, sheet

from sluice.kafka.partitions import Claim, PartitionId
from writer.adapters.postgres_starts import ChunkStarts

P0 = PartitionId("t", 0)


def starts_left(world: World) -> int:
    return int(world.rows("SELECT count(*) FROM sluice.chunk_starts")[0][0])


def test_marks_count_deaths_until_an_end_or_a_leave(
    world: World, hand: Callable[..., Hand]
) -> None:
    starts = ChunkStarts(hand().session)
    first, second = Claim(P0, 5, 1, with_care=True), Claim(P0, 6, 1, with_care=True)
    assert [starts.mark(first) for _ in range(3)] == [0, 1, 2]
    starts.clear(first)
    assert starts.mark(first) == 0
    starts.mark(second)
    starts.forget(Claim(P0, 6, 2, with_care=True))
    assert starts_left(world) == 1, "what is behind the offset is done"
    starts.forget(Claim(P0, 6, 3))
    assert starts_left(world) == 0, "the last owner took its leave"


@pytest.mark.slow
def test_a_record_that_two_writers_died_with_alone_in_hand_is_a_dead_letter(road: Road) -> None:
    first, killer, last = (road.world.new_job() for _ in range(3))
    writer = road.start()
    road.send(chunks_of(first, sheet(1, 60), 1))
    road.facts(first, lambda found: len(of_kind(found, "chunk-written")) == 60)
    road.arm("writer.mid_copy")
    road.send([chunk_of(killer, 0, [2], [("100", "a", "1")])])
    assert writer.wait(60) == -signal.SIGKILL
    for _ in range(2):
        road.arm("writer.mid_copy")
        assert road.start().wait(60) == -signal.SIGKILL
    road.arm("writer.mid_copy")
    writer = road.start()
    (dead,) = road.facts(killer, bool)
    assert (dead["code"], dead["chunkNo"]) == ("KILLED_ITS_WRITER", 0)
    road.disarm("writer.mid_copy")
    road.send([chunk_of(last, 0, [2], [("101", "a", "1")])])
    road.facts(last, lambda found: bool(of_kind(found, "chunk-written")))
    assert writer.poll() is None
    assert starts_left(road.world) == 0
    assert len(road.dead_letters(killer)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_failing_chunk_a_rebalance_and_a_redelivery_in_one_batch_change_nothing(
    road: Road, faults: Faults, seed: int
) -> None:
    """Chunks are coalesced, one of them fails, all come twice, and half the partitions leave."""
    draw = random.Random(seed)  # noqa: S311 - a schedule
    job = road.world.new_job()
    chunks = chunks_of(job, sheet(1, 400), 10)
    guilty = draw.randrange(40)
    faults.begin(10 * guilty + 5)
    slow = [10 * draw.randrange(40) + 1 for _ in range(12)]
    faults.begin(*set(slow), sqlstate=None, pause_s=1.0)
    road.start()
    deliveries = [*chunks, *chunks]
    draw.shuffle(deliveries)
    road.send(deliveries)
    until(lambda: road.ledger(job) >= 1, "a batch is committed")
    second = road.start()
    road.facts(job, lambda found: len(of_kind(found, "chunk-retrying")) >= 2)
    third = road.start()
    second.kill()
    faults.end()
    facts = road.facts(job, lambda found: len(of_kind(found, "chunk-written")) == 40)
    assert {f["chunkNo"] for f in of_kind(facts, "chunk-retrying")} == {guilty}
    assert of_kind(facts, "chunk-dead-lettered") == []
    third.send_signal(signal.SIGTERM)
    assert third.wait(15) == 0
    assert road.world.sums(job) == (40, 400, 400, 0, 0, 0)
    assert road.world.rows("SELECT count(*), count(DISTINCT id) FROM items") == [(400, 400)]
