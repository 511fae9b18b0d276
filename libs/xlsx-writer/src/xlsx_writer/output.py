"""Where a workbook's bytes go: a file appears whole under its name or not at all."""

import os
from pathlib import Path
from typing import IO, Any


class WholeOrNothingOutput:
    """A binary output that can be abandoned: later writes go nowhere, a path's file is removed.

    A path is written beside its name (``NAME.part``) and renamed by ``commit``. A stream that was
    passed in is left open, and after ``abandon`` it lacks the zip's directory: no reader takes it
    for a whole workbook.
    """

    def __init__(self, target: str | os.PathLike[str] | IO[bytes]) -> None:
        self._path: Path | None = None
        self._abandoned = False
        if isinstance(target, str | os.PathLike):
            self._path = Path(target)
            self._part = self._path.with_name(self._path.name + ".part")
            self._stream: Any = self._part.open("wb")
        else:
            self._stream = target

    def write(self, data: bytes) -> int:
        if not self._abandoned:
            self._stream.write(data)
        return len(data)

    def flush(self) -> None:
        if not self._abandoned and hasattr(self._stream, "flush"):
            self._stream.flush()

    def tell(self) -> int:
        """The position; raises OSError for a stream that has none (a pipe, a socket)."""
        if self._abandoned:
            return 0
        if not hasattr(self._stream, "tell"):
            raise OSError("the stream has no position")
        position: int = self._stream.tell()
        return position

    def seek(self, offset: int, whence: int = 0) -> int:
        if self._abandoned:
            return 0
        if not hasattr(self._stream, "seek"):
            raise OSError("the stream cannot seek")
        position: int = self._stream.seek(offset, whence)
        return position

    def close(self) -> None:
        """Everything is written: give the file its name."""
        if not self._abandoned and self._path is not None:
            self._stream.close()
            self._part.replace(self._path)

    def abandon(self) -> None:
        """Nothing of this is to be kept."""
        if self._abandoned:
            return
        self._abandoned = True
        if self._path is not None:
            self._stream.close()
            self._part.unlink(missing_ok=True)
