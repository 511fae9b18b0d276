"""Take the rows of a region by compiled code; a row it does not know is read cell by cell."""

import sys
from collections.abc import Iterator

from xlsx_reader.buffered_run import BufferedRun
from xlsx_reader.cell_rows import CellRows, malformed
from xlsx_reader.cells import RowRun
from xlsx_reader.compiled import native
from xlsx_reader.compiled_strings import CompiledStrings
from xlsx_reader.fast_tokenizer import FastTokenizer
from xlsx_reader.tokenizer import RunRoom, SheetContext

_ROW_END = b"</row>"
_ANY = (sys.maxsize, sys.maxsize)


class CompiledRows:
    """The compiled twin of BlockRows.

    The scanner judges nothing: it stops before a row that is written in an unusual way or breaks
    a limit, and that row goes the way it goes without it, to its cells or to its refusal.

    Who says how much room a run has gets runs of just so many rows, gathered over regions; without
    it each region is a run.
    """

    def __init__(
        self, context: SheetContext, strings: CompiledStrings, room: RunRoom | None = None
    ) -> None:
        limits = context.limits
        self._room = room
        self._run_room: tuple[int, int] | None = None
        self._context = context
        self._strings = strings
        self._cells = CellRows(context)
        self._scanner = native.RowScanner(
            strings.store,
            context.styles.tags,
            limits.max_columns,
            limits.max_rows,
            limits.max_cell_chars,
            context.styles.pads,
        )

    @property
    def last_line(self) -> int:
        return self._scanner.line

    def runs(self, region: bytes, end_offset: int) -> Iterator[RowRun]:
        """The rows of a region of whole rows that ends at `end_offset` of the part."""
        at, end = 0, len(region)
        while at < end:
            at, why, index = self._scanner.scan(region, at, *self._room_of_run())
            if why == "full":
                yield from self._run(end_offset - end + at)
            elif why == "row" or (why == "string" and not self._strings.read_to(index)):
                at = self._take_odd_rows(region, at)
        if self._room is None:
            yield from self._run(end_offset)

    def rest(self, end_offset: int) -> Iterator[RowRun]:
        yield from self._run(end_offset)

    def _room_of_run(self) -> tuple[int, int]:
        """Asked once for each run, when it begins: by then the one before it is with its taker."""
        if self._run_room is None:
            self._run_room = self._room() if self._room is not None else _ANY
        return self._run_room

    def _run(self, end_offset: int) -> Iterator[RowRun]:
        self._run_room = None
        run = self._scanner.take()
        if len(run):
            yield BufferedRun(run, end_offset)

    def _take_odd_rows(self, region: bytes, at: int) -> int:
        """Read to the next end tag of a row; several rows when some before it are self-closed."""
        end = region.find(_ROW_END, at) + len(_ROW_END)
        if end < len(_ROW_END):
            end = len(region)
        try:
            text = region[at:end].decode()
        except UnicodeDecodeError as error:
            raise malformed(self._context, error.reason, self.last_line + 1) from error
        text = text.replace("\r\n", "\n").replace("\r", "\n")  # XML 1.0, section 2.11
        for row in self._cells.rows(text, 0, self.last_line):
            self._scanner.put_row(row.line, row.texts, bytes(row.tags))
        return end


class CompiledTokenizer(FastTokenizer):
    """A FastTokenizer whose every look at all bytes is a compiled one."""

    def is_unusual(self, region: bytes) -> bool:
        return not native.is_plain(region)
