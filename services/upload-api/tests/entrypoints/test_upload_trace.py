"""Whose word counts when an upload is traced."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request

from sluice import tracing
from sluice.settings import Settings
from sluice.tracing.opentelemetry import SdkTracer
from upload_api.entrypoints.upload_trace import upload_trace

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def never(tmp_path: Path) -> Iterator[None]:
    environ = {"SLUICE_TRACES": (tmp_path / "t.jsonl").as_uri(), "SLUICE_TRACES_RATIO": "0"}
    tracer = SdkTracer("test", Settings.from_env(environ))
    tracing.install(tracer)
    yield
    tracing.install(None)
    tracer.close()


@pytest.mark.parametrize("trusts", [False, True])
def test_a_callers_sampled_trace_counts_only_where_the_settings_trust_callers(
    *, trusts: bool
) -> None:
    settings = SimpleNamespace(traces_trust_callers=trusts)
    app = SimpleNamespace(state=SimpleNamespace(parts=SimpleNamespace(settings=settings)))
    headers = [(b"traceparent", SAMPLED.encode())]
    request = Request({"type": "http", "headers": headers, "app": app})
    user: Any = None

    async def is_recorded() -> bool:
        async for span in upload_trace(request, user):
            return span.is_recorded
        raise AssertionError("no span")

    assert asyncio.run(is_recorded()) is trusts
