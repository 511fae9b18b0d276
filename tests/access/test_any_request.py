"""Whatever is sent to a route, it answers what its description says it may, and never fails.

Requests are drawn from the OpenAPI documents, those that fit and those that do not.
"""

from __future__ import annotations

from contextlib import nullcontext, suppress
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from tests.access.asgi_call import ask
from tests.access.matrix import ROWS, Row

if TYPE_CHECKING:
    import asyncio

    from fastapi import FastAPI
    from tests.access.access_world import AccessWorld

EXAMPLES = 4
BASE_URL = "http://sluice.test"


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_any_request_is_answered_as_documented(
    world: AccessWorld, runner: asyncio.Runner, row: Row, mode: GenerationMode
) -> None:
    app = world.apps[row.app]
    document = app.openapi()
    operation = schema_of(app)[row.path][row.method]
    documented = document["paths"][row.path][row.method.lower()]["responses"].keys()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answered(case: Any) -> None:
        aim(case, world)
        answer = runner.run(ask(app, request_of(case, world.token_of("admn"))))
        assert answer.status_code < 500 or answer.status_code in {503, 507}, answer.text
        assert str(answer.status_code) in documented, answer.text
        if answer.status_code >= 400 and answer.content[:1] == b"{":
            assert answer.headers["content-type"] == "application/problem+json"

    # What takes nothing cannot be sent wrong
    with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
        answered()


@cache
def schema_of(app: FastAPI) -> Any:
    return schemathesis.openapi.from_dict(app.openapi())


def aim(case: Any, world: AccessWorld) -> None:
    """Let a well-formed id be that of a job: others are unknown, and get no further."""
    told = case.path_parameters.get("job_id")
    try:
        UUID(str(told))
    except ValueError:
        return
    case.path_parameters["job_id"] = str(world.add_job())


def request_of(case: Any, token: str) -> httpx.Request:
    """Return a drawn case as it goes over the wire, signed in."""
    made = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
    body: Any = made.body or b""
    request = httpx.Request(
        str(made.method),
        str(made.url),
        headers=[(_bytes(name), _bytes(value)) for name, value in made.headers.items()],
        content=_bytes(body),
    )
    request.headers["Authorization"] = f"Bearer {token}"
    return request


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
