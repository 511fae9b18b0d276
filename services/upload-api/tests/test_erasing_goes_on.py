"""Erasing and retention go on: past what others do, what cannot be deleted, what never ends."""

import dataclasses
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from upload_api.adapters.eraser import Eraser
from upload_api.adapters.retention_sweeper import RetentionSweeper
from upload_api.domain.erasure_rules import RetentionPolicy

if TYPE_CHECKING:
    from conftest import Api

AddJob = Callable[[str], UUID]
POLICY = RetentionPolicy(
    job_days=30, file_days=30, error_days=30, keep_completed=None, keep_failed=None
)
LINES = "INSERT INTO sluice.rejected_lines SELECT %s, n, 0 FROM generate_series(2, 30001) n"


@pytest.fixture
def api(shared_api: "Api") -> "Api":
    with psycopg.connect(shared_api.database_url) as conn:
        conn.execute("TRUNCATE sluice.jobs, sluice.leases, sluice.erasures CASCADE")
    return shared_api


@pytest.fixture
def eraser(api: "Api") -> Eraser:
    return Eraser(api.parts.pool, api.parts.storage, None)


def run(api: "Api", sql: str, *values: Any) -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute(sql, values)


def set_job(api: "Api", job_id: UUID, **columns: Any) -> None:
    for name, value in columns.items():
        with psycopg.connect(api.database_url) as conn:
            sql = SQL("UPDATE sluice.jobs SET {} = %s WHERE job_id = %s").format(Identifier(name))
            conn.execute(sql, [value, job_id])


def erase(api: "Api", job_id: UUID) -> Any:
    return api.client.delete(f"/api/jobs/{job_id}", headers=api.headers())


def test_what_refers_to_jobs_and_letters_is_found_by_an_index(api: "Api") -> None:
    """Else each row that is deleted reads a whole table."""
    without = api.rows(
        "SELECT conrelid::regclass FROM pg_constraint f"
        " WHERE contype = 'f' AND confrelid IN"
        "       ('sluice.jobs'::regclass, 'sluice.dead_letters'::regclass)"
        "   AND NOT EXISTS (SELECT FROM pg_index i"
        "                    WHERE i.indrelid = f.conrelid AND i.indkey[0] = f.conkey[1])"
    )
    assert without == []


def test_an_erasure_ends_with_the_last_of_those_who_work_on_it(
    api: "Api", add_job: AddJob, eraser: Eraser
) -> None:
    """One waits for rows that another deletes, and then finds none of them in its own batch."""
    job_id = add_job("anna")
    run(api, LINES, job_id)
    run(
        api,
        "WITH gone AS (DELETE FROM sluice.jobs WHERE job_id = %s RETURNING job_id, file_url)"
        " INSERT INTO sluice.erasures SELECT * FROM gone",
        job_id,
    )
    ended: list[int] = []
    with psycopg.connect(api.database_url) as other:
        other.execute(
            "DELETE FROM sluice.rejected_lines WHERE ctid = ANY(ARRAY("
            "SELECT ctid FROM sluice.rejected_lines WHERE job_id = %s LIMIT 20000))",
            [job_id],
        )
        second = threading.Thread(target=lambda: ended.append(eraser.finish_all()))
        second.start()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while api.rows(waiting) == [(0,)]:
            time.sleep(0.02)
        other.commit()
        second.join()
    [(left,)] = api.rows("SELECT count(*) FROM sluice.rejected_lines WHERE job_id = %s", job_id)
    assert (left > 0, ended) == (True, [0]), "not ended while rows are left"
    assert eraser.finish_all() == 1
    assert api.rows("SELECT FROM sluice.rejected_lines WHERE job_id = %s", job_id) == []


def test_an_erased_job_is_erased_whatever_keeps_its_rows(api: "Api", add_job: AddJob) -> None:
    job_id = add_job("anna")
    set_job(api, job_id, status="completed")
    run(api, LINES, job_id)
    with psycopg.connect(api.database_url) as other:
        other.execute("LOCK TABLE sluice.rejected_lines IN EXCLUSIVE MODE")
        assert erase(api, job_id).status_code == 204
    assert api.rows("SELECT job_id FROM sluice.jobs") == []
    assert api.rows("SELECT job_id FROM sluice.erasures") == [(job_id,)]


@pytest.mark.parametrize(
    ("trouble", "minutes", "status"),
    [(None, 60, 409), ("no table", 1, 409), ("no table", 16, 204)],
)
def test_an_undo_that_cannot_go_on_holds_its_job_for_a_while(
    api: "Api", add_job: AddJob, trouble: str | None, minutes: int, status: int
) -> None:
    job_id = add_job("anna")
    set_job(api, job_id, status="completed")
    run(
        api,
        "INSERT INTO sluice.undos (job_id, requested_by, trouble, requested_at)"
        " VALUES (%s, %s, %s, now() - %s)",
        job_id,
        job_id,
        trouble,
        timedelta(minutes=minutes),
    )
    assert erase(api, job_id).status_code == status


@dataclasses.dataclass
class Storage:
    """Storage with one file that nobody can delete; `first` happens before each."""

    stays: str
    first: Callable[[], None]
    deleted: list[str] = dataclasses.field(default_factory=list)

    def delete(self, url: str) -> None:
        self.first()
        if url == self.stays:
            raise PermissionError(url)
        self.deleted.append(url)


def sweeper(api: "Api", storage: Storage, **policy: Any) -> RetentionSweeper:
    chosen: Any = storage
    parts = api.parts
    eraser = Eraser(parts.pool, chosen, None)
    kept = dataclasses.replace(POLICY, **policy)
    return RetentionSweeper(parts.pool, chosen, eraser, kept, parts.clock)


def test_a_file_that_cannot_be_deleted_keeps_nothing_else(
    api: "Api", add_job: AddJob, tmp_path: Path
) -> None:
    stays, goes = add_job("anna"), add_job("anna")
    for job_id in (stays, goes):
        url = (tmp_path / str(job_id)).as_uri()
        set_job(api, job_id, status="completed", file_url=url, finished_at=api.parts.clock.now())
    storage = Storage((tmp_path / str(stays)).as_uri(), lambda: None)
    swept = sweeper(api, storage, keep_completed=1).sweep()
    assert swept is not None
    assert (swept.files, swept.jobs) == (1, 1)
    assert (tmp_path / str(goes)).as_uri() in storage.deleted


def test_a_long_round_renews_its_lease_and_ends_without(
    api: "Api", add_job: AddJob, tmp_path: Path
) -> None:
    for _ in range(3):
        job_id = add_job("anna")
        set_job(api, job_id, status="completed", file_url=(tmp_path / str(job_id)).as_uri())
    ends: list[Any] = []

    def pass_time() -> None:
        ends.append(api.rows("SELECT lease_until > now() FROM sluice.leases")[0][0])
        taken = "bert" if len(ends) == 2 else None
        run(
            api,
            "UPDATE sluice.leases SET worker = coalesce(%s, worker),"
            " lease_until = now() + %s * interval '1 second'",
            taken,
            60 if taken else -1,
        )

    swept = sweeper(api, Storage("", pass_time)).sweep()
    assert swept is not None
    assert (swept.files, ends) == (2, [True, True]), "renewed once, then another one leads"
