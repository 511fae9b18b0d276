"""`/livez`, `/readyz` and `/metrics` of an HTTP app."""

from collections.abc import Callable

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from starlette.responses import PlainTextResponse, Response

READY = ""


def add_health_routes(
    app: FastAPI, not_ready: Callable[[], str], not_live: Callable[[], str] = lambda: READY
) -> None:
    """Serve the three pages.

    Args:
        app: gets the routes.
        not_ready: returns why the process is not ready, or `READY`; called in a worker thread,
            so it may wait for a database.
        not_live: returns why the process should be started again, or nothing; called in the
            event loop, whose own standstill shows in that nothing is answered.
    """

    @app.get("/livez", tags=["health"], response_class=PlainTextResponse)
    async def livez() -> PlainTextResponse:
        """Say whether the process is to be started again (503: why)."""
        reason = not_live()
        return PlainTextResponse(f"{reason or 'ok'}\n", 503 if reason else 200)

    @app.get("/readyz", tags=["health"], response_class=PlainTextResponse)
    def readyz() -> PlainTextResponse:
        """Say whether requests are to be sent here (503: what is away)."""
        reason = not_ready()
        return PlainTextResponse(f"{reason or 'ok'}\n", 503 if reason else 200)

    @app.get("/metrics", tags=["health"], response_class=PlainTextResponse)
    def metrics() -> Response:
        """Tell the process's metrics, as Prometheus reads them."""
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
