"""Step 4: the HTTP process: live progress, the page, and the way to upload-api."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import psycopg
from fastapi import FastAPI

from progress_gateway.adapters.job_views import JobViews
from progress_gateway.adapters.snapshot_reader import SnapshotReader
from progress_gateway.adapters.stream_tickets import StreamTickets
from progress_gateway.adapters.upload_api import UploadApi
from progress_gateway.entrypoints import api_description, http_forward, http_progress, http_tickets
from progress_gateway.entrypoints.event_texts import EventTexts
from progress_gateway.entrypoints.http_parts import HttpParts
from progress_gateway.entrypoints.job_lists import JobLists
from progress_gateway.entrypoints.news_hub import NewsHub
from progress_gateway.entrypoints.page import Page
from progress_gateway.entrypoints.sse_stream import StreamParts
from progress_gateway.entrypoints.stream_guard import StreamGuard
from progress_gateway.entrypoints.stream_limits import StreamLimits
from progress_gateway.settings import STATIC_FOLDER
from sluice.auth.tokens import TokenKeeper
from sluice.db.pool import connection_of, open_pool
from sluice.errors import Outage
from sluice.limits.limiter import Limiter
from sluice.limits.policy import policies_of
from sluice.limits.slot_keeper import SlotKeeper
from sluice.processes import present
from sluice.web.armour import add_armour
from sluice.web.audit_trail import AuditTrail
from sluice.web.auth import Authenticator
from sluice.web.health import READY, add_health_routes
from sluice.web.problem_docs import operation_id
from sluice.web.problems import install_problem_handlers
from sluice.web.request_metrics import RequestMetrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from psycopg_pool import ConnectionPool

    from progress_gateway.settings import GatewaySettings
    from sluice.clock import Clock
    from sluice.db.pool import Connection


def build_app(settings: GatewaySettings, clock: Clock) -> FastAPI:
    """Join the parts; nothing has to answer yet."""
    pool = open_pool(settings, "progress-gateway")
    parts = _build_parts(settings, pool, clock)
    guard = parts.stream.guard
    loops = (guard, parts.stream.lists, parts.stream.hub, parts.limits.keeper)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        for loop in loops:
            loop.start()
        with present(
            "progress-gateway",
            settings.redis_url,
            clock,
            lambda: _not_ready(pool),
            lambda: guard.open_streams,
        ):
            yield
        for loop in loops:
            await loop.stop()
        await parts.close()
        pool.close()

    app = FastAPI(
        title="Sluice progress gateway",
        summary="Live progress of imports; every other call goes to the upload API.",
        version="0.1.0",
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
    )
    app.state.parts = parts
    app.add_middleware(AuditTrail, pool=pool, clock=clock)
    add_armour(app, settings)
    app.add_middleware(RequestMetrics, clock=clock)
    install_problem_handlers(app)
    api_description.describe(app)
    add_health_routes(
        app, lambda: _not_ready(pool), lambda: "".join(loop.not_live() for loop in loops)
    )
    app.include_router(http_tickets.router)
    app.include_router(http_progress.router)
    app.include_router(http_forward.router)
    app.mount("/static", Page(directory=STATIC_FOLDER, check_dir=False), name="static")
    app.mount("/", Page(directory=STATIC_FOLDER, html=True, check_dir=False), name="page")
    return app


def _build_parts(
    settings: GatewaySettings, pool: ConnectionPool[Connection], clock: Clock
) -> HttpParts:
    redis_url = settings.redis_url.get_secret_value()
    reader, tickets, views = SnapshotReader(redis_url), StreamTickets(redis_url), JobViews(pool)
    limiter, policies = Limiter(redis_url, clock), policies_of(settings)
    hub = NewsHub(reader, views, clock)
    return HttpParts(
        authenticator=Authenticator(
            pool, TokenKeeper(settings), clock, token_in_query=settings.token_in_query
        ),
        reader=reader,
        views=views,
        stream=StreamParts(
            hub=hub,
            lists=JobLists(views.jobs_of),
            texts=EventTexts(messages=hub.messages, reader=reader, views=views),
            clock=clock,
            failed_stream_open_s=settings.failed_stream_open_s,
            guard=StreamGuard(views.rights_of, tickets),
        ),
        limits=StreamLimits(
            limiter=limiter,
            policies=policies,
            keeper=SlotKeeper(limiter, policies.streams, clock),
        ),
        upload_api=UploadApi(settings.upload_api_url),
        tickets=tickets,
    )


def _not_ready(pool: ConnectionPool[Connection]) -> str:
    """Return why nobody could be served: without PostgreSQL there are no rights to check."""
    try:
        with connection_of(pool) as conn:
            conn.execute("SELECT 1")
    except (Outage, psycopg.Error) as error:
        return str(error)
    return READY
