"""Step 4: what is told of a job beside its snapshot, which is made of its own facts alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sluice.job_status import TERMINAL_STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """What PostgreSQL knows of a job and its facts do not say, or not from the start."""

    version: int
    """Of the row: a snapshot of an ended job that is below it is not the newest."""
    dry_run: bool = False
    correction_of: str | None = None
    ongoing: str | None = None
    """`correction` or `undo`: what changes the job after its end."""


def with_context(snapshot: dict[str, Any], context: JobContext | None) -> dict[str, Any]:
    """Return the snapshot with its context; an ended job that still changes is in progress."""
    if context is None:
        return snapshot
    status = snapshot["status"]
    # Nothing changes a job that is undone, even where the context is a moment older than that
    can_change = status in TERMINAL_STATUSES and status != "undone"
    ongoing = context.ongoing if can_change else None
    shown = {
        "dryRun": context.dry_run,
        "correctionOf": context.correction_of,
        "ongoing": ongoing,
    }
    told = {"type": "progress"} if ongoing else {}
    return {**snapshot, **told, "data": {**snapshot["data"], **shown}}


def is_behind(snapshot: Mapping[str, Any], context: JobContext | None) -> bool:
    """Tell whether the row of an ended job knows more than the snapshot: it was changed since."""
    if context is None or snapshot["status"] not in TERMINAL_STATUSES:
        return False
    return bool(context.version > snapshot["version"])
