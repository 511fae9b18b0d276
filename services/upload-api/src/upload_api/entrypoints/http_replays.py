"""`/api/ops/dlq/replays`: dead letters are sent again, and how far that is."""

from uuid import UUID

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from sluice.web.problems import Problem
from upload_api.adapters import postgres_dead_letters, postgres_replays
from upload_api.adapters.postgres_audit import Actor
from upload_api.domain.dead_letters import LetterState
from upload_api.entrypoints.callers import AppParts, CurrentActor, CurrentOperator, problems
from upload_api.entrypoints.dead_letter_views import (
    ReplayAccepted,
    ReplayRequest,
    ReplayView,
    UnsentLetter,
    histogram_view,
)
from upload_api.parts import Parts

router = APIRouter(prefix="/api/ops/dlq/replays", tags=["operations"])
SHOWN_UNSENT = 100


@router.post(
    "",
    status_code=202,
    responses={200: {"model": ReplayAccepted}, **problems(400, 401, 403, 422, 503)},
)
async def replay_dead_letters(
    parts: AppParts,
    _user: CurrentOperator,
    actor: CurrentActor,
    request: ReplayRequest,
    response: Response,
) -> ReplayAccepted:
    """Choose letters and send them again; a dry run (200) only counts them.

    A filter without states means the open ones. Repeating a replay is harmless.
    """
    accepted = await run_in_threadpool(_accept, parts, actor, request)
    if accepted.link is None:
        response.status_code = 200
    else:
        parts.replayer.wake()
        response.headers["Location"] = accepted.link
    return accepted


def _accept(parts: Parts, actor: Actor, request: ReplayRequest) -> ReplayAccepted:
    wanted = request.wanted(LetterState.OPEN)
    replay_id, link = None, None
    with parts.connection() as conn:
        counted = postgres_dead_letters.histogram(conn, wanted, request.max)
        selected = counted.total
        if not request.dry_run:
            replay_id, selected = postgres_replays.insert_replay(
                conn, wanted, request.max, request.rate_per_second, actor
            )
            link = f"{router.prefix}/{replay_id}"
    return ReplayAccepted(
        replay_id=replay_id,
        dry_run=request.dry_run,
        selected=selected,
        histogram=histogram_view(counted),
        link=link,
    )


@router.get("/{replay_id}", responses=problems(400, 401, 403, 404, 503))
async def show_replay(parts: AppParts, _user: CurrentOperator, replay_id: UUID) -> ReplayView:
    """Say how far a replay is, and which letters were not sent."""

    def read() -> ReplayView:
        with parts.connection() as conn:
            row = postgres_replays.get_replay(conn, replay_id)
            if row is None:
                raise Problem(404, "REPLAY_UNKNOWN", "There is no such replay.")
            unsent = postgres_replays.list_unsent(conn, replay_id, SHOWN_UNSENT)
        return ReplayView(**row, unsent=[UnsentLetter(**letter) for letter in unsent])

    return await run_in_threadpool(read)
