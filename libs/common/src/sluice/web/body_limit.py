"""An end to bodies that are not files: counted while they come, whatever their length says."""

from contextlib import suppress

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sluice.web.problems import Problem, problem_response

MAX_BODY_BYTES = 1024 * 1024


class _BodyTooLong(Exception):
    """More came than may come."""


class BodyLimit:
    """Middleware; `files` begins the paths whose routes count for themselves."""

    def __init__(self, app: ASGIApp, files: str, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._files = files
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._files):
            await self._app(scope, receive, send)
            return
        received, is_too_long = 0, False

        async def counted() -> Message:
            nonlocal received, is_too_long
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                is_too_long = True
                raise _BodyTooLong
            return message

        async def unless_too_long(message: Message) -> None:
            # A framework makes an answer of its own of an error while it reads a body
            if not is_too_long:
                await send(message)

        with suppress(_BodyTooLong):
            await self._app(scope, counted, unless_too_long)
        if is_too_long:
            detail = f"The body is longer than {self._max_bytes:,} bytes."
            problem = Problem(413, "BODY_TOO_LARGE", detail, headers={"Connection": "close"})
            await problem_response(Request(scope), problem)(scope, receive, send)
