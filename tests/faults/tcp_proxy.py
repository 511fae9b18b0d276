"""A TCP proxy of the tests' own: it can swallow, reset, delay, slow down, or cut at a word."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine

BLOCK_BYTES = 65_536
STEP_S = 0.1
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What happens to what passes; the default is a clear day."""

    black_hole: bool = False
    """Nothing passes, in either direction, and nobody is told; it passes when that is over."""
    resets: bool = False
    """Every connection is reset, those to come as well."""
    delay_s: float = 0.0
    jitter_s: float = 0.0
    bytes_per_s: int = 0
    """0: as fast as it goes."""
    cut_after: bytes = b""
    """Whoever sends this is cut off as soon as the server has it, without the answer."""


CLEAR = Weather()


class TcpProxy:
    """Listens on one port of the loopback and passes on to another."""

    def __init__(self, name: str, listen_port: int, server_port: int) -> None:
        self.name = name
        self.port = listen_port
        self._server_port = server_port
        self._weather = CLEAR
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.cuts = 0

    async def start(self) -> None:
        self._clear = asyncio.Event()
        self._clear.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def change(self, weather: Weather) -> None:
        self._weather = weather
        if weather.black_hole:
            self._clear.clear()
        else:
            self._clear.set()
        if weather.resets:
            for writer in list(self._open):
                _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            await self._clear.wait()
            if self._weather.resets:
                return _reset(writer)
            await self._join(reader, writer)
        except (OSError, asyncio.CancelledError):
            return None
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._server_port)
        self._open.add(back)
        ways = [
            asyncio.create_task(self._pass_on(reader, back, writer)),
            asyncio.create_task(self._pass_on(there, writer, None)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._open.discard(back)
            back.transport.abort()

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        sender: asyncio.StreamWriter | None,
    ) -> None:
        """Pass on until the end; `sender` is given on the way to the server."""
        with contextlib.suppress(OSError):
            while block := await source.read(BLOCK_BYTES):
                await self._clear.wait()
                weather = self._weather
                if weather.delay_s:
                    spread = random.uniform(-weather.jitter_s, weather.jitter_s)
                    await asyncio.sleep(max(0.0, weather.delay_s + spread))
                await self._send(block, sink)
                if sender is not None and weather.cut_after and weather.cut_after in block:
                    await self._cut(sender, sink)
                    return

    async def _send(self, block: bytes, sink: asyncio.StreamWriter) -> None:
        while rate := self._weather.bytes_per_s:
            size = max(1, int(rate * STEP_S))
            sink.write(block[:size])
            await sink.drain()
            block = block[size:]
            if not block:
                return
            await asyncio.sleep(STEP_S)
        sink.write(block)
        await sink.drain()

    async def _cut(self, sender: asyncio.StreamWriter, sink: asyncio.StreamWriter) -> None:
        self._weather = replace(self._weather, cut_after=b"")
        self.cuts += 1
        _reset(sender)
        await asyncio.sleep(0.05)  # the server has it, and works on it
        _reset(sink)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection so that the other side is told at once."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()


class Proxies:
    """All proxies of a stack, in one event loop in one thread; to be used from other threads."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()
        self._by_name: dict[str, TcpProxy] = {}

    @property
    def names(self) -> list[str]:
        return list(self._by_name)

    def add(self, name: str, listen_port: int, server_port: int) -> None:
        proxy = TcpProxy(name, listen_port, server_port)
        self._do(proxy.start())
        self._by_name[name] = proxy

    def change(self, name: str, weather: Weather) -> None:
        self._do(self._by_name[name].change(weather))

    def cuts(self, name: str) -> int:
        return self._by_name[name].cuts

    def clear(self) -> None:
        for name in self._by_name:
            self.change(name, CLEAR)

    def close(self) -> None:
        for proxy in self._by_name.values():
            self._do(proxy.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)
