"""What opens a stream, and what ends one: tickets, and rights that go while somebody looks."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest
from starlette.requests import HTTPConnection
from tests.access.asgi_call import ask

from progress_gateway.entrypoints.sse_stream import SseStream
from progress_gateway.entrypoints.stream_guard import StreamGuard
from sluice.auth.access import Right
from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.access.access_world import AccessWorld

    from progress_gateway.entrypoints.http_parts import HttpParts
    from sluice.auth.access import OpenView


class Viewer:
    """Somebody with an open stream, which runs in the background."""

    def __init__(self, stream: SseStream) -> None:
        self.stream = stream
        self.events: list[str] = []
        self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        async for event in self.stream.events():
            self.events += re.findall("^event: (.*)\r$", event.decode(), re.MULTILINE)

    async def has_ended(self) -> bool:
        """Tell whether the stream ends by itself now."""
        done, _ = await asyncio.wait([self._task], timeout=0.2)
        return bool(done)

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def gateway_of(world: AccessWorld) -> HttpParts:
    parts: HttpParts = world.apps["progress-gateway"].state.parts
    return parts


async def viewer(world: AccessWorld, caller: str, job_id: UUID | None) -> tuple[Viewer, str]:
    """Open a stream as somebody; return it with its token."""
    token = world.token_of(caller)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {token}".encode())],
    }
    parts = gateway_of(world)
    session = await parts.authenticator.session_of(HTTPConnection(scope))
    right = Right.OWN
    if job_id is not None:
        right = await parts.authenticator.require_right(session.user, job_id, Right.VIEW)
    stream = SseStream(
        parts=parts.stream, session=session, job_id=str(job_id) if job_id else None, right=right
    )
    opened = Viewer(stream)
    await asyncio.sleep(0.05)
    assert opened.events, "it has not begun"
    return opened, token


@pytest.mark.parametrize("reason", ["share", "end of share", "user", "token", "password", "job"])
def test_a_stream_ends_when_its_viewer_may_see_no_more(
    world: AccessWorld, runner: asyncio.Runner, reason: str
) -> None:
    async def story() -> None:
        job_id = world.add_job()
        leaving, token = await viewer(world, "view", job_id)
        staying, _ = await viewer(world, "ownr", job_id)
        guard = gateway_of(world).stream.guard
        await guard.check()
        assert not await leaving.has_ended()
        await take_away(world, reason, job_id, token)
        await guard.check()
        assert await leaving.has_ended()
        assert await staying.has_ended() == (reason == "job")
        await staying.leave()
        world.execute(
            "UPDATE sluice.users SET disabled = (username = 'disa'), token_generation = 0"
        )

    runner.run(story())


async def take_away(world: AccessWorld, reason: str, job_id: UUID, token: str) -> None:
    viewing = world.people["view"]
    match reason:
        case "share":
            world.execute("DELETE FROM sluice.job_shares WHERE user_id = %s", viewing)
        case "end of share":
            world.execute("UPDATE sluice.job_shares SET expires_at = now()")
        case "user":
            world.execute("UPDATE sluice.users SET disabled = true WHERE user_id = %s", viewing)
        case "token":
            headers = {"Authorization": f"Bearer {token}"}
            request = httpx.Request("POST", "http://x/api/auth/logout", headers=headers)
            assert (await ask(world.apps["upload-api"], request)).status_code == 204
        case "password":
            world.execute(
                "UPDATE sluice.users SET token_generation = 1 WHERE user_id = %s", viewing
            )
        case _:
            world.execute("DELETE FROM sluice.jobs WHERE job_id = %s", job_id)


def test_a_right_that_shrinks_is_the_streams_from_then_on(
    world: AccessWorld, runner: asyncio.Runner
) -> None:
    async def story() -> None:
        job_id = world.add_job()
        seen, _ = await viewer(world, "ctrl", job_id)
        mine, _ = await viewer(world, "ctrl", None)
        rights = [seen.stream.right]
        world.execute("UPDATE sluice.job_shares SET permission = 'view'")
        await gateway_of(world).stream.guard.check()
        assert not await seen.has_ended()
        rights.append(seen.stream.right)
        assert rights == [Right.CONTROL, Right.VIEW]
        assert mine.stream.right is Right.OWN, "of one's own jobs"
        await seen.leave()
        await mine.leave()

    runner.run(story())


def test_the_guard_looks_by_itself(world: AccessWorld, runner: asyncio.Runner) -> None:
    async def story() -> bool:
        job_id = world.add_job()
        seen, _ = await viewer(world, "view", job_id)
        parts = gateway_of(world)
        guard = StreamGuard(parts.views.rights_of, parts.tickets, check_s=0.01)
        guard.start()
        with guard.watch(seen.stream):
            world.execute("DELETE FROM sluice.job_shares WHERE job_id = %s", job_id)
            async with asyncio.timeout(20):
                while not await seen.has_ended():
                    assert guard.not_live() == ""
        await guard.stop()
        return True

    assert runner.run(story())


def test_an_outage_ends_no_stream(world: AccessWorld, runner: asyncio.Runner) -> None:
    async def away(_views: Sequence[OpenView]) -> list[Right]:
        raise Outage("postgres", "it is away")

    async def story() -> None:
        seen, _ = await viewer(world, "view", world.add_job())
        guard = gateway_of(world).stream.guard
        asked, guard._rights_of = guard._rights_of, away
        await guard.check()
        guard._rights_of = asked
        assert not await seen.has_ended()
        await seen.leave()

    runner.run(story())


class Tickets:
    """Asks for tickets and uses them, as a page does."""

    def __init__(self, world: AccessWorld) -> None:
        self._world = world

    async def make(self, caller: str, job_id: UUID | None = None) -> str:
        body = {"jobId": str(job_id)} if job_id else None
        request = httpx.Request(
            "POST",
            "http://x/api/progress/ticket",
            json=body,
            headers=self._world.headers_of(caller),
        )
        answer = await ask(self._world.apps["progress-gateway"], request)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        return str(answer.json()["ticket"])

    async def use(self, ticket: str, job_id: UUID | None, last_event_id: str = "") -> int:
        path = f"/api/progress/{job_id}/stream" if job_id else "/api/progress/stream"
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        request = httpx.Request("GET", f"http://x{path}?ticket={ticket}", headers=headers)
        return (await ask(self._world.apps["progress-gateway"], request)).status_code


def test_a_ticket_opens_one_stream_and_its_reconnects(
    world: AccessWorld, runner: asyncio.Runner
) -> None:
    async def story() -> list[int]:
        tickets, job_id = Tickets(world), world.add_job()
        ticket = await tickets.make("view", job_id)
        return [
            await tickets.use(ticket, job_id),
            await tickets.use(ticket, job_id),
            await tickets.use(ticket, job_id, last_event_id="7"),
            await tickets.use(ticket, world.add_job(), last_event_id="7"),
            await tickets.use(ticket, None, last_event_id="7"),
            await tickets.use("x" * 5000, job_id, last_event_id="7"),
        ]

    assert runner.run(story()) == [200, 401, 200, 401, 401, 401]


def test_of_many_that_come_at_once_with_a_ticket_one_gets_in(
    world: AccessWorld, runner: asyncio.Runner
) -> None:
    async def story() -> list[int]:
        tickets, job_id = Tickets(world), world.add_job()
        ticket = await tickets.make("ownr")
        return await asyncio.gather(*(tickets.use(ticket, job_id) for _ in range(20)))

    assert sorted(runner.run(story())) == [200] + [401] * 19


def test_a_ticket_gives_no_more_than_its_token_gives_now(
    world: AccessWorld, runner: asyncio.Runner
) -> None:
    async def story() -> list[int]:
        tickets, job_id = Tickets(world), world.add_job()
        of_mine, of_share = await tickets.make("view"), await tickets.make("view", job_id)
        world.execute("DELETE FROM sluice.job_shares WHERE job_id = %s", job_id)
        late = await tickets.make("view")
        world.execute("UPDATE sluice.users SET disabled = true WHERE username = 'view'")
        statuses = [
            await tickets.use(of_mine, None),
            await tickets.use(of_share, job_id),
            await tickets.use(late, None),
        ]
        world.execute("UPDATE sluice.users SET disabled = false WHERE username = 'view'")
        fresh = await tickets.make("view")
        return [*statuses, await tickets.use(fresh, job_id)]

    assert runner.run(story()) == [401, 401, 401, 403]


def test_a_ticket_lives_a_minute_and_is_kept_as_a_hash(
    world: AccessWorld, runner: asyncio.Runner, redis_url: str
) -> None:
    async def story() -> str:
        return await Tickets(world).make("ownr")

    ticket = runner.run(story())
    redis = gateway_of(world).tickets._redis

    async def look() -> tuple[list[bytes], list[int]]:
        keys = [key async for key in redis.scan_iter("sluice:ticket:*")]
        return keys, [await redis.ttl(key) for key in keys]

    keys, lives = runner.run(look())
    assert keys
    assert all(0 < left <= 60 for left in lives)
    assert not any(ticket.encode() in key for key in keys)


def test_a_reconnect_takes_the_stream_over_from_the_one_before(
    world: AccessWorld, runner: asyncio.Runner
) -> None:
    async def story() -> tuple[bool, bool]:
        parts, job_id = gateway_of(world), world.add_job()
        text = await Tickets(world).make("view", job_id)
        first = await viewer_by_ticket(world, text, job_id, is_reconnect=False)
        second = await viewer_by_ticket(world, text, job_id, is_reconnect=True)
        await parts.stream.guard.check()
        ended = await first.has_ended(), await second.has_ended()
        await second.leave()
        return ended

    assert runner.run(story()) == (True, False)


async def viewer_by_ticket(
    world: AccessWorld, text: str, job_id: UUID, *, is_reconnect: bool
) -> Viewer:
    opened, _ = await viewer(world, "view", job_id)
    opened.stream.ticket = text
    stream_id = opened.stream.stream_id
    tickets = gateway_of(world).tickets
    assert await tickets.redeem(text, stream_id, is_reconnect=is_reconnect) is not None
    return opened


def test_a_page_of_another_origin_gets_no_ticket_by_the_cookie(
    world: AccessWorld, runner: asyncio.Runner
) -> None:
    def asking(**headers: str) -> httpx.Request:
        cookie = f"sluice_token={world.token_of('ownr')}"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Request(
            "POST", "http://x/api/progress/ticket", headers={"Cookie": cookie} | names
        )

    async def story() -> list[int]:
        app = world.apps["progress-gateway"]
        requests = [
            asking(sec_fetch_site="cross-site"),
            asking(origin="https://evil.test"),
            asking(sec_fetch_site="same-origin"),
            asking(origin="http://x"),
        ]
        return [(await ask(app, request)).status_code for request in requests]

    assert runner.run(story()) == [403, 403, 200, 200]


def test_the_first_event_tells_what_one_may_do(world: AccessWorld, runner: asyncio.Runner) -> None:
    async def story() -> dict[str, Any]:
        opened, _ = await viewer(world, "ctrl", world.add_job())
        body: dict[str, Any] = json.loads(
            opened.stream._connection().decode().partition("data: ")[2]
        )
        await opened.leave()
        return body

    assert runner.run(story())["right"] == "control"
