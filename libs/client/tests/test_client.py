"""The client against a server of the test's own, on a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from sluice_client import ApiProblem, SluiceClient, SluiceClientError, Unreachable

JOB = "00000000-0000-0000-0000-000000000001"
ERROR = {"line": 2, "column": "A", "field": "a", "code": "REQUIRED", "message": "empty"}


class Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, Any, dict[str, str]]]] = {}
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        asked = f"{self.command} {self.path}"
        self.asked.append((asked, self.headers.get("authorization")))
        status, body, headers = self.answers.get(asked, (404, "nothing here", {}))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode() if isinstance(body, str) else json.dumps(body).encode())

    do_GET = do_POST = _answer  # noqa: N815 - as the base class wants them

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    Handler.answers.clear()
    Handler.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def answer(asked: str, body: Any, status: int = 200, **headers: str) -> None:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    Handler.answers[asked] = (status, body, told)


def test_signing_in_gives_every_call_its_token(url: str) -> None:
    answer("POST /api/auth/login", {"token": "abc"})
    answer("GET /api/jobs?limit=500", {"jobs": [], "nextCursor": None})
    with SluiceClient.of(url, user="a", password="b") as client:
        assert list(client.jobs()) == []
    assert Handler.asked[-1][1] == "Bearer abc"


def test_a_list_goes_on_to_its_last_page(url: str) -> None:
    path = f"GET /api/jobs/{JOB}/errors"
    answer(f"{path}?code=REQUIRED&limit=500", {"errors": [ERROR], "nextCursor": "x"})
    last = {"errors": [ERROR | {"line": 3}], "nextCursor": None}
    answer(f"{path}?code=REQUIRED&limit=500&cursor=x", last)
    with SluiceClient.of(url, token="t") as client:
        assert [e.line for e in client.errors(JOB, code="REQUIRED")] == [2, 3]


def test_a_problem_is_one_for_programs_and_for_people(url: str) -> None:
    body = {"code": "JOB_STATE", "detail": "It has ended.", "title": "Job state", "status": 409}
    answer(f"POST /api/jobs/{JOB}/pause", body | {"current": "completed"}, 409, Retry_After="7")
    with SluiceClient.of(url, token="t") as client:
        with pytest.raises(ApiProblem) as caught:
            client.control(JOB, "pause")
        problem = caught.value
        assert (problem.status, problem.code, problem.retry_after_s) == (409, "JOB_STATE", 7.0)
        assert problem.members["current"] == "completed"
        assert str(problem) == "It has ended. [JOB_STATE]"
        with pytest.raises(ApiProblem, match="the server answered 404"):
            client.job(JOB)


def test_a_server_that_is_not_there_is_no_problem_of_its(url: str) -> None:
    del url
    with (
        SluiceClient.of("http://127.0.0.1:1", token="t") as client,
        pytest.raises(Unreachable, match="cannot be reached") as caught,
    ):
        client.job(JOB)
    assert not caught.value.was_sent


def test_what_cannot_be_signed_in_to_is_told_before_anything_is_sent(url: str) -> None:
    for address, token, told in (
        ("localhost:8080", "t", "'localhost:8080' is no address: it begins with http:// or https"),
        (url, None, "give a token, or a name and a password"),
    ):
        with pytest.raises(SluiceClientError, match=told), SluiceClient.of(address, token=token):
            pass
    assert Handler.asked == []


def test_a_file_is_whole_or_not_there(url: str, tmp_path: Path) -> None:
    answer(f"GET /api/jobs/{JOB}/failed-rows.csv", "a,b\n" * 1000)
    answer(f"GET /api/jobs/{JOB}/failed-rows.xlsx", "short", Content_Length="99")
    with SluiceClient.of(url, token="t") as client:
        assert client.save_failed_rows(JOB, tmp_path / "rows.csv") == 4000
        with pytest.raises(Unreachable):
            client.save_failed_rows(JOB, tmp_path / "rows.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]
