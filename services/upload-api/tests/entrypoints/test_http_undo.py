"""Undo over HTTP, on a real PostgreSQL; the writers' part is played by the tests."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import psycopg
import pytest

if TYPE_CHECKING:
    from conftest import Api

AddJob = Callable[[str], UUID]


def run(api: "Api", sql: str, *values: object) -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute(sql, values)


def ended(api: "Api", job_id: UUID, status: str = "completed") -> UUID:
    run(api, "UPDATE sluice.jobs SET status = %s WHERE job_id = %s", status, job_id)
    return job_id


def undo(api: "Api", job_id: UUID, user: str = "anna") -> httpx.Response:
    return api.client.post(f"/api/jobs/{job_id}/undo", headers=api.headers(user))


def shown(api: "Api", job_id: UUID, user: str = "anna", **params: Any) -> httpx.Response:
    return api.client.get(f"/api/jobs/{job_id}/undo", headers=api.headers(user), params=params)


def test_an_undo_is_asked_for_once_and_audited(api: "Api", add_job: AddJob) -> None:
    job_id = ended(api, add_job("anna"))
    first, again = undo(api, job_id), undo(api, job_id)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert (first.json()["jobId"], first.json()["state"]) == (str(job_id), "running")
    [(action, details)] = api.rows(
        "SELECT action, details FROM sluice.audit_log WHERE action LIKE 'job_un%%'"
    )
    assert (action, details) == ("job_undone", {"status": "completed"})
    assert api.client.get(f"/api/jobs/{job_id}", headers=api.headers()).json()["undo"] == (
        first.json()
    )


def test_of_many_that_ask_at_once_one_begins_it(api: "Api", add_job: AddJob) -> None:
    job_id = ended(api, add_job("anna"))
    api.headers()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: undo(api, job_id).status_code, range(4)))
    assert answers == [202] * 4
    assert api.rows("SELECT count(*) FROM sluice.audit_log WHERE action = 'job_undone'") == [(1,)]


def test_a_job_that_is_undone_answers_409(api: "Api", add_job: AddJob) -> None:
    job_id = ended(api, add_job("anna"))
    undo(api, job_id)
    run(api, "UPDATE sluice.undos SET state = 'done'")
    answer = undo(api, job_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "INVALID_STATE")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("status = 'processing'", "NOT_ENDED"),
        ("dry_run = true", "DRY_RUN"),
        ("mode = 'upsert'", "REPLACED_NOT_KEPT"),
        ("target_definition = '{\"lineage\": false}'", "NO_LINEAGE"),
        ("correction_of = (SELECT max(job_id::text)::uuid FROM sluice.jobs)", "CORRECTION"),
    ],
)
def test_a_refusal_tells_its_reason(api: "Api", add_job: AddJob, change: str, reason: str) -> None:
    job_id = ended(api, add_job("anna"))
    run(
        api,
        "INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, updated, first_line,"
        " last_line, covered_bytes, sha256) VALUES (%s, 0, 'written', 1, 5, 5, 2, 6, 1, '')",
        job_id,
    )
    run(api, f"UPDATE sluice.jobs SET {change} WHERE job_id = %s", job_id)
    answer = undo(api, job_id)
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["reason"]) == ("UNDO_REFUSED", reason)
    assert shown(api, job_id).json()["code"] == "UNDO_UNKNOWN"


def test_an_upsert_counts_what_its_corrections_updated(api: "Api", add_job: AddJob) -> None:
    job_id, child = ended(api, add_job("anna")), ended(api, add_job("anna"))
    run(api, "UPDATE sluice.jobs SET mode = 'upsert' WHERE job_id = %s", job_id)
    run(api, "UPDATE sluice.jobs SET correction_of = %s WHERE job_id = %s", job_id, child)
    run(
        api,
        "INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, updated, first_line,"
        " last_line, covered_bytes, sha256) VALUES (%s, 0, 'written', 1, 5, 1, 2, 6, 1, '')",
        child,
    )
    assert undo(api, job_id).json()["reason"] == "REPLACED_NOT_KEPT"
    ended(api, child, "processing")
    assert undo(api, job_id).json()["reason"] == "CORRECTION_RUNS"


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_job_with_an_undo_is_not_retried(api: "Api", add_job: AddJob, status: str) -> None:
    job_id = ended(api, add_job("anna"), status)
    undo(api, job_id)
    answer = api.client.post(f"/api/jobs/{job_id}/retry", headers=api.headers())
    assert (answer.status_code, answer.json()["code"]) == (409, "JOB_STATE_CONFLICT")
    assert "undone" in answer.json()["detail"]


def test_rows_that_stayed_are_listed_page_by_page_in_sheet_order(
    api: "Api", add_job: AddJob
) -> None:
    job_id = ended(api, add_job("anna"))
    undo(api, job_id)
    with psycopg.connect(api.database_url) as conn:
        for line in range(2, 9):
            for tid in ("(7,1)", "(7,2)")[: 1 + (line == 4)]:
                outcome = "refused" if line % 3 == 0 else "kept"
                conn.execute(
                    "INSERT INTO sluice.undo_rows"
                    " VALUES (%s, %s, 99, %s, '{\"id\": 5}', %s, 'why')",
                    [job_id, line, tid, outcome],
                )
        conn.execute("INSERT INTO sluice.undo_rows VALUES (%s, 1, 99, '(1,1)')", [job_id])
    lines, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = shown(api, job_id, limit=3, **({"cursor": cursor} if cursor else {})).json()
        lines += [row["line"] for row in page["rows"]]
        cursor, pages = page["nextCursor"], pages + 1
    assert (lines, pages) == ([2, 3, 4, 4, 5, 6, 7, 8], 3)
    only = shown(api, job_id, outcome="refused").json()["rows"]
    assert only == [
        {"line": line, "outcome": "refused", "reason": "why", "key": {"id": 5}} for line in (3, 6)
    ]
    for bad in ("x", "WzEsMl0", "WzEsMiwiKDEpIl0"):
        answer = shown(api, job_id, cursor=bad)
        assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID")


def test_who_may_only_view_sees_counts_and_no_values(api: "Api", add_job: AddJob) -> None:
    job_id = ended(api, add_job("anna"))
    undo(api, job_id)
    run(api, "UPDATE sluice.jobs SET is_public = true")
    run(
        api,
        "INSERT INTO sluice.undo_rows VALUES (%s, 2, 99, '(7,1)', '{\"id\": 5}', 'kept', 'why')",
        job_id,
    )
    [row] = shown(api, job_id, "bert").json()["rows"]
    assert row == {"line": 2, "outcome": "kept", "reason": None, "key": None}
    assert undo(api, job_id, "bert").status_code == 403
