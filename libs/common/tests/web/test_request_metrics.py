"""Requests are counted by the route they were led to, whatever their paths say."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
from fastapi import FastAPI
from prometheus_client import REGISTRY

from sluice.clock import SystemClock
from sluice.web.request_metrics import RequestMetrics


def ask(*requests: tuple[str, str]) -> list[int]:
    """Send requests to an app with one route; return how they are answered."""
    app = FastAPI()
    app.add_middleware(RequestMetrics, clock=SystemClock())

    @app.get("/things/{thing_id}")
    async def thing(thing_id: str) -> str:
        if thing_id == "broken":
            raise RuntimeError("a bug")
        return thing_id

    async def send() -> list[int]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return [(await client.request(*each)).status_code for each in requests]

    return asyncio.run(send())


def count(method: str, route: str, status: int) -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("sluice_http_requests_total", labels) or 0.0


def test_ids_in_paths_are_no_labels() -> None:
    before = count("GET", "/things/{thing_id}", 200)
    assert ask(*[("GET", f"/things/{uuid4()}")] * 3) == [200] * 3
    assert count("GET", "/things/{thing_id}", 200) == before + 3


def test_a_bug_and_a_strange_request_are_counted() -> None:
    bugs, strangers = count("GET", "/things/{thing_id}", 500), count("other", "other", 404)
    assert ask(("GET", "/things/broken"), ("BREW", "/coffee")) == [500, 404]
    assert count("GET", "/things/{thing_id}", 500) == bugs + 1
    assert count("other", "other", 404) == strangers + 1
