"""A stored file and its job: both or neither, whatever becomes of the connection."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from tests.commit_cutter import CommitCutter

from sluice.failpoints import arm_from

if TYPE_CHECKING:
    from conftest import Api

StartApi = Callable[..., "Api"]
MakeWorkbook = Callable[..., bytes]
StartCutter = Callable[..., CommitCutter]


def jobs(api: "Api") -> list[str]:
    return [str(job_id) for (job_id,) in api.rows("SELECT job_id FROM sluice.jobs")]


def test_a_connection_lost_behind_its_commit_costs_nothing(
    commit_cutter: StartCutter, start_api: StartApi, workbook: MakeWorkbook
) -> None:
    cutter = commit_cutter(delivers=True)
    api = start_api(SLUICE_DATABASE_URL=cutter.url)
    answer = api.upload(workbook(["a"], [1]))
    assert cutter.cut.is_set()
    assert answer.status_code == 200, answer.text
    assert api.stored() == jobs(api) == [answer.json()["jobId"]]


def test_a_connection_lost_before_its_commit_leaves_neither_job_nor_file(
    commit_cutter: StartCutter, start_api: StartApi, workbook: MakeWorkbook
) -> None:
    cutter = commit_cutter(delivers=False)
    api = start_api(SLUICE_DATABASE_URL=cutter.url)
    answer = api.upload(workbook(["a"], [1]))
    assert cutter.cut.is_set()
    assert (answer.status_code, answer.json()["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert api.nothing_is_left()


def test_a_file_whose_job_cannot_be_looked_up_stays(
    commit_cutter: StartCutter, start_api: StartApi, workbook: MakeWorkbook
) -> None:
    cutter = commit_cutter(delivers=True, then_closed=True)
    api = start_api(SLUICE_DATABASE_URL=cutter.url)
    answer = api.upload(workbook(["a"], [1]))
    assert cutter.cut.is_set()
    assert (answer.status_code, answer.json()["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert api.stored() == jobs(api)
    assert len(api.stored()) == 1


def test_what_fails_behind_the_commit_leaves_the_job_its_file(
    start_api: StartApi, workbook: MakeWorkbook, tmp_path: Path
) -> None:
    points = tmp_path / "points"
    points.mkdir()
    (points / "upload.after_commit").write_text("raise")
    api = start_api()
    arm_from(points)
    try:
        assert api.upload(workbook(["a"], [1])).status_code == 500
    finally:
        arm_from(None)
    assert api.stored() == jobs(api)
    assert len(api.stored()) == 1


def test_a_user_has_only_so_many_unfinished_jobs_and_slots_free_themselves(
    start_api: StartApi, workbook: MakeWorkbook
) -> None:
    api = start_api(SLUICE_MAX_UNFINISHED_JOBS="2")
    content = workbook(["a"], [1])
    assert [api.upload(content).status_code for _ in range(3)] == [200, 200, 429]
    answer = api.upload(content)
    assert (answer.json()["code"], answer.json()["maxUnfinishedJobs"]) == ("TOO_MANY_JOBS", 2)
    assert int(answer.headers["retry-after"]) > 0
    assert len(api.stored()) == 2
    files = {"file": ("a.xlsx", content)}
    other = api.client.post("/api/upload/excel", files=files, headers=api.headers("bert"))
    assert other.status_code == 200
    finish_one(api)
    assert [api.upload(content).status_code for _ in range(2)] == [200, 429]


def test_uploads_at_once_take_no_more_slots_than_there_are(
    start_api: StartApi, workbook: MakeWorkbook
) -> None:
    api = start_api(SLUICE_MAX_UNFINISHED_JOBS="3")
    content, headers = workbook(["a"], [1]), api.headers()

    def upload(_: int) -> int:
        files = {"file": ("a.xlsx", content)}
        return api.client.post("/api/upload/excel", files=files, headers=headers).status_code

    with ThreadPoolExecutor(12) as threads:
        statuses = sorted(threads.map(upload, range(12)))
    assert statuses == [200] * 3 + [429] * 9
    assert sorted(api.stored()) == sorted(jobs(api))


def test_a_retry_needs_a_slot_of_the_jobs_owner(
    start_api: StartApi, workbook: MakeWorkbook
) -> None:
    api = start_api(SLUICE_MAX_UNFINISHED_JOBS="1")
    job_id = api.upload(workbook(["a"], [1])).json()["jobId"]
    finish_one(api)
    assert api.upload(workbook(["a"], [1])).status_code == 200
    root = api.headers("root", "admin")
    assert api.client.post(f"/api/jobs/{job_id}/retry", headers=root).status_code == 429
    with psycopg.connect(api.database_url) as conn:
        conn.execute("UPDATE sluice.jobs SET status = 'completed' WHERE status = 'pending'")
    assert api.client.post(f"/api/jobs/{job_id}/retry", headers=root).status_code == 202


def finish_one(api: "Api") -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute(
            "UPDATE sluice.jobs SET status = 'failed' WHERE job_id ="
            " (SELECT job_id FROM sluice.jobs WHERE status = 'pending' ORDER BY created_at LIMIT 1)"
        )


@pytest.fixture
def commit_cutter(database_url: str) -> Iterator[StartCutter]:
    cutters: list[CommitCutter] = []

    def start(**how: Any) -> CommitCutter:
        cutters.append(CommitCutter(database_url, b"INSERT INTO sluice.jobs", **how))
        return cutters[-1]

    yield start
    for cutter in cutters:
        cutter.close()
