"""Step 4: what one viewer of one job is told next, and when: pure, handed the time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MIN_GAP_S = 0.125
"""At most 8 messages a second for each viewer and job."""
BATCH_GAP_S = 1.0
"""The messages with ids, errors and recent batches are 2 to 40 kB: at most one a second."""
TERMINAL_STATUSES = frozenset({"completed", "completed_with_errors", "failed", "cancelled"})
LAST_STATUSES = TERMINAL_STATUSES - {"failed"}
"""After these a stream ends; a failed job may be retried while people watch."""
STATUS_EVENTS = frozenset({"paused", "retrying"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """What one viewer has been told of one job."""

    version: int = -1
    status: str = ""
    batches: int = 0
    failed_rows: int = 0
    failure_told: bool = False
    sent_at_s: float | None = None
    batch_at_s: float | None = None


def is_news(viewed: Viewed, snapshot: Mapping[str, Any]) -> bool:
    """Tell whether a viewer should see a snapshot; what is older is dropped.

    A terminal state is news whatever its version, once; of two with the same version the later
    one carries other soft state.
    """
    version, status = snapshot["version"], snapshot["status"]
    if status in TERMINAL_STATUSES:
        return bool(status != viewed.status or version > viewed.version)
    if viewed.status in TERMINAL_STATUSES:
        return bool(version > viewed.version)
    return bool(version >= viewed.version)


def wait_s(viewed: Viewed, now_s: float) -> float:
    """Return how long a viewer's next message of a job waits; 0: not at all."""
    if viewed.sent_at_s is None:
        return 0.0
    return max(0.0, viewed.sent_at_s + MIN_GAP_S - now_s)


def choose_event(viewed: Viewed, snapshot: Mapping[str, Any], now_s: float) -> str:
    """Return the SSE event that a snapshot becomes for a viewer."""
    status, data = snapshot["status"], snapshot["data"]
    if status in TERMINAL_STATUSES:
        return "completed" if status.startswith("completed") else str(status)
    if status in STATUS_EVENTS and status != viewed.status:
        return str(status)
    if data["failure"] is not None and not viewed.failure_told:
        return "error"
    new_batches = viewed.sent_at_s is not None and data["currentBatch"] > viewed.batches
    if new_batches and _batch_is_due(viewed, now_s):
        return "batch_partial" if data["failedRows"] > viewed.failed_rows else "batch_complete"
    return "progress"


def _batch_is_due(viewed: Viewed, now_s: float) -> bool:
    return viewed.batch_at_s is None or now_s - viewed.batch_at_s >= BATCH_GAP_S


def after_telling(viewed: Viewed, snapshot: Mapping[str, Any], event: str, now_s: float) -> Viewed:
    """Return what the viewer knows now."""
    data = snapshot["data"]
    first = viewed.sent_at_s is None
    viewed = replace(
        viewed,
        version=max(viewed.version, snapshot["version"]),
        status=snapshot["status"],
        failure_told=data["failure"] is not None,
        sent_at_s=now_s,
    )
    if first or event.startswith("batch_"):
        return replace(
            viewed,
            batches=data["currentBatch"],
            failed_rows=data["failedRows"],
            batch_at_s=viewed.batch_at_s if first else now_s,
        )
    return viewed
