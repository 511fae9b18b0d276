"""What every file storage offers, local or not, and how it says that a file is not there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from multiprocessing import reduction
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

INHERITED = "/proc/self/fd/"
"""Names an open file in the process that asks, whether or not it has another name."""


class FileMissing(Exception):
    """The stored file is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptName:
    """A file that the storage holds; one that was never finished is named `.<id>.part`."""

    name: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ReadableFile:
    """A stored file that may be read by its path, here or in a child that is given it.

    `fd` is the open file behind a path that has no other name: `close` gives back its room.
    """

    path: str
    fd: int | None = None

    def close(self) -> None:
        """Read no more here; a child that was given the file reads on."""
        if self.fd is not None:
            os.close(self.fd)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to a child process with the open file, as pipes do."""
        if self.fd is None:
            return ReadableFile, (self.path,)
        return _inherited, (reduction.DupFd(self.fd),)


def opened_file(fd: int) -> ReadableFile:
    """Return an open file as one that can be read by a path."""
    return ReadableFile(f"{INHERITED}{fd}", fd)


def _inherited(passed: Any) -> ReadableFile:
    return opened_file(passed.detach())


class StoredFile(Protocol):
    """A file on its way into the storage: not there for anybody before `commit` is back."""

    @property
    def temporary_path(self) -> Path:
        """Where what was written so far can be read, on this machine."""

    def write(self, block: bytes) -> None:
        """Take the next block; raises `Outage`, or OSError for a full disk."""

    def commit(self) -> str:
        """Wait until the whole file is kept; return its URL. Raises as `write`."""

    def discard(self) -> None:
        """Leave nothing behind; harmless after `commit`. Never waits for a network."""


class FileStorage(Protocol):
    """Keeps files, each under an id and nothing that a user wrote."""

    @property
    def is_here(self) -> bool:
        """Whether `lend` is done at once: files are on this machine, or on a share of it."""

    def prepare(self) -> None:
        """Make room at the start of a process; raises `Outage`."""

    def check(self) -> None:
        """Ask whether files can be kept and read now; raises `Outage`."""

    def create(self, file_id: UUID) -> StoredFile:
        """Begin a file."""

    def again(self, file_id: UUID, file_url: str) -> StoredFile:
        """Begin a file with the content of a stored one, which stays; raises as `lend`."""

    def size_of(self, file_url: str) -> int:
        """Return how many bytes a stored file has; answers within seconds, raises as `lend`."""

    def lend(
        self,
        file_url: str,
        sha256: bytes | None = None,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> ReadableFile:
        """Return a stored file to read, on this machine; whoever asked closes it.

        Args:
            file_url: the file.
            sha256: what its bytes must come to, where they come over a network.
            goes_on: called now and then while they come; False ends it by an `Outage`.

        Raises:
            FileMissing: there is no such file.
            Outage: the storage is away.
            OSError: this machine has no room for it.
        """

    def delete(self, file_url: str) -> None:
        """Delete a stored file; one that is gone is no error. Raises `Outage` or OSError."""

    def names(self) -> Iterator[KeptName]:
        """Yield everything that is kept, finished or not; raises `Outage` or OSError."""

    def remove(self, name: str) -> None:
        """Delete what `names` has yielded; what is gone is no error."""
