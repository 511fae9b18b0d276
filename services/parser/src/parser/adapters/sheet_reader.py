"""Step 2: the parser's end of a reading child."""

from __future__ import annotations

import json
import multiprocessing
import os
import struct
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from typing import TYPE_CHECKING, Any

from parser.adapters.confinement import without_secrets
from parser.adapters.sheet_child import (
    CHUNK,
    CRASHED,
    ENDED,
    FAILED,
    HEADER,
    OPENED,
    ReadOrder,
    confine_reader,
    read_sheet,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from parser.domain.reader_limits import ReaderLimits

KILL_WAIT_S = 5.0
MOST_FRAME_BYTES = 16 * 1024 * 1024
"""A chunk has half a MiB; what is larger comes from no reader of ours."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The sheet is open; its inflated size."""

    bytes_total: int


@dataclass(frozen=True, slots=True)
class ChunkRead:
    """One encoded chunk."""

    chunk_no: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The sheet was read to its end."""

    total_rows: int
    total_chunks: int
    bytes_total: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The file cannot be read on."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Died:
    """The child ended before the sheet did: by a limit, or by a bug."""

    why: str


Frame = Opened | ChunkRead | Ended | Failed | Died


def prepare_forkserver() -> None:
    """Start the process that children are forked from; call before any client object exists.

    A fork of the process that runs the Kafka client may deadlock, and a fresh interpreter with
    pyarrow costs 0.3 to 0.5 CPU s for each of twenty small jobs. It is started without our
    secrets, which `/proc/self/environ` would show to every child.
    """
    everything = dict(os.environ)
    os.environ.clear()
    os.environ.update(without_secrets(everything))
    try:
        multiprocessing.set_forkserver_preload(["parser.adapters.sheet_child"])
        resource_tracker.ensure_running()
        forkserver.ensure_running()
    finally:
        os.environ.update(everything)


class SheetReader:
    """One child process reading one sheet."""

    def __init__(
        self, order: ReadOrder, read: Callable[[ReadOrder, Connection], object] = read_sheet
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        self.limits = order.limits
        self.pipe: Connection
        self.pipe, child_end = context.Pipe(duplex=False)
        self._process = context.Process(target=read, args=(order, child_end), daemon=True)
        self._process.start()
        child_end.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def next_frame(self) -> Frame:
        """Return the next frame; waits for it, so ask when the pipe is readable."""
        try:
            frame = self.pipe.recv_bytes(MOST_FRAME_BYTES)
            kind, chunk_no = HEADER.unpack_from(frame)
            body = frame[HEADER.size :]
            return ChunkRead(chunk_no, body) if kind == CHUNK else _word(kind, json.loads(body))
        except (EOFError, ConnectionResetError):
            self._process.join(KILL_WAIT_S)
            return Died(f"exit code {self._process.exitcode}")
        except (OSError, ValueError, KeyError, struct.error) as error:
            return Died(f"a frame that is none ({type(error).__name__})")

    def kill(self) -> None:
        """End the child now, whatever it does."""
        self._process.kill()
        self._process.join(KILL_WAIT_S)
        self.pipe.close()
        self._process.close()


def layers_of_confinement(limits: ReaderLimits, spill_dir: str) -> list[str]:
    """Let a child confine itself as every reader does; return the layers that apply here."""
    context = multiprocessing.get_context("forkserver")
    pipe, child_end = context.Pipe(duplex=False)
    process = context.Process(target=_tell_layers, args=(limits, spill_dir, child_end), daemon=True)
    process.start()
    child_end.close()
    with pipe:
        layers: list[str] = json.loads(pipe.recv_bytes(MOST_FRAME_BYTES))
    process.join(KILL_WAIT_S)
    return layers


def _tell_layers(limits: ReaderLimits, spill_dir: str, pipe: Connection) -> None:
    pipe.send_bytes(json.dumps(confine_reader(limits, os.devnull, spill_dir, pipe)).encode())


def _word(kind: bytes, body: dict[str, Any]) -> Frame:
    if kind == OPENED:
        return Opened(body["bytesTotal"])
    if kind == ENDED:
        return Ended(body["totalRows"], body["totalChunks"], body["bytesTotal"])
    if kind == FAILED:
        return Failed(body["code"], body["message"])
    if kind == CRASHED:
        return Died(body["why"])
    raise ValueError(f"the child sent a frame of unknown kind {kind!r}")
