"""Readers that do what no file may bring a reading child to do; children import them by name."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

from parser.adapters.read_order import CHUNK, HEADER
from sluice.confinement.child import confine_reader, send_body
from sluice.confinement.reader_limits import MIB
from sluice.events.chunk_records import MAX_VALUE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from parser.adapters.read_order import ReadOrder

_MANY = 64


def spin(order: ReadOrder, pipe: Connection) -> None:
    _confine(order, pipe)
    while True:
        pass


def allocate(order: ReadOrder, pipe: Connection) -> None:
    _confine(order, pipe)
    held = [bytearray(64 * MIB) for _ in range(64)]
    pipe.send_bytes(len(held).to_bytes(4, "big"))


def sleep(order: ReadOrder, pipe: Connection) -> None:
    _confine(order, pipe)
    time.sleep(600)


def babble(order: ReadOrder, pipe: Connection) -> None:
    _confine(order, pipe)
    pipe.send_bytes(b"Z")


def send_too_much(order: ReadOrder, pipe: Connection) -> None:
    _confine(order, pipe)
    size = MAX_VALUE_BYTES + 1
    pipe.send_bytes(HEADER.pack(CHUNK, 0, 1_000, size))
    send_body(pipe, bytes(size))


def try_everything(order: ReadOrder, pipe: Connection) -> None:
    """Send the layers that apply and what came of each attempt."""
    layers = _confine(order, pipe)
    pipe.send_bytes(json.dumps([layers, _attempts(order)]).encode())


def try_everything_unconfined(order: ReadOrder, pipe: Connection) -> None:
    pipe.send_bytes(json.dumps([[], _attempts(order)]).encode())


def _confine(order: ReadOrder, pipe: Connection) -> tuple[str, ...]:
    return confine_reader(order.limits, order.file, order.spill_dir, pipe)


def _attempts(order: ReadOrder) -> dict[str, str]:
    """Return for each attempt "done" or the name of the error; secrets of the parent as read."""
    parent = os.getppid()
    attempts: dict[str, Callable[[], object]] = {
        "open a socket": lambda: socket.socket().close(),
        "start a process": _fork,
        "signal the parent": lambda: os.kill(parent, 0),
        "read the parent's environment": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "read another file": lambda: Path("/etc/passwd").read_bytes(),
        "write beside the file": lambda: Path(order.file.path).with_name("new").write_bytes(b"x"),
        "change the file": lambda: Path(order.file.path).open("r+b").close(),
        "write more than is allowed": lambda: _write_sparse(order.spill_dir),
        "open many files": _open_many,
        "become more than it is": lambda: os.setuid(12345),
        "read the file": lambda: Path(order.file.path).read_bytes(),
        "spill": lambda: Path(order.spill_dir, "spilled").write_bytes(b"x"),
    }
    results = {name: _result(attempt) for name, attempt in attempts.items()}
    own = Path("/proc/self/environ")
    results["secret in the environment"] = str("SLUICE_DATABASE_URL" in os.environ)
    results["secret at the start"] = _secret_in(own)
    return results


def _result(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return type(error).__name__
    return "done"


def _fork() -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def _open_many() -> None:
    opened: list[int] = []
    try:
        while len(opened) < _MANY:
            opened.append(os.dup(0))
    finally:
        for handle in opened:
            os.close(handle)


def _write_sparse(folder: str) -> None:
    path = Path(folder, "sparse")
    try:
        with path.open("wb") as file:
            file.truncate(3 * 1024 * MIB)
    finally:
        path.unlink(missing_ok=True)


def _secret_in(path: Path) -> str:
    try:
        return str(b"SLUICE_DATABASE_URL" in path.read_bytes())
    except OSError as error:
        return type(error).__name__
