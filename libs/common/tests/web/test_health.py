from collections.abc import Callable

import httpx
from fastapi import FastAPI

from sluice.web.health import READY, add_health_routes


def test_readiness_follows_the_reason_given_and_life_does_not(
    call: Callable[..., httpx.Response],
) -> None:
    reasons = ["postgres is away", READY]
    app = FastAPI()
    add_health_routes(app, lambda: reasons.pop(0))
    refused, ready = call(app, "GET", "/readyz"), call(app, "GET", "/readyz")
    assert (refused.status_code, refused.text) == (503, "postgres is away\n")
    assert (ready.status_code, ready.text) == (200, "ok\n")
    assert call(app, "GET", "/livez").status_code == 200
    assert "python_info" in call(app, "GET", "/metrics").text
