"""The strict path: rows from expat's events, for everything the fast paths do not know."""

from collections.abc import Callable, Iterator

from xlsx_reader.cell_values import (
    CellHead,
    ColumnIndexes,
    RawCell,
    Source,
    cell_head,
    cell_text,
    check_line,
    check_order,
    check_width,
    checked_column,
    row_too_long,
    too_long,
)
from xlsx_reader.cells import CellTag, RowRun
from xlsx_reader.number_formats import number_in
from xlsx_reader.run_builder import RunBuilder
from xlsx_reader.tokenizer import SheetContext
from xlsx_reader.xml_parser import GuardedParser, local_name

# The depth of the elements in worksheet/sheetData/row/c/is/r/t.
_DATA, _ROW, _CELL, _VALUE, _TEXT, _RICH_TEXT = 2, 3, 4, 5, 6, 7
_ROWS_PER_RUN = 512
# Expat gets so much at a time: 600 cells, each of which may show a shared text of 32 KB.
_FEED_BYTES = 16 * 1024
_EMPTY_HEAD = CellHead(Source.VALUE, CellTag.NUMBER)

RowSink = Callable[[int, list[str | None], bytearray], None]


class StrictRows:
    """Follows expat's events through a worksheet and hands each filled row to a sink."""

    def __init__(self, context: SheetContext, sink: RowSink, previous_line: int = 0) -> None:
        self.line = previous_line
        self.row_end_index = 0
        self.data_ended = False
        self._context = context
        self._sink = sink
        self._columns = ColumnIndexes()
        self._in_data = False
        self._in_row = False
        self._is_cell = False
        self._in_rich_run = False
        self._pieces: list[str] | None = None
        self._piece_chars = 0
        self._most_chars = context.limits.max_held_cell_chars
        self._begin_row()
        self._begin_cell()
        self.parser = GuardedParser(
            context.place(), context.limits.max_xml_depth, self._start, self._end, self._text
        )

    def _begin_row(self) -> None:
        self._texts: list[str | None] = []
        self._tags = bytearray()
        self._column = -1
        self._row_chars = 0

    def _begin_cell(self) -> None:
        self._head = _EMPTY_HEAD
        self._value: str | None = None
        self._inline: str | None = None
        self._has_formula = False

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        depth = self.parser.depth
        name = local_name(name)
        if depth == _DATA:
            self._in_data = name == "sheetData"
        elif not self._in_data:
            return
        elif depth == _ROW:
            self._start_among_rows(name, attributes)
        elif self._in_row:
            self._start_in_row(name, depth, attributes)

    def _start_among_rows(self, name: str, attributes: dict[str, str]) -> None:
        if name != "row":  # whatever it is, rows within it would be lost
            raise self._context.error(
                "XML_MALFORMED",
                f"the element {name[:20]!r} stands among the rows; save the workbook anew",
                self.line + 1,
            )
        self._in_row = True
        self._start_row(attributes)

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        previous = self.line
        if number is None:
            self.line += 1
        else:
            self.line = number_in(number) or 0
        self.parser.place = self._context.place(self.line)
        check_line(self._context, self.line, previous)
        self._begin_row()

    def _start_in_row(self, name: str, depth: int, attributes: dict[str, str]) -> None:
        if depth == _CELL:
            self._is_cell = name == "c"
            if self._is_cell:
                self._start_cell(attributes)
        elif not self._is_cell:
            return
        elif depth == _VALUE:
            self._start_value(name)
        elif depth == _TEXT and self._inline is not None:
            self._in_rich_run = name == "r"
            if name == "t":
                self._collect()
        elif depth == _RICH_TEXT and name == "t" and self._in_rich_run:
            self._collect()

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._begin_cell()
        reference = attributes.get("r")
        previous = self._column
        if reference is None:
            self._column += 1
            check_order(self._context, self.line, self._column, previous)
        else:
            self._column = checked_column(
                self._context, self._columns, reference, self.line, previous
            )
        self._head = cell_head(self._context, attributes.get("t"), attributes.get("s"), self.line)

    def _start_value(self, name: str) -> None:
        if name == "v":
            self._collect()
        elif name == "is":
            self._in_rich_run = False
            self._inline = ""
        elif name == "f":
            self._has_formula = True

    def _collect(self) -> None:
        self._pieces = []
        self._piece_chars = 0

    def _text(self, text: str) -> None:
        if self._pieces is None:
            return
        self._pieces.append(text)
        self._piece_chars += len(text)
        self._row_chars += len(text)
        if self._row_chars > self._context.limits.max_held_row_chars:
            raise row_too_long(self._context, self.line)
        if self._piece_chars > self._most_chars:
            raise too_long(self._context, self.line, self._column)

    def _end(self, _name: str) -> None:
        depth = self.parser.depth
        if depth > _CELL:
            if self._pieces is not None:
                self._end_text(depth)
        elif depth == _CELL and self._in_row and self._is_cell:
            self._end_cell()
        elif depth == _ROW and self._in_row:
            self._in_row = False
            self._end_row()
        elif depth == _DATA and self._in_data:
            self._in_data = False
            self.data_ended = True

    def _end_text(self, depth: int) -> None:
        text = "".join(self._pieces or ())
        if depth == _VALUE:
            self._value = text
            self._pieces = None
        elif depth in (_TEXT, _RICH_TEXT):
            self._inline = (self._inline or "") + text
            self._pieces = None
            if len(self._inline) > self._most_chars:
                raise too_long(self._context, self.line, self._column)

    def _end_cell(self) -> None:
        raw = RawCell(self._head, self._has_formula, self._value, self._inline)
        text, tag = cell_text(self._context, raw, self.line, self._column)
        if tag is CellTag.EMPTY:
            return
        check_width(self._context, self.line, self._column)
        missing = self._column - len(self._texts)
        self._texts.extend([None] * missing)
        self._tags.extend(bytes(missing))
        self._texts.append(text)
        self._tags.append(tag)

    def _end_row(self) -> None:
        if self._texts:
            self.row_end_index = self.parser.parser.CurrentByteIndex
            self._sink(self.line, self._texts, self._tags)
        self._begin_row()


