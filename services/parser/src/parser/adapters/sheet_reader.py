"""Step 2: the parser's end of a reading child."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parser.adapters.read_order import (
    CHUNK,
    CHUNK_TOO_LARGE,
    CRASHED,
    ENDED,
    FAILED,
    HEADER,
    OPENED,
    ReadOrder,
    read_as_told,
)
from sluice.confinement.child import ReadingChild
from sluice.events.chunk_records import MAX_VALUE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


@dataclass(frozen=True, slots=True)
class Opened:
    """The sheet is open; its inflated size."""

    bytes_total: int


@dataclass(frozen=True, slots=True)
class ChunkRead:
    """One encoded chunk."""

    chunk_no: int
    rows: int
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


@dataclass(frozen=True, slots=True)
class Fetching:
    """The file is on its way, or was begun to be read."""


@dataclass(frozen=True, slots=True)
class NotFetched:
    """The file did not come: it is missing, or the storage is away."""

    error: Exception


Frame = Opened | ChunkRead | Ended | Failed | Died | Fetching | NotFetched


class SheetReader(ReadingChild):
    """One child process reading one sheet."""

    def __init__(
        self, order: ReadOrder, read: Callable[[ReadOrder, Connection], object] = read_as_told
    ) -> None:
        super().__init__(order, read)

    def next_frame(self) -> Frame:
        """Return the next frame; waits for it, so ask when the pipe is readable."""
        try:
            frame = self.receive()
            kind, chunk_no, rows, size = HEADER.unpack_from(frame)
            if kind == CHUNK and size > MAX_VALUE_BYTES:
                # a sound child says so itself; queueing it would end the parser
                return Failed(CHUNK_TOO_LARGE, f"batch {chunk_no:,} is too large to be sent")
            if kind == CHUNK:
                return ChunkRead(chunk_no, rows, self.receive_body(size))
            return _word(kind, json.loads(frame[HEADER.size :]))
        except (EOFError, ConnectionResetError):
            return Died(f"exit code {self.exit_code()}")
        except (OSError, ValueError, KeyError, struct.error) as error:
            return Died(f"a frame that is none ({type(error).__name__})")


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
