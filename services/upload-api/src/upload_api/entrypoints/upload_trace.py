"""Step 1: the span of an upload, which every later one of its import is below."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from sluice import tracing
from sluice.tracing import Kind, Span
from upload_api.entrypoints.callers import CurrentUser, parts_of

NAME = "POST /api/upload/excel"


async def upload_trace(request: Request, _user: CurrentUser) -> AsyncIterator[Span]:
    """Have a span in hand until the request is answered; a caller's own trace is gone on with.

    Only of whoever is signed in: a stranger must not fill the queue of spans or the file. And of
    those as many as our ratio says, whatever their own traces say.
    """
    told = request.headers.get("traceparent")
    is_trusted = parts_of(request).settings.traces_trust_callers
    with tracing.held(tracing.begin(NAME, told, Kind.SERVER, is_trusted=is_trusted)) as span:
        yield span


UploadTrace = Annotated[Span, Depends(upload_trace)]
