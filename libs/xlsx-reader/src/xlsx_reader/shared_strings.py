"""Read sharedStrings.xml only as far as the cells ask, and give back texts by index."""

from collections.abc import Iterable

from xlsx_reader.errors import WorkbookError
from xlsx_reader.limits import Limits
from xlsx_reader.part_stream import PartStream
from xlsx_reader.string_items import StringItems
from xlsx_reader.string_store import StringStore
from xlsx_reader.tokenizer import TextsTooLarge
from xlsx_reader.xml_text import MalformedText, decode_text

# Writers number strings as they first meet them. So the first ones are those that come back all the
# time (names, units, states): they stay decoded, up to 4 MB. Later ones are mostly met once,
# in order (ids, addresses): they are decoded a window at a time, a tenth of the cost of one by one.
_KEPT = 65_536
_WINDOW = 512
_NEAR = 64  # how far ahead of the last window a look-up may be to call for the next one
_MOST_PASSING = 8_192
_MOST_DECODED_BYTES = 4 * 1024 * 1024  # of those that stay, and of those that pass
_MOST_WINDOW_BYTES = 256 * 1024  # longer texts are decoded one by one


class _Resident(dict[int, bytes]):
    """Texts in UTF-8 by index; what is missing is fetched, alone or with those around it."""

    def __init__(self, strings: "SharedStrings") -> None:
        super().__init__()
        self._strings = strings
        self._kept = _KEPT  # texts below this index stay
        self._kept_bytes = 0
        self._passing: list[int] = []  # the indexes that will be forgotten, oldest first
        self._passing_bytes = 0
        self._frontier = _KEPT  # the first index behind the last window
        self._alone = -_NEAR  # the last index that was fetched alone

    def __missing__(self, index: int) -> bytes:
        strings = self._strings
        if index >= strings.count and not strings.read_to(index):
            raise strings.unknown(index)
        if index < self._kept:
            first = index - index % _WINDOW
            self._kept_bytes += self._fetch(index, first, first + _WINDOW)
            if self._kept_bytes > _MOST_DECODED_BYTES:
                self._kept = 0
            return self[index]
        if len(self._passing) > _MOST_PASSING or self._passing_bytes > _MOST_DECODED_BYTES:
            self._forget_passing()
        if not 0 <= index - self._frontier < _NEAR:
            is_near = 0 < index - self._alone < _NEAR
            self._alone = index
            if not is_near:
                self._passing.append(index)
                self._passing_bytes += self._fetch(index, index, index + 1)
                return self[index]
            self._frontier = index
        first, self._frontier = self._frontier, min(index + _WINDOW, strings.count)
        self._passing.extend(range(first, self._frontier))
        self._passing_bytes += self._fetch(index, first, self._frontier)
        return self[index]

    def _fetch(self, index: int, first: int, last: int) -> int:
        """Decode a range, as far as it has been read, or `index` alone; return its bytes."""
        last = min(last, self._strings.count)
        size = self._strings.size_bytes(first, last)
        if size > _MOST_WINDOW_BYTES:
            first, last = index, index + 1
            size = self._strings.size_bytes(first, last)
        self.update(zip(range(first, last), self._strings.window(first, last), strict=True))
        return size

    def _forget_passing(self) -> None:
        half = len(self._passing) // 2 if self._passing_bytes <= _MOST_DECODED_BYTES else None
        oldest = self._passing[:half]
        del self._passing[:half]
        self._passing_bytes = 0 if half is None else self._passing_bytes // 2
        for index in oldest:
            self.pop(index, None)


class SharedStrings:
    """The workbook's shared strings; the part's own counts are not believed."""

    def __init__(self, stream: PartStream, limits: Limits, spill_dir: str | None) -> None:
        self._place = f"part {stream.part}"
        self._stream = stream
        self._store = StringStore(limits.strings_in_memory_bytes, spill_dir)
        self._items = StringItems(self._place, limits, self._store)
        self._ended = False
        self._fault: WorkbookError | None = None
        self._resident = _Resident(self)

    @property
    def count(self) -> int:
        """How many strings have been read so far."""
        return self._store.count

    @property
    def is_spilled(self) -> bool:
        return self._store.is_spilled

    @property
    def may_hold_empty(self) -> bool:
        """Whether any string read so far could be the empty text."""
        return self._items.may_hold_empty

    def text(self, index: int) -> str:
        """The text at an index; raises WorkbookError with SHARED_STRING_MISSING beyond the last."""
        return self._resident[index].decode()

    @property
    def longest(self) -> int:
        """The most bytes that a text read so far takes."""
        return self._items.longest

    def texts(self, indexes: Iterable[bytes], most_bytes: int) -> list[bytes]:
        """The texts in UTF-8 at many indexes in decimal digits; raises TextsTooLarge."""
        numbers = list(map(int, indexes))
        last = max(numbers)
        if last >= self._store.count:
            self.read_to(last)
        if self.longest * len(numbers) > most_bytes:
            self._refuse_many(numbers, most_bytes)
        return list(map(self._resident.__getitem__, numbers))

    def _refuse_many(self, numbers: list[int], most_bytes: int) -> None:
        count = self._store.count
        total = sum(self.size_bytes(at, at + 1) for at in numbers if at < count)
        if total > most_bytes:
            raise TextsTooLarge

    def size_bytes(self, first: int, last: int) -> int:
        """The bytes of a range of strings that have been read."""
        return self._store.size_bytes(first, last)

    def read_to(self, index: int) -> bool:
        """Read on until the index is there; False when the part ends before.

        Damage is told again whenever more is asked for: a region may be gone over twice.
        """
        while index >= self._store.count and not self._ended:
            if self._fault is not None:
                raise self._fault
            try:
                self._read_block()
            except WorkbookError as error:
                self._fault, self._ended = error, False
                raise
        return index < self._store.count

    def _read_block(self) -> None:
        if block := self._stream.read():
            self._items.feed(block)
        else:
            self._ended = True
            self._items.finish()

    def window(self, first: int, last: int) -> list[bytes]:
        """The texts of the strings first (included) to last (excluded), all read already."""
        try:
            joined = bytes(self._store.raw(first, last))
            text = joined.decode()
            if b"&" in joined or b"_x" in joined:
                return [decode_text(raw).encode() for raw in text.split("<")]
        except (UnicodeDecodeError, MalformedText) as error:
            raise WorkbookError(
                "XML_MALFORMED",
                f"Its text is damaged ({error}). Open the workbook in Excel and save it again.",
                f"{self._place}, string {first}",
            ) from error
        return joined.split(b"<")

    def unknown(self, index: int) -> WorkbookError:
        return WorkbookError(
            "SHARED_STRING_MISSING",
            f"A cell points to string {index}, there are {self.count}. Save the workbook again.",
            self._place,
        )

    def close(self) -> None:
        self._fault = None  # its frames hold the stream
        self._store.close()
        self._resident.clear()


class NoSharedStrings:
    """A workbook without the part."""

    may_hold_empty = False
    longest = 0

    def text(self, index: int) -> str:
        raise WorkbookError(
            "SHARED_STRING_MISSING",
            f"A cell points to string {index}, the workbook has none. Save it again.",
            "part xl/sharedStrings.xml",
        )

    def texts(self, indexes: Iterable[bytes], most_bytes: int) -> list[bytes]:  # noqa: ARG002 - none
        return [self.text(int(index)).encode() for index in indexes]
