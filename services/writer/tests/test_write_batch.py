"""One writer: what is written, rejected and counted, and what a second delivery does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from services.writer.tests.writer_world import Hand, World, chunk_of, chunks_of

from sluice.clock import SystemClock
from sluice.errors import Critical, Transient
from writer.adapters.publish_chunk_written import chunk_written_record
from writer.domain.write_plan import Road
from writer.write_batch import BatchDone

Hands = Callable[..., Hand]


def ids_of(done: BatchDone, world: World, job: object) -> list[str]:
    records = [chunk_written_record(job, c, SystemClock().now()) for c in done.chunks]  # type: ignore[arg-type]  # a UUID
    return [dict(record.headers)["ce_id"].decode() for record in records]


def test_good_rows_bad_rows_and_the_ledger_commit_together(world: World, hand: Hands) -> None:
    job = world.new_job()
    rows = [("1", "a", "5"), ("2", "", None), ("x", "c", "6"), ("4", 'q"\n,', "9")]
    done = hand().write(*chunks_of(job, rows, 2))
    assert done.road is Road.COPY
    assert world.rows("SELECT id, name, amount, sluice_line FROM items ORDER BY id") == [
        (1, "a", 5, 2),
        (2, None, None, 3),
        (4, 'q"\n,', 9, 5),
    ]
    assert world.sums(job) == (2, 4, 3, 0, 0, 1)
    assert world.rows("SELECT sheet_line, chunk_no FROM sluice.rejected_lines") == [(4, 1)]
    assert world.rows("SELECT sheet_line, code, value, cells FROM sluice.rejected_rows") == [
        (4, "NOT_A_NUMBER", "x", ["x", "c", "6"])
    ]
    assert [(r.line, r.column) for r in done.chunks[1].rejected] == [(4, "A")]


def test_a_redelivered_chunk_writes_nothing_and_states_the_same_fact(
    world: World, hand: Hands
) -> None:
    job = world.new_job()
    chunks = chunks_of(job, [("1", "a", "5"), ("x", "b", "6"), ("3", "c", "7")], 2)
    first = hand().write(chunks[0])
    again = hand().write(*chunks)
    assert [chunk.is_new for chunk in again.chunks] == [False, True]
    assert ids_of(again, world, job)[0] == ids_of(first, world, job)[0]
    assert again.chunks[0].entry == first.chunks[0].entry
    assert again.chunks[0].rejected == first.chunks[0].rejected
    assert world.sums(job) == (2, 3, 2, 0, 0, 1)
    assert world.rows("SELECT count(*) FROM items") == [(2,)]


def test_a_copy_refused_by_one_key_leaves_the_neighbours_written(world: World, hand: Hands) -> None:
    world.conn.execute("INSERT INTO items (id) VALUES (2)")
    job = world.new_job()
    writer = hand()
    done = writer.write(*chunks_of(job, [("1", "a", "5"), ("2", "b", "6"), ("3", "c", "7")], 2))
    assert done.road is Road.PROBED_COPY
    assert world.rows("SELECT id FROM items WHERE sluice_job IS NOT NULL ORDER BY id") == [
        (1,),
        (3,),
    ]
    assert world.rows(
        "SELECT sheet_line, code, message, other_line, cells FROM sluice.rejected_rows"
    ) == [(3, "DUPLICATE_KEY", "id: already in the table", None, ["2", "b", "6"])]
    assert world.sums(job) == (2, 3, 2, 0, 0, 1)
    later = writer.write(chunk_of(job, 2, [9], [("9", None, None)]))
    assert later.road is Road.PROBED_COPY, "a job refused once looks at its keys from then on"


def test_an_earlier_line_takes_the_place_of_a_later_one_of_its_job(
    world: World, hand: Hands
) -> None:
    job = world.new_job()
    early, late = chunks_of(job, [("7", "first", "1"), ("7", "second", "2")], 1)
    hand().write(late)
    hand().write(early)
    assert world.rows("SELECT name, sluice_line FROM items") == [("first", 2)]
    assert world.rows("SELECT sheet_line, other_line, cells FROM sluice.rejected_rows") == [
        (3, 2, ["7", "second", "2"])
    ]
    counts = "SELECT inserted, failed FROM sluice.chunks WHERE job_id = %s ORDER BY chunk_no"
    assert world.rows(counts, job) == [(0, 1), (1, 0)]


def test_an_upsert_names_the_row_that_has_another_unique_value(world: World, hand: Hands) -> None:
    """It was skipped without a word when the row stood in the same batch."""
    world.conn.execute("CREATE UNIQUE INDEX ON items (name)")
    world.conn.execute("INSERT INTO items (id, name) VALUES (1, 'old'), (2, 'two')")
    job = world.new_job("upsert")
    rows = [("1", "new", "1"), ("5", "five", "1"), ("6", "five", "1"), ("7", "two", "1")]
    hand().write(*chunks_of(job, rows, 4))
    hand().write(chunk_of(job, 1, [6, 7], [("8", "new", "1"), ("5", "five", "2")]))
    assert world.rows("SELECT id, name FROM items ORDER BY id") == [
        (1, "new"),
        (2, "two"),
        (5, "five"),
    ]
    assert world.rows("SELECT sheet_line, message FROM sluice.rejected_rows ORDER BY 1") == [
        (4, "name: also on row 3, and the first of them is kept"),
        (5, "name: already in the table"),
        (6, "name: also on row 2, and the first of them is kept"),
    ]
    assert world.sums(job) == (2, 6, 1, 1, 1, 3)


def test_skip_existing_keeps_what_is_there_and_the_first_line(world: World, hand: Hands) -> None:
    world.conn.execute("INSERT INTO items (id, name) VALUES (1, 'old')")
    job = world.new_job("skip_existing")
    chunks = chunks_of(job, [("1", "a", None), ("2", "b", None), ("2", "c", None)], 2)
    hand().write(chunks[1])
    hand().write(chunks[0])
    assert world.rows("SELECT id, name FROM items ORDER BY id") == [(1, "old"), (2, "b")]
    assert world.sums(job) == (2, 3, 1, 0, 2, 0)
    assert world.rows("SELECT count(*) FROM sluice.rejected_lines") == [(0,)]


def test_a_chunk_with_another_content_fails_the_job(world: World, hand: Hands) -> None:
    job = world.new_job()
    writer = hand()
    writer.write(chunk_of(job, 0, [2], [("1", "a", None)]))
    changed = chunk_of(job, 0, [2], [("1", "CHANGED", None)])
    with pytest.raises(Critical) as failure:
        writer.write(changed, chunk_of(job, 1, [3], [("2", "b", None)]))
    assert failure.value.code == "NONDETERMINISTIC_CHUNK"
    assert world.rows("SELECT id, name FROM items") == [(1, "a")]
    recorded = writer.writer.fail(job, failure.value)
    assert recorded is not None
    assert recorded[:2] == (1, "NONDETERMINISTIC_CHUNK")
    assert writer.write(chunk_of(job, 2, [4], [("3", "c", None)])).skipped == "failed"
    assert writer.writer.fail(job, Critical("LATER", "another")) == recorded


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE sluice.jobs SET desired = 'cancel'", "cancelled"),
        ("UPDATE sluice.jobs SET desired = 'pause'", "paused"),
        ("UPDATE sluice.jobs SET status = 'failed'", "failed"),
        ("DELETE FROM sluice.jobs", "unknown"),
    ],
)
def test_a_job_that_shall_not_go_on_gets_no_row(
    world: World, hand: Hands, change: str, why: str
) -> None:
    job = world.new_job()
    writer = hand()
    writer.write(chunk_of(job, 0, [2], [("1", "a", None)]))
    world.rows(change + " RETURNING 1")
    assert writer.write(chunk_of(job, 1, [3], [("2", "b", None)])).skipped == why
    assert world.rows("SELECT count(*) FROM items") == [(1,)]
    assert world.sums(job)[0] == 1


def test_a_dead_chunk_is_healed_by_writing_it(world: World, hand: Hands) -> None:
    job = world.new_job()
    chunk = chunk_of(job, 0, [2], [("1", "a", None)])
    world.conn.execute(
        """INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, first_line, last_line,
               covered_bytes, sha256, code) VALUES (%s, 0, 'dead', 1, 1, 2, 2, 100, %s, 'X')""",
        [job, bytes.fromhex(chunk.meta.sha256)],
    )
    assert hand().write(chunk).chunks[0].is_new
    assert world.rows("SELECT outcome, inserted, code FROM sluice.chunks") == [("written", 1, None)]


def test_the_ledger_knows_how_long_each_chunk_took(world: World, hand: Hands) -> None:
    job = world.new_job()
    world.conn.execute(
        """CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql
           AS 'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END'"""
    )
    world.conn.execute(
        "CREATE TRIGGER slow BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION slow()"
    )
    hand().write(*chunks_of(job, [("1", "a", None), ("2", "b", None)], 1))
    assert world.rows("SELECT write_s >= 0.1 FROM sluice.chunks") == [(True,), (True,)]


def test_faults_that_queries_can_name_are_named(world: World, hand: Hands) -> None:
    world.conn.execute("CREATE TABLE kinds (name text PRIMARY KEY)")
    world.conn.execute("INSERT INTO kinds VALUES ('a')")
    world.conn.execute("ALTER TABLE items ADD FOREIGN KEY (name) REFERENCES kinds")
    world.conn.execute("ALTER TABLE items ADD CONSTRAINT small CHECK (amount % 100 < 50)")
    world.conn.execute("ALTER TABLE items ALTER amount SET NOT NULL")
    job = world.new_job()
    rows = [("1", "a", "1"), ("2", "b", "2"), ("3", "a", "77"), ("4", "a", None), ("5", "a", "5")]
    done = hand().write(*chunks_of(job, rows, 3))
    assert done.road is Road.STAGING
    assert world.rows(
        "SELECT sheet_line, code, field FROM sluice.rejected_rows ORDER BY sheet_line"
    ) == [
        (3, "UNKNOWN_REFERENCE", "name"),
        (4, "CHECK_FAILED", "amount"),
        (5, "REQUIRED", "amount"),
    ]
    assert world.sums(job) == (2, 5, 2, 0, 0, 3)


def test_a_row_may_refer_to_another_of_its_batch(world: World, hand: Hands) -> None:
    """The query that names unknown references looked into the table alone."""
    world.conn.execute("ALTER TABLE items ADD FOREIGN KEY (amount) REFERENCES items (id)")
    job = world.new_job("upsert")
    hand().write(*chunks_of(job, [("1", "a", "2"), ("2", "b", None), ("3", "c", "9")], 3))
    assert world.rows("SELECT id FROM items ORDER BY id") == [(1,), (2,)]
    assert world.rows("SELECT sheet_line, code FROM sluice.rejected_rows") == [
        (4, "UNKNOWN_REFERENCE")
    ]


def test_a_fault_is_told_before_a_duplicate_whatever_the_batch(world: World, hand: Hands) -> None:
    world.conn.execute("ALTER TABLE items ADD CONSTRAINT small CHECK (amount < 50)")
    job = world.new_job()
    rows = [("1", "a", "1"), ("1", "b", "77")]
    hand().write(*chunks_of(job, rows, 2))
    assert world.rows("SELECT sheet_line, code FROM sluice.rejected_rows") == [(3, "CHECK_FAILED")]


def refuse_13(world: World) -> None:
    world.conn.execute(
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
           BEGIN IF NEW.amount = 13 THEN RAISE EXCEPTION 'unlucky'; END IF; RETURN NEW; END $$"""
    )
    world.conn.execute(
        "CREATE TRIGGER t BEFORE INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION refuse()"
    )


