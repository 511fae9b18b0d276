"""Erasing a job leaves nothing of it, anywhere; and what is kept for long enough goes by itself."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from redis import Redis

from sluice.redis_keys import keys_of_job
from upload_api.adapters.eraser import Eraser
from upload_api.adapters.retention_sweeper import RetentionSweeper, Swept
from upload_api.domain.erasure_rules import RetentionPolicy

if TYPE_CHECKING:
    from conftest import Api

KEEP_ALL = RetentionPolicy(
    job_days=30, file_days=30, error_days=30, keep_completed=None, keep_failed=None
)
# Rows of an erased job that stay: who did what (ids only), and what it wrote into a target.
STAYING = {"audit_log", "records"}
# What each table that has a job's id holds of a job.
ROWS = {
    "job_shares": """INSERT INTO sluice.job_shares (job_id, user_id, permission, shared_by)
        SELECT %(job)s, owner_id, 'view', owner_id FROM sluice.jobs LIMIT 1""",
    "parses": """INSERT INTO sluice.parses (job_id, run, control_seq, chunker_version)
        VALUES (%(job)s, 1, 0, 1)""",
    "chunks": """INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, first_line,
            last_line, covered_bytes, sha256)
        VALUES (%(job)s, 0, 'written', 1, 1, 2, 2, 1, '')""",
    "rejected_lines": "INSERT INTO sluice.rejected_lines VALUES (%(job)s, 3, 0, NULL)",
    "rejected_rows": """INSERT INTO sluice.rejected_rows
            (job_id, sheet_line, error_no, chunk_no, code, message)
        SELECT %(job)s, n, 0, 0, 'X', 'x' FROM generate_series(1, 50) n""",
    "job_failures": "INSERT INTO sluice.job_failures VALUES (%(job)s, 1, 'X', 'x', now())",
    "outbox": """INSERT INTO sluice.outbox (job_id, topic, key, headers, value)
        VALUES (%(job)s, 't', '', '{}', '')""",
    "dead_letters": """INSERT INTO sluice.dead_letters (topic, partition, kafka_offset,
            original_topic, original_partition, original_offset, job_id, error_class,
            error_message, attempts, size_bytes, first_failed_at, last_failed_at)
        VALUES ('t', 0, nextval('sluice.test_offsets'), 't', 0, 1, %(job)s, 'BUG', 'x', 1, 1,
            now(), now())""",
    "error_counts": "INSERT INTO sluice.error_counts VALUES (%(job)s, 0, 'A', 'a', 'X', 1)",
    "replaced_rows": "INSERT INTO sluice.replaced_rows VALUES (%(job)s, 2, '{}')",
    "undos": """INSERT INTO sluice.undos (job_id, state, requested_by)
        VALUES (%(job)s, 'done', %(job)s)""",
    "undo_rows": """INSERT INTO sluice.undo_rows (job_id, sheet_line, row_table, row_tid)
        VALUES (%(job)s, 2, 1, '(0,1)')""",
    "idempotency_keys": """INSERT INTO sluice.idempotency_keys
            (user_id, key, claim, fingerprint, job_id)
        SELECT owner_id, %(job)s::text, %(job)s, '', %(job)s FROM sluice.jobs LIMIT 1""",
    "records": "INSERT INTO sluice.records VALUES (%(job)s, 2, '{}')",
    "audit_log": """INSERT INTO sluice.audit_log (action, job_id)
        VALUES ('job_created', %(job)s)""",
}
REPLAY = """
WITH replay AS (
    INSERT INTO sluice.replays (replay_id, requested_by, selection, rate_per_s)
    SELECT gen_random_uuid(), owner_id, jsonb_build_object('jobId', %(job)s::text), 1
      FROM sluice.jobs LIMIT 1 RETURNING replay_id)
INSERT INTO sluice.replay_letters
SELECT r.replay_id, d.dead_letter_id FROM replay r, sluice.dead_letters d WHERE d.job_id = %(job)s
"""
NEW_JOB = """
INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout, file_name,
                         file_url, file_size_bytes, file_sha256)
SELECT %s, user_id, 'records', '{}', 'insert', '{}', 'a.xlsx', %s, 1, ''
  FROM sluice.users WHERE username = %s
"""
AddJob = Callable[..., UUID]


@pytest.fixture
def add(shared_api: "Api") -> AddJob:
    """Makes an ended job of anna's with a stored file."""

    def make(owner: str = "anna", **columns: Any) -> UUID:
        shared_api.headers(owner)
        job_id = uuid4()
        path = shared_api.files / str(job_id)
        path.write_text("rows")
        columns = {
            "status": "completed_with_errors",
            "finished_at": shared_api.parts.clock.now(),
        } | columns
        with psycopg.connect(shared_api.database_url) as conn:
            conn.execute(NEW_JOB, [job_id, path.as_uri(), owner])
            for name, value in columns.items():
                sql = SQL("UPDATE sluice.jobs SET {} = %s WHERE job_id = %s")
                conn.execute(sql.format(Identifier(name)), [value, job_id])
        return job_id

    return make


