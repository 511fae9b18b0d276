from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

if TYPE_CHECKING:
    from conftest import Api

AddJob = Callable[[str], UUID]


@pytest.mark.parametrize("path", ["", "/errors"])
def test_a_job_is_found_refused_or_unknown(api: "Api", add_job: AddJob, path: str) -> None:
    job_id = add_job("anna")

    def status(of: object, name: str, role: str = "user") -> int:
        return api.client.get(f"/api/jobs/{of}{path}", headers=api.headers(name, role)).status_code

    assert status(job_id, "anna") == 200
    assert status(job_id, "bert") == 403
    assert status(job_id, "olga", "operator") == 200
    assert status(uuid4(), "anna") == 404
    assert status("no-uuid", "anna") == 400
    assert api.client.get(f"/api/jobs/{job_id}{path}").status_code == 401


def test_a_malformed_job_id_is_named_as_such(api: "Api") -> None:
    answer = api.client.get("/api/jobs/no-uuid", headers=api.headers())
    assert answer.json()["code"] == "JOB_ID_INVALID"


def test_a_job_shows_its_counts_its_failure_and_its_first_errors(
    api: "Api", add_job: AddJob
) -> None:
    job_id = add_job("anna")
    with psycopg.connect(api.database_url) as conn:
        conn.execute(
            "UPDATE sluice.jobs SET status = 'failed', inserted_rows = 5, updated_rows = 2,"
            " skipped_rows = 1, failed_rows = 3, total_rows = 20, failure_code = 'DISK_FULL',"
            " failure_message = 'no room'"
        )
        add_errors(conn, job_id, lines=12)
    job = api.client.get(f"/api/jobs/{job_id}", headers=api.headers()).json()
    assert (job["jobId"], job["status"], job["sheet"]) == (str(job_id), "failed", "Data")
    assert (job["successRows"], job["processedRows"], job["totalRows"]) == (8, 11, 20)
    assert job["failure"] == {"code": "DISK_FULL", "message": "no room"}
    assert job["links"]["errors"] == f"/api/jobs/{job_id}/errors"
    assert job["errors"] == [f"Row {line}: not a number" for line in range(2, 12)]


def test_the_list_holds_what_is_mine_or_shared_newest_first_page_by_page(
    api: "Api", add_job: AddJob
) -> None:
    mine = [add_job("anna") for _ in range(5)]
    shared, lapsed, foreign = add_job("bert"), add_job("bert"), add_job("bert")
    with psycopg.connect(api.database_url) as conn:
        for job_id, ends in ((shared, "infinity"), (lapsed, "-infinity")):
            conn.execute(
                "INSERT INTO sluice.job_shares (job_id, user_id, permission, shared_by, expires_at)"
                " SELECT %s, a.user_id, 'view', b.user_id, %s FROM sluice.users a, sluice.users b"
                " WHERE a.username = 'anna' AND b.username = 'bert'",
                [job_id, ends],
            )
    assert pages(api, "anna", limit=2) == [str(job_id) for job_id in [shared, *mine[::-1]]]
    assert len(pages(api, "olga", limit=3, role="operator")) == 8
    assert str(foreign) not in pages(api, "anna", limit=50)


def test_the_list_is_filtered_by_status_and_refuses_others(api: "Api", add_job: AddJob) -> None:
    add_job("anna")
    assert len(pages(api, "anna", status="pending")) == 1
    assert pages(api, "anna", status="failed") == []
    answer = api.client.get("/api/jobs", params={"status": "no"}, headers=api.headers())
    assert answer.status_code == 400


