"""Step 4: the chunks that a writer has in hand become one batch of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from sluice.events.cell_tags import CellTag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sluice.events.rows_chunked import ChunkCells, RowsChunked

Tags: TypeAlias = "int | pa.UInt8Array"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoalescedCells:
    """The cells of several chunks of one job, column by column, as `ChunkCells` holds them."""

    lines: pa.Int32Array
    columns: tuple[pa.StringArray, ...]
    tags: tuple[Tags, ...]

    @property
    def rows(self) -> int:
        return len(self.lines)

    def column(self, index: int) -> tuple[pa.StringArray, Tags]:
        """Return texts and tags of a 0-based column; one that no chunk reaches is empty."""
        if index < len(self.columns):
            return self.columns[index], self.tags[index]
        return pa.nulls(self.rows, pa.string()), int(CellTag.EMPTY)


def coalesce(chunks: Sequence[RowsChunked]) -> CoalescedCells:
    """Put chunks of one job behind each other; a narrower chunk is empty on its right."""
    cells = [chunk.cells for chunk in chunks]
    width = max((len(part.columns) for part in cells), default=0)
    lines = [part.lines for part in cells]
    return CoalescedCells(
        lines=pa.concat_arrays(lines) if lines else pa.array([], pa.int32()),
        columns=tuple(pa.concat_arrays([_texts(p, c) for p in cells]) for c in range(width)),
        tags=tuple(_joined_tags(cells, column) for column in range(width)),
    )


def _texts(cells: ChunkCells, column: int) -> pa.StringArray:
    if column < len(cells.columns):
        return cells.columns[column]
    return pa.nulls(len(cells.lines), pa.string())


def _tags(cells: ChunkCells, column: int) -> Tags:
    return cells.tags[column] if column < len(cells.tags) else int(CellTag.EMPTY)


def _joined_tags(cells: Sequence[ChunkCells], column: int) -> Tags:
    parts = [_tags(part, column) for part in cells]
    uniform = {int(tags) for tags in parts if isinstance(tags, int)} - {int(CellTag.EMPTY)}
    if len(uniform) <= 1 and all(isinstance(tags, int) for tags in parts):
        return uniform.pop() if uniform else int(CellTag.EMPTY)
    return pa.concat_arrays(
        [
            _spelled_out(tags, _texts(part, column)) if isinstance(tags, int) else tags
            for tags, part in zip(parts, cells, strict=True)
        ]
    )


def _spelled_out(tag: int, texts: pa.StringArray) -> pa.UInt8Array:
    empty = pa.scalar(int(CellTag.EMPTY), pa.uint8())
    return pc.if_else(texts.is_valid(), pa.scalar(tag, pa.uint8()), empty)


def row_texts(cells: CoalescedCells, position: int) -> list[str | None]:
    """Return the raw texts of a row, in the order of the sheet, None where a cell is empty.

    What PostgreSQL cannot store is made visible: NUL as U+2400, broken Unicode as U+FFFD.
    """
    return [storable(_bytes_at(texts, position)) for texts in cells.columns]


def _bytes_at(texts: pa.StringArray, position: int) -> bytes | None:
    raw: bytes | None = texts.slice(position, 1).cast(pa.binary())[0].as_py()
    return raw


def storable(raw: bytes | None) -> str | None:
    """Return a cell's text such that PostgreSQL takes it, whatever the sheet held."""
    return None if raw is None else raw.decode(errors="replace").replace("\0", "\u2400")
