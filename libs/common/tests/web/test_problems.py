import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from sluice.errors import Outage
from sluice.web.problems import MEDIA_TYPE, Problem, install_problem_handlers

Client = Callable[..., httpx.Response]


class Body(BaseModel):
    count: int


@pytest.fixture
def client(call: Client) -> Client:
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/jobs/{job_id}")
    async def job(job_id: UUID, limit: int = 1) -> str:
        return f"{job_id} {limit}"

    @app.post("/body")
    async def body(body: Body) -> int:
        return body.count

    @app.get("/full")
    async def full() -> None:
        raise Problem(413, "FILE_TOO_LARGE", "At most 3.", headers={"X-Limit": "3"}, maxBytes=3)

    @app.get("/bug")
    async def bug() -> None:
        raise ValueError("secret text")

    @app.get("/outage")
    async def outage() -> None:
        raise Outage("postgres", "host 10.0.0.1 is away")

    @app.get("/database/{sqlstate}")
    async def database(sqlstate: str) -> None:
        lost = psycopg.OperationalError("the connection to 10.0.0.1 is lost")
        raise lost if sqlstate == "lost" else psycopg.errors.lookup(sqlstate)("secret.orders")

    def client(method: str, path: str, **more: Any) -> httpx.Response:
        return call(app, method, path, **more)

    return client


def test_a_problem_has_the_members_of_rfc_9457_and_its_own(client: Client) -> None:
    answer = client("GET", "/full")
    body = answer.json()
    instance = body.pop("instance")
    assert answer.status_code == 413
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["x-limit"] == "3"
    assert UUID(instance.removeprefix("urn:uuid:"))
    assert body == {
        "type": "file-too-large",
        "title": "File too large",
        "status": 413,
        "detail": "At most 3.",
        "code": "FILE_TOO_LARGE",
        "error": "File too large",
        "maxBytes": 3,
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/jobs/not-a-uuid", 400, "JOB_ID_INVALID"),
        ("GET", f"/jobs/{UUID(int=1)}?limit=x", 400, "PARAMETER_INVALID"),
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("PUT", "/full", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/outage", 503, "SERVICE_UNAVAILABLE"),
        ("GET", "/bug", 500, "INTERNAL"),
    ],
)
def test_every_error_is_a_problem(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = client(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == MEDIA_TYPE


def test_a_body_that_does_not_fit_names_the_place_and_not_the_input(client: Client) -> None:
    answer = client("POST", "/body", json={"count": "hunter2"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["place"] == "body.count"
    assert "hunter2" not in answer.text


def test_an_outage_says_when_to_come_back_and_no_address(client: Client) -> None:
    answer = client("GET", "/outage")
    assert int(answer.headers["retry-after"]) > 0
    assert "10.0.0.1" not in answer.text


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/database/lost", "postgres cannot be reached"),
        ("/database/57P01", "postgres cannot be reached"),
        ("/database/53300", "postgres cannot be reached"),
        ("/database/25006", "postgres cannot be reached"),
        ("/database/55P03", "postgres is too busy"),
        ("/database/57014", "postgres is too busy"),
        ("/database/40001", "postgres is too busy"),
        ("/database/40P01", "postgres is too busy"),
        ("/database/25P03", "postgres is too busy"),
    ],
)
def test_a_database_that_did_not_come_to_it_is_an_outage_and_no_bug(
    client: Client, path: str, told: str
) -> None:
    answer = client("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["detail"].startswith(told)
    assert "10.0.0.1" not in answer.text
    assert "secret" not in answer.text


def test_a_busy_database_leaves_the_route_and_the_statement_s_traceback(client: Client) -> None:
    """A query of ours that is always too slow answered 503 for ever, and nothing told which."""
    with capture_logs([format_exc_info]) as logs:
        answer = client("GET", "/database/57014")
    [told] = [entry for entry in logs if entry["event"] == "the database was too busy"]
    assert (told["method"], told["route"]) == ("GET", "/database/{sqlstate}")
    assert told["sqlstate"] == "57014"
    assert told["request_id"] == answer.json()["instance"].removeprefix("urn:uuid:")
    assert "in database" in told["exception"]
    assert "QueryCanceled" in told["exception"]


def test_a_wrong_statement_is_a_bug(client: Client) -> None:
    answer = client("GET", "/database/42P01")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "secret" not in answer.text


def test_an_unexpected_error_is_logged_and_leaks_nothing(
    client: Client, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client("GET", "/bug")
    assert "secret" not in answer.text
    logged = caplog.text + "".join(capsys.readouterr())
    assert answer.json()["instance"].removeprefix("urn:uuid:") in logged
