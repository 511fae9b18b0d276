"""What a root and its corrections refuse for each other's sake, on a real PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from sluice.db import job_gate
from upload_api.adapters.locked_jobs import pass_with_root
from upload_api.adapters.postgres_healing import open_for
from upload_api.domain.dead_letters import Letter, LetterState, Outcome

if TYPE_CHECKING:
    from conftest import Api

AddJob = Callable[[str], UUID]
NOW = datetime(2026, 11, 25, tzinfo=UTC)
LETTER = Letter(
    dead_letter_id=1,
    topic="imports.chunks.dlq",
    partition=0,
    offset=0,
    original_topic="imports.chunks",
    job_id=None,
    chunk_no=1,
    state=LetterState.OPEN,
    replay_count=0,
)


def run(api: "Api", sql: str, *values: Any) -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute(sql, values)


@pytest.fixture
def api(shared_api: "Api") -> "Api":
    return shared_api


@pytest.fixture
def kin(api: "Api", add_job: AddJob) -> tuple[UUID, UUID]:
    """A root that ended with errors, and a correction of it that failed."""
    root, correction = add_job("anna"), add_job("anna")
    sql = "UPDATE sluice.jobs SET status = %s, correction_of = %s WHERE job_id = %s"
    run(api, sql, "completed_with_errors", None, root)
    run(api, sql, "failed", root, correction)
    return root, correction


def set_status(api: "Api", job_id: UUID, status: str) -> None:
    run(api, "UPDATE sluice.jobs SET status = %s WHERE job_id = %s", status, job_id)


def retry(api: "Api", job_id: UUID) -> httpx.Response:
    return api.client.post(f"/api/jobs/{job_id}/retry", headers=api.headers())


def replayed(api: "Api", job_id: UUID) -> tuple[Outcome, str | None]:
    with psycopg.connect(api.database_url, autocommit=True) as conn:
        [(verdict, _)] = open_for(conn, uuid4(), job_id, [LETTER], NOW).values()
    return verdict.outcome, verdict.reason


def assert_never_runs_again(api: "Api", job_id: UUID, told: str) -> None:
    before = api.rows("SELECT status, run FROM sluice.jobs WHERE job_id = %s", job_id)
    answer = retry(api, job_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "JOB_STATE_CONFLICT")
    assert told in answer.json()["detail"]
    outcome, reason = replayed(api, job_id)
    assert outcome is Outcome.REFUSED
    assert reason
    assert api.rows("SELECT status, run FROM sluice.jobs WHERE job_id = %s", job_id) == before


def test_a_failed_correction_of_a_job_that_stands_runs_again(
    api: "Api", kin: tuple[UUID, UUID]
) -> None:
    _, correction = kin
    assert retry(api, correction).status_code == 202
    set_status(api, correction, "failed")
    assert replayed(api, correction)[0] is Outcome.SENT


def test_a_correction_of_a_job_that_is_taken_back_does_not(
    api: "Api", kin: tuple[UUID, UUID]
) -> None:
    """Writers would pass over its chunks, and it would never end."""
    root, correction = kin
    answer = api.client.post(f"/api/jobs/{root}/undo", headers=api.headers())
    assert answer.status_code == 202, answer.text
    assert_never_runs_again(api, correction, "being undone, or was")


@pytest.mark.parametrize("status", ["cancelled", "undone", "pending", "processing", "retrying"])
def test_nor_does_one_of_a_job_that_was_cancelled_or_could_be(
    api: "Api", kin: tuple[UUID, UUID], status: str
) -> None:
    root, correction = kin
    set_status(api, root, status)
    assert_never_runs_again(api, correction, f"corrects {root}, which is {status}")


@pytest.mark.parametrize("status", ["pending", "processing", "retrying", "paused"])
def test_a_job_does_not_run_again_while_it_is_corrected(
    api: "Api", kin: tuple[UUID, UUID], status: str
) -> None:
    root, correction = kin
    set_status(api, root, "failed")
    set_status(api, correction, status)
    assert_never_runs_again(api, root, "correction of the job has not ended")
    set_status(api, correction, "cancelled")
    assert retry(api, root).status_code == 202


def test_a_correction_waits_for_whoever_decides_on_its_root(
    api: "Api", kin: tuple[UUID, UUID]
) -> None:
    root, correction = kin
    with psycopg.connect(api.database_url) as undoing:
        job_gate.pass_alone(undoing, root)
        with psycopg.connect(api.database_url, autocommit=True) as conn:
            conn.execute("SET lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                open_once(conn, correction)
    assert retry(api, correction).status_code == 202


def open_once(conn: psycopg.Connection[Any], job_id: UUID) -> None:
    with conn.transaction():
        pass_with_root(conn, job_id)