@pytest.mark.parametrize("mode", ["insert", "upsert", "skip_existing"])
def test_what_only_a_trigger_refuses_is_found_by_halving(
    world: World, hand: Hands, mode: str
) -> None:
    refuse_13(world)
    job = world.new_job(mode)
    rows = [(str(k), "n", "13" if k % 40 == 0 else "1") for k in range(1, 101)]
    done = hand().write(*chunks_of(job, rows, 100))
    assert done.road is Road.BISECTION
    assert world.sums(job) == (1, 100, 98, 0, 0, 2)
    found = world.rows("SELECT sheet_line, code, message FROM sluice.rejected_rows ORDER BY 1")
    assert [row[:2] for row in found] == [(41, "REFUSED_BY_DATABASE"), (81, "REFUSED_BY_DATABASE")]
    assert "unlucky" in found[0][2]
    xids = world.rows("SELECT DISTINCT xmin::text FROM items")
    assert xids == world.rows("SELECT DISTINCT xid::text FROM sluice.chunks"), (
        "rows that stay are inserted outside any savepoint: undo finds them by the ledger's xid"
    )


def test_refused_rows_are_searched_chunk_by_chunk(world: World, hand: Hands) -> None:
    """A search in three chunks of 8,000 rows took longer than a writer may be silent."""
    refuse_13(world)
    job = world.new_job()
    chunks = chunks_of(job, [(str(k), "n", "13" if k == 30 else "1") for k in range(1, 51)], 25)
    writer = hand()
    with pytest.raises(Transient) as handed_back:
        writer.write(*chunks)
    assert handed_back.value.code == "ROWS_REFUSED"
    assert (world.sums(job)[0], writer.moves) == (0, 0)
    for chunk in chunks:
        writer.write(chunk)
    assert world.sums(job) == (2, 50, 49, 0, 0, 1)