def test_the_list_is_filtered_by_several_statuses_by_target_and_by_a_part_of_the_name(
    api: "Api", add_job: AddJob
) -> None:
    told = [("pending", "orders", "Sales 50%.xlsx"), ("failed", "records", "sales_may.xlsx")]
    jobs = [add_job("anna") for _ in [*told, None]]
    with psycopg.connect(api.database_url) as conn:
        for job_id, (status, target, name) in zip(jobs, told, strict=False):
            conn.execute(
                "UPDATE sluice.jobs SET status = %s, target = %s, file_name = %s WHERE job_id = %s",
                [status, target, name, job_id],
            )
        conn.execute("UPDATE sluice.jobs SET status = 'completed' WHERE job_id = %s", [jobs[2]])
    pending, failed, completed = map(str, jobs)

    assert set(pages(api, "anna", status=["pending", "failed"])) == {pending, failed}
    assert pages(api, "anna", target="orders") == [pending]
    assert set(pages(api, "anna", q="SALES")) == {pending, failed}
    assert pages(api, "anna", q="50%") == [pending]
    assert pages(api, "anna", q="%") == [pending]
    assert pages(api, "anna", q="sales_", limit=1) == [failed]
    assert set(pages(api, "anna", q="")) == {pending, failed, completed}
    for nul in ({"target": "a\0"}, {"q": "a\0"}):
        refused = api.client.get("/api/jobs", params=nul, headers=api.headers())
        assert refused.status_code == 400


def test_a_listed_job_says_what_one_may_do_with_it(api: "Api", add_job: AddJob) -> None:
    add_job("anna")
    shared = add_job("bert")
    with psycopg.connect(api.database_url) as conn:
        conn.execute(
            "INSERT INTO sluice.job_shares (job_id, user_id, permission, shared_by)"
            " SELECT %s, a.user_id, 'control', b.user_id FROM sluice.users a, sluice.users b"
            " WHERE a.username = 'anna' AND b.username = 'bert'",
            [shared],
        )

    def rights(name: str, role: str = "user") -> list[str]:
        answer = api.client.get("/api/jobs", headers=api.headers(name, role)).json()
        return [job["right"] for job in answer["jobs"]]

    assert rights("anna") == ["control", "own"]
    assert rights("olga", "operator") == ["view", "view"]
    assert rights("ada", "admin") == ["own", "own"]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "é"])
def test_a_made_up_cursor_is_refused(api: "Api", cursor: str) -> None:
    answer = api.client.get("/api/jobs", params={"cursor": cursor}, headers=api.headers())
    assert (answer.status_code, answer.json()["code"]) == (400, "CURSOR_INVALID")


def test_errors_come_in_sheet_order_with_values_for_who_may_control(
    api: "Api", add_job: AddJob
) -> None:
    job_id = add_job("anna")
    with psycopg.connect(api.database_url) as conn:
        add_errors(conn, job_id, lines=5)

    def read(name: str, role: str = "user") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            answer = api.client.get(
                f"/api/jobs/{job_id}/errors", params=params, headers=api.headers(name, role)
            ).json()
            found += answer["errors"]
            cursor = answer["nextCursor"]
            if cursor is None:
                return found

    assert [error["line"] for error in read("anna")] == [2, 3, 4, 5, 6]
    assert read("anna")[0] == {
        "line": 2,
        "column": "B",
        "header": None,
        "field": "quantity",
        "code": "NOT_A_NUMBER",
        "message": "not a number",
        "value": "seven",
        "otherLine": None,
    }
    assert {error["value"] for error in read("olga", "operator")} == {None}


def pages(api: "Api", name: str, role: str = "user", **params: Any) -> list[str]:
    """All job ids of a list, page by page."""
    found: list[str] = []
    while True:
        answer = api.client.get("/api/jobs", params=params, headers=api.headers(name, role)).json()
        found += [job["jobId"] for job in answer["jobs"]]
        if answer["nextCursor"] is None:
            return found
        params["cursor"] = answer["nextCursor"]


def add_errors(conn: psycopg.Connection[Any], job_id: UUID, lines: int) -> None:
    for line in range(lines + 1, 1, -1):
        conn.execute(
            "INSERT INTO sluice.rejected_rows (job_id, sheet_line, error_no, chunk_no,"
            " column_letter, field, code, message, value)"
            " VALUES (%s, %s, 0, 0, 'B', 'quantity', 'NOT_A_NUMBER', 'not a number', 'seven')",
            [job_id, line],
        )
