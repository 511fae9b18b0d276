"""Many viewers in one process: raw sockets that note what came when; it is read afterwards.

Run as a program it takes a `Plan` as JSON on standard input, opens every stream, says `open` and
waits for a line: with it what came is written to the plan's file, and the sockets are cut.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import uvloop

from sluice.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable

OPENED_AT_ONCE = 50
OPEN_WITHIN_S = 60.0
_EVENT = re.compile(rb"id: ([^\r\n]+)\r?\nevent: (\w+)\r?\ndata: ([^\r\n]*)\r?\n\r?\n")
_JOB = re.compile(rb'"jobId":"([^"]+)"')
_VERSION = re.compile(rb'"version":(\d+)')
_ROWS = re.compile(rb'"processedRows":(\d+)')
_OPEN = b"event: connection"
_LAST = b"\r\n0\r\n\r\n"
"""The end of a response whose connection stays open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one process of viewers does: (job, token) of each stream, with no job for one of all."""

    host: str
    port: int
    streams: tuple[tuple[str, str], ...]
    file: str


@dataclass(slots=True)
class Seen:
    """What one viewer saw of one job: moments (Unix s), versions, rows, and its last events."""

    at_s: list[float] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


class Viewer(asyncio.Protocol):
    """One stream, from its request to the end of its connection.

    While it runs it takes the time and keeps the bytes, nothing else: it shares the machine with
    what is measured.
    """

    def __init__(self, path: str, token: str) -> None:
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self.opened = asyncio.get_running_loop().create_future()
        self.came: list[tuple[float, bytes]] = []
        self.was_cut = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.came.append((time.monotonic(), data))
        if not self.opened.done():
            self._look_whether_open(b"".join(part for _, part in self.came))

    def _look_whether_open(self, head: bytes) -> None:
        if _OPEN in head:
            self.opened.set_result(None)
        elif b"\r\n\r\n" in head and not head.startswith(b"HTTP/1.1 200"):
            self.opened.set_exception(RuntimeError(head[:300].decode(errors="replace")))

    def connection_lost(self, exc: Exception | None) -> None:
        self.was_cut = True
        if not self.opened.done():
            self.opened.set_exception(exc or RuntimeError("the stream was cut"))

    def told(self, clock_offset_s: float) -> tuple[dict[str, Seen], bool]:
        """Return what was seen of each job, and whether the stream has ended."""
        seen: dict[str, Seen] = {}
        rest = b""
        for moment_s, data in self.came:
            rest += data
            end = 0
            for found in _EVENT.finditer(rest):
                end = found.end()
                _note(seen, moment_s + clock_offset_s, found[2].decode(), found[3])
            rest = rest[end:]
        return seen, self.was_cut or rest.endswith(_LAST)


def _note(seen_of: dict[str, Seen], at_s: float, event: str, data: bytes) -> None:
    job, version, rows = _JOB.search(data), _VERSION.search(data), _ROWS.search(data)
    assert job is not None
    assert version is not None
    assert rows is not None
    seen = seen_of.setdefault(job[1].decode(), Seen())
    seen.at_s.append(round(at_s, 4))
    seen.versions.append(int(version[1]))
    seen.rows.append(int(rows[1]))
    seen.events.append(event)


async def watch(plan: Plan) -> None:
    """Open all streams, wait for a line of standard input, and write what was seen."""
    offset_s = SystemClock().now().timestamp() - time.monotonic()
    gate = asyncio.Semaphore(OPENED_AT_ONCE)
    viewers = await asyncio.gather(*(_open(plan, job, token, gate) for job, token in plan.streams))
    gc.collect()
    gc.disable()
    opened_cpu_s = time.process_time()
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    cpu_s = time.process_time() - opened_cpu_s
    await asyncio.to_thread(_write, plan, viewers, offset_s, cpu_s)
    for viewer in viewers:
        assert viewer.transport is not None
        viewer.transport.abort()


async def _open(plan: Plan, job_id: str, token: str, gate: asyncio.Semaphore) -> Viewer:
    path = f"/api/progress/{job_id}/stream" if job_id else "/api/progress/stream?scope=visible"
    async with gate, asyncio.timeout(OPEN_WITHIN_S):
        viewer = Viewer(path, token)
        await asyncio.get_running_loop().create_connection(lambda: viewer, plan.host, plan.port)
        await viewer.opened
    return viewer


def _write(plan: Plan, viewers: Iterable[Viewer], clock_offset_s: float, cpu_s: float) -> None:
    told = []
    for (job_id, _), viewer in zip(plan.streams, viewers, strict=True):
        seen, has_ended = viewer.told(clock_offset_s)
        told.append(
            {
                "of": job_id,
                "ended": has_ended,
                "bytes": sum(len(data) for _, data in viewer.came),
                "seen": {job: asdict(each) for job, each in seen.items()},
            }
        )
    found = {"cpu_s": cpu_s, "viewers": told}
    Path(plan.file).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    told = json.loads(sys.stdin.readline())
    uvloop.run(watch(Plan(**{**told, "streams": tuple(told["streams"])})))