def fill_tables(api: "Api", job_id: UUID) -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute("CREATE SEQUENCE IF NOT EXISTS sluice.test_offsets")
        for sql in (*ROWS.values(), REPLAY):
            conn.execute(sql, {"job": job_id})


def tables_of(api: "Api", column: str) -> set[str]:
    return {
        name
        for (name,) in api.rows(
            "SELECT c.table_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'sluice' AND t.table_type = 'BASE TABLE'"
            " AND c.column_name LIKE %s",
            column,
        )
    }


def tables_that_name(api: "Api", job_id: UUID) -> set[str]:
    """Look for the id in every column of every row of every table."""
    found = set()
    with psycopg.connect(api.database_url) as conn:
        for table in tables_of(api, "%"):
            sql = SQL("SELECT count(*) FROM sluice.{} AS this_row WHERE this_row::text LIKE %s")
            row = conn.execute(sql.format(Identifier(table)), [f"%{job_id}%"]).fetchone()
            if row and row[0]:
                found.add(table)
    return found


def erase(api: "Api", job_id: UUID, name: str = "anna", role: str = "user") -> Any:
    return api.client.delete(f"/api/jobs/{job_id}", headers=api.headers(name, role))


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_every_table_of_a_job_is_known_here(shared_api: "Api") -> None:
    """A new table with a job's rows must be erased, and be filled by the test below."""
    assert tables_of(shared_api, "job_id") | {"records"} == {"jobs", "erasures", *ROWS}


def test_erasing_leaves_nothing_but_the_audit_and_the_rows(shared_api: "Api", add: AddJob) -> None:
    job_id, other = add(), add()
    correction = add(correction_of=job_id)
    for each in (job_id, other, correction):
        fill_tables(shared_api, each)
    assert tables_that_name(shared_api, job_id) >= {"jobs", "replays", *ROWS}
    with psycopg.connect(shared_api.database_url) as conn:
        conn.execute(
            "UPDATE sluice.idempotency_keys SET duplicate_of = %s WHERE job_id = %s",
            [job_id, other],
        )
    before = tables_that_name(shared_api, other)
    assert erase(shared_api, job_id).status_code == 204
    for gone in (job_id, correction):
        assert tables_that_name(shared_api, gone) == STAYING
        assert not (shared_api.files / str(gone)).exists()
    assert tables_that_name(shared_api, other) == before
    assert (shared_api.files / str(other)).exists()
    assert refusal(erase(shared_api, job_id)) == (404, "JOB_UNKNOWN")
    [(user, details)] = shared_api.rows(
        "SELECT user_id, details FROM sluice.audit_log WHERE action = 'job_erased' AND job_id = %s",
        job_id,
    )
    assert user is not None
    assert details == {"corrections": 1, "reason": "asked for"}


def test_only_who_owns_a_job_erases_it(shared_api: "Api", add: AddJob) -> None:
    job_id = add(is_public=True)
    assert refusal(erase(shared_api, job_id, "bert")) == (403, "JOB_FORBIDDEN")
    assert refusal(erase(shared_api, job_id, "olga", "operator")) == (403, "JOB_FORBIDDEN")
    assert erase(shared_api, job_id, "root", "admin").status_code == 204


def test_what_is_at_work_is_not_erased(shared_api: "Api", add: AddJob) -> None:
    running, root, undone = add(status="processing"), add(), add()
    correction = add(correction_of=root, status="processing")
    with psycopg.connect(shared_api.database_url) as conn:
        conn.execute(
            "INSERT INTO sluice.undos (job_id, state, requested_by) VALUES (%s, 'running', %s)",
            [undone, uuid4()],
        )
    for job_id, told in (
        (running, "is processing"),
        (correction, "is processing"),
        (root, "correction of the job is at work"),
        (undone, "being undone"),
    ):
        answer = erase(shared_api, job_id)
        assert refusal(answer) == (409, "ERASE_REFUSED")
        assert told in answer.json()["detail"]


def test_a_correction_is_erased_with_its_root_alone(shared_api: "Api", add: AddJob) -> None:
    root = add()
    answer = erase(shared_api, add(correction_of=root))
    assert refusal(answer) == (409, "ERASE_REFUSED")
    assert str(root) in answer.json()["detail"]


