"""The guard looks on, whatever one of its questions came to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import psycopg
import pytest

from progress_gateway.entrypoints.stream_guard import StreamGuard
from sluice.auth.access import OpenView, Right

if TYPE_CHECKING:
    from collections.abc import Sequence

    from progress_gateway.adapters.stream_tickets import StreamTickets


class Stream:
    """Notes that its right has gone."""

    stream_id = "a stream"
    ticket: str | None = None

    def __init__(self) -> None:
        self.is_ended = asyncio.Event()

    @property
    def view(self) -> OpenView:
        return OpenView(user_id=uuid4(), job_id=None, token_digest=b"", generation=1)

    def allow(self, right: Right) -> None:
        assert right is Right.NONE
        self.is_ended.set()


class Rights:
    """Everybody's have gone; the first questions fail."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)

    async def of(self, views: Sequence[OpenView]) -> list[Right]:
        if self.failures:
            raise self.failures.pop()
        return [Right.NONE for _ in views]


def guard_by(rights: Rights) -> StreamGuard:
    return StreamGuard(rights.of, cast("StreamTickets", None), check_s=0.01)


@pytest.mark.parametrize(
    "failure", [psycopg.errors.QueryCanceled, psycopg.errors.InsufficientPrivilege]
)
def test_a_withdrawn_right_shows_where_postgresql_refused_once(
    failure: type[psycopg.Error],
) -> None:
    async def story() -> None:
        guard, stream = guard_by(Rights(failure("a test"))), Stream()
        guard.start()
        with guard.watch(stream):
            async with asyncio.timeout(20):
                await stream.is_ended.wait()
        assert guard.not_live() == ""
        await guard.stop()

    asyncio.run(story())


def test_a_bug_ends_the_guard_and_shows() -> None:
    async def story() -> None:
        guard = guard_by(Rights(KeyError("a test")))
        guard.start()
        with guard.watch(Stream()):
            async with asyncio.timeout(20):
                while not guard.not_live():  # noqa: ASYNC110 - it is asked by /livez
                    await asyncio.sleep(0.01)
        assert guard.not_live() == "ended: guard"
        await guard.stop()

    asyncio.run(story())
