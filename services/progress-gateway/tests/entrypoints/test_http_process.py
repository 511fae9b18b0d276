"""The HTTP process on real servers: who may see what, streams, the way to upload-api."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import pytest
import redis

from progress_gateway.domain.chunk_trouble import WRITTEN_RANK
from sluice.auth.tokens import TokenKeeper
from sluice.events import (
    ChunkRetrying,
    ChunkWritten,
    JobFinished,
    JobPaused,
    JobRetried,
    ParsingStarted,
    RowsHealed,
    RowsUndone,
    WritingFailed,
)
from sluice.job_status import JobStatus
from sluice.redis_keys import waiting_key
from sluice.settings import TokenSettings
from sluice.waiting import Waiting, say_waiting
from sluice.web.security_headers import PAGE_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sluice.events import Fact

pytestmark = pytest.mark.slow
SECRET = "a secret of at least thirty-two characters"


@pytest.fixture
def upload_api() -> Iterator[tuple[str, dict[str, Any]]]:
    """Stands in for upload-api: notes when the first piece of a body came."""
    seen: dict[str, Any] = {"first": threading.Event()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            seen["headers"] = dict(self.headers.items())
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(4)
            seen["first"].set()
            body += self.rfile.read(length - len(body))
            seen["body"] = body
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.send_header("X-Answer", "yes")
            self.send_header("Set-Cookie", "sluice_token=somebody; Path=/; HttpOnly")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()


@pytest.fixture
def gateway(
    start_process: Callable[..., Any],
    database_url: str,
    redis_url: str,
    upload_api: tuple[str, dict[str, Any]],
) -> str:
    env = {
        "SLUICE_DATABASE_URL": database_url,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_JWT_SECRET": SECRET,
        "SLUICE_UPLOAD_API_URL": upload_api[0],
    }
    return str(start_process("http", env, "SLUICE_HTTP_PORT").url)


def token(user_id: UUID, age: timedelta = timedelta()) -> str:
    keeper = TokenKeeper(TokenSettings.from_env({"SLUICE_JWT_SECRET": SECRET}))
    return keeper.issue(user_id, "x", datetime.now(UTC) - age)[0]  # noqa: TID251


def signed_in(user_id: UUID, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(user_id)}", **headers}


def parsing_started(job_id: UUID) -> ParsingStarted:
    return ParsingStarted(job_id=job_id, run=1, epoch=1, bytes_total=1000, estimated_rows=2900)


def chunk(job_id: UUID, chunk_no: int, failed: int = 0) -> ChunkWritten:
    return ChunkWritten(
        job_id=job_id,
        run=1,
        chunk_no=chunk_no,
        rows=1000,
        inserted=1000 - failed,
        updated=0,
        skipped=0,
        failed=failed,
        first_line=2,
        last_line=1001,
        covered_bytes=300,
    )


def finished(job_id: UUID, status: JobStatus = JobStatus.COMPLETED) -> JobFinished:
    return JobFinished(
        job_id=job_id,
        run=1,
        status=status,
        total_rows=2000,
        total_is_estimate=False,
        inserted=2000,
        updated=0,
        skipped=0,
        failed=0,
        unprocessed=0,
        written_chunks=2,
        dead_chunks=0,
    )


def version(chunks: int, others: int) -> str:
    return str(chunks * WRITTEN_RANK + others)


@contextmanager
def stream(url: str, headers: dict[str, str]) -> Iterator[Iterator[tuple[str, str, Any]]]:
    """Give the events of a stream as (event, id, body), until it ends."""
    with httpx.stream("GET", url, headers=headers, timeout=20) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["cache-control"] == "no-cache, no-transform"
        assert response.headers["x-accel-buffering"] == "no"
        yield events(response.iter_lines())


def events(lines: Iterator[str]) -> Iterator[tuple[str, str, Any]]:
    fields: dict[str, str] = {}
    for line in lines:
        if not line and "data" in fields:
            yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
            fields = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def test_a_stream_tells_what_is_what_changes_and_ends(
    gateway: str, ledger: Any, job_id: UUID, publish: Callable[..., None]
) -> None:
    url = f"{gateway}/api/progress/{job_id}/stream"
    publish(parsing_started(job_id), chunk(job_id, 0))
    with stream(url, signed_in(ledger.owner)) as seen:
        event, _, body = next(seen)
        assert event == "connection"
        assert (body["jobId"], body["right"]) == (str(job_id), "own")
        event, identity, body = next(seen)
        assert (event, identity, body["data"]["percentage"]) == ("progress", version(1, 2), 30.0)

        publish(chunk(job_id, 1, failed=7))
        event, identity, body = next(seen)
        assert (event, identity) == ("batch_partial", version(2, 2))
        assert [batch["chunkNo"] for batch in body["data"]["recentBatches"]] == [0, 1]

        with stream(url, signed_in(ledger.owner)) as second:
            assert next(second)[0] == "connection"
            assert next(second)[1] == version(2, 2)
            publish(finished(job_id))
            assert [e[0] for e in second] == ["completed"]
        rest = list(seen)
        assert [e[0] for e in rest] == ["completed"]
        assert rest[0][2]["data"]["summary"]["insertedRows"] == 2000

    with stream(url, signed_in(ledger.owner, **{"Last-Event-ID": "999999"})) as again:
        assert [e[0] for e in again] == ["connection", "completed"]


def test_a_snapshot_behind_the_last_event_id_is_held_back(
    gateway: str, ledger: Any, job_id: UUID, publish: Callable[..., None]
) -> None:
    publish(parsing_started(job_id), chunk(job_id, 0))
    url = f"{gateway}/api/progress/{job_id}/stream"
    with stream(url, signed_in(ledger.owner, **{"Last-Event-ID": version(2, 2)})) as seen:
        assert next(seen)[0] == "connection"
        publish(chunk(job_id, 1))
        assert next(seen)[1] == version(2, 2)


def test_a_failed_job_keeps_its_stream_open_for_a_retry(
    gateway: str, ledger: Any, job_id: UUID, publish: Callable[..., None]
) -> None:
    publish(parsing_started(job_id), chunk(job_id, 0))
    with stream(f"{gateway}/api/progress/{job_id}/stream", signed_in(ledger.owner)) as seen:
        assert [next(seen)[0], next(seen)[0]] == ["connection", "progress"]
        publish(WritingFailed(job_id=job_id, run=1, code="DISK_FULL", message="Free some space."))
        assert next(seen)[0] == "error"
        publish(finished(job_id, JobStatus.FAILED))
        event, _, body = next(seen)
        assert (event, body["data"]["summary"]["failureCode"]) == ("failed", "DISK_FULL")
        again = ParsingStarted(job_id=job_id, run=2, epoch=2, bytes_total=1000, estimated_rows=2900)
        publish(again)
        assert next(seen)[2]["status"] == "processing"


def test_what_a_job_waits_for_is_shown_over_its_snapshot_and_goes_by_itself(
    gateway: str, ledger: Any, job_id: UUID, publish: Callable[..., None], redis_url: str
) -> None:
    publish(parsing_started(job_id), chunk(job_id, 0))
    client = redis.Redis.from_url(redis_url)
    waiting = Waiting(worker="writer-1", dependency="postgresql", reason="It is away.")
    url = f"{gateway}/api/progress/{job_id}"
    with stream(f"{url}/stream", signed_in(ledger.owner)) as seen:
        assert [next(seen)[0], next(seen)[0]] == ["connection", "progress"]
        say_waiting(client, job_id, waiting)
        event, identity, body = next(seen)
        assert (event, identity, body["status"]) == ("retrying", version(1, 2), "retrying")
        assert (body["data"]["attempt"], body["data"]["reason"]) == (None, "It is away.")
        polled = httpx.get(url, headers=signed_in(ledger.owner)).json()
        assert (polled["status"], polled["data"]["waitingFor"]) == ("retrying", "postgresql")
        # Nobody ends it: the worker is gone
        client.expire(waiting_key(job_id), 1)
        event, identity, body = next(seen)
        assert (event, identity, body["status"]) == ("progress", version(1, 2), "processing")
    client.close()


def healed(root: UUID, correction: UUID, rows: int) -> RowsHealed:
    return RowsHealed(
        job_id=root, run=1, correction_id=correction, inserted=rows, updated=0, skipped=0
    )


def ends_healed(told: list[tuple[str, str, Any]], rows: int, above: int) -> bool:
    """Tell whether the last event is the end with the healed rows, without a step back."""
    versions = [int(identity) for _, identity, _ in told]
    event, _, body = told[-1]
    steps_up = versions == sorted(versions) and versions[0] > above
    return event == "completed" and body["data"]["healedRows"] == rows and steps_up


def correct_in_vain(url: str, ledger: Any) -> None:
    """Follow a job through a correction that heals nothing: no news come, and the stream ends."""
    correction = ledger.add_correction()
    with stream(f"{url}/stream", signed_in(ledger.owner)) as seen:
        assert [next(seen)[0], next(seen)[0]] == ["connection", "progress"]
        polled = httpx.get(url, headers=signed_in(ledger.owner)).json()
        assert (polled["type"], polled["data"]["ongoing"]) == ("progress", "correction")
        correction.set_job(status="failed")
        assert [e[0] for e in seen] == ["completed"]


def test_a_stream_stays_open_while_a_correction_heals_the_job_and_ends_with_it(
    gateway: str, ledger: Any, job_id: UUID, publish: Callable[..., None]
) -> None:
    end = finished(job_id, JobStatus.COMPLETED_WITH_ERRORS)
    end = end.model_copy(update={"inserted": 1970, "failed": 30})
    publish(parsing_started(job_id), chunk(job_id, 0), chunk(job_id, 1, failed=30), end)
    ledger.set_job(status="completed_with_errors")
    url = f"{gateway}/api/progress/{job_id}"
    with stream(f"{url}/stream", signed_in(ledger.owner)) as seen:
        assert [e[0] for e in seen] == ["connection", "completed"], "nothing goes on"

    correct_in_vain(url, ledger)
    correction = ledger.add_correction()
    with stream(f"{url}/stream", signed_in(ledger.owner)) as seen:
        next(seen)
        event, identity, body = next(seen)
        assert (event, body["status"]) == ("progress", "completed_with_errors")
        assert (body["data"]["ongoing"], body["data"]["failedRows"]) == ("correction", 30)
        publish(healed(job_id, correction.job_id, 10))
        event, healing, body = next(seen)
        assert (event, body["data"]["healedRows"], body["data"]["failedRows"]) == (
            "progress",
            10,
            20,
        )
        assert int(healing) > int(identity)
        behind = signed_in(ledger.owner, **{"Last-Event-ID": str(int(healing) + 5)})
        with stream(f"{url}/stream", behind) as again:
            assert next(again)[0] == "connection"
            publish(
                healed(job_id, correction.job_id, 30),
                end.model_copy(update={"status": JobStatus.COMPLETED, "healed": 30}),
            )
            correction.set_job(status="completed")
            assert ends_healed(list(again), 30, int(healing))
            assert ends_healed(list(seen), 30, int(healing))


def test_an_undo_is_followed_to_its_end_and_the_row_speaks_where_its_fact_is_late(
    gateway: str, ledger: Any, job_id: UUID, publish: Callable[..., None]
) -> None:
    def told(job: UUID) -> tuple[Any, ...]:
        url = f"{gateway}/api/progress/{job}"
        data = httpx.get(url, headers=signed_in(ledger.owner)).json()["data"]
        return data["dryRun"], data["correctionOf"]

    correction = ledger.add_correction()
    publish(parsing_started(correction.job_id))
    assert told(correction.job_id) == (False, str(job_id)), "from the start"
    dry_run = ledger.add_correction()
    dry_run.set_job(correction_of=None, dry_run=True)
    publish(parsing_started(dry_run.job_id))
    assert told(dry_run.job_id) == (True, None), "from the start"
    dry_run.set_job(status="completed")
    correction.set_job(status="completed")

    publish(parsing_started(job_id), chunk(job_id, 0), chunk(job_id, 1), finished(job_id))
    ledger.set_job(status="completed")
    ledger.add_undo()
    undone = RowsUndone(job_id=job_id, run=1, batch=1, total=2000, reversed=900, kept=1, refused=0)
    with stream(f"{gateway}/api/progress/{job_id}/stream", signed_in(ledger.owner)) as seen:
        assert [next(seen)[0], next(seen)[0]] == ["connection", "progress"]
        publish(undone)
        event, _, body = next(seen)
        assert (event, body["data"]["ongoing"]) == ("progress", "undo")
        assert (body["data"]["undo"]["state"], body["data"]["undo"]["reversed"]) == ("running", 900)
        ledger.add_undo(state="done", reversed=1999, kept=1, total=2000, batches=2, settled=True)
        ledger.set_job(status="undone", version=3 * WRITTEN_RANK)
        event, _, body = list(seen)[-1]
        assert (event, body["status"]) == ("undone", "undone")
        assert (body["data"]["undo"]["state"], body["data"]["undo"]["reversed"]) == ("done", 1999)


def test_an_attempt_a_pause_and_a_heal_are_told_in_one_stream(
    gateway: str, ledger: Any, job_id: UUID, publish: Callable[..., None]
) -> None:
    publish(parsing_started(job_id), chunk(job_id, 0))
    names, versions = [], []
    with stream(f"{gateway}/api/progress/{job_id}/stream", signed_in(ledger.owner)) as seen:
        assert [next(seen)[0], next(seen)[0]] == ["connection", "progress"]
        steps: list[Fact] = [
            retrying(job_id, 2),
            retrying(job_id, 3),
            JobPaused(job_id=job_id, run=1, control_seq=1),
            finished(job_id, JobStatus.FAILED).model_copy(
                update={"written_chunks": 1, "dead_chunks": 1}
            ),
            JobRetried(job_id=job_id, run=2, control_seq=2),
        ]
        for fact in steps:
            publish(fact)
            event, identity, body = next(seen)
            names.append((event, body["status"], body["data"]["attempt"]))
            versions.append(int(identity))
        publish(chunk(job_id, 1), finished(job_id).model_copy(update={"run": 2}))
        assert [e[0] for e in seen] == ["completed"]
    assert names == [
        ("retrying", "retrying", 2),
        ("retrying", "retrying", 3),
        ("paused", "paused", None),
        ("failed", "failed", None),
        ("progress", "pending", None),
    ]
    assert versions == sorted(set(versions))


def retrying(job_id: UUID, attempt: int) -> ChunkRetrying:
    return ChunkRetrying(
        job_id=job_id,
        run=1,
        chunk_no=1,
        attempt=attempt,
        max_attempts=4,
        delay_s=2.0,
        code="DEADLOCK",
    )


def test_the_batches_of_a_job_are_listed_in_pages(gateway: str, ledger: Any, job_id: UUID) -> None:
    ledger.add_chunk(0, failed=2)
    ledger.add_dead_chunk(1)
    ledger.add_chunk(2)
    ledger.conn.execute("UPDATE sluice.chunks SET write_s = 0.25 WHERE chunk_no = 2")
    url, headers = f"{gateway}/api/progress/{job_id}/batches", signed_in(ledger.owner)
    page = httpx.get(url, params={"limit": 2}, headers=headers).json()
    assert [(each["chunkNo"], each["state"], each["failed"]) for each in page["batches"]] == [
        (0, "written", 2),
        (1, "dead", 0),
    ]
    assert (page["batches"][1]["code"], page["batches"][1]["retries"]) == ("DEADLOCK", 3)
    last = httpx.get(url, params={"first": page["nextFirst"]}, headers=headers).json()
    assert last["nextFirst"] is None
    assert last["batches"] == [
        {
            "chunkNo": 2,
            "firstLine": 2002,
            "lastLine": 3001,
            "rows": 1000,
            "failed": 0,
            "state": "written",
            "code": None,
            "seconds": 0.25,
            "retries": 0,
        }
    ]


def test_rows_speak_where_redis_has_nothing(gateway: str, ledger: Any, job_id: UUID) -> None:
    ledger.add_parse(total_rows=2000, total_chunks=2)
    ledger.add_chunk(0)
    ledger.set_job(status="processing")
    url = f"{gateway}/api/progress/{job_id}"
    body = httpx.get(url, headers=signed_in(ledger.owner)).json()
    assert (body["status"], body["version"]) == ("processing", WRITTEN_RANK + 3)
    assert (body["data"]["percentage"], body["data"]["totalRows"]) == (30.0, 2000)
    with stream(f"{url}/stream", signed_in(ledger.owner)) as seen:
        assert [next(seen)[0], next(seen)[0]] == ["connection", "progress"]
        ledger.add_chunk(1)
        ledger.set_job(status="completed")
        assert [e[0] for e in seen][-1] == "completed"


def test_the_stream_of_mine_has_all_my_jobs_and_those_to_come(
    gateway: str, ledger: Any, job_id: UUID, publish: Callable[..., None]
) -> None:
    later = uuid4()
    with stream(f"{gateway}/api/progress/stream", signed_in(ledger.owner)) as seen:
        assert next(seen)[0] == "connection"
        assert next(seen)[2]["jobId"] == str(job_id)
        ledger.add_job(later)
        assert next(seen)[2]["jobId"] == str(later)
        publish(parsing_started(later))
        event, identity, body = next(seen)
        assert (event, body["jobId"], body["status"]) == ("progress", str(later), "processing")
        assert not identity.isdigit()


def test_what_is_shared_streams_as_a_viewer_sees_it_until_it_is_not_shared(
    gateway: str, ledger: Any, job_id: UUID, publish: Callable[..., None]
) -> None:
    viewer, later = uuid4(), uuid4()
    ledger.add_user(viewer)
    ledger.add_parse(total_rows=1000, total_chunks=1)
    ledger.add_chunk(0, failed=1)
    ledger.set_job(status="completed_with_errors")
    ledger.conn.execute(
        "INSERT INTO sluice.rejected_rows (job_id, sheet_line, error_no, chunk_no, code, message)"
        " VALUES (%s, 2, 0, 0, 'NOT_A_NUMBER', 'seven is no number')",
        [job_id],
    )

    def share(shared_id: UUID) -> None:
        ledger.conn.execute(
            "INSERT INTO sluice.job_shares (job_id, user_id, permission, shared_by)"
            " VALUES (%s, %s, 'control', %s)",
            [shared_id, viewer, ledger.owner],
        )

    share(job_id)
    url = f"{gateway}/api/progress/stream"
    with stream(f"{url}?scope=visible", signed_in(viewer)) as seen:
        assert next(seen)[0] == "connection"
        event, _, body = next(seen)
        assert (event, body["data"]["errors"]) == ("completed", ["Row 2: NOT_A_NUMBER"])
        ledger.conn.execute("DELETE FROM sluice.job_shares WHERE user_id = %s", [viewer])
        ledger.add_job(later)
        share(later)
        assert next(seen)[2]["jobId"] == str(later)
        publish(chunk(job_id, 0), chunk(job_id, 1))
        publish(parsing_started(later))
        assert next(seen)[2]["jobId"] == str(later)
    for scope, status in (("all", 403), ("others", 400)):
        answer = httpx.get(f"{url}?scope={scope}", headers=signed_in(viewer))
        assert answer.status_code == status


def test_an_operator_streams_the_jobs_of_everybody(gateway: str, ledger: Any, job_id: UUID) -> None:
    operator = uuid4()
    ledger.add_user(operator, "operator")
    url = f"{gateway}/api/progress/stream?scope=all"
    with stream(url, signed_in(operator)) as seen:
        assert next(seen)[0] == "connection"
        assert next(seen)[2]["jobId"] == str(job_id)


def test_strangers_and_wrong_ids_are_refused(gateway: str, ledger: Any, job_id: UUID) -> None:
    stranger, mine = uuid4(), signed_in(ledger.owner)
    ledger.add_user(stranger)
    url = f"{gateway}/api/progress"
    for path in ("", "/stream"):
        refused = httpx.get(f"{url}/{job_id}{path}")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert refused.headers["content-type"] == "application/problem+json"
        for wrong, headers, status in (
            ("not-a-uuid", mine, 400),
            (uuid4(), mine, 404),
            (job_id, signed_in(stranger), 403),
            (job_id, signed_in(uuid4()), 401),
        ):
            answer = httpx.get(f"{url}/{wrong}{path}", headers=headers)
            assert answer.status_code == status
            assert answer.json()["status"] == status
    old = token(ledger.owner, timedelta(days=2))
    assert httpx.get(f"{url}/{job_id}?token={old}").status_code == 401
    good = token(ledger.owner)
    assert httpx.get(f"{url}/{job_id}?token={good}").status_code == 200
    assert httpx.get(f"{url}/{job_id}", cookies={"sluice_token": good}).status_code == 200


def test_an_upload_passes_through_piece_by_piece(
    gateway: str, upload_api: tuple[str, dict[str, Any]]
) -> None:
    seen = upload_api[1]

    def body() -> Iterator[bytes]:
        yield b"PK\x03\x04"
        assert seen["first"].wait(10), "the gateway held the body back"
        yield b"rest"

    answer = httpx.post(
        f"{gateway}/api/upload/excel?a=1", content=body(), headers={"Content-Length": "8"}
    )
    assert (answer.status_code, answer.headers["x-answer"], answer.text) == (200, "yes", "{}")
    assert seen["body"] == b"PK\x03\x04rest"
    headers = {name.lower(): value for name, value in seen["headers"].items()}
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert "connection" not in headers or headers["connection"] == "keep-alive"


def test_one_callers_cookie_is_never_given_to_the_next(
    gateway: str, upload_api: tuple[str, dict[str, Any]]
) -> None:
    login = httpx.post(f"{gateway}/api/auth/login", content=b"{...}")
    assert login.headers["set-cookie"].startswith("sluice_token=somebody")
    httpx.post(f"{gateway}/api/upload/excel", content=b"stranger")
    headers = upload_api[1]["headers"]
    assert "Cookie" not in headers
    httpx.post(f"{gateway}/api/jobs", content=b"....", headers={"Cookie": "sluice_token=mine"})
    assert upload_api[1]["headers"]["cookie"] == "sluice_token=mine"


def test_an_upload_api_that_is_away_is_a_502_with_a_problem(
    start_process: Callable[..., Any], database_url: str, redis_url: str
) -> None:
    env = {
        "SLUICE_DATABASE_URL": database_url,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_JWT_SECRET": SECRET,
        "SLUICE_UPLOAD_API_URL": "http://127.0.0.1:9",
    }
    url = start_process("http", env, "SLUICE_HTTP_PORT").url
    answer = httpx.get(f"{url}/api/jobs")
    assert (answer.status_code, answer.json()["code"]) == (502, "UPLOAD_API_UNAVAILABLE")


def test_the_page_and_the_pages_for_operators_are_served(gateway: str) -> None:
    page = httpx.get(f"{gateway}/")
    assert page.status_code == 200
    assert page.headers["content-security-policy"] == PAGE_POLICY
    assert page.headers["cache-control"] == "no-cache"
    named = re.findall(r'(?:src|href)="(/[^"#]+)"', page.text)
    assert len(named) >= 4
    assert {path: httpx.get(gateway + path).status_code for path in named} == dict.fromkeys(
        named, 200
    )
    assert (
        httpx.get(f"{gateway}/static/app.js").headers["content-type"].startswith("text/javascript")
    )
    for path in ("/livez", "/readyz", "/metrics", "/openapi.json", "/docs"):
        assert httpx.get(gateway + path).status_code == 200
