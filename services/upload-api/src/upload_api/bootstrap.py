"""The only place where upload-api is constructed and joined."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
from fastapi import FastAPI

from import_targets import RECORDS, load_targets
from sluice.auth.tokens import TokenKeeper
from sluice.clock import SystemClock
from sluice.db.outbox import OutboxRelay
from sluice.db.pool import open_pool
from sluice.errors import Outage
from sluice.kafka.producer import RecordProducer
from sluice.storage import LocalStorage
from sluice.web.auth import Authenticator
from sluice.web.health import add_health_routes
from sluice.web.problems import install_problem_handlers
from upload_api.adapters.passwords import Passwords
from upload_api.adapters.storage_sweeper import StorageSweeper
from upload_api.entrypoints import (
    http_auth,
    http_job_controls,
    http_jobs,
    http_targets,
    http_uploads,
)
from upload_api.parts import Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from upload_api.settings import UploadApiSettings


def build_parts(settings: UploadApiSettings) -> Parts:
    """Construct everything; nothing has to answer yet.

    Raises:
        TargetError: a target's definition is wrong; the message lists every fault.
    """
    clock = SystemClock(settings.clock_shift_s)
    folder = settings.targets_dir
    targets = load_targets(folder) if folder else {RECORDS.name: RECORDS}
    pool = open_pool(settings, "upload-api")
    keeper = TokenKeeper(settings)
    return Parts(
        settings=settings,
        clock=clock,
        pool=pool,
        storage=LocalStorage(settings.storage_url),
        keeper=keeper,
        authenticator=Authenticator(pool, keeper, clock),
        passwords=Passwords(),
        relay=OutboxRelay(pool, RecordProducer(settings, "upload-api")),
        sweeper=StorageSweeper(
            settings.storage_url, pool, clock, timedelta(hours=settings.orphan_age_h)
        ),
        targets=targets,
    )


def build_app(parts: Parts) -> FastAPI:
    """Join the parts to the app; its lifespan starts and stops what runs beside it."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        parts.storage.prepare()
        parts.relay.start()
        parts.sweeper.start()
        yield
        parts.sweeper.stop()
        parts.relay.stop()
        parts.pool.close()

    app = FastAPI(
        title="Sluice upload API",
        summary="Upload workbooks, and look after the jobs that import them.",
        version="0.1.0",
        lifespan=lifespan,
    )
    app.state.parts = parts
    install_problem_handlers(app)
    add_health_routes(app, lambda: _not_ready(parts))
    for entrypoint in (http_uploads, http_jobs, http_job_controls, http_targets, http_auth):
        app.include_router(entrypoint.router)
    return app


def _not_ready(parts: Parts) -> str:
    try:
        return parts.not_ready()
    except Outage as outage:
        return str(outage)
    except psycopg.Error as error:
        return f"postgres: {str(error).partition(chr(10))[0]}"
