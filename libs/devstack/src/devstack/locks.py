"""Locks between processes that end with their holder, also by kill -9."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO


class FileLock:
    """An exclusive lock on a file; the file itself stays."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def try_acquire(self) -> bool:
        """Take the lock unless another holds it; true when it is ours now."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        target = self._path.open("ab")
        try:
            fcntl.flock(target, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            target.close()
            return False
        self._file = target
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


@contextlib.contextmanager
def waiting_lock(path: Path) -> Iterator[None]:
    """Hold the lock, after waiting for it as long as it takes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as target:
        fcntl.flock(target, fcntl.LOCK_EX)
        yield
