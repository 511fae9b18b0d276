"""Step 1 of reading a sheet: cut inflated bytes at row ends, each block to the best path."""

import re
from collections.abc import Iterator

from xlsx_reader.cells import RowRun
from xlsx_reader.strict_rows import StrictTokenizer
from xlsx_reader.tokenizer import RegionRows, SheetContext
from xlsx_reader.xml_text import holds_forbidden

_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?\s*<worksheet(?:\s[^<>]*)?>.*?<sheetData(?:\s[^<>]*)?>",
    re.DOTALL,
)
_OTHER_ENCODING = re.compile(rb"""\bencoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_MOST_HEAD_BYTES = 256 * 1024
_ROW_END = b"</row>"
_EMPTY_ROWS = re.compile(rb'(?:\s*<row(?:\s+[\w:.-]+="[^"<]*")*\s*/>)+')
_DATA_END = re.compile(rb"\s*</sheetData\s*>")
# What is held of a row that does not end: expat, which takes it cell by cell, knows what is wrong.
_MOST_PENDING_BYTES = 512 * 1024


class FastTokenizer:
    """Rows by template and per-cell expressions; what those do not know goes to expat.

    Comments, CDATA, prefixes and other encodings are expat's for the rest of the sheet, an unusual
    row on its own is expat's alone.
    """

    def __init__(self, context: SheetContext, rows: RegionRows) -> None:
        self._context = context
        self._rows = rows
        self._pending = b""
        self._searched = 0
        self._head: bytes | None = None
        self._offset = 0  # of the first pending byte in the part
        self._strict: StrictTokenizer | None = None
        self._data_ended = False

    def feed(self, data: bytes) -> Iterator[RowRun]:
        if self._strict is not None:
            yield from self._strict.feed(data)
            return
        if self._head is not None and not self._data_ended:
            end = data.rfind(_ROW_END) + len(_ROW_END)
            if end >= len(_ROW_END):  # as ever: nothing is copied but the region
                region = b"".join((self._pending, memoryview(data)[:end]))
                yield from self._take(region, data[end:])
                return
        self._pending = self._pending + data if self._pending else data
        if self._head is None:
            yield from self._read_head()
            if self._head is None:
                return
        if self._data_ended:
            yield from self._skip_tail()
        else:
            yield from self._take_rows()

    def finish(self) -> Iterator[RowRun]:
        """The rest; what follows the rows is checked by expat, as the whole of a sheet would be."""
        if self._strict is None:
            yield from self._go_strict()
        if self._strict is not None:
            yield from self._strict.finish()

    def _read_head(self) -> Iterator[RowRun]:
        """Take everything up to the first row; goes strict when it is of an unusual kind."""
        match = _HEAD.match(self._pending)
        head = match[0] if match is not None else self._pending
        if match is None and len(head) < _MOST_HEAD_BYTES:
            return
        is_plain = b"<!" not in head and head.count(b"<?") <= 1 and b"\0" not in head
        if match is None or not is_plain or _OTHER_ENCODING.search(head) or b"/>" in head[-2:]:
            yield from self._go_strict()
            return
        self._head = head
        self._cut(len(head))

    def _cut(self, size: int) -> None:
        self._pending = self._pending[size:]
        self._offset += size
        self._searched = 0

    def _go_strict(self) -> Iterator[RowRun]:
        yield from self._rows.rest(self._offset)
        self._strict = StrictTokenizer(
            self._context, self._head or b"", self._offset, self._rows.last_line
        )
        pending, self._pending = self._pending, b""
        yield from self._strict.feed(pending)

    def _take_rows(self) -> Iterator[RowRun]:
        end = self._rows_end()
        if end:
            yield from self._take(self._pending[:end], self._pending[end:])
        else:
            yield from self._look_behind_rows()

    def _take(self, region: bytes, rest: bytes) -> Iterator[RowRun]:
        """Take whole rows, with what is pending behind them."""
        if self.is_unusual(region):
            self._pending = region + rest
            yield from self._go_strict()
            return
        self._pending, self._searched = rest, 0
        self._offset += len(region)
        yield from self._rows.runs(region, self._offset)
        yield from self._look_behind_rows()

    def _look_behind_rows(self) -> Iterator[RowRun]:
        if _DATA_END.match(self._pending):
            self._data_ended = True
            yield from self._skip_tail()
        elif len(self._pending) > _MOST_PENDING_BYTES:
            yield from self._go_strict()

    def is_unusual(self, region: bytes) -> bool:
        """Whether a region of rows is one for expat, as is the sheet from there on."""
        return _is_unusual(region)

    def _rows_end(self) -> int:
        """The end of the last whole row among the pending bytes; 0 when there is none."""
        found = self._pending.rfind(_ROW_END, self._searched)
        self._searched = max(len(self._pending) - len(_ROW_END), 0)
        if found >= 0:
            return found + len(_ROW_END)
        empty = _EMPTY_ROWS.match(self._pending)
        return empty.end() if empty else 0

    def _skip_tail(self) -> Iterator[RowRun]:
        # What follows the rows (merged cells, filters, links) is expat's: it is short, and a second
        # <sheetData> or damage in it must not go unseen.
        yield from self._go_strict()


def _is_unusual(region: bytes) -> bool:
    """Whether there is a comment, CDATA, DOCTYPE, processing instruction or forbidden character.

    The end of CDATA alone counts, too: in a text it is malformed (XML 1.0, section 2.4).

    The single bytes are looked for first: that runs ten times as fast, and mostly suffices.
    """
    return (
        (ord("!") in region and b"<!" in region)
        or (ord("?") in region and b"<?" in region)
        or (ord("]") in region and b"]]>" in region)
        or holds_forbidden(region)
    )
