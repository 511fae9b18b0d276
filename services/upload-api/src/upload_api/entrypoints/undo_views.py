"""An undo as people and programs see it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from upload_api.entrypoints.callers import View


class UndoView(View):
    """How far an undo is: at its end `total = reversed + kept + refused`."""

    job_id: UUID
    state: str
    """`running` or `done`."""
    total: int
    """Rows of the import that are in the table, less those that somebody deletes meanwhile."""
    reversed: int
    kept: int
    """Changed since by somebody else, and so left alone."""
    refused: int
    """Held by a foreign key, or by the table's own rules."""
    trouble: str | None
    """What a running undo waits for."""
    requested_at: datetime
    finished_at: datetime | None


class UndoRowView(View):
    """One row that stayed; its reason, which may quote it, and key only for who may control."""

    line: int
    outcome: str
    reason: str | None
    key: dict[str, Any] | None = None


class UndoPage(UndoView):
    """An undo, and rows that stayed, in sheet order; `nextCursor` is null on the last page."""

    rows: list[UndoRowView]
    next_cursor: str | None
