import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from sluice.settings import HttpSettings
from sluice.web import bounded_http
from sluice.web.armour import add_armour
from sluice.web.body_limit import MAX_BODY_BYTES
from sluice.web.bounded_http import MAX_HEAD_BYTES, BoundedHttp
from sluice.web.problems import install_problem_handlers


def app_of(**more: str) -> FastAPI:
    settings = HttpSettings.from_env({"SLUICE_HTTP_PORT": "1"} | more)
    app = FastAPI()

    @app.post("/api/echo")
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @app.get("/api/bug")
    async def bug() -> None:
        raise ZeroDivisionError

    @app.get("/page")
    async def page() -> str:
        return "x"

    @app.post("/api/upload/file")
    async def file() -> str:
        return "x"

    add_armour(app, settings)
    install_problem_handlers(app)
    return app


Start = Callable[..., httpx.Client]


@pytest.fixture
def start() -> Iterator[Start]:
    """Serves an app on a real socket."""
    with ExitStack() as running:

        def serve(**more: str) -> httpx.Client:
            listener = running.enter_context(socket.create_server(("127.0.0.1", 0)))
            config = uvicorn.Config(app_of(**more), http=BoundedHttp, log_config=None)
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
            thread.start()
            while not server.started:
                time.sleep(0.01)
            running.callback(thread.join, 10)
            running.callback(setattr, server, "should_exit", True)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            return running.enter_context(httpx.Client(base_url=url, trust_env=False))

        yield serve


@pytest.fixture
def client(start: Start) -> httpx.Client:
    return start()


@pytest.mark.parametrize("path", ["/page", "/api/bug", "/api/nothing", "/api/echo"])
def test_every_answer_is_armoured(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers.get("Cache-Control") == ("no-store" if path.startswith("/api") else None)
    assert "Strict-Transport-Security" not in headers


def test_https_is_for_good(client: httpx.Client) -> None:
    headers = client.get("/page", headers={"X-Forwarded-Proto": "https"}).headers
    assert headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("is_told", [True, False])
def test_a_body_that_is_no_file_has_an_end(client: httpx.Client, *, is_told: bool) -> None:
    body = b'{"a": "' + b"x" * MAX_BODY_BYTES + b'"}'
    sent: Any = body if is_told else iter([body[:1000], body[1000:]])
    answer = client.post("/api/echo", content=sent)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert client.post("/api/upload/file", content=body).status_code == 200
    assert client.post("/api/echo", json={"a": 1}).json() == {"a": 1}


def test_other_origins_are_let_in_by_name_alone(client: httpx.Client, start: Start) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    assert "Access-Control-Allow-Origin" not in client.options("/api/echo", headers=asked).headers
    named = start(SLUICE_CORS_ORIGINS="https://app.example,https://b.example")
    headers = named.options("/api/echo", headers=asked).headers
    assert headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Access-Control-Allow-Credentials" not in headers
    stranger = named.get("/page", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers


def test_a_head_has_an_end(client: httpx.Client) -> None:
    for size, status in ((MAX_HEAD_BYTES // 2, 200), (2**20, 431)):
        assert client.get("/page", headers={"X-Long": "x" * size}).status_code == status
    body = {"a": "x" * 100_000}  # bodies are none of it
    assert client.post("/api/echo", json=body).status_code == 200


@pytest.mark.parametrize("sent", [b"", b"GET /page HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_head_that_does_not_come_is_not_waited_for(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_WITHIN_S", 0.2)

    async def wait_for_the_end() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        writer.write(sent)
        rest = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return rest

    assert asyncio.run(wait_for_the_end()) == b""
