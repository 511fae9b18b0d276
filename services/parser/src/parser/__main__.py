"""`python -m parser`: read the settings, join the parts, run until told to stop."""

from __future__ import annotations

import os
import signal
import sys

from parser.bootstrap import build
from parser.settings import ParserSettings
from sluice import failpoints
from sluice.clock import SystemClock
from sluice.errors import SettingsError
from sluice.logging import configure_logging
from sluice.metrics import tell_build
from sluice.processes import present
from sluice.tracing.configure import configure_tracing
from xlsx_reader import READER_NAME


def main() -> int:
    try:
        settings = ParserSettings.from_env(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    configure_logging("parser", settings)
    configure_tracing("parser", settings)
    tell_build("parser", reader=READER_NAME)
    failpoints.arm_from(settings.failpoints_dir)
    application = build(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: application.loop.stop())
    with present("parser", settings.redis_url, SystemClock(), lambda: application.loop.outage):
        application.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
