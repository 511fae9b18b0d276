"""Step 1: the span of an upload, which every later one of its import is below."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from sluice import tracing
from sluice.tracing import Kind, Span

NAME = "POST /api/upload/excel"


async def upload_trace(request: Request) -> AsyncIterator[Span]:
    """Have a span in hand until the request is answered; a caller's own trace is gone on with."""
    with tracing.held(tracing.begin(NAME, request.headers.get("traceparent"), Kind.SERVER)) as span:
        yield span


UploadTrace = Annotated[Span, Depends(upload_trace)]
