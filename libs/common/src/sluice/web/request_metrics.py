"""How many requests each route answers, how, and how long the answer takes to begin."""

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sluice.clock import Clock

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"

REQUESTS = Counter(
    "sluice_http_requests_total", "Requests by route and answer", ["method", "route", "status"]
)
ANSWER_S = Histogram(
    "sluice_http_answer_seconds",
    "From a request to the head of its answer; an upload's body lies between, a stream's not",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120),
)


class RequestMetrics:
    """Middleware. Routes are counted by their template: no id of a job is ever a label."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun_s = self._clock.monotonic_s()
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                ANSWER_S.labels(route_of(scope)).observe(self._clock.monotonic_s() - begun_s)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            status = status or 500
            raise
        finally:
            method = scope["method"] if scope["method"] in METHODS else OTHER
            REQUESTS.labels(method, route_of(scope), str(status or "none")).inc()


def route_of(scope: Scope) -> str:
    """Return the template of the route that a request was led to, once it was."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else OTHER
