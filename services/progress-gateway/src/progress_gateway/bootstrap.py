"""Builds each process from its settings and runs it until it is told to stop."""

from __future__ import annotations

import gc
import logging
from typing import TYPE_CHECKING

import structlog

from progress_gateway.settings import FoldSettings, GatewaySettings, SettlerSettings
from sluice import failpoints
from sluice.clock import SystemClock
from sluice.kafka.topics import FOLD_APP
from sluice.logging import configure_logging
from sluice.metrics import tell_build
from sluice.ops_server import start_ops_server
from sluice.processes import present
from sluice.tracing.configure import configure_tracing

if TYPE_CHECKING:
    from collections.abc import Mapping

log = structlog.get_logger(__name__)

GC_THRESHOLDS = (2_000, 10, 50)
"""Of an HTTP process: a stream's objects live for minutes, a message's hold no cycles."""


def run_fold(environ: Mapping[str, str]) -> int:
    """Run the fold: Faust, in this thread."""
    settings = FoldSettings.from_env(environ)
    configure_logging("progress-fold", settings)
    configure_tracing("progress-fold", settings)
    tell_build("progress-fold")
    failpoints.arm_from(settings.failpoints_dir)
    for chatty in ("faust", "mode", "aiokafka"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Imported here: the other two processes do without Faust's 40 MB
    import faust  # noqa: PLC0415

    from progress_gateway.adapters.snapshot_writer import SnapshotWriter  # noqa: PLC0415
    from progress_gateway.entrypoints.fold_app import build_fold  # noqa: PLC0415
    from progress_gateway.entrypoints.fold_watch import FoldWatch  # noqa: PLC0415

    writer = SnapshotWriter(settings.redis_url.get_secret_value())
    fold = build_fold(settings, writer, SystemClock(settings.clock_shift_s))
    server = start_ops_server(
        settings.http_host, settings.metrics_port, lambda: fold.waits_for, fold.heart.not_live
    )
    FoldWatch(settings, FOLD_APP, fold.heart, fold.recovered).start()
    log.info("the fold starts", metrics_port=server.server_port)
    worker = faust.Worker(fold.app, loglevel="WARNING", override_logging=False)
    with present("progress-fold", settings.redis_url, SystemClock(), lambda: fold.waits_for):
        worker.execute_from_commandline()


def run_settler(environ: Mapping[str, str]) -> int:
    """Run the settler in this thread until SIGTERM."""
    # Imported here: what is imported shows its metrics, and these are the settler's alone
    from progress_gateway.settler_bootstrap import run  # noqa: PLC0415

    settings = SettlerSettings.from_env(environ)
    configure_logging("progress-settler", settings)
    configure_tracing("progress-settler", settings)
    tell_build("progress-settler")
    failpoints.arm_from(settings.failpoints_dir)
    return run(settings)


def run_http(environ: Mapping[str, str]) -> int:
    """Run the HTTP app on uvicorn until SIGTERM."""
    settings = GatewaySettings.from_env(environ)
    configure_logging("progress-gateway", settings)
    configure_tracing("progress-gateway", settings)
    tell_build("progress-gateway")
    failpoints.arm_from(settings.failpoints_dir)
    import uvicorn  # noqa: PLC0415 - the other two processes do without it

    from progress_gateway.entrypoints.http_app import build_app  # noqa: PLC0415
    from progress_gateway.entrypoints.stream_http import StreamHttp  # noqa: PLC0415

    config = uvicorn.Config(
        build_app(settings, SystemClock(settings.clock_shift_s)),
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http=StreamHttp,
        ws="none",
        access_log=False,  # its lines would hold `?token=`
        log_config=None,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        backlog=2048,
    )
    _let_be_what_stays()
    uvicorn.Server(config).run()
    return 0


def _let_be_what_stays() -> None:
    """Have the garbage collector pass over what was imported, and look less often at the rest.

    A full collection held up all streams by 90 to 180 ms, and found next to nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
