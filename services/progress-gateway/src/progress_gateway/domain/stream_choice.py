"""Step 4: what one viewer of one job is told next, and when: pure, handed the time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from progress_gateway.domain.turns import NEAREST_S
from sluice.auth.access import Right
from sluice.job_status import TERMINAL_STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST_GAP_S = 0.9 * NEAREST_S
"""Between two messages for one viewer, however they came. The turns of its job are what paces them;
a timer that brings one a millisecond early must not have each viewer wait by itself."""
BATCH_GAP_S = 1.0
"""The messages with ids, errors and recent batches are 2 to 40 kB: at most one a second."""
LAST_STATUSES = TERMINAL_STATUSES - {"failed"}
"""After these a stream ends; a failed job may be retried while people watch."""
STATUS_EVENTS = frozenset({"paused", "retrying"})


class StreamScope(StrEnum):
    """Whose jobs one stream of many is of; `visible` is mine and those shared with me."""

    MINE = "mine"
    VISIBLE = "visible"
    ALL = "all"

    @property
    def most(self) -> Right:
        """Return the right that holds for every job of such a stream, whoever looks."""
        return Right.OWN if self is StreamScope.MINE else Right.VIEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """What one viewer has been told of one job."""

    version: int = -1
    run: int = 0
    status: str = ""
    ongoing: str | None = None
    """What changes the job after its end."""
    standing: tuple[object, ...] = ()
    """Tells one pause, attempt or wait from another."""
    batches: int = 0
    failed_rows: int = 0
    failure_told: bool = False
    sent_at_s: float | None = None
    batch_at_s: float | None = None


def is_news(viewed: Viewed, snapshot: Mapping[str, Any]) -> bool:
    """Tell whether a viewer should see a snapshot; what is older is dropped.

    A terminal state of the newest run is news whatever its version, once; of two with the same
    version the later one carries other soft state.
    """
    version, status = snapshot["version"], snapshot["status"]
    if viewed.status in TERMINAL_STATUSES and _run_of(snapshot) <= viewed.run:
        # An end that a correction changes is told step by step, and once more when it stands
        is_last = viewed.ongoing is not None and version == viewed.version
        return bool(version > viewed.version or is_last)
    if status in TERMINAL_STATUSES and _run_of(snapshot) >= viewed.run:
        return bool(status != viewed.status or version > viewed.version)
    if viewed.status in TERMINAL_STATUSES:
        return bool(version > viewed.version)
    return bool(version >= viewed.version)


def replaces(known: Mapping[str, Any], snapshot: Mapping[str, Any], *, is_row: bool) -> bool:
    """Tell whether a snapshot takes the place of the one that is known of its job.

    Args:
        known: the newest one so far.
        snapshot: one that came.
        is_row: it is made of rows, which know no pace and no batches.
    """
    was_terminal = known["status"] in TERMINAL_STATUSES
    if snapshot["version"] > known["version"]:
        return True
    if snapshot["status"] in TERMINAL_STATUSES and not was_terminal:
        return _run_of(snapshot) >= _run_of(known)
    if is_row or snapshot["version"] < known["version"]:
        return False
    return not was_terminal and snapshot != known


def _run_of(snapshot: Mapping[str, Any]) -> int:
    return int(snapshot["data"].get("run", 0))


def is_over(viewed: Viewed) -> bool:
    """Tell whether a viewer of one job was told its end, and nothing changes it any more."""
    return viewed.status in LAST_STATUSES and viewed.ongoing is None


def wait_s(viewed: Viewed, snapshot: Mapping[str, Any], now_s: float) -> float:
    """Return how long a viewer's next message of a job waits; 0: not at all."""
    is_end = snapshot["status"] in TERMINAL_STATUSES and viewed.status not in TERMINAL_STATUSES
    if viewed.sent_at_s is None or is_end:
        return 0.0
    return max(0.0, viewed.sent_at_s + LEAST_GAP_S - now_s)


def choose_event(viewed: Viewed, snapshot: Mapping[str, Any], now_s: float) -> str:
    """Return the SSE event that a snapshot becomes for a viewer."""
    status, data = snapshot["status"], snapshot["data"]
    if data.get("ongoing"):
        return "progress"
    if status in TERMINAL_STATUSES:
        return "completed" if status.startswith("completed") else str(status)
    if status in STATUS_EVENTS and _standing(snapshot) != viewed.standing:
        return str(status)
    if data["failure"] is not None and not viewed.failure_told:
        return "error"
    new_batches = viewed.sent_at_s is not None and data["currentBatch"] > viewed.batches
    if new_batches and _batch_is_due(viewed, now_s):
        return "batch_partial" if data["failedRows"] > viewed.failed_rows else "batch_complete"
    return "progress"


def _standing(snapshot: Mapping[str, Any]) -> tuple[object, ...]:
    data = snapshot["data"]
    chunk_no = (data.get("retrying") or {}).get("chunkNo")
    return snapshot["status"], data.get("attempt"), chunk_no, data.get("waitingFor")


def _batch_is_due(viewed: Viewed, now_s: float) -> bool:
    return viewed.batch_at_s is None or now_s - viewed.batch_at_s >= BATCH_GAP_S


def after_telling(viewed: Viewed, snapshot: Mapping[str, Any], event: str, now_s: float) -> Viewed:
    """Return what the viewer knows now."""
    data = snapshot["data"]
    first = viewed.sent_at_s is None
    viewed = replace(
        viewed,
        version=max(viewed.version, snapshot["version"]),
        run=max(viewed.run, _run_of(snapshot)),
        status=snapshot["status"],
        ongoing=data.get("ongoing"),
        standing=_standing(snapshot),
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
