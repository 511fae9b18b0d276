"""Undo workers die, stop, and meet: the table and the counts come out the same."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from services.writer.tests.undo_world import QUIET, Told, ask, counts, die, stayed, undo_worker
from services.writer.tests.writer_road import Road, until
from services.writer.tests.writer_world import Hand, World, chunks_of, sheet

from sluice import failpoints
from sluice.errors import Outage
from sluice.failpoints import FailpointError
from writer.adapters import postgres_undo
from writer.entrypoints.undo_imports import UndoWorker

MakeHand = Callable[..., Hand]


@pytest.fixture
def points(tmp_path: Path) -> Iterator[Path]:
    failpoints.arm_from(tmp_path)
    yield tmp_path
    failpoints.arm_from(None)


def held_and_changed(world: World, hand: MakeHand, *, asked: bool = True) -> UUID:
    """Import 60 rows; some are changed since, some held, some hold each other."""
    world.conn.execute("CREATE TABLE parts (item bigint CONSTRAINT part_of REFERENCES items)")
    job = world.new_job()
    hand().write(*chunks_of(job, sheet(1, 60), 10))
    world.conn.execute("UPDATE items SET name = 'ours' WHERE id % 7 = 0")
    world.conn.execute("INSERT INTO parts SELECT id FROM items WHERE id % 5 = 0")
    if asked:
        ask(world, job)
    return job


def outcome(world: World, job: UUID) -> tuple[object, ...]:
    table = world.rows("SELECT id, name FROM items ORDER BY id")
    return counts(world, job), stayed(world, job), table


@pytest.mark.parametrize("seed", range(6))
def test_any_interleaving_of_deaths_ends_in_the_same_table_and_counts(
    world: World, hand: MakeHand, points: Path, seed: int
) -> None:
    """A death is an exception nobody expects at a point, or a session that ends at any moment."""
    job = held_and_changed(world, hand)
    rng = random.Random(seed)  # noqa: S311 - draws deaths
    deaths, told = 0, Told()
    while counts(world, job)[0] != "done":
        deaths += one_life(world, told, rng, points, deaths)
        die(world)
    assert deaths > 0
    kept = {7, 14, 21, 28, 35, 42, 49, 56}
    refused = {5, 10, 15, 20, 25, 30, 40, 45, 50, 55, 60}
    sums, list_, table = outcome(world, job)
    assert sums == ("done", 60, 41, 8, 11), f"seed {seed}"
    assert {row[0] for row in table} == kept | refused  # type: ignore[attr-defined]
    assert {(line - 1, what) for line, what, *_ in list_} == (  # type: ignore[attr-defined]
        {(id_, "kept") for id_ in kept} | {(id_, "refused") for id_ in refused}
    )
    said_the_same_each_time(told)
    facts = told.facts()
    assert facts[-1]["done"]
    assert (facts[-1]["total"], facts[-1]["reversed"]) == (60, 41)


def said_the_same_each_time(told: Told) -> None:
    named = list(zip(told.ids(), told.facts(), strict=True))
    assert all(dict(named)[name] == fact for name, fact in named)


def one_life(world: World, told: Told, rng: random.Random, points: Path, deaths: int) -> bool:
    """Have a new worker work until it dies, or has nothing to do; return whether it died."""
    worker = undo_worker(world.url, told, rng.choice([3, 7, 13]))
    point = rng.choice(["undo.before_batch", "undo.after_batch", *[None] * (deaths > 0)])
    mortal = deaths < 12
    killer = threading.Timer(rng.uniform(0, 0.02), end_sessions_of_undos, [world.url])
    if mortal and point is not None:
        (points / point).write_text(f"raise@{rng.randint(1, 3)}")
    elif mortal:
        killer.start()
    try:
        worker.step()
    except (FailpointError, Outage):
        return True
    finally:
        killer.cancel()
        worker.close()
        for armed in points.iterdir():
            armed.unlink()
    return False


def end_sessions_of_undos(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
            " current_database() AND application_name = 'sluice-writer' AND query LIKE '%undo%'"
        )


def test_two_workers_never_work_on_one_undo(world: World, hand: MakeHand) -> None:
    job = held_and_changed(world, hand)
    with psycopg.connect(world.url, autocommit=True) as first:
        assert postgres_undo.claim(first, "first") == job
        with psycopg.connect(world.url, autocommit=True) as second:
            assert postgres_undo.claim(second, "second") is None
            die(world)
            assert postgres_undo.claim(second, "second") == job
        target = postgres_undo.read_target(first, job)
        with pytest.raises(postgres_undo.NotOurs):
            postgres_undo.collect(first, target, "first", QUIET)


def test_a_worker_whose_lease_is_over_within_a_batch_is_not_overtaken(
    world: World, hand: MakeHand
) -> None:
    job = held_and_changed(world, hand)
    with psycopg.connect(world.url, autocommit=True) as slow, slow.transaction():
        assert postgres_undo.claim(slow, "slow") == job
        slow.execute("UPDATE sluice.undos SET lease_until = now() - interval '1 hour'")
        with psycopg.connect(world.url, autocommit=True) as other:
            assert postgres_undo.claim(other, "other") is None


def test_a_worker_that_is_told_to_stop_gives_the_undo_back(world: World, hand: MakeHand) -> None:
    job = held_and_changed(world, hand)
    worker: UndoWorker

    class StopsAtFirst(Told):
        def poll(self) -> None:
            worker.stop()

    worker = undo_worker(world.url, StopsAtFirst())
    worker.step()
    worker.close()
    state, total, *done = counts(world, job)
    assert (state, sum(done) < total) == ("running", True)
    other = undo_worker(world.url, Told())
    other.step()
    other.close()
    assert counts(world, job)[0] == "done"


def test_the_end_is_stated_until_the_brokers_have_it(world: World, hand: MakeHand) -> None:
    class Away(Told):
        def confirm(self, within_s: float) -> None:  # noqa: ARG002
            raise Outage("kafka", "no answer")

    job = held_and_changed(world, hand)
    first, again = Away(), Told()
    worker = undo_worker(world.url, first)
    with pytest.raises(Outage):
        worker.step()
    worker.close()
    assert counts(world, job)[0] == "done"
    die(world)
    other = undo_worker(world.url, again)
    assert other.step()
    assert not other.step()
    other.close()
    assert again.ids() == [first.ids()[-1]]
    assert again.facts() == [first.facts()[-1]]


def test_a_killed_writer_is_followed_by_another_within_the_lease(
    road: Road, hand: MakeHand
) -> None:
    world = road.world
    job = held_and_changed(world, hand, asked=False)
    road.arm("undo.after_batch")
    dead = road.start()
    ask(world, job)
    until(lambda: dead.poll() is not None, "the writer is killed")
    assert counts(world, job)[0] == "running"
    road.start()
    until(lambda: counts(world, job)[0] == "done", "another one takes over", 20)
    assert counts(world, job) == ("done", 60, 41, 8, 11)
    told = road.facts(job, lambda facts: any(fact.get("done") for fact in facts))
    last = max(told, key=lambda fact: fact["batch"])
    assert (last["total"], last["reversed"], last["kept"], last["refused"]) == (60, 41, 8, 11)
