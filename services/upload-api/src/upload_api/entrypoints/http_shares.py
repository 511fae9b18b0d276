"""`/api/jobs/{id}/share`, `/shares` and `PATCH`: an owner decides who else may see or control."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool

from sluice.auth.access import Right, User
from sluice.web.problems import Problem
from upload_api.adapters import postgres_jobs, postgres_shares
from upload_api.entrypoints.callers import AppParts, CurrentActor, CurrentUser, View, problems
from upload_api.entrypoints.job_views import JobView, job_members
from upload_api.parts import Parts

router = APIRouter(prefix="/api/jobs", tags=["sharing"])
MAX_SHAREES = 50
ANSWERS = problems(400, 401, 403, 404, 503)

UserName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class _Asked(View):
    """A body that holds nothing but what it may."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid"
    )


class ShareRequest(_Asked):
    """With whom (by name or id), what they may, and until when; for ever without an end."""

    share_with_users: Annotated[list[UserName], Field(min_length=1, max_length=MAX_SHAREES)]
    permissions: Literal["view", "control"] = "view"
    expires_at: AwareDatetime | None = None


class JobChange(_Asked):
    """What an owner may change; a public job is shown to everybody who is signed in."""

    is_public: bool


class ShareView(View):
    """One share that holds now."""

    user_id: UUID
    username: str
    permission: str
    shared_by: str
    shared_at: datetime
    expires_at: datetime | None


class ShareList(View):
    """With whom a job is shared, by name."""

    job_id: UUID
    is_public: bool
    shares: list[ShareView]


@router.post("/{job_id}/share", responses=ANSWERS | problems(422))
async def share_job(
    parts: AppParts, user: CurrentUser, actor: CurrentActor, job_id: UUID, request: ShareRequest
) -> ShareList:
    """Share a job; who has a share already gets the new terms."""
    await parts.authenticator.require_right(user, job_id, Right.OWN)
    if request.expires_at is not None and request.expires_at <= parts.clock.now():
        raise Problem(422, "SHARE_ENDED", "expiresAt is in the past: give a later moment.")

    def share() -> ShareList:
        with parts.connection() as conn:
            found = postgres_shares.find_sharees(conn, request.share_with_users)
            unknown = [told for told in request.share_with_users if told not in found]
            if unknown:
                raise Problem(
                    422,
                    "USER_UNKNOWN",
                    f"There is no such user: {', '.join(unknown)}.",
                    users=unknown,
                )
            terms = (request.permissions, request.expires_at)
            sharees = sorted(set(found.values()))
            postgres_shares.share_job(conn, job_id, (user, actor), sharees, terms)
        return _shares(parts, job_id, user)

    return await run_in_threadpool(share)


@router.get("/{job_id}/shares", responses=ANSWERS)
async def list_shares(parts: AppParts, user: CurrentUser, job_id: UUID) -> ShareList:
    """Say with whom a job is shared."""
    await parts.authenticator.require_right(user, job_id, Right.OWN)
    return await run_in_threadpool(_shares, parts, job_id, user)


@router.delete("/{job_id}/share/{user_id}", status_code=204, responses=ANSWERS)
async def unshare_job(
    parts: AppParts, user: CurrentUser, actor: CurrentActor, job_id: UUID, user_id: UUID
) -> Response:
    """Take a share back; an open stream that it allowed ends within 30 s."""
    await parts.authenticator.require_right(user, job_id, Right.OWN)

    def unshare() -> bool:
        with parts.connection() as conn:
            return postgres_shares.unshare_job(conn, job_id, (user, actor), user_id)

    if not await run_in_threadpool(unshare):
        raise Problem(404, "SHARE_UNKNOWN", "The job is not shared with this user.")
    return Response(status_code=204)


@router.patch("/{job_id}", responses=ANSWERS | problems(422))
async def change_job(
    parts: AppParts, user: CurrentUser, actor: CurrentActor, job_id: UUID, change: JobChange
) -> JobView:
    """Make a job public, or private again."""
    await parts.authenticator.require_right(user, job_id, Right.OWN)

    def set_public() -> JobView:
        with parts.connection() as conn:
            by = (user, actor)
            postgres_shares.set_public(conn, job_id, by, is_public=change.is_public)
            row = postgres_jobs.get_job(conn, job_id)
        if row is None:
            raise _job_unknown()
        return JobView(**job_members(row))

    return await run_in_threadpool(set_public)


def _shares(parts: Parts, job_id: UUID, user: User) -> ShareList:
    with parts.connection() as conn:
        job = postgres_jobs.get_job(conn, job_id)
        if job is None:
            raise _job_unknown()
        rows = postgres_shares.list_shares(conn, job_id, user)
    shares = [ShareView(**row) for row in rows]
    return ShareList(job_id=job_id, is_public=job["is_public"], shares=shares)


def _job_unknown() -> Problem:
    return Problem(404, "JOB_UNKNOWN", "There is no such job.")
