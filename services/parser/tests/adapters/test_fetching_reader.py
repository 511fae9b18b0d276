"""A transfer that nobody wants any more ends, and gives its room back."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from parser.adapters.fetching_reader import SIGN_EVERY_S, FetchingReader
from parser.adapters.read_order import ReadOrder
from parser.adapters.sheet_reader import Fetching
from sluice.clock import SystemClock
from sluice.confinement.reader_limits import ReaderLimits
from sluice.storage import ReadableFile
from sluice.storage.spool import Spool

WITHIN_S = 60.0


class HeldTransfer:
    """Brings a file when it is let, wanted or not."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.is_over = threading.Event()
        self.went_on: bool | None = None
        self.fd = -1

    def lend(self, goes_on: Callable[[], bool]) -> ReadableFile:
        assert self.let.wait(WITHIN_S)
        self.went_on = goes_on()
        file = Spool(None).readable()
        assert file.fd is not None
        self.fd = file.fd
        self.is_over.set()
        return file


def no_order(_file: ReadableFile) -> ReadOrder:
    raise AssertionError("nothing is to be read")


def is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def test_a_killed_transfer_is_told_to_end_and_its_file_is_closed() -> None:
    transfer = HeldTransfer()
    reader = FetchingReader(transfer.lend, no_order, ReaderLimits(), SystemClock())
    reader.kill()
    transfer.let.set()
    reader.join(WITHIN_S)
    assert transfer.went_on is False
    assert not is_open(transfer.fd)


def test_a_file_that_came_and_is_not_read_is_closed() -> None:
    transfer = HeldTransfer()
    transfer.let.set()
    reader = FetchingReader(transfer.lend, no_order, ReaderLimits(), SystemClock())
    reader.join(WITHIN_S)
    assert is_open(transfer.fd)
    reader.kill()
    assert not is_open(transfer.fd)


class Ticking:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def monotonic_s(self) -> float:
        return self.at_s


def test_a_transfer_that_moves_says_so_now_and_then() -> None:
    clock = Ticking()

    def lend(goes_on: Callable[[], bool]) -> ReadableFile:
        for _ in range(4):
            clock.at_s += SIGN_EVERY_S / 2
            assert goes_on()
        return Spool(None).readable()

    reader = FetchingReader(lend, no_order, ReaderLimits(), clock)  # type: ignore[arg-type]
    reader.join(WITHIN_S)
    assert [reader.next_frame() for _ in range(2)] == [Fetching(), Fetching()]
    assert reader.pipe.recv_bytes() == b"ended"
    reader.kill()
