"""A viewer whose network has gone holds no stream for long."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
import uvloop

from progress_gateway.entrypoints.stream_http import GONE_AFTER_S, StreamHttp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

OPTION = getattr(socket, "TCP_USER_TIMEOUT", None)
REQUEST = "GET {} HTTP/1.1\r\nHost: x\r\n\r\n"


class Noted(StreamHttp):
    """Notes how long each request on a connection may stay without any acknowledgement."""

    within_ms: list[int] = []  # noqa: RUF012 - the server makes the objects

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        connection = self.transport.get_extra_info("socket")
        self.within_ms.append(connection.getsockopt(socket.IPPROTO_TCP, OPTION))


async def answer(_scope: Any, _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


async def ask_for(paths: list[str]) -> None:
    """Ask for one after the other, on one connection, in the loop that the gateway runs in."""
    config = uvicorn.Config(answer, http=Noted, lifespan="off", log_config=None)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        for path in paths:
            writer.write(REQUEST.format(path).encode())
            await reader.readuntil(b"ok")
        writer.close()
        server.should_exit = True
        await serving


@pytest.mark.skipif(OPTION is None, reason="this system has no such bound")
def test_a_stream_alone_ends_when_nothing_is_acknowledged() -> None:
    uvloop.run(ask_for(["/api/progress/1/stream?x=1", "/api/errors", "/api/progress/stream"]))
    assert Noted.within_ms == [GONE_AFTER_S * 1000, 0, GONE_AFTER_S * 1000]
