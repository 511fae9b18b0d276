"""Step 1: the first rows of a sheet, as a preview shows them."""

from collections.abc import Sequence

from import_targets import CoalescedCells, MatchedHeader, shown_rows
from sluice.events.rows_chunked import cells_of
from upload_api.adapters.uploaded_head import HEAD_ROWS, UploadedHead
from upload_api.domain.detected_types import detected_type
from upload_api.domain.suggested_mapping import mapping_keys
from upload_api.domain.upload_form import MAX_HEADER_CHARACTERS
from upload_api.entrypoints.preview_views import PreviewHeader, PreviewRow
from xlsx_reader import HeadRow

TYPED_ROWS = 120
SHOWN_ROWS = 20
SAMPLES = 3
MAX_SHOWN = 200
"""Characters of a cell: a preview of 500 columns stays a few megabytes at the very most."""


class ShownRows:
    """The rows of a head around its header; without one none is data."""

    def __init__(self, head: UploadedHead, header_line: int | None) -> None:
        self._head = head
        rows = head.sheet.rows
        line = header_line
        self._above = [r for r in rows[:HEAD_ROWS] if line is None or r.line < line]
        self._data = [r for r in rows if line is not None and r.line > line][:TYPED_ROWS]
        self._shown = self._texts(self._data)

    def above(self) -> list[PreviewRow]:
        """Return the rows that stand before the header: one of them may be it."""
        return _views(self._above, self._texts(self._above))

    def below(self) -> list[PreviewRow]:
        """Return the first rows of data."""
        return _views(self._data[:SHOWN_ROWS], self._shown[:SHOWN_ROWS])

    def headers(self, headers: Sequence[MatchedHeader]) -> list[PreviewHeader]:
        """Return each column with what its first cells look like."""
        keys = mapping_keys([(found.index, found.header, found.suggested) for found in headers])
        return [self._header(found, key) for found, key in zip(headers, keys, strict=True)]

    def _header(self, found: MatchedHeader, key: str | None) -> PreviewHeader:
        at = found.index
        filled = dict.fromkeys(row[at] for row in self._shown if at < len(row) and row[at])
        decimal = self._head.dialect.decimal if self._head.dialect else "."
        cells = (row.cells[at] for row in self._data if at < len(row.cells))
        return PreviewHeader(
            index=at,
            letter=found.letter,
            header=found.header[:MAX_HEADER_CHARACTERS],
            mapping_key=key,
            samples=[text for text in filled if text][:SAMPLES],
            detected_type=detected_type(cells, decimal),
            field=found.field,
            suggested=found.suggested,
            confidence=found.confidence,
            via=found.via,
        )

    def _texts(self, rows: list[HeadRow]) -> list[list[str | None]]:
        """Return the texts of rows as people read them, cut where they are long."""
        width = range(max((len(row.cells) for row in rows), default=0))
        cells = cells_of(
            [row.line for row in rows],
            [[row.cells[at][0] if at < len(row.cells) else None for row in rows] for at in width],
            [bytes(row.cells[at][1] if at < len(row.cells) else 0 for row in rows) for at in width],
        )
        coalesced = CoalescedCells(lines=cells.lines, columns=cells.columns, tags=cells.tags)
        texts = shown_rows(coalesced, range(len(rows)), date_1904=self._head.sheet.date_1904)
        return [[text if text is None else _cut(text) for text in row] for row in texts]


def _views(rows: list[HeadRow], shown: list[list[str | None]]) -> list[PreviewRow]:
    return [PreviewRow(line=row.line, cells=cells) for row, cells in zip(rows, shown, strict=True)]


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
