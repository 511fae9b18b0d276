"""A file without a name on this machine's disk: it is gone with the last process that has it."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from sluice.storage.files import ReadableFile, opened_file

if TYPE_CHECKING:
    from pathlib import Path


class Spool:
    """Takes bytes in order and gives any of them back; not safe for several writers at once."""

    def __init__(self, folder: Path | None) -> None:
        """Open it in this folder, or in the one for temporary files; raises OSError."""
        with tempfile.TemporaryFile(dir=folder) as file:
            self._fd: int | None = os.dup(file.fileno())
        self.size = 0

    @property
    def fd(self) -> int:
        if self._fd is None:
            raise ValueError("the spool is closed")
        return self._fd

    def reserve(self, size: int) -> None:
        """Take the room of a file of this size now; raises OSError, the disk is full."""
        if size:
            os.posix_fallocate(self.fd, 0, size)

    def write(self, block: bytes) -> None:
        left = memoryview(block)
        while left:
            written = os.pwrite(self.fd, left, self.size)
            self.size += written
            left = left[written:]

    def read(self, offset: int, size: int) -> bytearray:
        """Return these bytes, which were written before, without a copy of them."""
        found = bytearray(size)
        left = memoryview(found)
        while left:
            count = os.preadv(self.fd, [left], offset + size - len(left))
            if not count:
                raise ValueError(f"the spool has no {size} bytes at {offset}")
            left = left[count:]
        return found

    def readable(self) -> ReadableFile:
        """Return it as a file that can only be read, and is to be closed; the spool is closed."""
        try:
            return opened_file(os.open(self.path, os.O_RDONLY))
        finally:
            self.close()

    @property
    def path(self) -> str:
        return opened_file(self.fd).path

    def close(self) -> None:
        """Give back the room; harmless when it was done before."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
