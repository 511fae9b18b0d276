"""Who may only view a job gets counts and codes from every route that there is, and no cell."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from starlette.requests import HTTPConnection
from tests.access.matrix import ROWS

from progress_gateway.entrypoints.sse_stream import SseStream
from sluice.auth.access import Right

if TYPE_CHECKING:
    from uuid import UUID

    from tests.access.access_world import AccessWorld
    from tests.access.matrix import Row

CELL = "canary-4711-cell"
ENDED = {"status": "completed_with_errors", "total_is_estimate": False}
READING = [row for row in ROWS if row.method == "GET" and "{job_id}" in row.path]
VIEWERS = ("view", "publ", "oper")


def job_with_a_cell(world: AccessWorld) -> UUID:
    job_id = world.add_job(ENDED, is_public=True)
    world.add_rejected_row(job_id, CELL)
    return job_id


def text_of(content: bytes) -> str:
    """Return all that an answer holds; a workbook is unpacked."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


@pytest.mark.parametrize("row", READING, ids=str)
def test_no_route_gives_a_viewer_a_cell(
    world: AccessWorld, runner: asyncio.Runner, row: Row
) -> None:
    async def read() -> str:
        job_id = job_with_a_cell(world)
        answers = [await world.answer(row, caller, job_id) for caller in VIEWERS]
        return "".join(text_of(answer.content) for answer in answers)

    assert CELL not in runner.run(read())


def test_a_controller_gets_the_cell_where_it_belongs(
    world: AccessWorld, runner: asyncio.Runner
) -> None:
    async def read() -> set[str]:
        job_id = job_with_a_cell(world)
        answers = {row.path: await world.answer(row, "ctrl", job_id) for row in READING}
        return {path for path, answer in answers.items() if CELL in text_of(answer.content)}

    shown = runner.run(read())
    assert {"/api/jobs/{job_id}", "/api/jobs/{job_id}/errors"} <= shown


@pytest.mark.parametrize(("caller", "sees"), [("view", False), ("oper", False), ("ctrl", True)])
def test_a_stream_tells_a_viewer_codes_and_a_controller_sentences(
    world: AccessWorld, runner: asyncio.Runner, caller: str, sees: bool
) -> None:
    async def read() -> str:
        job_id = job_with_a_cell(world)
        parts = world.apps["progress-gateway"].state.parts
        headers = [
            (name.lower().encode(), value.encode())
            for name, value in world.headers_of(caller).items()
        ]
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/"}
        scope |= {"headers": headers, "query_string": b""}
        session = await parts.authenticator.session_of(HTTPConnection(scope))
        right = await parts.authenticator.require_right(session.user, job_id, Right.VIEW)
        stream = SseStream(parts=parts.stream, session=session, job_id=str(job_id), right=right)
        return b"".join([event async for event in stream.events()]).decode()

    told = runner.run(read())
    assert "INTEGER_INVALID" in told or sees
    assert (CELL in told) == sees
