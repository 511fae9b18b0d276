"""`python -m upload_api`: serve until SIGTERM, then finish the requests in hand within 15 s."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import uvicorn

from import_targets import TargetError
from sluice import failpoints
from sluice.confinement.child import prepare_forkserver
from sluice.errors import SettingsError
from sluice.logging import configure_logging
from sluice.metrics import tell_build
from sluice.tracing.configure import configure_tracing
from sluice.web.bounded_http import BoundedHttp
from upload_api.bootstrap import build_app, build_parts
from upload_api.settings import UploadApiSettings
from xlsx_reader import READER_NAME

if TYPE_CHECKING:
    from types import FrameType

    from upload_api.parts import Parts

REQUESTS_S = 8
"""Behind the grace of uploads; what is still running then is cancelled."""


class Server(uvicorn.Server):
    """Tells the app of its end while requests are still served, not only behind them."""

    def __init__(self, config: uvicorn.Config, parts: Parts) -> None:
        super().__init__(config)
        self._parts = parts

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._parts.stop_soon()
        super().handle_exit(sig, frame)


def main() -> int:
    try:
        settings = UploadApiSettings.from_env(os.environ)
        configure_logging("upload-api", settings)
        configure_tracing("upload-api", settings)
        tell_build("upload-api", reader=READER_NAME)
        prepare_forkserver("upload_api.adapters.row_child")
        failpoints.arm_from(settings.failpoints_dir)
        parts = build_parts(settings)
    except (SettingsError, TargetError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log before the settings
        return 1
    # uvicorn raises the signal again behind its own shutdown: that is no reason to die of it
    signal.signal(signal.SIGTERM, lambda *_: None)
    config = uvicorn.Config(
        build_app(parts),
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http=BoundedHttp,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=REQUESTS_S,
    )
    server = Server(config, parts)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
