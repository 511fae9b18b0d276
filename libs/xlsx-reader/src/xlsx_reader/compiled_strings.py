"""The shared strings, kept and decoded by compiled code."""

import tempfile
from collections.abc import Iterable

from xlsx_reader.compiled import native
from xlsx_reader.errors import WorkbookError
from xlsx_reader.limits import Limits
from xlsx_reader.part_stream import PartStream
from xlsx_reader.string_items import StringItems, string_malformed, string_too_long


class CompiledStrings:
    """Stands in for SharedStrings: the same part, read only as far as the cells ask."""

    def __init__(self, stream: PartStream | None, limits: Limits, spill_dir: str | None) -> None:
        self.store = native.Strings(
            limits.strings_in_memory_bytes,
            limits.max_held_cell_chars,
            spill_dir or tempfile.gettempdir(),
        )
        self._stream = stream
        self._place = f"part {stream.part if stream else 'xl/sharedStrings.xml'}"
        self._items = _Items(self._place, limits, _Sink(self._place, limits, self.store))
        self._ended = stream is None

    @property
    def is_spilled(self) -> bool:
        return self.store.is_spilled

    @property
    def may_hold_empty(self) -> bool:
        """Whether any string read so far is the empty text."""
        return self.store.may_hold_empty

    def text(self, index: int) -> str:
        """The text at an index; raises WorkbookError with SHARED_STRING_MISSING beyond the last."""
        if not self.read_to(index):
            raise WorkbookError(
                "SHARED_STRING_MISSING",
                f"A cell points to string {index}, there are {self.store.count}."
                " Save the workbook again.",
                self._place,
            )
        return self.store.text(index)

    @property
    def longest(self) -> int:
        """The most bytes that a text read so far takes."""
        return self.store.longest

    def texts(self, indexes: Iterable[bytes], most_bytes: int) -> list[bytes]:  # noqa: ARG002 - one by one
        """The texts in UTF-8 at many indexes, each given in decimal digits."""
        return [self.text(int(index)).encode() for index in indexes]

    def read_to(self, index: int) -> bool:
        """Read on until the index is there; False when the part ends before."""
        while index >= self.store.count and not self._ended and self._stream is not None:
            if block := self._stream.read():
                self._items.feed(block)
            else:
                self._ended = True
                self._items.finish()
        return index < self.store.count

    def close(self) -> None:
        self.store.close()


class _Sink:
    """Keeps what compiled code has decoded, and tells what it refuses."""

    def __init__(self, place: str, limits: Limits, store: "native.Strings") -> None:
        self._place = place
        self._limits = limits
        self._store = store

    @property
    def count(self) -> int:
        return self._store.count

    def append(self, joined: bytes, lengths: list[int]) -> None:  # noqa: ARG002 - of StringSink
        self._refuse(self._store.append(joined))

    def take_plain(self, region: bytes) -> bool:
        """Take a region of plain items; False when there is any other item in it."""
        is_plain, fault = self._store.take_plain(region)
        self._refuse(fault)
        return is_plain

    def _refuse(self, fault: tuple[str, int] | None) -> None:
        if fault is None:
            return
        kind, index = fault
        if kind == "malformed":
            raise string_malformed(self._place, index, "not a text of XML 1.0")
        if kind == "too long":
            raise string_too_long(self._place, self._limits, index)
        raise WorkbookError("BOMB_SIZE", "The workbook has too much text. Split it.", self._place)


class _Items(StringItems):
    """Splits a region of plain items by compiled code, any other one as ever."""

    def __init__(self, place: str, limits: Limits, sink: _Sink) -> None:
        super().__init__(place, limits, sink)
        self._sink = sink

    def _take_plain(self, region: bytes) -> bool:
        return self._sink.take_plain(region) or super()._take_plain(region)