def test_a_long_search_tells_that_it_gets_on(world: World, hand: Hands) -> None:
    refuse_13(world)
    job = world.new_job()
    rows = [(str(k), "n", "13" if k % 1_250 == 0 else "1") for k in range(1, 2_501)]
    writer = hand()
    assert writer.write(*chunks_of(job, rows, 2_500)).road is Road.BISECTION
    assert world.sums(job) == (1, 2_500, 2_498, 0, 0, 2)
    assert writer.moves == 3


def test_a_missing_table_fails_the_job(world: World, hand: Hands) -> None:
    job = world.new_job()
    world.conn.execute("DROP TABLE items")
    with pytest.raises(Critical) as failure:
        hand().write(chunk_of(job, 0, [2], [("1", "a", None)]))
    assert failure.value.code == "TARGET_TABLE_MISSING"
    assert world.sums(job)[0] == 0


def test_stored_errors_end_at_the_cap_and_lines_do_not(world: World, hand: Hands) -> None:
    job = world.new_job()
    writer = hand(max_stored_errors=3)
    chunks = chunks_of(job, [("x", "a", "y")] * 4, 2)
    for chunk in chunks:
        writer.write(chunk)
    assert world.rows("SELECT count(*) FROM sluice.rejected_lines") == [(4,)]
    assert world.rows("SELECT sheet_line, error_no FROM sluice.rejected_rows ORDER BY 1, 2") == [
        (2, 0),
        (2, 1),
    ]


