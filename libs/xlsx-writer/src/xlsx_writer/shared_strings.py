"""The shared string table: texts are spooled to disk, only a bounded number is remembered."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from xlsx_writer.text_escapes import text_element

# 100,000 remembered texts of 50 characters take about 16 MB. Repeated texts (names, codes, enums)
# show early in real sheets; a column of unique texts fills the dict and costs repetition later.
REMEMBERED_TEXTS = 100_000
_SPOOL_IN_MEMORY_BYTES = 1 << 20
_FLUSH_ITEMS = 2_000

_OPEN = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' count="{count}" uniqueCount="{unique}">'
)


class _Writable(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object: ...


class _Remembered(dict[str, int]):
    """Text to index, for the first so many texts; a text not in it is added to the table."""

    __slots__ = ("_limit", "_table")

    def __init__(self, table: "SharedStrings", limit: int) -> None:
        super().__init__()
        self._table = table
        self._limit = limit

    def __missing__(self, text: str) -> int:
        index = self._table.append_item(f"<si>{text_element(text)}</si>")
        if len(self) < self._limit:
            self[text] = index
        return index


class SharedStrings:
    """A string table of any length in bounded memory; a text may occur in it more than once."""

    def __init__(self, remember: int = REMEMBERED_TEXTS) -> None:
        # Lives as long as the table: closed by close(), not by a with-block.
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - see above
            max_size=_SPOOL_IN_MEMORY_BYTES
        )
        self._pending: list[str] = []
        self._size = 0
        self._references = 0
        self._index_of = _Remembered(self, remember)

    @property
    def size(self) -> int:
        """Items in the table."""
        return self._size

    @property
    def references(self) -> int:
        """Cells that point into the table."""
        return self._references

    @property
    def size_bytes(self) -> int:
        """The spooled items' XML; up to 2,000 more items wait to be spooled."""
        return self._spool.tell()

    def refer(self, text: str) -> int:
        """The index of the text, counted as one cell that points to it."""
        self._references += 1
        return self._index_of[text]

    def append_item(self, item_xml: str) -> int:
        """Add one rendered ``<si>`` without looking for an equal one; returns its index."""
        index = self._size
        self._size = index + 1
        pending = self._pending
        pending.append(item_xml)
        if len(pending) >= _FLUSH_ITEMS:
            self._flush()
        return index

    def count_references(self, cells: int) -> None:
        """Count cells that point into the table and did not come through ``refer``."""
        self._references += cells

    def copy_to(self, part: _Writable) -> None:
        """Write the whole sharedStrings part."""
        self._flush()
        part.write(_OPEN.format(count=self._references, unique=self._size).encode())
        with self._rewound() as spool:
            shutil.copyfileobj(spool, part, 1 << 18)
        part.write(b"</sst>")

    def close(self) -> None:
        """Give the temporary file back."""
        self._spool.close()

    def _flush(self) -> None:
        self._spool.write("".join(self._pending).encode())
        self._pending.clear()

    @contextmanager
    def _rewound(self) -> Iterator[IO[bytes]]:
        self._spool.seek(0)
        yield self._spool
        self._spool.seek(0, 2)
