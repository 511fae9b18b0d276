"""Claims in a real PostgreSQL: one parser a job, leases that run out, epochs that end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from parser.adapters.postgres_parses import PostgresParses
from parser.domain.chunk_policy import CHUNKER_VERSION
from parser.domain.claims import ClaimState, state_of
from sluice.db.pool import open_pool
from sluice.settings import DatabaseSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg_pool import ConnectionPool

LAYOUT = {"sheet": "S", "headerLine": 1, "estimatedRows": 50_000, "columns": []}
_JOB = """
INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout, file_name,
                         file_url, file_size_bytes, file_sha256, created_at)
VALUES (%s, %s, 'records', '{}', 'insert', %s, 'a.xlsx', 'file:///a', 1, '\\x00', now() + %s * interval '1 s')
"""  # noqa: E501 - one statement


class Database:
    """What a test does to the tables, in the words of the story."""

    def __init__(self, url: str) -> None:
        self.conn = psycopg.connect(url, autocommit=True)
        row = self.conn.execute(
            "INSERT INTO sluice.users (username) VALUES ('ann') RETURNING user_id"
        ).fetchone()
        assert row is not None
        self.owner = row[0]
        self._order = 0

    def job(self, estimated_rows: int = 50_000) -> UUID:
        job_id = uuid4()
        layout = LAYOUT | {"estimatedRows": estimated_rows}
        self._order += 1
        self.conn.execute(_JOB, [job_id, self.owner, Jsonb(layout), self._order])
        return job_id

    def chunk(self, job_id: UUID, chunk_no: int, age_s: int = 0, outcome: str = "written") -> None:
        self.conn.execute(
            "INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, first_line,"
            " last_line, covered_bytes, sha256, finished_at)"
            " VALUES (%s, %s, %s, 1, 1, 1, 1, 1, '', now() - %s * interval '1 s')",
            [job_id, chunk_no, outcome, age_s],
        )

    def set_job(self, job_id: UUID, assignments: str) -> None:
        self.conn.execute(f"UPDATE sluice.jobs SET {assignments} WHERE job_id = %s", [job_id])

    def set_parse(self, job_id: UUID, assignments: str) -> None:
        self.conn.execute(f"UPDATE sluice.parses SET {assignments} WHERE job_id = %s", [job_id])

    def parse(self, job_id: UUID, columns: str) -> tuple[Any, ...]:
        row = self.conn.execute(
            f"SELECT {columns} FROM sluice.parses WHERE job_id = %s",
            [job_id],
        ).fetchone()
        assert row is not None
        return row


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    story = Database(database_url)
    yield story
    story.conn.close()


@pytest.fixture
def pool(database_url: str) -> Iterator[ConnectionPool[Any]]:
    settings = DatabaseSettings.from_env({"SLUICE_DATABASE_URL": database_url})
    with open_pool(settings, "test") as opened:
        yield opened


def parser(pool: ConnectionPool[Any], name: str, chunk_rows: int | None = None) -> PostgresParses:
    return PostgresParses(pool, name, lease_s=10, lost_after_s=300, chunk_rows=chunk_rows)


def take(parses: PostgresParses, *, any_size: bool = True, take_expired: bool = True) -> Any:
    return parses.claim_next(any_size=any_size, take_expired=take_expired)


def test_two_parsers_share_the_jobs_oldest_first(database: Database, pool: Any) -> None:
    first, second = database.job(), database.job()
    one, other = parser(pool, "one"), parser(pool, "other")
    assert take(one).job_id == first
    assert take(other).job_id == second
    assert take(one) is None
    assert take(other) is None


def test_the_slot_for_small_files_takes_only_those(database: Database, pool: Any) -> None:
    database.job(estimated_rows=900_000)
    small = database.job(estimated_rows=1_000)
    assert take(parser(pool, "one"), any_size=False).job_id == small


def test_an_expired_lease_is_taken_over_and_the_old_epoch_says_nothing(
    database: Database, pool: Any
) -> None:
    job_id = database.job()
    one, other = parser(pool, "one"), parser(pool, "other")
    old = take(one)
    assert take(other) is None
    database.set_parse(job_id, "lease_until = now() - interval '1 s'")
    assert take(other, take_expired=False) is None
    new = take(other)
    assert (new.epoch, new.attempts) == (old.epoch + 1, 1)
    assert state_of(old, one.renew([job_id]).get((job_id, old.epoch))) is ClaimState.LOST
    assert not one.end_with_failure(old, "X", "a zombie's opinion")
    assert not one.end_with_manifest(old, 1, 1)
    assert other.end_with_manifest(new, 2, 1)
    assert database.parse(job_id, "total_rows, failure_code") == (2, None)


def test_a_job_keeps_the_chunker_of_its_first_parse(database: Database, pool: Any) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    assert take(one).chunker_version == CHUNKER_VERSION
    database.set_parse(job_id, "lease_until = now() - interval '1 s', chunker_version = 1")
    assert take(one).chunker_version == 1
    assert database.parse(job_id, "chunker_version") == (1,)
    database.set_parse(job_id, "lease_until = now() - interval '1 s', chunker_version = 99")
    assert take(one) is None, "a parser that lacks the version leaves the job alone"


def test_a_job_keeps_the_rows_of_a_chunk_that_it_was_begun_with(
    database: Database, pool: Any
) -> None:
    job_id = database.job()
    assert take(parser(pool, "one", chunk_rows=250)).chunk_rows == 250
    for setting in (None, 4_000):
        database.set_parse(job_id, "lease_until = now() - interval '1 s'")
        assert take(parser(pool, "other", setting)).chunk_rows == 250
    database.set_job(job_id, "run = 2, control_seq = 1")
    assert take(parser(pool, "other")).chunk_rows == 250, "a retry goes on with it as well"
    database.job()
    assert take(parser(pool, "other")).chunk_rows == 8_000


@pytest.mark.parametrize(
    ("version", "setting", "rows"), [(1, None, 1_000), (2, None, 8_000), (1, 300, 300)]
)
def test_a_job_begun_before_its_rows_were_kept_keeps_those_of_its_next_claim(
    database: Database, pool: Any, version: int, setting: int | None, rows: int
) -> None:
    job_id = database.job()
    take(parser(pool, "one"))
    database.set_parse(
        job_id,
        f"lease_until = now() - interval '1 s', chunk_rows = NULL, chunker_version = {version}",
    )
    assert take(parser(pool, "other", setting)).chunk_rows == rows
    assert database.parse(job_id, "chunk_rows") == (rows,)


def test_an_attempt_counts_only_when_the_ledger_stood_still(database: Database, pool: Any) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    take(one)
    database.chunk(job_id, 0)
    database.set_parse(job_id, "lease_until = now() - interval '1 s'")
    assert take(one).attempts == 0
    hopeless = []
    for attempts in (1, 2, 3, 4):
        database.set_parse(job_id, "lease_until = now() - interval '1 s'")
        claim = take(one)
        assert claim.attempts == attempts
        hopeless.append(claim.is_hopeless)
    assert hopeless == [False, False, False, True]


def test_a_clean_release_is_no_attempt_and_others_go_on_at_once(
    database: Database, pool: Any
) -> None:
    database.job()
    one = parser(pool, "one")
    assert one.release(take(one))
    assert take(parser(pool, "other")).attempts == 0


def test_a_dead_reader_is_tried_again_after_a_while(database: Database, pool: Any) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    assert one.give_up_for_now(take(one), delay_s=60)
    assert take(one) is None
    database.set_parse(job_id, "not_before = now()")
    assert not take(one).is_hopeless


def test_a_job_that_is_held_off_lets_others_go_first_and_counts_no_attempt(
    database: Database, pool: Any
) -> None:
    away, other = database.job(), database.job()
    one = parser(pool, "one")
    assert one.hold_off(take(one), delay_s=60)
    assert take(one).job_id == other
    assert take(one) is None
    database.set_parse(away, "not_before = now()")
    again = take(one)
    assert (again.job_id, again.attempts) == (away, 0)


def test_the_second_death_of_a_reader_makes_a_job_hopeless(database: Database, pool: Any) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    hopeless = []
    for _ in range(3):
        claim = take(one)
        hopeless.append(claim.is_hopeless)
        assert one.give_up_for_now(claim, delay_s=60)
        database.set_parse(job_id, "not_before = now()")
    assert hopeless == [False, False, True]


def test_a_chunk_written_between_two_deaths_forgives_the_first(
    database: Database, pool: Any
) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    for chunk_no in range(3):
        claim = take(one)
        assert not claim.is_hopeless
        database.chunk(job_id, chunk_no)
        assert one.give_up_for_now(claim, delay_s=0)


def test_an_owner_may_renew_a_lease_that_ran_out(database: Database, pool: Any) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    claim = take(one)
    database.set_parse(job_id, "lease_until = now() - interval '60 s'")
    assert state_of(claim, one.renew([job_id]).get((job_id, claim.epoch))) is ClaimState.HOLDS
    assert take(parser(pool, "other")) is None


@pytest.mark.parametrize(
    "change",
    ["desired = 'pause', control_seq = 1", "desired = 'cancel', control_seq = 1",
     "control_seq = 2", "run = 2", "status = 'failed'"],
)  # fmt: skip
def test_what_people_want_ends_the_epoch(database: Database, pool: Any, change: str) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    claim = take(one)
    database.set_job(job_id, change)
    assert state_of(claim, one.renew([job_id]).get((job_id, claim.epoch))) is ClaimState.ENDED


def test_a_failed_run_is_parsed_again_only_in_a_new_run(database: Database, pool: Any) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    assert one.end_with_failure(take(one), "ROW_ORDER", "row 5")
    assert take(one) is None
    database.set_job(job_id, "run = 2, control_seq = 1")
    claim = take(one)
    assert (claim.run, claim.attempts) == (2, 0)
    assert database.parse(job_id, "failure_code, ended_at") == (None, None)


def test_chunks_that_kafka_lost_are_read_again(database: Database, pool: Any) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    assert one.end_with_manifest(take(one), 3000, 3)
    database.chunk(job_id, 0, age_s=400)
    assert take(one) is None  # the sheet was read a moment ago
    database.set_parse(job_id, "ended_at = now() - interval '400 s'")
    claim = take(one)
    assert claim.manifest_known
    assert one.known_chunks(job_id) == {0}


def test_a_finished_ledger_wants_no_parser(database: Database, pool: Any) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    assert one.end_with_manifest(take(one), 1000, 1)
    database.chunk(job_id, 0, age_s=400)
    database.set_parse(job_id, "ended_at = now() - interval '400 s'")
    assert take(one) is None


def test_a_retry_emits_what_has_no_outcome_and_is_work_for_anybody(
    database: Database, pool: Any
) -> None:
    job_id = database.job()
    one = parser(pool, "one")
    assert one.end_with_manifest(take(one), 3000, 3)
    database.chunk(job_id, 0)
    database.chunk(job_id, 1, outcome="dead")
    database.chunk(job_id, 2, outcome="dead")
    database.set_job(job_id, "status = 'failed'")
    assert one.claim_next(any_size=True, take_expired=True) is None
    # A replay of chunk 1 only: its entry is taken away, that of chunk 2 stays
    database.conn.execute("DELETE FROM sluice.chunks WHERE job_id = %s AND chunk_no = 1", [job_id])
    database.set_job(job_id, "status = 'pending', run = 2, control_seq = 1")
    again = take(one)
    assert (again.run, again.attempts) == (2, 0)
    assert one.known_chunks(job_id) == {0, 2}
