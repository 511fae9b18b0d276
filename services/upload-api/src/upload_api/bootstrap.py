"""The only place where upload-api is constructed and joined."""

from __future__ import annotations

import math
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import psycopg
from fastapi import FastAPI

from sluice.audit.sealer import AuditSealer
from sluice.auth.tokens import TokenKeeper
from sluice.clock import SystemClock
from sluice.db.outbox import OutboxRelay
from sluice.db.pool import open_pool
from sluice.errors import Outage
from sluice.kafka.producer import RecordProducer
from sluice.limits.limiter import Limiter
from sluice.limits.policy import policies_of
from sluice.processes import present
from sluice.storage import open_storage
from sluice.web.armour import add_armour
from sluice.web.audit_trail import AuditTrail
from sluice.web.auth import Authenticator
from sluice.web.health import add_health_routes
from sluice.web.problem_docs import operation_id
from sluice.web.problems import install_problem_handlers
from sluice.web.request_metrics import RequestMetrics
from upload_api.adapters.dead_letter_records import DeadLetterRecords
from upload_api.adapters.eraser import Eraser
from upload_api.adapters.free_space import free_bytes
from upload_api.adapters.letter_replayer import LetterReplayer
from upload_api.adapters.passwords import Passwords
from upload_api.adapters.retention_sweeper import RetentionSweeper
from upload_api.adapters.road_facts import RoadFacts
from upload_api.adapters.row_reader import RowReaders
from upload_api.adapters.storage_sweeper import StorageSweeper
from upload_api.adapters.target_folder import TargetFolder
from upload_api.entrypoints import (
    api_description,
    http_audit,
    http_auth,
    http_consumers,
    http_dead_letters,
    http_erase,
    http_events,
    http_job_controls,
    http_jobs,
    http_mappings,
    http_overview,
    http_preview,
    http_replays,
    http_result_files,
    http_row_errors,
    http_shares,
    http_targets,
    http_undo,
    http_uploads,
)
from upload_api.entrypoints.storage_threads import Question, StorageThreads
from upload_api.entrypoints.uploads_in_hand import UploadsInHand
from upload_api.metrics import STORAGE_FREE
from upload_api.parts import Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from upload_api.settings import UploadApiSettings
STOP_S = 1.5
"""For each of five: with the requests' 8 s the process is gone within 15 s, whatever hangs. What a
thread has in hand then is done again by the next process."""
ENTRYPOINTS = (
    http_uploads,
    http_jobs,
    http_mappings,
    http_preview,
    http_job_controls,
    http_shares,
    http_targets,
    http_events,
    http_auth,
    http_audit,
    http_consumers,
    http_overview,
    http_replays,
    http_dead_letters,
    http_result_files,
    http_row_errors,
    http_undo,
    http_erase,
)


def build_parts(settings: UploadApiSettings) -> Parts:
    """Construct everything; nothing has to answer yet.

    Raises:
        TargetError: a target's definition is wrong; the message lists every fault.
    """
    clock = SystemClock(settings.clock_shift_s)
    target_folder = TargetFolder(settings.targets_dir, clock)
    pool = open_pool(settings, "upload-api")
    keeper = TokenKeeper(settings)
    relay = OutboxRelay(pool, RecordProducer(settings, "upload-api"))
    records = DeadLetterRecords(settings)
    storage = open_storage(settings)
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    eraser = Eraser(pool, storage, redis_url)
    return Parts(
        settings=settings,
        clock=clock,
        pool=pool,
        storage=storage,
        storage_threads=StorageThreads(),
        storage_answers=Question(),
        keeper=keeper,
        authenticator=Authenticator(pool, keeper, clock, token_in_query=settings.token_in_query),
        passwords=Passwords(),
        relay=relay,
        sweeper=StorageSweeper(storage, pool, clock, timedelta(hours=settings.orphan_age_h)),
        target_folder=target_folder,
        sealer=AuditSealer(pool),
        road=RoadFacts(settings, pool, clock),
        records=records,
        uploads=UploadsInHand(),
        row_readers=RowReaders(),
        limiter=Limiter(redis_url, clock),
        policies=policies_of(settings),
        eraser=eraser,
        retention=RetentionSweeper(pool, storage, eraser, settings.retention(), clock),
        replayer=LetterReplayer(
            pool, RecordProducer(settings, "upload-api.replays"), records, clock, relay.wake
        ),
    )


def build_app(parts: Parts) -> FastAPI:
    """Join the parts to the app; its lifespan starts and stops what runs beside it."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        parts.storage.prepare()
        STORAGE_FREE.set_function(partial(_free_bytes, parts, Question()))
        parts.uploads.open()
        parts.relay.start()
        parts.sweeper.start()
        parts.replayer.start()
        parts.sealer.start()
        parts.retention.start()
        redis_url = parts.settings.redis_url
        with present("upload-api", redis_url, parts.clock, lambda: _not_ready(parts)):
            yield
        await parts.limiter.close()
        parts.replayer.stop(STOP_S)
        parts.sweeper.stop(STOP_S)
        parts.sealer.stop(STOP_S)
        parts.retention.stop(STOP_S)
        parts.relay.stop(STOP_S)
        parts.pool.close(STOP_S)

    app = FastAPI(
        title="Sluice upload API",
        summary="Upload workbooks, and look after the jobs that import them.",
        version="0.1.0",
        lifespan=lifespan,
        generate_unique_id_function=operation_id,
    )
    app.state.parts = parts
    app.add_middleware(AuditTrail, pool=parts.pool, clock=parts.clock)
    add_armour(app, parts.settings)
    app.add_middleware(RequestMetrics, clock=parts.clock)
    install_problem_handlers(app)
    api_description.describe(app)
    add_health_routes(app, lambda: _not_ready(parts), lambda: _not_live(parts))
    for entrypoint in ENTRYPOINTS:
        app.include_router(entrypoint.router)
    return app


def _free_bytes(parts: Parts, question: Question) -> float:
    try:
        told = question.ask(partial(free_bytes, parts.settings.storage_url))
    except Outage:
        return math.nan
    return told if isinstance(told, float) else math.nan


def _not_live(parts: Parts) -> str:
    threads = (parts.relay, parts.replayer, parts.sweeper, parts.sealer, parts.retention)
    return next((why for thread in threads if (why := thread.not_live())), "")


def _not_ready(parts: Parts) -> str:
    try:
        return parts.not_ready()
    except Outage as outage:
        return str(outage)
    except psycopg.Error as error:
        return f"postgres: {str(error).partition(chr(10))[0]}"
