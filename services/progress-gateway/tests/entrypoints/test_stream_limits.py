"""How many streams one user gets, counted on a real gateway."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from sluice.auth.tokens import TokenKeeper
from sluice.settings import TokenSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self
    from uuid import UUID

pytestmark = pytest.mark.slow
SECRET = "a secret of at least thirty-two characters"
ALL = "/api/progress/stream"


@pytest.fixture
def start_gateway(
    start_process: Callable[..., Any], database_url: str, redis_url: str
) -> Callable[..., str]:
    def start(**more: str) -> str:
        env = {
            "SLUICE_DATABASE_URL": database_url,
            "SLUICE_REDIS_URL": redis_url,
            "SLUICE_JWT_SECRET": SECRET,
            "SLUICE_UPLOAD_API_URL": "http://127.0.0.1:1",
        }
        return str(start_process("http", env | more, "SLUICE_HTTP_PORT").url)

    return start


@pytest.fixture
def user(ledger: Any) -> UUID:
    user_id = uuid4()
    ledger.add_user(user_id)
    return user_id


def signed_in(user_id: UUID, age: timedelta = timedelta(), **more: str) -> dict[str, str]:
    keeper = TokenKeeper(TokenSettings.from_env({"SLUICE_JWT_SECRET": SECRET}))
    now = datetime.now(UTC) - age  # noqa: TID251
    return {"Authorization": f"Bearer {keeper.issue(user_id, 'x', now)[0]}", **more}


class Viewers:
    """Streams of one user that are held open."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        limits = httpx.Limits(max_connections=None)
        self.client = httpx.AsyncClient(
            base_url=url, headers=headers, trust_env=False, timeout=30, limits=limits
        )
        self.answers: list[httpx.Response] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self.close()
        await self.client.aclose()

    async def open(self, path: str = ALL, **headers: str) -> httpx.Response:
        request = self.client.build_request("GET", path, headers=headers)
        answer = await self.client.send(request, stream=True)
        self.answers.append(answer)
        if not answer.is_success:
            await answer.aread()
        return answer

    async def open_many(self, count: int) -> list[int]:
        answers = await asyncio.gather(*(self.open() for _ in range(count)))
        return [answer.status_code for answer in answers]

    async def close(self) -> None:
        for answer in self.answers:
            await answer.aclose()
        self.answers.clear()

    async def open_when_free(self) -> httpx.Response:
        while True:
            answer = await self.open()
            if answer.is_success:
                return answer
            await asyncio.sleep(0.05)


def test_of_200_openings_at_once_exactly_the_limit_is_granted(
    start_gateway: Callable[..., str], user: UUID
) -> None:
    async def work() -> None:
        url = start_gateway(SLUICE_MAX_STREAM_OPENINGS="100")
        async with Viewers(url, signed_in(user)) as viewers:
            await check(viewers)

    async def check(viewers: Viewers) -> None:
        statuses = await viewers.open_many(200)
        assert (statuses.count(200), statuses.count(429)) == (3, 197)
        refused = next(one for one in viewers.answers if one.status_code == 429)
        assert refused.json()["code"] == "TOO_MANY_STREAMS"
        assert 1 <= int(refused.headers["Retry-After"]) <= 30
        assert refused.headers["RateLimit-Policy"] == '"streams";q=3;qu="concurrent-requests"'
        await viewers.close()
        granted = await asyncio.wait_for(viewers.open_when_free(), 20)
        assert '"stream-openings";q=100;w=900' in granted.headers["RateLimit-Policy"]
        await viewers.close()

    asyncio.run(work())


def test_with_redis_killed_in_the_middle_never_more_than_the_limit_is_granted(
    infra: Any, start_gateway: Callable[..., str], user: UUID
) -> None:
    stack = infra.with_parts("redis")

    async def work() -> int:
        async with Viewers(start_gateway(), signed_in(user)) as viewers:
            return await granted(viewers)

    async def granted(viewers: Viewers) -> int:
        first = [asyncio.ensure_future(viewers.open()) for _ in range(100)]
        await asyncio.sleep(0.05)
        kill = asyncio.to_thread(stack.stop, "redis", signal.SIGKILL)
        second = [asyncio.ensure_future(viewers.open()) for _ in range(100)]
        await kill
        answers = await asyncio.gather(*first, *second)
        later = await viewers.open_many(20)
        return sum(answer.is_success for answer in answers) + later.count(200)

    try:
        assert 1 <= asyncio.run(work()) <= 3
    finally:
        stack.start("redis")
        stack.wait_ready("redis")


def test_openings_are_counted_and_coming_back_is_none(
    start_gateway: Callable[..., str], user: UUID
) -> None:
    async def work() -> None:
        url = start_gateway(SLUICE_MAX_STREAM_OPENINGS="2")
        other_token = signed_in(user, timedelta(minutes=1))
        async with Viewers(url, signed_in(user)) as mine, Viewers(url, other_token) as other:
            await check(mine, other)

    async def check(viewers: Viewers, other: Viewers) -> None:
        for _ in range(2):
            assert (await viewers.open()).is_success
            await viewers.close()
        refused = await viewers.open()
        assert refused.json()["code"] == "TOO_MANY_STREAM_OPENINGS"
        assert '"stream-openings";r=0' in refused.headers["RateLimit"]
        for event_id, status in (("all-7", 200), ("7", 429), ("all-", 429), ("", 429)):
            back = await viewers.open(**{"Last-Event-ID": event_id})
            assert (event_id, back.status_code) == (event_id, status)
        assert (await other.open(**{"Last-Event-ID": "all-7"})).status_code == 429
        await viewers.close()

    asyncio.run(work())
