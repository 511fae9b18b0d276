"""`rows-chunked`: the cells of some thousand rows, on their way from the parser to a writer.

The value is one Arrow IPC stream with one record batch: `line` (int32), a string column `c0`…
for each sheet column, and `t0`… (uint8 tags) for the columns whose non-empty cells are not all of
one kind. Everything that identifies the chunk is in the payload, in the schema's metadata, so that
a copy of the value alone, without its headers, can be handled.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa

from sluice.errors import Poison, UnknownVersion
from sluice.events.cell_tags import CellTag
from sluice.events.chunk_records import CE_TYPE, NAME, TOPIC, record_headers, record_key

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA_VERSION = 1
_META = b"sluice"
__all__ = [
    "CE_TYPE",
    "NAME",
    "SCHEMA_VERSION",
    "TOPIC",
    "ChunkCells",
    "ChunkMeta",
    "RowsChunked",
    "cells_of",
    "cells_of_arrays",
    "content_sha256",
    "decode",
    "encode",
    "encoded",
    "record_headers",
    "record_key",
    "text_bytes",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkMeta:
    """What identifies and measures a chunk.

    `sha256` (hex) is over the content, not over its encoding; `covered_bytes` is the chunk's
    share of the inflated sheet.
    """

    job_id: UUID
    run: int
    chunk_no: int
    rows: int
    first_line: int
    last_line: int
    covered_bytes: int
    sha256: str
    chunker_version: int
    date_1904: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkCells:
    """The cells of a chunk, column by column.

    `tags[c]` is one `CellTag` for all non-empty cells of column `c`, or an array of tags.
    """

    lines: pa.Int32Array
    columns: tuple[pa.StringArray, ...]
    tags: tuple[int | pa.UInt8Array, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsChunked:
    """A chunk as a writer receives it."""

    meta: ChunkMeta
    cells: ChunkCells


def cells_of(
    lines: Sequence[int], columns: Sequence[Sequence[str | None]], tags: Sequence[bytes]
) -> ChunkCells:
    """Build the cells of a chunk from Python columns.

    Args:
        lines: the sheet line of each row.
        columns: `columns[c][k]` is the text in column c of row k, None where it is empty.
        tags: `tags[c][k]` is the `CellTag` of that cell.
    """
    arrays = [pa.array(column, pa.string()) for column in columns]
    return cells_of_arrays(pa.array(lines, pa.int32()), arrays, tags)


def cells_of_arrays(
    lines: pa.Int32Array, columns: list[pa.StringArray], tags: Sequence[bytes]
) -> ChunkCells:
    """Build the cells of a chunk from whole Arrow columns; see `cells_of`."""
    arrays = _without_trailing_blanks(list(columns))
    return ChunkCells(
        lines=lines,
        columns=arrays,
        tags=tuple(_compact_tags(tag, array) for tag, array in zip(tags, arrays, strict=False)),
    )


def _without_trailing_blanks(columns: list[pa.StringArray]) -> tuple[pa.StringArray, ...]:
    """Drop what only shows how wide some tokenizer took the sheet to be."""
    while columns and columns[-1].null_count == len(columns[-1]):
        columns.pop()
    return tuple(columns)


def _compact_tags(tags: bytes, column: pa.StringArray) -> int | pa.UInt8Array:
    empty = tags.count(CellTag.EMPTY)
    kind = next(iter(tags.lstrip(b"\0")), CellTag.EMPTY)
    is_uniform = empty == len(tags) or empty + tags.count(kind) == len(tags)
    if is_uniform and column.null_count == empty:
        return kind
    return pa.UInt8Array.from_buffers(pa.uint8(), len(tags), [None, pa.py_buffer(tags)])


def content_sha256(cells: ChunkCells) -> str:
    """Return the hash of a chunk's content, as hex.

    Over the concatenated text, the offsets and the tags, column by column, then the sheet lines:
    by column because one update per cell costs ten times as much (0.5 s for 10 million cells).
    The arrays must be whole, not slices.
    """
    digest = hashlib.sha256()
    for column, tags in zip(cells.columns, cells.tags, strict=True):
        if column.null_count == len(column):
            digest.update(b"-")
            continue
        _, offsets, text = column.buffers()
        count = len(column)
        digest.update(offsets.slice(0, 4 * (count + 1)) if offsets else b"")
        digest.update(text.slice(0, _text_end(offsets, count)) if text else b"")
        digest.update(_full_tags(column, tags))
    digest.update(cells.lines.buffers()[1].slice(0, 4 * len(cells.lines)))
    return digest.hexdigest()


def _text_end(offsets: pa.Buffer, count: int) -> int:
    return int.from_bytes(offsets.slice(4 * count, 4).to_pybytes(), "little")


def _full_tags(column: pa.StringArray, tags: int | pa.UInt8Array) -> bytes:
    if not isinstance(tags, int):
        return tags.buffers()[1].slice(0, len(tags)).to_pybytes()  # type: ignore[no-any-return]
    if column.null_count == 0:
        return bytes([tags]) * len(column)
    valid = column.is_valid().cast(pa.uint8()).buffers()[1].slice(0, len(column)).to_pybytes()
    return valid.replace(b"\1", bytes([tags]))  # type: ignore[no-any-return]


def text_bytes(cells: ChunkCells) -> int:
    """Return the UTF-8 bytes of all texts plus 8 for each non-empty cell."""
    total = 0
    for column in cells.columns:
        count = len(column)
        offsets = column.buffers()[1]
        total += _text_end(offsets, count) if offsets else 0
        total += 8 * (count - column.null_count)
    return total


def encode(meta: ChunkMeta, cells: ChunkCells) -> bytes:
    """Return the record's value."""
    return encoded(meta, cells).to_pybytes()  # type: ignore[no-any-return]


