"""A dead letter's payload for people: decoded, and its cells told by kind and length alone.

Cells are for the owner of a job, those it is shared with for control, and admins; an operator
mends the machine and does not read other people's sheets.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from sluice.errors import Poison, UnknownVersion
from sluice.events.cell_tags import CellTag
from sluice.events.rows_chunked import RowsChunked, decode
from sluice.kafka import topic_names

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_ROWS = 20
SHOWN_BYTES = 4096


def payload_view(topic: str, value: bytes | None, *, shows_cells: bool) -> dict[str, Any]:
    """Return what a record's value holds; never fails, whatever the bytes are."""
    if value is None:
        return {"kind": "empty"}
    if topic == topic_names.CHUNKS:
        try:
            return _chunk_view(decode(value), shows_cells=shows_cells)
        except (Poison, UnknownVersion) as error:
            return _raw_view(value, str(error), shows_bytes=shows_cells)
    try:
        return {"kind": "fact", "body": json.loads(value)}
    except ValueError:
        return _raw_view(value, "not JSON", shows_bytes=shows_cells)


def _chunk_view(chunk: RowsChunked, *, shows_cells: bool) -> dict[str, Any]:
    meta = chunk.meta
    lines = chunk.cells.lines.slice(0, SHOWN_ROWS).to_pylist()
    columns = [column.slice(0, SHOWN_ROWS).to_pylist() for column in chunk.cells.columns]
    tags = [_tags_of(tags, len(lines)) for tags in chunk.cells.tags]
    rows = [
        {
            "line": line,
            "cells": [
                _cell_view(column[k], tag[k], shows_text=shows_cells)
                for column, tag in zip(columns, tags, strict=True)
            ],
        }
        for k, line in enumerate(lines)
    ]
    return {
        "kind": "chunk",
        "jobId": str(meta.job_id),
        "run": meta.run,
        "chunkNo": meta.chunk_no,
        "rows": meta.rows,
        "firstLine": meta.first_line,
        "lastLine": meta.last_line,
        "sha256": meta.sha256,
        "chunkerVersion": meta.chunker_version,
        "firstRows": rows,
    }


def _tags_of(tags: Any, count: int) -> Sequence[int]:
    if isinstance(tags, int):
        return [tags] * count
    shown: list[int] = tags.slice(0, count).to_pylist()
    return shown


def _cell_view(text: str | None, tag: int, *, shows_text: bool) -> dict[str, Any] | None:
    if text is None:
        return None
    kind = CellTag(tag).name.lower() if tag in set(CellTag) else str(tag)
    cell: dict[str, Any] = {"kind": kind, "length": len(text)}
    return cell | ({"text": text} if shows_text else {})


def _raw_view(value: bytes, why: str, *, shows_bytes: bool) -> dict[str, Any]:
    view: dict[str, Any] = {"kind": "undecodable", "why": why, "sizeBytes": len(value)}
    if shows_bytes:
        view["firstBytesBase64"] = base64.b64encode(value[:SHOWN_BYTES]).decode()
    return view


def shown_headers(headers: Sequence[tuple[str, bytes | None]]) -> list[dict[str, str | None]]:
    """Return headers as text; those that are numbers of Spring's, or broken, as hexadecimal."""
    return [{"name": name, "value": _header_text(value)} for name, value in headers]


def _header_text(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return f"0x{value.hex()}"
    return text if text.isprintable() else f"0x{value.hex()}"
