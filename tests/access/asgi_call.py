"""One request to an app in this process, without a socket; a stream is left when it has begun."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from fastapi import FastAPI


async def ask(app: FastAPI, request: httpx.Request) -> httpx.Response:
    """Return the answer; of an event stream only its head."""
    body = await request.aread()
    loop = asyncio.get_running_loop()
    begun: asyncio.Future[Mapping[str, Any]] = loop.create_future()
    left = asyncio.Event()
    pieces: list[bytes] = []
    inbox: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body}]

    async def receive() -> MutableMapping[str, Any]:
        if inbox:
            return inbox.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and not begun.done():
            begun.set_result(message)
        elif message["type"] == "http.response.body":
            pieces.append(message.get("body", b""))

    serving = asyncio.create_task(app(_scope(request), receive, send))
    waits: list[asyncio.Future[Any]] = [serving, begun]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    if not begun.done():
        await serving
        raise AssertionError("the app ended without an answer")
    head = begun.result()
    if any(value.startswith(b"text/event-stream") for _, value in head["headers"]):
        left.set()
        serving.cancel()
        await asyncio.wait([serving])
        return httpx.Response(head["status"], headers=head["headers"], request=request)
    await serving
    content = b"".join(pieces)
    return httpx.Response(head["status"], headers=head["headers"], content=content, request=request)


def _scope(request: httpx.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 50000),
        "server": (request.url.host, 80),
        "state": {},
    }
