"""`python -m writer`: write chunks until SIGTERM."""

from __future__ import annotations

import os
import signal
import sys

import pyarrow as pa

from sluice import failpoints
from sluice.errors import SettingsError
from sluice.logging import configure_logging
from sluice.ops_server import start_ops_server
from writer.bootstrap import build
from writer.settings import WriterSettings


def main() -> int:
    try:
        settings = WriterSettings.from_env(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    configure_logging("writer", settings)
    failpoints.arm_from(settings.failpoints_dir)
    pa.set_memory_pool(pa.system_memory_pool())
    consumer = build(settings)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: consumer.stop())
    start_ops_server(settings.http_host, settings.metrics_port, lambda: consumer.not_ready)
    consumer.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
