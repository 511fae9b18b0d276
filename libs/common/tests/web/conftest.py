import asyncio
from typing import Any, Protocol

import httpx
import pytest
from fastapi import FastAPI


class Call(Protocol):
    def __call__(self, app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response: ...


async def _call(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.request(method, path, **more)


@pytest.fixture
def call() -> Call:
    """One request to an app in this process."""

    def once(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(_call(app, method, path, **more))

    return once
