"""A run whose cells stand in the buffers that Arrow uses, and become texts only when asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from xlsx_reader.cells import RowRun


class ColumnBuffers(Protocol):
    """Rows by column, as compiled code holds them."""

    @property
    def width(self) -> int: ...

    def lines(self) -> bytes: ...

    def tags(self, index: int) -> bytes: ...

    def texts(self, index: int) -> list[str | None]: ...

    def buffers(self, index: int) -> tuple[bytes, bytes, bytes | None, int]: ...


@dataclass(frozen=True, slots=True)
class ArrowBuffers:
    """One column of strings as Arrow lays it out: 32-bit offsets, UTF-8, a bit for each filled row.

    `validity` is None when no row is empty.
    """

    offsets: bytes
    text: bytes
    validity: bytes | None
    null_count: int


class BufferedRun(RowRun):
    """A `RowRun` like any other; `arrow_buffers` spares who wants Arrow the way through texts."""

    __slots__ = ("_buffers", "_texts")

    _buffers: ColumnBuffers
    _texts: tuple[Sequence[str | None], ...] | None

    def __init__(self, buffers: ColumnBuffers, end_offset: int) -> None:
        put = object.__setattr__
        put(self, "_buffers", buffers)
        put(self, "_texts", None)
        put(self, "lines", memoryview(buffers.lines()).cast("i"))
        put(self, "tags", tuple(map(buffers.tags, range(buffers.width))))
        put(self, "end_offset", end_offset)

    @property
    def columns(self) -> Sequence[Sequence[str | None]]:
        if self._texts is None:
            texts = tuple(map(self._buffers.texts, range(self._buffers.width)))
            object.__setattr__(self, "_texts", texts)
            return texts
        return self._texts

    def arrow_buffers(self) -> tuple[ArrowBuffers, ...]:
        """Every column's buffers."""
        return tuple(
            ArrowBuffers(*self._buffers.buffers(index)) for index in range(self._buffers.width)
        )
