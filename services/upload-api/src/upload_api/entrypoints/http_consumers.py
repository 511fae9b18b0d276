"""`/api/ops/consumers`: who stands still after too many failures, and letting them go on."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from upload_api.adapters import postgres_halts
from upload_api.entrypoints.callers import AppParts, CurrentActor, CurrentOperator, problems
from upload_api.entrypoints.dead_letter_views import Consumers, HaltView, Resumed

router = APIRouter(prefix="/api/ops", tags=["operations"])


@router.get("/consumers", responses=problems(401, 403, 503))
async def list_consumers(parts: AppParts, _user: CurrentOperator) -> Consumers:
    """Say who stands still after too many failures, and who did."""

    def read() -> Consumers:
        with parts.connection() as conn:
            return Consumers(halts=[HaltView(**row) for row in postgres_halts.list_halts(conn)])

    return await run_in_threadpool(read)


@router.post("/dlq/resume", responses=problems(401, 403, 503))
async def resume_consumers(parts: AppParts, _user: CurrentOperator, actor: CurrentActor) -> Resumed:
    """Let every consumer that stands still go on; when none does, nothing happens."""

    def resume() -> list[str]:
        with parts.connection() as conn:
            return postgres_halts.resume_consumers(conn, actor)

    return Resumed(consumers=await run_in_threadpool(resume))
