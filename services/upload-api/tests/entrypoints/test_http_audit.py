from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest


@pytest.fixture
def kept(api: Any) -> Callable[..., list[tuple[Any, ...]]]:
    """Reads what the audit has of an action."""

    def read(action: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = api.rows(
            """SELECT u.username, job_id, host(ip), details->>'code'
                 FROM sluice.audit_log LEFT JOIN sluice.users u USING (user_id)
                WHERE action = %s ORDER BY audit_id""",
            action,
        )
        return found

    return read


def test_looks_are_kept_once_and_refusals_too(
    api: Any, add_job: Callable[[str], UUID], kept: Callable[..., list[tuple[Any, ...]]]
) -> None:
    job = add_job("anna")
    for path in ("", "/errors", "", "/errors"):
        assert api.client.get(f"/api/jobs/{job}{path}", headers=api.headers()).status_code == 200
    for _ in range(3):
        assert api.client.get(f"/api/jobs/{job}", headers=api.headers("ben")).status_code == 403
    assert api.client.get(f"/api/jobs/{job}").status_code == 401
    bad = {"Authorization": "Bearer x"}
    assert api.client.get(f"/api/jobs/{job}", headers=bad).status_code == 401
    assert api.client.get("/api/ops/dlq", headers=api.headers()).status_code == 403
    assert kept("job_accessed") == [("anna", job, "127.0.0.1", None)]
    assert kept("unauthorized_access") == [
        ("ben", job, "127.0.0.1", "JOB_FORBIDDEN"),
        (None, job, "127.0.0.1", "TOKEN_MISSING"),
        (None, job, "127.0.0.1", "TOKEN_INVALID"),
        ("anna", None, "127.0.0.1", "OPERATOR_ONLY"),
    ]


def test_the_address_is_that_which_a_trusted_proxy_saw(
    api: Any, add_job: Callable[[str], UUID], kept: Callable[..., list[tuple[Any, ...]]]
) -> None:
    forged = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}  # the right one is the proxy's word
    job = add_job("anna")
    api.client.get(f"/api/jobs/{job}", headers=api.headers() | forged)
    assert [row[2] for row in kept("job_accessed")] == ["203.0.113.7"]


def test_an_owner_reads_the_audit_of_a_job_page_by_page(
    api: Any, add_job: Callable[[str], UUID]
) -> None:
    job = add_job("anna")
    for name in ("anna", "ben"):
        api.client.get(f"/api/jobs/{job}?token=secret", headers=api.headers(name))
    first = api.client.get(f"/api/jobs/{job}/audit?limit=1", headers=api.headers()).json()
    second = api.client.get(
        f"/api/jobs/{job}/audit?limit=1&cursor={first['nextCursor']}", headers=api.headers()
    ).json()
    entries = first["entries"] + second["entries"]
    assert [(e["action"], e["username"]) for e in entries] == [
        ("unauthorized_access", "ben"),
        ("job_accessed", "anna"),
    ]
    assert second["nextCursor"] is None
    assert entries[0]["requestId"]
    assert "secret" not in str(entries)
    denied = api.client.get(f"/api/jobs/{job}/audit", headers=api.headers("ben"))
    assert denied.status_code == 403


def test_an_operator_filters_the_audit(api: Any, add_job: Callable[[str], UUID]) -> None:
    mine, other = add_job("anna"), add_job("anna")
    for job in (mine, other):
        api.client.get(f"/api/jobs/{job}", headers=api.headers())
    operator = api.headers("olga", "operator")

    def jobs_of(query: str) -> list[str]:
        answer = api.client.get(f"/api/ops/audit?{query}", headers=operator)
        assert answer.status_code == 200, answer.text
        return [entry["jobId"] for entry in answer.json()["entries"]]

    assert jobs_of("action=job_accessed") == [str(other), str(mine)]
    assert jobs_of(f"jobId={mine}&action=job_accessed") == [str(mine)]
    assert jobs_of(f"userId={uuid4()}") == []
    assert jobs_of("until=2000-01-01T00:00:00Z") == []
    assert api.client.get("/api/ops/audit", headers=api.headers()).status_code == 403
    refused = api.client.get("/api/ops/audit?cursor=x", headers=operator)
    assert (refused.status_code, refused.json()["code"]) == (400, "CURSOR_INVALID")


def test_rows_are_sealed_while_the_api_runs(
    api: Any,
    add_job: Callable[[str], UUID],
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    api.client.get(f"/api/jobs/{add_job('anna')}", headers=api.headers())
    eventually(lambda: api.rows("SELECT count(*) FROM sluice.audit_seals") == [(1,)])


def test_sign_ins_are_kept_and_say_nothing_of_what_was_typed(
    api: Any, kept: Callable[..., list[tuple[Any, ...]]]
) -> None:
    api.headers("anna")
    typed = "hunter2-typed-as-a-name"
    for name in ("anna", typed):
        body = {"username": name, "password": "wrong"}
        assert api.client.post("/api/auth/login", json=body).status_code == 401
    assert [row[0] for row in kept("sign_in_failed")] == ["anna", None]
    assert kept("unauthorized_access") == []
    assert typed not in str(api.rows("SELECT * FROM sluice.audit_log"))
