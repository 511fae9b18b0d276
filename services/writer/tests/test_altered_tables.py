"""Tables whose columns are given another type while a job writes to them: its rows arrive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import psycopg
import pytest
from services.writer.tests.writer_road import until
from services.writer.tests.writer_world import Hand, World, batch_of, chunk_of

from import_targets import TargetColumn, TargetDefinition
from sluice.db import job_gate
from writer.domain.prepared import PreparedBatch
from writer.domain.write_plan import Road

Hands = Callable[..., Hand]
WAITING = """SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
              WHERE locktype = 'advisory' AND NOT granted AND d.datname = current_database()"""


class Case(NamedTuple):
    """Types of the field, of the table before and after; a cell, and how its row shows it then."""

    field: str
    before: str
    after: str
    cell: str
    shown: str | None


ALTERED = [
    Case("bigint", "integer", "bigint", "7", "7"),
    Case("bigint", "integer", "numeric", "7", "7"),
    Case("bigint", "bigint", "integer", "7", "7"),
    Case("bigint", "bigint", "text", "7", "7"),
    Case("date", "date", "timestamp", "2024-05-31", "2024-05-31 00:00:00"),
    Case("text", "text", "bigint", "7", "7"),
    Case("text", "text", "jsonb", "7", "7"),
    Case("text", "text", "date", "2024-05-31", "2024-05-31"),
    Case("text", "text", "timestamp", "2024-05-31", "2024-05-31 00:00:00"),
    Case("text", "text", "integer[]", "{7}", "{7}"),
    Case("text", "jsonb", "text", "7", "7"),
    Case("boolean", "boolean", "integer", "true", None),
    Case("numeric(12,2)", "numeric(12,2)", "double precision", "7.5", "7.5"),
    Case("numeric(12,2)", "numeric(12,1)", "numeric(12,2)", "7.25", "7.25"),
]


def table_of(world: World, type_name: str) -> None:
    world.conn.execute(
        f"""CREATE TABLE t (k bigint PRIMARY KEY, v {type_name}, sluice_job uuid,
                            sluice_line integer, sluice_replaced integer)"""
    )


def with_value(type_name: str) -> TargetDefinition:
    columns = (
        TargetColumn(name="k", type="bigint", required=True),
        TargetColumn(name="v", type=type_name),
    )
    return TargetDefinition(name="t", kind="typed", table="t", columns=columns, key=("k",))


def alter(world: World, column: str, type_name: str) -> None:
    world.conn.execute("DELETE FROM t")
    world.conn.execute(f"ALTER TABLE t ALTER {column} TYPE {type_name} USING NULL::{type_name}")


@pytest.mark.parametrize("mode", ["insert", "skip_existing", "upsert"])
@pytest.mark.parametrize("case", ALTERED, ids=lambda case: f"{case.before} to {case.after}")
def test_rows_arrive_in_a_table_whose_type_was_altered(
    world: World, hand: Hands, mode: str, case: Case
) -> None:
    """Once between preparing and writing, with a batch behind that was prepared before as well."""
    table_of(world, case.before)
    job = world.new_job(mode, with_value(case.field))
    writer = hand().writer
    first, *rest = [
        writer.prepare(batch_of([chunk_of(job, n, [n + 2], [(str(n), case.cell)])]))
        for n in range(3)
    ]
    assert first is not None
    writer.write(first)
    alter(world, "v", case.after)
    for batch in rest:
        assert batch is not None
        writer.write(batch)
    later = writer.prepare(batch_of([chunk_of(job, 3, [5], [("3", case.cell)])]))
    assert later is not None
    writer.write(later)
    if case.shown is None:  # No cast leads there: the table itself refuses each row
        assert world.sums(job)[5] == 3
        return
    assert world.sums(job) == (4, 4, 4, 0, 0, 0)
    assert world.rows("SELECT k, v::text FROM t ORDER BY k") == [(k, case.shown) for k in (1, 2, 3)]


def test_an_altered_table_does_not_send_its_job_to_slower_roads(world: World, hand: Hands) -> None:
    table_of(world, "text")
    job = world.new_job(target=with_value("text"))
    writer = hand().writer
    batch = writer.prepare(batch_of([chunk_of(job, 0, [2], [("1", "2024-05-31")])]))
    assert batch is not None
    alter(world, "v", "date")
    assert writer.write(batch).road is Road.COPY


def test_what_is_prepared_behind_an_alteration_is_of_the_new_type(
    world: World, hand: Hands
) -> None:
    """Or each batch of a long import would be made, and sent, in vain."""
    table_of(world, "integer")
    job = world.new_job(target=with_value("bigint"))
    writer = hand().writer

    def prepared(n: int) -> PreparedBatch:
        batch = writer.prepare(batch_of([chunk_of(job, n, [n + 2], [(str(n), "7")])]))
        assert batch is not None
        return batch

    first = prepared(0)
    alter(world, "v", "bigint")
    writer.write(first)
    types = [batch.encoded.types["v"] for batch in (first, prepared(1)) if batch.encoded]
    assert types == ["integer", "bigint"]


def test_a_trigger_that_cannot_read_a_value_rejects_its_row(world: World, hand: Hands) -> None:
    """It says of the row what an altered type would say of all: the batch is asked anew once."""
    table_of(world, "text")
    world.conn.execute(
        """CREATE FUNCTION read() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM NEW.v::integer; RETURN NEW; END $$;
           CREATE TRIGGER read BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION read()"""
    )
    job = world.new_job(target=with_value("text"))
    hand().write(chunk_of(job, 0, [2, 3, 4], [("1", "1"), ("2", "one"), ("3", "3")]))
    assert world.sums(job) == (1, 3, 2, 0, 0, 1)
    assert world.rows("SELECT k FROM t ORDER BY k") == [(1,), (3,)]


def test_keys_are_looked_up_in_a_table_whose_key_was_altered(world: World, hand: Hands) -> None:
    """The look has run often enough to be a plan that PostgreSQL keeps."""
    table_of(world, "text")
    job = world.new_job("skip_existing", with_value("text"))
    writer = hand()
    for n in range(8):
        writer.write(chunk_of(job, n, [n + 2], [(str(n), "a")]))
    world.conn.execute("ALTER TABLE t ALTER k TYPE numeric")
    writer.write(chunk_of(job, 8, [10], [("8", "a")]))
    writer.write(chunk_of(job, 9, [11], [("8", "b")]))
    assert world.sums(job) == (10, 10, 9, 0, 1, 0)


@pytest.mark.parametrize(
    ("mode", "column", "before", "after"),
    [
        ("upsert", "v", "text", "date"),  # what is staged is of the type before
        ("skip_existing", "k", "bigint", "text"),  # keys are compared with those of another type
        ("skip_existing", "k", "integer", "bigint"),  # a plan that is kept returns others
    ],
)
def test_a_table_altered_after_its_types_were_asked_takes_the_rows(
    world: World, hand: Hands, mode: str, column: str, before: str, after: str
) -> None:
    """The batch has looked at the table, and waits at its job's gate meanwhile."""
    table_of(world, "text")
    world.conn.execute(f"ALTER TABLE t ALTER {column} TYPE {before}")
    job = world.new_job(mode, with_value("text"))
    writer = hand()
    for n in range(8):
        writer.write(chunk_of(job, n, [n + 2], [(str(n), "2024-05-31")]))
    with ThreadPoolExecutor(1) as beside, psycopg.connect(world.url) as gate:
        job_gate.pass_alone(gate, job)
        writing = beside.submit(writer.write, chunk_of(job, 8, [10], [("8", "2024-05-31")]))
        until(lambda: world.rows(WAITING) == [(1,)], "the batch waits")
        world.conn.execute(f"ALTER TABLE t ALTER {column} TYPE {after} USING {column}::{after}")
        gate.rollback()
        assert writing.result(timeout=30).skipped == ""
    assert world.sums(job) == (9, 9, 9, 0, 0, 0)