def test_an_erasure_that_broke_off_is_ended_by_the_next_round(
    shared_api: "Api", add: AddJob, redis_url: str
) -> None:
    """The job is gone at once; rows, file and keys follow, whoever removes them."""
    job_id = add()
    fill_tables(shared_api, job_id)
    parts = shared_api.parts
    away = "redis://127.0.0.1:1"
    with psycopg.connect(shared_api.database_url, autocommit=True) as conn:
        conn.execute(
            "WITH gone AS (DELETE FROM sluice.jobs WHERE job_id = %s RETURNING job_id, file_url)"
            " INSERT INTO sluice.erasures SELECT * FROM gone",
            [job_id],
        )
    assert Eraser(parts.pool, parts.storage, away).finish_all() == 0
    assert tables_that_name(shared_api, job_id) >= {"erasures"}
    with Redis.from_url(redis_url) as keys:
        for key in keys_of_job(job_id):
            keys.set(key, "x")
        assert Eraser(parts.pool, parts.storage, redis_url).finish_all() == 1
        assert keys.exists(*keys_of_job(job_id)) == 0
    assert "erasures" not in tables_that_name(shared_api, job_id)
    assert not (shared_api.files / str(job_id)).exists()


@dataclasses.dataclass
class At:
    """A clock that stands where it is put."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return 0.0


@pytest.fixture
def sweep(shared_api: "Api") -> Callable[..., Swept]:
    """Does one round of retention some days from now."""
    parts = shared_api.parts
    with psycopg.connect(shared_api.database_url) as conn:
        conn.execute("DELETE FROM sluice.jobs")
        conn.execute("DELETE FROM sluice.leases")

    def once(days: float = 0.0, **policy: Any) -> Swept:
        with psycopg.connect(shared_api.database_url) as conn:
            conn.execute("DELETE FROM sluice.leases")
        clock = At(datetime.now(UTC) + timedelta(days=days))  # noqa: TID251 - the database's is real
        eraser = Eraser(parts.pool, parts.storage, None)
        chosen = dataclasses.replace(KEEP_ALL, **policy)
        swept = RetentionSweeper(parts.pool, parts.storage, eraser, chosen, clock).sweep()
        assert swept is not None
        return swept

    return once


def left(api: "Api") -> set[UUID]:
    return {job_id for (job_id,) in api.rows("SELECT job_id FROM sluice.jobs")}


def test_jobs_go_when_their_days_are_over(
    shared_api: "Api", add: AddJob, sweep: Callable[..., Swept]
) -> None:
    root, running = add(), add(status="processing")
    add(correction_of=root)
    busy = add()
    correction = add(correction_of=busy, status="processing")
    assert sweep(29).jobs == 0
    assert sweep(31).jobs == 1
    assert left(shared_api) == {running, busy, correction}
    assert not (shared_api.files / str(root)).exists()


def test_so_many_jobs_of_an_owner_are_kept(
    shared_api: "Api", add: AddJob, sweep: Callable[..., Swept]
) -> None:
    now = shared_api.parts.clock.now()

    def ended(owner: str, status: str) -> list[UUID]:
        times = [now - timedelta(hours=hours) for hours in (3, 2, 1)]
        return [add(owner, status=status, finished_at=at) for at in times]

    done, failed, others = (
        ended("anna", "completed"),
        ended("anna", "failed"),
        ended("bert", "failed"),
    )
    assert sweep(keep_completed=1, keep_failed=2).jobs == 2 + 1 + 1
    assert left(shared_api) == {done[2], *failed[1:], *others[1:]}
    assert sweep(keep_completed=1, keep_failed=2).jobs == 0


@pytest.mark.parametrize(
    ("columns", "days", "goes"),
    [
        ({"status": "completed"}, 0, True),
        ({"status": "undone"}, 0, True),
        ({"status": "completed_with_errors", "dry_run": True}, 0, True),
        ({"status": "failed", "dry_run": True}, 0, False),
        ({"status": "completed_with_errors"}, 0, False),
        ({"status": "failed"}, 9, False),
        ({"status": "failed"}, 11, True),
        ({"status": "processing"}, 99, False),
    ],
)
def test_a_file_goes_once_nobody_needs_it(
    shared_api: "Api",
    add: AddJob,
    sweep: Callable[..., Swept],
    columns: dict[str, Any],
    days: int,
    goes: bool,
) -> None:
    job_id = add(**columns)
    assert sweep(days, job_days=1000, file_days=10).files == int(goes)
    assert (shared_api.files / str(job_id)).exists() is not goes
    assert sweep(days, job_days=1000, file_days=10).files == 0


def test_errors_go_when_their_days_are_over_and_lines_stay(
    shared_api: "Api", add: AddJob, sweep: Callable[..., Swept]
) -> None:
    job_id = add()
    fill_tables(shared_api, job_id)
    policy = {"job_days": 1000, "error_days": 7}
    assert (sweep(6, **policy).errors, sweep(8, **policy).errors) == (0, 1)
    named = tables_that_name(shared_api, job_id)
    assert "rejected_rows" not in named
    assert named >= {"rejected_lines", "error_counts"}
    assert sweep(8, **policy).errors == 0


def test_one_process_at_a_time_sweeps(shared_api: "Api", sweep: Callable[..., Swept]) -> None:
    sweep()
    parts = shared_api.parts
    second = RetentionSweeper(
        parts.pool, parts.storage, Eraser(parts.pool, parts.storage, None), KEEP_ALL, parts.clock
    )
    assert second.sweep() is None
