"""The root's side of a correction: whose lines are claimed, healed, or rejected again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from writer.adapters.postgres_rejected import copy_errors
from writer.adapters.sql_files import statement
from writer.domain.corrected_lines import RootLines

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sluice.db.pool import Connection
    from writer.domain.corrected_lines import RootChanges


def lock_root_lines(conn: Connection, root_id: UUID, lines: Iterable[int]) -> RootLines:
    """Return what became of these lines of the root; those still rejected are locked.

    Waits for a racing correction of the same lines up to `lock_timeout`.
    """
    values = {"root_id": root_id, "lines": sorted(set(lines))}
    rejected = conn.execute(statement("lock_open_lines"), values).fetchall()
    healed = conn.execute(statement("read_healed_lines"), values).fetchall()
    return RootLines(
        rejected={row[0]: row[1] for row in rejected},
        healed={row[0]: row[1] for row in healed},
    )


def change_root(conn: Connection, root_id: UUID, job_id: UUID, changes: RootChanges) -> None:
    """Heal and reject lines of the root; replace what is stored of their errors.

    Of a line beyond the root's cap nothing was stored, and nothing is now: its root lists as many
    errors as before, or fewer.
    """
    of_root = {"root_id": root_id}
    heal = of_root | {"job_id": job_id, "lines": list(changes.healed)}
    conn.execute(statement("heal_lines"), heal)
    chunks: dict[int, int] = {}
    if changes.displaced:
        values = of_root | {"lines": list(changes.displaced)}
        rejected = conn.execute(statement("reject_displaced"), values)
        chunks = {row[0]: row[1] for row in rejected}
    lines = {*changes.healed, *(error.sheet_line for error in changes.errors)}
    forget = of_root | {"lines": sorted(lines)}
    stored = {row[0] for row in conn.execute(statement("forget_errors"), forget)}
    errors = [
        replace(error, chunk_no=chunks.get(error.sheet_line, error.chunk_no))
        for error in changes.errors
        if error.sheet_line in stored or error.sheet_line in chunks
    ]
    copy_errors(conn, root_id, errors)
