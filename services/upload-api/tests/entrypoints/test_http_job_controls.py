"""Pause, resume, cancel and retry over HTTP, on a real PostgreSQL."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from sluice.db import job_gate

if TYPE_CHECKING:
    from conftest import Api

AddJob = Callable[[str], UUID]
CONTROLS = ["pause", "resume", "cancel", "retry"]


def control(api: "Api", job_id: object, name: str, **more: Any) -> httpx.Response:
    headers = more.pop("headers", None) or api.headers()
    return api.client.post(f"/api/jobs/{job_id}/{name}", headers=headers, **more)


def facts(api: "Api") -> list[tuple[str, int, int]]:
    """The outbox, oldest first: event, run, control number."""
    rows = api.rows("SELECT headers, value FROM sluice.outbox ORDER BY outbox_id")
    found = []
    for headers, value in rows:
        body = json.loads(bytes(value))
        kind = dict(headers)["ce_type"].removeprefix("io.sluice.imports.")
        found.append((kind, body["run"], body["controlSeq"]))
    return found


def end(api: "Api", job_id: UUID, status: str) -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute(
            "UPDATE sluice.jobs SET status = %s, finished_at = now(), failure_code = 'X',"
            " failure_message = 'it broke' WHERE job_id = %s",
            [status, job_id],
        )


def add_chunk(conn: psycopg.Connection[Any], job_id: UUID, chunk_no: int, outcome: str) -> None:
    conn.execute(
        "INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, first_line, last_line,"
        " covered_bytes, sha256) VALUES (%s, %s, %s, 1, 10, 2, 11, 100, '')",
        [job_id, chunk_no, outcome],
    )


@pytest.mark.parametrize("name", CONTROLS)
def test_who_may_control_does_and_others_are_told_why_not(
    api: "Api", add_job: AddJob, name: str
) -> None:
    def status(of: object, user: str, role: str = "user") -> int:
        return control(api, of, name, headers=api.headers(user, role)).status_code

    def fresh() -> UUID:
        job_id = add_job("anna")
        if name == "retry":
            end(api, job_id, "failed")
        return job_id

    shared, viewed = fresh(), fresh()
    api.headers("bert")
    with psycopg.connect(api.database_url) as conn:
        for job_id, permission in ((shared, "control"), (viewed, "view")):
            conn.execute(
                "INSERT INTO sluice.job_shares (job_id, user_id, permission, shared_by)"
                " SELECT %s, b.user_id, %s, a.user_id FROM sluice.users a, sluice.users b"
                " WHERE a.username = 'anna' AND b.username = 'bert'",
                [job_id, permission],
            )
    assert status(viewed, "bert") == 403
    assert status(viewed, "carl") == 403
    assert status(viewed, "olga", "operator") == 403
    assert status(uuid4(), "anna") == 404
    assert api.client.post(f"/api/jobs/{viewed}/{name}").status_code == 401
    malformed = control(api, "no-uuid", name)
    assert (malformed.status_code, malformed.json()["code"]) == (400, "JOB_ID_INVALID")
    assert facts(api) == []
    assert status(shared, "bert") == 202
    assert status(viewed, "root", "admin") == 202
    assert status(fresh(), "anna") == 202


def test_pause_resume_and_cancel_are_stated_once_each_with_rising_numbers(
    api: "Api", add_job: AddJob
) -> None:
    job_id = add_job("anna")
    for name in ["pause", "pause", "resume", "resume", "pause", "cancel", "cancel"]:
        assert control(api, job_id, name).status_code == 202
    job = control(api, job_id, "cancel").json()
    assert (job["jobId"], job["desired"]) == (str(job_id), "cancel")
    assert facts(api) == [
        ("job-paused.v1", 1, 1),
        ("job-resumed.v1", 1, 2),
        ("job-wakeup.v1", 1, 2),
        ("job-paused.v1", 1, 3),
        ("job-cancelled.v1", 1, 4),
    ]
    assert getattr(api.parts.relay, "woken") == 8  # noqa: B009 - of the stand-in alone


def test_a_control_is_audited_with_who_asked_from_where(api: "Api", add_job: AddJob) -> None:
    job_id = add_job("anna")
    control(api, job_id, "pause", headers=api.headers() | {"User-Agent": "a test"})
    control(api, job_id, "pause")
    [row] = api.rows(
        "SELECT a.action, u.username, a.job_id, host(a.ip), a.user_agent, a.details"
        "  FROM sluice.audit_log a JOIN sluice.users u USING (user_id)"
    )
    details = {"control": "pause", "run": 1, "controlSeq": 1}
    assert row == ("job_controlled", "anna", job_id, "127.0.0.1", "a test", details)


@pytest.mark.parametrize("ended", ["completed", "completed_with_errors", "failed", "cancelled"])
def test_a_job_that_has_ended_answers_409_with_its_status(
    api: "Api", add_job: AddJob, ended: str
) -> None:
    job_id = add_job("anna")
    end(api, job_id, ended)
    for name in ["pause", "resume", "cancel"]:
        answer = control(api, job_id, name)
        assert answer.status_code == 409
        assert (answer.json()["code"], answer.json()["jobStatus"]) == ("JOB_STATE_CONFLICT", ended)
    assert facts(api) == []


def test_a_job_that_is_being_cancelled_is_neither_paused_nor_resumed(
    api: "Api", add_job: AddJob
) -> None:
    job_id = add_job("anna")
    control(api, job_id, "cancel")
    assert [control(api, job_id, name).status_code for name in CONTROLS] == [409, 409, 202, 409]


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
def test_a_retry_begins_the_next_run_with_what_is_not_written(
    api: "Api", add_job: AddJob, ended: str
) -> None:
    job_id, other = add_job("anna"), add_job("anna")
    end(api, job_id, ended)
    with psycopg.connect(api.database_url) as conn:
        conn.execute("UPDATE sluice.jobs SET desired = 'cancel' WHERE job_id = %s", [job_id])
        for chunk_no, outcome in enumerate(["written", "dead", "dead"]):
            add_chunk(conn, job_id, chunk_no, outcome)
        add_chunk(conn, other, 0, "dead")
        for state in ("open", "parked", "discarded", "healed"):
            add_letter(conn, job_id, state)
        add_letter(conn, other, "open")
    job = control(api, job_id, "retry").json()
    assert (job["run"], job["status"], job["desired"]) == (2, "pending", "run")
    assert (job["failure"], job["finishedAt"]) == (None, None)
    ledger = api.rows("SELECT job_id, chunk_no, outcome FROM sluice.chunks ORDER BY outcome")
    assert ledger == [(other, 0, "dead"), (job_id, 0, "written")]
    letters = api.rows("SELECT state FROM sluice.dead_letters ORDER BY dead_letter_id")
    assert [state for (state,) in letters] == [
        "replaying", "replaying", "discarded", "healed", "open"
    ]  # fmt: skip
    assert facts(api) == [("job-retried.v1", 2, 1), ("job-wakeup.v1", 2, 1)]


@pytest.mark.parametrize("ended", ["completed", "completed_with_errors"])
def test_a_job_without_anything_left_to_do_is_not_retried(
    api: "Api", add_job: AddJob, ended: str
) -> None:
    job_id = add_job("anna")
    assert control(api, job_id, "retry").status_code == 409
    end(api, job_id, ended)
    assert control(api, job_id, "retry").status_code == 409


def test_a_retry_of_an_earlier_run_is_refused(api: "Api", add_job: AddJob) -> None:
    job_id = add_job("anna")
    end(api, job_id, "failed")
    assert control(api, job_id, "retry", json={"run": 1}).status_code == 202
    end(api, job_id, "failed")
    late = control(api, job_id, "retry", json={"run": 1})
    assert (late.status_code, late.json()["run"]) == (409, 2)


def test_of_many_retries_at_once_one_wins(api: "Api", add_job: AddJob) -> None:
    headers = api.headers()
    for _ in range(5):
        job_id = add_job("anna")
        end(api, job_id, "failed")
        with ThreadPoolExecutor(4) as threads:
            answers = list(
                threads.map(
                    lambda _, job=job_id: control(api, job, "retry", headers=headers), range(4)
                )
            )
        assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
        assert api.rows("SELECT run FROM sluice.jobs WHERE job_id = %s", job_id) == [(2,)]
        end(api, job_id, "failed")


def write_chunks(url: str, job_id: UUID, first: int, over: threading.Event) -> None:
    """A writer: passes the gate, looks, works for a moment, writes."""
    with psycopg.connect(url, autocommit=True) as conn:
        chunk_no = first
        while not over.is_set():
            with conn.transaction():
                job_gate.pass_together(conn, job_id)
                row = conn.execute(
                    "SELECT desired FROM sluice.jobs WHERE job_id = %s", [job_id]
                ).fetchone()
                if row != ("run",):
                    continue
                time.sleep(0.01 * (1 + chunk_no % 4))
                add_chunk(conn, job_id, chunk_no, "written")
                chunk_no += 3


@pytest.mark.parametrize("name", ["cancel", "pause"])
def test_once_a_control_is_answered_the_ledger_does_not_grow(
    api: "Api", add_job: AddJob, name: str
) -> None:
    headers = api.headers()
    count = "SELECT count(*) FROM sluice.chunks WHERE job_id = %s"
    grown = []
    for _ in range(8):
        job_id, over = add_job("anna"), threading.Event()
        with ThreadPoolExecutor(3) as writers:
            done = [
                writers.submit(write_chunks, api.database_url, job_id, first, over)
                for first in range(3)
            ]
            time.sleep(0.1)
            assert control(api, job_id, name, headers=headers).status_code == 202
            [(at_answer,)] = api.rows(count, job_id)
            time.sleep(0.1)
            over.set()
        assert [future.result() for future in done] == [None] * 3
        [(at_end,)] = api.rows(count, job_id)
        assert at_answer > 0
        grown.append(at_end - at_answer)
    assert grown == [0] * 8


def test_a_session_that_stands_still_in_the_gate_is_ended(api: "Api", add_job: AddJob) -> None:
    job_id = add_job("anna")
    with psycopg.connect(api.database_url) as stopped:
        job_gate.pass_together(stopped, job_id)
        assert control(api, job_id, "cancel").status_code == 202
        with pytest.raises(psycopg.OperationalError):
            stopped.execute("SELECT 1")


def test_a_gate_that_is_never_free_is_told_in_time(api: "Api", add_job: AddJob) -> None:
    job_id, inside, over = add_job("anna"), threading.Event(), threading.Event()

    def work_on() -> None:
        with psycopg.connect(api.database_url) as conn:
            job_gate.pass_together(conn, job_id)
            while not over.wait(0.1):
                conn.execute("SELECT 1")
                inside.set()

    with ThreadPoolExecutor(1) as busy:
        done = busy.submit(work_on)
        assert inside.wait(10)
        answer = control(api, job_id, "cancel")
        over.set()
        done.result()
    assert (answer.status_code, answer.json()["code"]) == (503, "JOB_BUSY")
    assert int(answer.headers["retry-after"]) > 0
    assert control(api, job_id, "cancel").status_code == 202


def add_letter(conn: psycopg.Connection[Any], job_id: UUID, state: str) -> None:
    conn.execute(
        "INSERT INTO sluice.dead_letters (topic, partition, kafka_offset, original_topic,"
        " original_partition, original_offset, job_id, chunk_no, run, error_class, error_message,"
        " attempts, size_bytes, state, first_failed_at, last_failed_at)"
        " VALUES ('imports.chunks.dlq', 0, (SELECT count(*) FROM sluice.dead_letters),"
        " 'imports.chunks', 0, 0, %s, 1, 1, 'BUG', 'a bug', 4, 10, %s, now(), now())",
        [job_id, state],
    )
