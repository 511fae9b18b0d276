"""Hold the shared strings as bytes and offsets: in memory while they are small, on disk above."""

import mmap
import sys
import tempfile
from array import array
from itertools import accumulate
from typing import BinaryIO

_OFFSET_BYTES = 4  # parts are limited to 2 GiB, so 32 bits reach
_DROP_EVERY_BYTES = 8 * 1024 * 1024  # of pages touched: costs nothing measurable


class StringStore:
    """Raw texts of the strings, one after the other with `<` between: it cannot stand in raw text.

    Above `max_ram_bytes` both the bytes and the offsets go to unlinked temporary files, mapped into
    memory, whose pages are given back every 8 MB.
    """

    def __init__(self, max_ram_bytes: int, spill_dir: str | None) -> None:
        self.count = 0
        self._max_ram_bytes = max_ram_bytes
        self._spill_dir = spill_dir
        self._size = 0
        self._bytes = bytearray()
        self._starts = array("I", [0])  # of each string, and of the one that may come next
        self._spilled: tuple[_MappedFile, _MappedFile] | None = None
        self._touched_bytes = 0

    @property
    def is_spilled(self) -> bool:
        return self._spilled is not None

    def append(self, joined: bytes, lengths: list[int]) -> None:
        """Add strings: their raw bytes joined by `<`, and the length of each in bytes."""
        starts = array("I", accumulate((length + 1 for length in lengths), initial=self._size))
        del starts[0]
        self._size = starts[-1]
        self.count += len(lengths)
        held_bytes = self._size + _OFFSET_BYTES * self.count
        if self._spilled is None and held_bytes > self._max_ram_bytes:
            self._spill()
        if self._spilled is None:
            self._bytes += joined
            self._bytes += b"<"
            self._starts.extend(starts)
        else:
            texts, offsets = self._spilled
            texts.extend(joined + b"<")
            offsets.extend(starts.tobytes())

    def size_bytes(self, first: int, last: int) -> int:
        """How many bytes `raw` would return."""
        if self._spilled is None:
            return self._starts[last] - 1 - self._starts[first]
        offsets = self._spilled[1]
        return offsets.number(last) - 1 - offsets.number(first)

    def raw(self, first: int, last: int) -> bytes | bytearray:
        """The raw bytes of the strings first (included) to last (excluded), `<` between them."""
        if self._spilled is None:
            return self._bytes[self._starts[first] : self._starts[last] - 1]
        texts, offsets = self._spilled
        start, end = offsets.number(first), offsets.number(last) - 1
        self._touched_bytes += end - start + 2 * mmap.PAGESIZE
        if self._touched_bytes > _DROP_EVERY_BYTES:
            self._touched_bytes = 0
            texts.drop_pages()
            offsets.drop_pages()
        return texts.read(start, end)

    def close(self) -> None:
        if self._spilled is not None:
            for mapped in self._spilled:
                mapped.close()
            self._spilled = None
        self._bytes = bytearray()
        self._starts = array("I", [0])
        self.count = 0

    def _spill(self) -> None:
        texts, offsets = _MappedFile(self._spill_dir), _MappedFile(self._spill_dir)
        self._spilled = (texts, offsets)
        texts.extend(self._bytes)
        offsets.extend(self._starts.tobytes())
        self._bytes = bytearray()
        self._starts = array("I", [0])


class _MappedFile:
    """A temporary file without a name that grows at its end and is read through a mapping."""

    def __init__(self, folder: str | None) -> None:
        self._file: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed by close()
        self._size = 0
        self._map: mmap.mmap | None = None
        self._mapped = 0

    def extend(self, data: bytes | bytearray) -> None:
        self._file.write(data)
        self._size += len(data)

    def read(self, start: int, end: int) -> bytes:
        mapping = self._map
        if mapping is None or end > self._mapped:
            mapping = self._remap()
        return mapping[start:end]

    def number(self, index: int) -> int:
        """The entry of a file of offsets."""
        at = index * _OFFSET_BYTES
        return int.from_bytes(self.read(at, at + _OFFSET_BYTES), sys.byteorder)

    def drop_pages(self) -> None:
        if self._map is not None and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def _remap(self) -> mmap.mmap:
        self._file.flush()
        if self._map is not None:
            self._map.close()
        self._map = mmap.mmap(self._file.fileno(), self._size, access=mmap.ACCESS_READ)
        self._mapped = self._size
        return self._map

    def close(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None
        self._file.close()