def encoded(meta: ChunkMeta, cells: ChunkCells) -> pa.Buffer:
    """Return the record's value where Arrow has put it."""
    names, arrays, uniform = ["line"], [cells.lines], []
    for number, (column, tags) in enumerate(zip(cells.columns, cells.tags, strict=True)):
        names.append(f"c{number}")
        arrays.append(column)
        uniform.append(tags if isinstance(tags, int) else None)
        if not isinstance(tags, int):
            names.append(f"t{number}")
            arrays.append(tags)
    metadata = {_META: json.dumps(_meta_to_json(meta, uniform)).encode()}
    schema = pa.schema([(n, a.type) for n, a in zip(names, arrays, strict=True)], metadata=metadata)
    batch = pa.RecordBatch.from_arrays(arrays, schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def _meta_to_json(meta: ChunkMeta, uniform: Sequence[int | None]) -> dict[str, Any]:
    return {
        "version": SCHEMA_VERSION,
        "job": str(meta.job_id),
        "run": meta.run,
        "chunk": meta.chunk_no,
        "rows": meta.rows,
        "firstLine": meta.first_line,
        "lastLine": meta.last_line,
        "coveredBytes": meta.covered_bytes,
        "sha256": meta.sha256,
        "chunkerVersion": meta.chunker_version,
        "date1904": meta.date_1904,
        "tags": list(uniform),
    }


def decode(value: bytes) -> RowsChunked:
    """Return the chunk in a record's value, without copying its cells.

    Raises:
        Poison: the bytes are not such a chunk.
        UnknownVersion: a newer release wrote it.
    """
    try:
        with pa.ipc.open_stream(value) as stream:
            schema, batch = stream.schema, stream.read_next_batch()
        raw = json.loads(schema.metadata[_META])
        if raw["version"] > SCHEMA_VERSION:
            raise UnknownVersion(f"rows-chunked version {raw['version']} is newer than ours")
        return RowsChunked(meta=_meta_from_json(raw), cells=_cells_from(batch, raw["tags"]))
    except (pa.ArrowException, OSError, EOFError, KeyError, TypeError, ValueError) as error:
        raise Poison("CHUNK_UNDECODABLE", f"not a chunk of rows: {type(error).__name__}") from error


def _meta_from_json(raw: dict[str, Any]) -> ChunkMeta:
    return ChunkMeta(
        job_id=UUID(raw["job"]),
        run=raw["run"],
        chunk_no=raw["chunk"],
        rows=raw["rows"],
        first_line=raw["firstLine"],
        last_line=raw["lastLine"],
        covered_bytes=raw["coveredBytes"],
        sha256=raw["sha256"],
        chunker_version=raw["chunkerVersion"],
        date_1904=raw["date1904"],
    )


def _cells_from(batch: pa.RecordBatch, uniform: Sequence[int | None]) -> ChunkCells:
    return ChunkCells(
        lines=batch.column("line"),
        columns=tuple(batch.column(f"c{number}") for number in range(len(uniform))),
        tags=tuple(
            batch.column(f"t{number}") if tag is None else tag for number, tag in enumerate(uniform)
        ),
    )
