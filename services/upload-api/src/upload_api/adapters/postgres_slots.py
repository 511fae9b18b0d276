"""How many unfinished jobs a user may have: counted, never kept, so that no slot can leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.db.statements import statement

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection

PACKAGE = "upload_api"


class NoSlotFree(Exception):
    """The user has as many unfinished jobs as they may have."""


def take_slot(conn: Connection, owner_id: UUID, max_unfinished: int) -> None:
    """Take the owner's turn until the transaction ends, and check that one more job may begin.

    Raises:
        NoSlotFree: not before one of theirs has ended.
    """
    wait_for_turn(conn, owner_id)
    check_slot(conn, owner_id, max_unfinished)


def wait_for_turn(conn: Connection, owner_id: UUID) -> None:
    """Wait until no other transaction begins a job of this owner; may wait for `lock_timeout`."""
    conn.execute(statement(PACKAGE, "lock_owner"), {"owner_id": owner_id})


def check_slot(conn: Connection, owner_id: UUID, max_unfinished: int) -> None:
    """Check without a lock, as a courtesy; raises `NoSlotFree`."""
    row = conn.execute(statement(PACKAGE, "count_unfinished"), {"owner_id": owner_id}).fetchone()
    if row is not None and row[0] >= max_unfinished:
        raise NoSlotFree(f"{row[0]} of {max_unfinished} jobs are unfinished")
