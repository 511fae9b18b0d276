"""The files that previews kept: whose they are, and until when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from psycopg.rows import dict_row

from sluice.db.statements import statement

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from uuid import UUID

    from sluice.db.pool import Connection

PACKAGE = "upload_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file that its owner may use by the preview's id."""

    preview_id: UUID
    owner_id: UUID
    file_name: str
    file_url: str
    file_size_bytes: int
    file_sha256: bytes
    expires_at: datetime | None = None
    """None: it is kept only now."""


def keep_file(
    conn: Connection, file: KeptFile, keep: timedelta, most: int
) -> tuple[datetime, list[str]]:
    """Keep a file; return until when, and the URLs of the owner's oldest that make room for it."""
    values = asdict(file) | {"keep": keep, "most": most}
    with conn.transaction():
        row = conn.execute(statement(PACKAGE, "insert_preview"), values).fetchone()
        dropped = conn.execute(statement(PACKAGE, "drop_oldest_previews"), values).fetchall()
    if row is None:
        raise RuntimeError("a kept file has no row")
    return row[0], [url for (url,) in dropped]


def find_kept(conn: Connection, owner_id: UUID, preview_id: UUID) -> KeptFile | None:
    """Return somebody's kept file while its time lasts."""
    values = {"owner_id": owner_id, "preview_id": preview_id}
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement(PACKAGE, "find_preview"), values).fetchone()
    return KeptFile(**row) if row else None


def find_kept_content(conn: Connection, owner_id: UUID, sha256: bytes) -> KeptFile | None:
    """Return a file of just this content that somebody has kept, the newest."""
    values = {"owner_id": owner_id, "file_sha256": sha256}
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement(PACKAGE, "find_kept_content"), values).fetchone()
    return KeptFile(**row) if row else None


def drop_expired(conn: Connection) -> list[str]:
    """Forget the files whose time is over; return their URLs, for they are to be deleted."""
    return [url for (url,) in conn.execute(statement(PACKAGE, "drop_expired_previews"))]
