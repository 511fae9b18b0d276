"""The three pages every process without an HTTP app of its own serves: life, readiness, metrics."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

READY = ""


class OpsServer(ThreadingHTTPServer):
    """A server whose faults stand in the log as all others do; its own way is plain stderr."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as called
        error = sys.exception()
        if not isinstance(error, ConnectionError):  # a probe that left waits no more
            log.error("a page of the process was not served", exc_info=error)


def start_ops_server(
    host: str,
    port: int,
    not_ready: Callable[[], str],
    not_live: Callable[[], str] = lambda: "",
) -> OpsServer:
    """Serve `/livez`, `/readyz` and `/metrics` from a daemon thread.

    Args:
        host: the address to listen on.
        port: 0 takes a free one.
        not_ready: returns why the process is not ready, or `READY`.
        not_live: returns why the process should be killed and started again, or nothing.
    """

    class _Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, generate_latest(REGISTRY), CONTENT_TYPE_LATEST)
            elif self.path == "/livez":
                self._say(not_live())
            elif self.path == "/readyz":
                self._say(not_ready())
            else:
                self._answer(404, b"not found\n")

        def _say(self, reason: str) -> None:
            self._answer(503 if reason else 200, (reason or "ok").encode() + b"\n")

        def _answer(self, status: int, body: bytes, kind: str = "text/plain") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing: probes come every second."""

    server = OpsServer((host, port), _Handler)
    threading.Thread(target=server.serve_forever, name="ops-server", daemon=True).start()
    return server
