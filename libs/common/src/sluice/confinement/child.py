"""Children that read a file: how they are started, how they confine themselves, how they end."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from multiprocessing import forkserver, resource_tracker
from typing import TYPE_CHECKING, Protocol, TypeVar

from sluice.confinement.layers import confine, without_secrets
from sluice.storage.files import ReadableFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from typing_extensions import Buffer

    from sluice.confinement.reader_limits import ReaderLimits

KILL_WAIT_S = 5.0
PIPE_BYTES = 1024 * 1024
"""What a pipe may hold, where the system permits it: 64 KiB make sixteen times the switches."""
MOST_FRAME_BYTES = 16 * 1024 * 1024
"""Our frames have a MiB; what is larger comes from no reader of ours."""


class Order(Protocol):
    """What a child is to read; it is pickled on its way."""

    @property
    def limits(self) -> ReaderLimits: ...


O = TypeVar("O", bound=Order)  # noqa: E741 - the order's type


def prepare_forkserver(preload: str) -> None:
    """Start the process that children are forked from; call before any client object exists.

    A fork of a process that runs threads may deadlock, and a fresh interpreter with pyarrow costs
    0.3 to 0.5 CPU s for each of twenty small jobs. It is started without our secrets, which
    `/proc/self/environ` would show to every child.

    Args:
        preload: the module that reads, imported once for all children.
    """
    everything = dict(os.environ)
    os.environ.clear()
    os.environ.update(without_secrets(everything))
    try:
        multiprocessing.set_forkserver_preload([preload])
        resource_tracker.ensure_running()
        forkserver.ensure_running()
    finally:
        os.environ.update(everything)


class ReadingChild:
    """One child process that reads one file and sends frames."""

    def __init__(self, order: O, read: Callable[[O, Connection], object]) -> None:
        context = multiprocessing.get_context("forkserver")
        self.limits = order.limits
        self.pipe: Connection
        self.pipe, child_end = context.Pipe(duplex=False)
        _widen(self.pipe)
        self._process = context.Process(target=read, args=(order, child_end), daemon=True)
        self._process.start()
        child_end.close()
        self._body = bytearray()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def receive(self) -> bytes:
        """Return the next frame as it came; waits for it, so ask when the pipe is readable.

        Raises:
            EOFError, ConnectionResetError: the child has ended.
            OSError: this is no frame of ours.
        """
        return self.pipe.recv_bytes(MOST_FRAME_BYTES)

    def receive_body(self, size: int) -> bytes:
        """Return what `send_body` sent behind a frame that named its size; see `receive`."""
        if size > MOST_FRAME_BYTES:
            raise OSError("a body that is none of ours")
        if size > len(self._body):
            self._body = bytearray(size)
        with memoryview(self._body) as whole:
            at = 0
            while at < size:
                got = os.readv(self.pipe.fileno(), [whole[at:size]])
                if not got:
                    raise EOFError
                at += got
            return bytes(whole[:size])

    def exit_code(self) -> int | None:
        """Return how a child that has ended did so."""
        self._process.join(KILL_WAIT_S)
        return self._process.exitcode

    def kill(self) -> None:
        """End the child now, whatever it does."""
        self._process.kill()
        self._process.join(KILL_WAIT_S)
        self.pipe.close()
        self._process.close()


def send_body(pipe: Connection, body: Buffer) -> None:
    """Send bytes as they stand, behind a frame that names their size."""
    rest = memoryview(body).cast("B")
    while rest:
        rest = rest[os.write(pipe.fileno(), rest) :]


def _widen(pipe: Connection) -> None:
    if sys.platform == "linux":
        with suppress(OSError):  # beyond what the system allows
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def confine_reader(
    limits: ReaderLimits, file: ReadableFile, spill_dir: str, pipe: Connection
) -> tuple[str, ...]:
    """Confine the calling child to its pipe, its file and the spill folder; return the layers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's; the parent decides
    kept = {pipe.fileno(), *(() if file.fd is None else (file.fd,))}
    return confine(limits, kept_fds=kept, readable=file.path, writable_dir=spill_dir)


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
    layers = confine_reader(limits, ReadableFile(os.devnull), spill_dir, pipe)
    pipe.send_bytes(json.dumps(layers).encode())
