"""`python -m upload_api`: serve until SIGTERM, then finish the requests in hand."""

from __future__ import annotations

import os
import signal
import sys

import uvicorn

from import_targets import TargetError
from sluice import failpoints
from sluice.errors import SettingsError
from sluice.logging import configure_logging
from upload_api.bootstrap import build_app, build_parts
from upload_api.settings import UploadApiSettings

SHUTDOWN_S = 20


def main() -> int:
    try:
        settings = UploadApiSettings.from_env(os.environ)
        configure_logging("upload-api", settings)
        failpoints.arm_from(settings.failpoints_dir)
        app = build_app(build_parts(settings))
    except (SettingsError, TargetError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log before the settings
        return 1
    # uvicorn raises the signal again behind its own shutdown: that is no reason to die of it
    signal.signal(signal.SIGTERM, lambda *_: None)
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
