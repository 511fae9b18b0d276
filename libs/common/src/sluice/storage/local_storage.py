"""Files in one folder of this machine, or of a share that is mounted here."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, unquote, urlsplit

from sluice.errors import Outage
from sluice.storage.files import FileMissing, KeptName, ReadableFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

SCHEME = "file"


class LocalStorage:
    """Files in one folder, named by the job's id and nothing a user wrote."""

    is_here = True

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme != SCHEME:
            raise ValueError(f"storage URL must start with file:///, not {url.partition(':')[0]}:")
        self._folder = Path(unquote(urlsplit(url).path))

    def prepare(self) -> None:
        """Make the folder; raises `Outage` when that is not possible."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Outage("storage", f"{self._folder}: {error.strerror}") from error

    def check(self) -> None:
        """Make the folder again where it is gone; raises `Outage`."""
        self.prepare()

    def create(self, file_id: UUID) -> LocalFile:
        """Begin a file; it exists under its name only after `LocalFile.commit`."""
        return LocalFile(self._folder, str(file_id))

    def again(self, file_id: UUID, file_url: str) -> LocalFile:
        """Begin a file with the content of a stored one, which stays.

        No byte is copied where the file system has hard links.

        Raises:
            FileMissing: there is no such file.
        """
        source = _path(file_url)
        try:
            return LocalFile(self._folder, str(file_id), source)
        except FileNotFoundError:
            raise FileMissing(source.name) from None

    def path_of(self, file_url: str) -> Path:
        """Return a local path to read a stored file from.

        Raises:
            FileMissing: there is no such file.
            Outage: the folder itself is away (a share that is not mounted), or is not readable.
        """
        path = _path(file_url)
        try:
            path.open("rb").close()
        except FileNotFoundError:
            if not path.parent.is_dir():
                raise Outage("storage", f"the folder {path.parent} is not there") from None
            raise FileMissing(path.name) from None
        except OSError as error:
            raise Outage("storage", f"{path.parent}: {error.strerror}") from error
        return path

    def size_of(self, file_url: str) -> int:
        return self.path_of(file_url).stat().st_size

    def lend(
        self,
        file_url: str,
        sha256: bytes | None = None,  # noqa: ARG002 - the disk keeps its own checks
        goes_on: Callable[[], bool] = lambda: True,  # noqa: ARG002 - it is done at once
    ) -> ReadableFile:
        return ReadableFile(str(self.path_of(file_url)))

    def delete(self, file_url: str) -> None:
        """Delete a stored file; one that is gone is no error."""
        _path(file_url).unlink(missing_ok=True)

    def names(self) -> Iterator[KeptName]:
        for path in self._folder.iterdir():
            try:
                changed_s = path.stat().st_mtime
            except FileNotFoundError:  # an upload ended meanwhile
                continue
            yield KeptName(name=path.name, changed_at=datetime.fromtimestamp(changed_s, tz=UTC))

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)


class LocalFile:
    """A file being stored: written under a temporary name, renamed when it is whole and synced."""

    def __init__(self, folder: Path, name: str, linked_to: Path | None = None) -> None:
        self.temporary_path = folder / f".{name}.part"
        self._path = folder / name
        flags = os.O_WRONLY | os.O_NOFOLLOW
        if linked_to is not None:
            _link(self.temporary_path, linked_to)
        else:
            flags |= os.O_CREAT | os.O_EXCL
        self._file: BinaryIO = os.fdopen(os.open(self.temporary_path, flags, 0o600), "wb", 0)

    def write(self, block: bytes) -> None:
        left = memoryview(block)
        while left:  # an unbuffered write may take less than it was given
            left = left[self._file.write(left) :]

    def sync(self) -> None:
        """Wait until the disk has what was written."""
        os.fsync(self._file.fileno())

    def commit(self) -> str:
        """Make the file durable under its name; return its URL."""
        self.sync()
        self._file.close()
        self.temporary_path.rename(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return f"file://{quote(str(self._path))}"

    def discard(self) -> None:
        """Leave nothing behind; harmless after `commit`."""
        self._file.close()
        self.temporary_path.unlink(missing_ok=True)


def _path(file_url: str) -> Path:
    """Return where a file is.

    Raises:
        Outage: it is in another kind of storage, which this process was not told of.
    """
    parts = urlsplit(file_url)
    if parts.scheme != SCHEME:
        kept = f"the file is kept in {parts.scheme}://{parts.netloc}"
        raise Outage("storage", f"{kept}, and SLUICE_STORAGE_URL names a folder")
    return Path(unquote(parts.path))


def _link(path: Path, source: Path) -> None:
    try:
        path.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:  # some network shares have no links; a full disk is told by the copy
        path.touch(0o600, exist_ok=False)
        try:
            shutil.copyfile(source, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
