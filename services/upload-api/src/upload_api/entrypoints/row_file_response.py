"""A file that is made while it is sent: nothing of it waits in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import Message, Receive, Scope, Send

STALLED_S: Final = 60.0
"""A client that takes nothing for so long is gone; its reader serves others."""


class RowFileResponse(StreamingResponse):
    """Sends blocks as they are made in worker threads; `close` runs whatever happens."""

    def __init__(
        self,
        blocks: Iterator[bytes],
        close: Callable[[], object],
        *,
        media_type: str,
        headers: dict[str, str],
    ) -> None:
        super().__init__(blocks, media_type=media_type, headers=headers)
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(STALLED_S):
                await send(message)

        try:
            await super().__call__(scope, receive, send_in_time)
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._close)


def attachment(name: str) -> str:
    """Return the `Content-Disposition` of a download (RFC 6266); the name may be in any script."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
