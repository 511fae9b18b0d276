"""An upload that is sent again makes no second job, and no key is blocked for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.commit_cutter import CommitCutter

from sluice.db.pool import connect
from sluice.settings import DatabaseSettings
from upload_api.adapters.postgres_idempotency import (
    KeyInFlight,
    bind_key,
    forget_keys,
    release_key,
    renew_key,
    take_key,
)
from upload_api.adapters.postgres_users import upsert_user
from upload_api.domain.idempotency import KeyClaim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx
    from conftest import Api

    from sluice.db.pool import Connection


def send(api: Api, content: bytes, key: str, user: str = "anna", **fields: str) -> httpx.Response:
    return api.client.post(
        "/api/upload/excel",
        files={"file": ("a.xlsx", content)},
        data=fields,
        headers=api.headers(user) | {"Idempotency-Key": key},
    )


def execute(api: Api, sql: str, *values: Any) -> None:
    with psycopg.connect(api.database_url) as conn:
        conn.execute(sql, values)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_same_upload_again_gets_the_same_answer_and_makes_no_second_job(
    start_api: Callable[..., Api], workbook: Callable[..., bytes]
) -> None:
    api = start_api(SLUICE_MAX_UNFINISHED_JOBS="2")
    content = workbook(["a"], [1])
    before = send(api, content, "before").json()
    first = send(api, content, '"k-1"', target="records")
    assert first.json()["duplicateOf"] == before["jobId"]
    assert "idempotent-replayed" not in first.headers
    # All slots are taken: whoever asks again needs none
    again = send(api, content, "k-1", target="records", sheet="")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    other_content = send(api, workbook(["a"], [2]), "k-1", target="records")
    other_fields = send(api, content, "k-1", target="records", dryRun="true")
    reused = (422, "IDEMPOTENCY_KEY_REUSED")
    assert (code_of(other_content), code_of(other_fields)) == (reused, reused)
    assert code_of(send(api, content, "k-2")) == (429, "TOO_MANY_JOBS")
    assert code_of(send(api, content, "a b")) == (400, "IDEMPOTENCY_KEY_INVALID")
    assert send(api, content, "k-1", "bert").json()["jobId"] != first.json()["jobId"]
    assert len(api.stored()) == 3
    assert api.rows("SELECT count(*) FROM sluice.jobs") == [(3,)]


def test_of_ten_uploads_at_once_with_one_key_one_becomes_a_job(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    content = workbook(["a"], *([k] for k in range(5_000)))
    api.headers()
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: send(api, content, "one"), range(10)))
    told = {answer.json().get("jobId") or code_of(answer) for answer in answers}
    [(job_id,)] = api.rows("SELECT job_id FROM sluice.jobs")
    assert str(job_id) in told
    assert told <= {str(job_id), (409, "IDEMPOTENCY_KEY_IN_USE")}
    in_flight = [answer for answer in answers if answer.status_code == 409]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in in_flight)
    assert api.stored() == [str(job_id)]
    assert send(api, content, "one").json()["jobId"] == str(job_id)


def test_the_key_of_a_refused_upload_is_free_again_for_any_content(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    assert send(api, b"no workbook", "k").status_code == 415
    assert send(api, workbook(["a"], [1]), "k", mode="nothing").status_code == 422
    assert api.rows("SELECT count(*) FROM sluice.idempotency_keys") == [(0,)]
    assert api.nothing_is_left()
    assert send(api, workbook(["a"], [1]), "k").status_code == 200


def test_an_erased_job_frees_its_key(api: Api, workbook: Callable[..., bytes]) -> None:
    first = send(api, workbook(["a"], [1]), "k").json()
    execute(api, "DELETE FROM sluice.jobs")
    again = send(api, workbook(["a"], [1]), "k").json()
    assert again["jobId"] != first["jobId"]


def test_a_lost_claim_makes_no_job_and_leaves_nothing(
    api: Api, workbook: Callable[..., bytes]
) -> None:
    """The process slept through its lease and another upload took the key: a job would be two."""
    execute(
        api,
        "CREATE FUNCTION sluice.robbed() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN UPDATE sluice.idempotency_keys SET claim = gen_random_uuid(); RETURN NEW; END'",
    )
    execute(
        api,
        "CREATE TRIGGER robbed AFTER INSERT ON sluice.jobs"
        " FOR EACH ROW EXECUTE FUNCTION sluice.robbed()",
    )
    assert code_of(send(api, workbook(["a"], [1]), "k")) == (409, "IDEMPOTENCY_KEY_IN_USE")
    assert api.nothing_is_left()


def test_a_commit_that_may_have_been_lost_is_answered_again_with_its_job(
    database_url: str, start_api: Callable[..., Api], workbook: Callable[..., bytes]
) -> None:
    """The answer was a 503 and the job is there: the same upload again finds it."""
    cutter = CommitCutter(database_url, b"INSERT INTO sluice.jobs", delivers=True, then_closed=True)
    try:
        api = start_api(SLUICE_DATABASE_URL=cutter.url)
        content = workbook(["a"], [1])
        assert send(api, content, "k").status_code == 503
    finally:
        cutter.close()
    [(job_id,)] = api.rows("SELECT job_id FROM sluice.jobs")
    api = start_api()
    assert send(api, content, "k").json()["jobId"] == str(job_id)
    assert api.stored() == [str(job_id)]


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    settings = DatabaseSettings.from_env({"SLUICE_DATABASE_URL": database_url})
    with connect(settings, "test") as connection:
        yield connection


@pytest.fixture
def claim(conn: Connection) -> Callable[[], KeyClaim]:
    user_id = upsert_user(conn, "anna", "no hash", "user")
    return lambda: KeyClaim(user_id=user_id, key="k", claim=uuid4())


def age(conn: Connection, seconds: int) -> None:
    conn.execute(
        "UPDATE sluice.idempotency_keys SET taken_at = taken_at - make_interval(secs => %s)",
        [seconds],
    )


def job_of(conn: Connection, claim: KeyClaim) -> UUID:
    conn.execute(
        "INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,"
        " file_name, file_url, file_size_bytes, file_sha256)"
        " VALUES (%s, %s, 'records', '{}', 'insert', '{}', '', '', 0, '')",
        [claim.claim, claim.user_id],
    )
    return claim.claim


def test_what_a_crash_leaves_is_free_after_the_lease_unless_it_is_renewed(
    conn: Connection, claim: Callable[[], KeyClaim]
) -> None:
    dead, next_one, late = claim(), claim(), claim()
    assert take_key(conn, dead) is None
    age(conn, 50)
    renew_key(conn, dead)
    age(conn, 50)
    with pytest.raises(KeyInFlight):
        take_key(conn, next_one)
    age(conn, 20)
    assert take_key(conn, next_one) is None
    # The dead one was only asleep: it can neither renew, nor free, nor use what it lost
    renew_key(conn, dead)
    release_key(conn, dead)
    with pytest.raises(KeyInFlight):
        bind_key(conn, dead, b"f", None)
    with pytest.raises(KeyInFlight):
        take_key(conn, late)


def test_a_key_answers_with_its_job_for_a_day(
    conn: Connection, claim: Callable[[], KeyClaim]
) -> None:
    first = claim()
    take_key(conn, first)
    job_id = job_of(conn, first)
    bind_key(conn, first, b"f", None)
    age(conn, 23 * 3600)
    release_key(conn, first)
    forget_keys(conn)
    found = take_key(conn, claim())
    assert found is not None
    assert (found.job_id, found.fingerprint) == (job_id, b"f")
    age(conn, 2 * 3600)
    forget_keys(conn)
    assert conn.execute("SELECT count(*) FROM sluice.idempotency_keys").fetchone() == (0,)
    assert take_key(conn, claim()) is None
