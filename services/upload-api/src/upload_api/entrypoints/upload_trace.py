"""Step 1: the span of an upload, which every later one of its import is below."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from sluice import tracing
from sluice.tracing import Kind, Span
from upload_api.entrypoints.callers import CurrentUser

NAME = "POST /api/upload/excel"


async def upload_trace(request: Request, _user: CurrentUser) -> AsyncIterator[Span]:
    """Have a span in hand until the request is answered; a caller's own trace is gone on with.

    Only of whoever is signed in: a stranger must not fill the queue of spans or the file.
    """
    with tracing.held(tracing.begin(NAME, request.headers.get("traceparent"), Kind.SERVER)) as span:
        yield span


UploadTrace = Annotated[Span, Depends(upload_trace)]
