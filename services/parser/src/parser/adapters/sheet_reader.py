"""Step 2: the parser's end of a reading child."""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import dataclass
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any

from parser.adapters.sheet_child import CHUNK, ENDED, FAILED, HEADER, OPENED, ReadOrder, read_sheet

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

KILL_WAIT_S = 5.0


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
    """The child ended without a word: killed by a limit, or by a bug."""

    exit_code: int | None


Frame = Opened | ChunkRead | Ended | Failed | Died


def prepare_forkserver() -> None:
    """Start the process that children are forked from; call before any client object exists.

    A fork of the process that runs the Kafka client may deadlock, and a fresh interpreter with
    pyarrow costs 0.3 to 0.5 CPU s for each of twenty small jobs.
    """
    multiprocessing.set_forkserver_preload(["parser.adapters.sheet_child"])
    forkserver.ensure_running()


class SheetReader:
    """One child process reading one sheet."""

    def __init__(self, order: ReadOrder) -> None:
        context = multiprocessing.get_context("forkserver")
        self.pipe: Connection
        self.pipe, child_end = context.Pipe(duplex=False)
        self._process = context.Process(target=read_sheet, args=(order, child_end), daemon=True)
        self._process.start()
        child_end.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def next_frame(self) -> Frame:
        """Return the next frame; waits for it, so ask when the pipe is readable."""
        try:
            frame = self.pipe.recv_bytes()
        except (EOFError, ConnectionResetError):
            self._process.join(KILL_WAIT_S)
            return Died(self._process.exitcode)
        kind, chunk_no = HEADER.unpack_from(frame)
        body = frame[HEADER.size :]
        return ChunkRead(chunk_no, body) if kind == CHUNK else _word(kind, json.loads(body))

    def kill(self) -> None:
        """End the child now, whatever it does."""
        self._process.kill()
        self._process.join(KILL_WAIT_S)
        self.pipe.close()
        self._process.close()


def _word(kind: bytes, body: dict[str, Any]) -> Frame:
    if kind == OPENED:
        return Opened(body["bytesTotal"])
    if kind == ENDED:
        return Ended(body["totalRows"], body["totalChunks"], body["bytesTotal"])
    if kind == FAILED:
        return Failed(body["code"], body["message"])
    raise ValueError(f"the child sent a frame of unknown kind {kind!r}")