def test_a_job_ends_when_too_many_of_its_rows_are_bad(world: World, hand: Hands) -> None:
    job = world.new_job()
    world.conn.execute("UPDATE sluice.jobs SET max_error_percent = 10")
    rows = [(str(k) if k % 5 else "x", "a", "1") for k in range(1_200)]
    writer = hand()
    first, second = chunks_of(job, rows, 600)
    assert writer.write(first).failure is None, "a share of few rows says nothing"
    failure = writer.write(second).failure
    assert failure is not None
    assert failure.code == "TOO_MANY_ERRORS"
    assert failure.message.startswith(
        "240 of the first 1,200 rows were rejected, more than the 10 %"
    )
    assert writer.write(second).failure is not None, "a copy after a crash says so again"
    world.conn.execute("UPDATE sluice.jobs SET status = 'completed_with_errors'")
    assert writer.write(second).failure is None, "a job that has ended is not failed by a copy"


def test_errors_beyond_the_cap_are_counted_and_a_copy_counts_no_more(
    world: World, hand: Hands
) -> None:
    job = world.new_job()
    writer = hand(max_stored_errors=1)
    rows = [("x", "a", "y"), ("1", "b", "y"), ("1", "c", "2"), ("2", "d", "5"), ("1", "e", "7")]
    chunks = chunks_of(job, rows, 3)
    for chunk in (chunks[1], chunks[1], chunks[0], chunks[0]):
        writer.write(chunk)
    assert world.rows(
        """SELECT chunk_no, column_letter, field, code, errors FROM sluice.error_counts
            WHERE job_id = %s ORDER BY 1, 2, 4""",
        job,
    ) == [
        (0, "A", "id", "DUPLICATE_KEY", 1),
        (0, "A", "id", "NOT_A_NUMBER", 1),
        (0, "C", "amount", "NOT_A_NUMBER", 2),
    ]
