"""`/api/ops/overview`: how everything does, for operators."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from upload_api.entrypoints.callers import AppParts, CurrentOperator, problems
from upload_api.entrypoints.overview_views import OverviewView, overview_view

router = APIRouter(prefix="/api/ops", tags=["operations"])


@router.get("/overview", responses=problems(401, 403, 503))
async def show_overview(parts: AppParts, _user: CurrentOperator) -> OverviewView:
    """Tell how the parts do, what waits at each stage, and how fast rows are written.

    What is told is at most two seconds old; a part that does not answer is told as away.
    """
    return overview_view(await run_in_threadpool(parts.road.read))