class StrictTokenizer:
    """A whole sheet, or the rest of one, through expat.

    When it takes over in mid-sheet, `prefix` is the sheet's own beginning up to its first row, so
    that every end tag finds its start, and `offset` is where the bytes fed next stand in the part.
    """

    def __init__(
        self, context: SheetContext, prefix: bytes = b"", offset: int = 0, previous_line: int = 0
    ) -> None:
        self._builder = RunBuilder(context.strings)
        self._rows = StrictRows(context, self._builder.add, previous_line)
        self._shift = offset - len(prefix)
        if prefix:
            self._rows.parser.feed(prefix)

    def feed(self, data: bytes) -> Iterator[RowRun]:
        for at in range(0, len(data), _FEED_BYTES):
            self._rows.parser.feed(data[at : at + _FEED_BYTES])
            if len(self._builder) >= _ROWS_PER_RUN or self._builder.is_full:
                yield self._run()

    def finish(self) -> Iterator[RowRun]:
        self._rows.parser.feed(b"", last=True)
        if len(self._builder):
            yield self._run()

    def _run(self) -> RowRun:
        end_tag_bytes = len("</row>")
        return self._builder.build(self._rows.row_end_index + end_tag_bytes + self._shift)


def strict_row(
    context: SheetContext, row: str, previous_line: int
) -> tuple[int, list[str | None], bytearray]:
    """One row element on its own: its line, texts and tags (both empty for a blank row)."""
    found: list[tuple[int, list[str | None], bytearray]] = []
    rows = StrictRows(
        context, lambda line, texts, tags: found.append((line, texts, tags)), previous_line
    )
    rows.parser.feed(f"<worksheet><sheetData>{row}</sheetData></worksheet>", last=True)
    return found[0] if found else (rows.line, [], bytearray())
