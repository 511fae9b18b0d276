"""`python -m writer`: write chunks until SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pyarrow as pa
import structlog

from sluice import failpoints
from sluice.clock import SystemClock
from sluice.errors import SettingsError
from sluice.logging import configure_logging
from sluice.metrics import tell_build
from sluice.ops_server import start_ops_server
from sluice.processes import present
from sluice.tracing.configure import configure_tracing
from writer.adapters.compiled_rows import ENCODER_NAME
from writer.bootstrap import build
from writer.settings import WriterSettings

if TYPE_CHECKING:
    from writer.bootstrap import Application

log = structlog.get_logger(__name__)

LEAVES_WITHIN_S = 13.0
"""A supervisor kills after 15 s; what hangs until then has committed nothing, and comes again."""


def main() -> int:
    try:
        settings = WriterSettings.from_env(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    configure_logging("writer", settings)
    configure_tracing("writer", settings)
    tell_build("writer", encoder=ENCODER_NAME)
    log.info("the writer begins", encoder=ENCODER_NAME)
    failpoints.arm_from(settings.failpoints_dir)
    pa.set_memory_pool(pa.system_memory_pool())
    writer = build(settings)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: _leave(writer))
    start_ops_server(
        settings.http_host,
        settings.metrics_port,
        lambda: writer.consumer.not_ready,
        writer.not_live,
    )
    with present("writer", settings.redis_url, SystemClock(), lambda: writer.consumer.not_ready):
        return writer.run()


def _leave(writer: Application) -> None:
    """Begin to leave; whatever hangs then (a stopped database, no broker) is not waited for."""
    writer.stop()
    last_resort = threading.Timer(LEAVES_WITHIN_S, os._exit, [0])
    last_resort.daemon = True
    last_resort.start()


if __name__ == "__main__":
    sys.exit(main())
