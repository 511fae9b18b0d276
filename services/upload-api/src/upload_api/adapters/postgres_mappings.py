"""Saved mappings: each save is a version, the newest counts; whose they are, alone sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row
from psycopg.types.json import Json, Jsonb

from sluice.db.statements import statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sluice.db.pool import Connection

PACKAGE = "upload_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMapping:
    """A mapping to be saved, and the headers that it is for."""

    owner_id: UUID
    name: str
    target: str
    columns: Mapping[str, str | None]
    headers: Sequence[str]
    header_signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMapping:
    """One version of a mapping."""

    name: str
    version: int
    target: str
    columns: Mapping[str, str | None]
    headers: Sequence[str]
    header_signature: bytes
    saved_at: datetime


def save_mapping(conn: Connection, mapping: NewMapping) -> SavedMapping:
    """Save a version; what is saved already as it is gets none."""
    values: dict[str, Any] = {
        "owner_id": mapping.owner_id,
        "name": mapping.name,
        "target": mapping.target,
        "columns": Json(dict(mapping.columns)),
        "headers": Jsonb(list(mapping.headers)),
        "header_signature": mapping.header_signature,
    }
    with conn.transaction():
        conn.execute(statement(PACKAGE, "lock_mapping"), values)
        found = find_mapping(conn, mapping.owner_id, mapping.name)
        if found is not None and _is_same(found, mapping):
            return found
        conn.execute(statement(PACKAGE, "insert_mapping"), values)
        saved = find_mapping(conn, mapping.owner_id, mapping.name)
    if saved is None:
        raise RuntimeError("a saved mapping is not there")
    return saved


def _is_same(found: SavedMapping, mapping: NewMapping) -> bool:
    return (found.target, dict(found.columns), list(found.headers)) == (
        mapping.target,
        dict(mapping.columns),
        list(mapping.headers),
    )


def find_mapping(
    conn: Connection, owner_id: UUID, name: str, version: int | None = None
) -> SavedMapping | None:
    """Return a version of a mapping, the newest without a number."""
    values = {"owner_id": owner_id, "name": name, "version": version}
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement(PACKAGE, "find_mapping"), values).fetchone()
    return _saved(row) if row else None


def list_mappings(
    conn: Connection,
    owner_id: UUID,
    target: str | None = None,
    signatures: Sequence[bytes] | None = None,
) -> list[SavedMapping]:
    """Return the newest version of each mapping, latest first.

    Of one target only, and only for headers with one of these signatures, where that is told.
    """
    values = {
        "owner_id": owner_id,
        "target": target,
        "signatures": None if signatures is None else list(signatures),
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(statement(PACKAGE, "list_mappings"), values).fetchall()
    return [_saved(row) for row in rows]


def delete_mapping(conn: Connection, owner_id: UUID, name: str) -> bool:
    """Delete all versions; return whether there was any. Jobs keep what they were made with."""
    values = {"owner_id": owner_id, "name": name}
    return conn.execute(statement(PACKAGE, "delete_mapping"), values).rowcount > 0


def _saved(row: dict[str, Any]) -> SavedMapping:
    return SavedMapping(**row)
