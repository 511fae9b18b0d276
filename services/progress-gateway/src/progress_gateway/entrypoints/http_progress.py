"""`/api/progress`: the snapshot of a job, the stream of a job, the stream of all my jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast
from uuid import UUID  # noqa: TC003 - FastAPI reads it

from fastapi import APIRouter, Query, Request
from sse_starlette import EventSourceResponse  # noqa: TC002 - FastAPI reads it

from progress_gateway.domain.stream_choice import StreamScope
from progress_gateway.entrypoints.http_tickets import opening_of
from progress_gateway.entrypoints.sse_stream import SseStream
from progress_gateway.entrypoints.stream_limits import HeldEventSource
from sluice.auth.access import Right
from sluice.web.problem_docs import problems
from sluice.web.problems import Problem

if TYPE_CHECKING:
    import anyio

    from progress_gateway.entrypoints.http_parts import HttpParts
    from progress_gateway.entrypoints.news_hub import NewsHub
    from progress_gateway.entrypoints.stream_limits import HeldSlot

router = APIRouter(prefix="/api/progress", tags=["progress"])

PING_S = 15
MAX_BATCHES = 2000
MAX_CHUNK_NO = 2**31 - 1
SEND_TIMEOUT_S = 15.0
"""A viewer that takes nothing for so long, seen at a keep-alive comment, is gone."""
ENDING_S = 4.0
"""Streams that have not ended by then are cut; less than uvicorn's own patience."""
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Server-sent events", "content": {"text/event-stream": {}}}
}
_HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}


def _parts(request: Request) -> HttpParts:
    parts: HttpParts = request.app.state.parts
    return parts


@router.get("/stream", responses=_STREAM | problems(400, 401, 403, 429, 503))
async def stream_of_many(
    request: Request, scope: StreamScope = StreamScope.MINE
) -> EventSourceResponse:
    """Stream all unfinished and lately touched jobs of a scope, those to come included.

    Mine come with ids and row errors; those of a wider scope as a viewer sees them.
    """
    parts = _parts(request)
    opening = await opening_of(request, None)
    if scope is StreamScope.ALL and not opening.session.user.is_operator:
        raise Problem(403, "OPERATOR_ONLY", "All jobs are for operators and admins.")
    slot = await parts.limits.open(request, opening.session.user, None)
    stream = SseStream(
        parts=parts.stream,
        session=opening.session,
        job_id=None,
        right=scope.most,
        scope=scope,
        stream_id=opening.stream_id,
        ticket=opening.ticket,
    )
    return _response(stream, slot)


@router.get("/{job_id}", responses=problems(400, 401, 403, 404, 503))
async def snapshot(request: Request, job_id: UUID) -> dict[str, Any]:
    """Return a job's current snapshot: the polling fallback."""
    parts = _parts(request)
    user = await parts.authenticator.user_of(request)
    await parts.authenticator.require_right(user, job_id, Right.VIEW)
    found = (await parts.stream.hub.current([str(job_id)])).get(str(job_id))
    if found is None:
        raise Problem(404, "JOB_UNKNOWN", "There is no such job.")
    return found


@router.get("/{job_id}/batches", responses=problems(400, 401, 403, 404, 503))
async def batches_of_job(
    request: Request,
    job_id: UUID,
    first: Annotated[int, Query(ge=0, le=MAX_CHUNK_NO)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_BATCHES)] = MAX_BATCHES,
) -> dict[str, Any]:
    """Return the batches that are written or dead, from `first` on, by rising `chunkNo`.

    `nextFirst` continues the list; it is null behind the last batch there is by now.
    """
    parts = _parts(request)
    user = await parts.authenticator.user_of(request)
    await parts.authenticator.require_right(user, job_id, Right.VIEW)
    found = await parts.views.batches(job_id, first, limit)
    more = found[-1]["chunkNo"] + 1 if len(found) == limit else None
    return {"jobId": str(job_id), "batches": found, "nextFirst": more}


@router.get("/{job_id}/stream", responses=_STREAM | problems(400, 401, 403, 404, 429, 503))
async def stream_of_job(request: Request, job_id: UUID) -> EventSourceResponse:
    """Stream one job: `connection`, what is now, what changes, the end."""
    parts = _parts(request)
    opening = await opening_of(request, job_id)
    right = await parts.authenticator.require_right(opening.session.user, job_id, Right.VIEW)
    slot = await parts.limits.open(request, opening.session.user, str(job_id))
    stream = SseStream(
        parts=parts.stream,
        session=opening.session,
        job_id=str(job_id),
        right=right,
        stream_id=opening.stream_id,
        ticket=opening.ticket,
        last_event_id=_last_event_id(request),
    )
    return _response(stream, slot)


def _last_event_id(request: Request) -> int:
    """Return the version a viewer saw last; -1 when it saw none or says something else."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1  # noqa: PLR2004 - digits of a version


def _response(stream: SseStream, slot: HeldSlot) -> EventSourceResponse:
    return HeldEventSource(
        stream,
        slot,
        headers=_HEADERS | slot.headers,
        ping=PING_S,
        send_timeout=SEND_TIMEOUT_S,
        shutdown_event=cast("anyio.Event", _EndOfStreams(stream.parts.hub)),
        shutdown_grace_period=ENDING_S,
    )


class _EndOfStreams:
    """What sse-starlette sets when the server is told to end: every stream then ends whole."""

    def __init__(self, hub: NewsHub) -> None:
        self._hub = hub

    def set(self) -> None:
        self._hub.close_streams()
