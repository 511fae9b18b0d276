"""Inflate a deflate stream with zlib, behind the interface that a compiled twin has too."""

import zlib
from typing import Protocol


class Inflating(Protocol):
    """Takes compressed bytes and gives inflated ones, at most so many at once.

    `inflate` raises ValueError when the stream is damaged. `has_input` says that some of what it
    took has not been looked at yet; `crc` sums up all bytes given so far.
    """

    @property
    def has_input(self) -> bool: ...

    @property
    def eof(self) -> bool: ...

    @property
    def crc(self) -> int: ...

    def inflate(self, feed: bytes, most: int) -> bytes: ...


class ZlibInflater:
    """A raw deflate stream by Python's own zlib."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        self.crc = 0

    @property
    def has_input(self) -> bool:
        return bool(self._stream.unconsumed_tail)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def inflate(self, feed: bytes, most: int) -> bytes:
        try:
            block = self._stream.decompress(self._stream.unconsumed_tail + feed, most)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        self.crc = zlib.crc32(block, self.crc)
        return block
