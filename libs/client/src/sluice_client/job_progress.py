"""What is known of a job at one moment, from the stream or from the polled job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TERMINAL_STATUSES = frozenset(
    {"completed", "completed_with_errors", "failed", "cancelled", "undone"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How far an undo is."""

    total: int
    reversed: int
    kept: int
    refused: int

    @property
    def percent(self) -> float:
        done = self.reversed + self.kept + self.refused
        return 100.0 * done / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """One state of a job; times in seconds, None where unknown."""

    status: str
    total_rows: int = 0
    total_is_estimate: bool = True
    processed_rows: int = 0
    success_rows: int = 0
    failed_rows: int = 0
    percentage: float | None = None
    rows_per_second: float | None = None
    time_left_s: float | None = None
    errors: tuple[str, ...] = ()
    reason: str | None = None
    dry_run: bool = False
    """Nothing is written: the counts are what a real import would do."""
    healed_rows: int = 0
    ongoing: str | None = None
    """`correction` or `undo`: what changes the job after its end."""
    undo: Undo | None = None

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL_STATUSES and self.ongoing is None

    @property
    def told_status(self) -> str:
        """The status, or what goes on after the end."""
        after_end = {"correction": "healing", "undo": "undoing"}
        return after_end.get(self.ongoing or "", self.status)

    @property
    def percent(self) -> float:
        """The share that is done, 0 to 100; 100 only at the end."""
        if self.ongoing == "undo" and self.undo is not None:
            return self.undo.percent
        if self.status in TERMINAL_STATUSES and self.status.startswith("completed"):
            return 100.0
        if self.percentage is not None:
            return self.percentage
        return min(99.0, 100.0 * self.processed_rows / self.total_rows) if self.total_rows else 0.0


def progress_of_message(message: Mapping[str, Any]) -> JobProgress:
    """Return the state in a message of the stream."""
    data = message.get("data") or {}
    return _progress(str(message.get("status", "")), data, data.get("reason"))


def progress_of_job(job: Mapping[str, Any]) -> JobProgress:
    """Return the state in the answer of `GET /api/jobs/{id}`."""
    failure = job.get("failure") or {}
    return _progress(str(job["status"]), job, failure.get("message"))


def _progress(status: str, data: Mapping[str, Any], reason: str | None) -> JobProgress:
    summary = data.get("summary")
    if reason is None and isinstance(summary, dict):
        reason = summary.get("failureMessage") or (summary.get("failure") or {}).get("message")
    return JobProgress(
        status=status,
        total_rows=int(data.get("totalRows") or 0),
        total_is_estimate=bool(data.get("totalIsEstimate", True)),
        processed_rows=int(data.get("processedRows") or 0),
        success_rows=int(data.get("successRows") or 0),
        failed_rows=int(data.get("failedRows") or 0),
        percentage=data.get("percentage"),
        rows_per_second=data.get("rowsPerSecond"),
        time_left_s=data.get("estimatedTimeRemaining"),
        errors=tuple(map(str, data.get("errors") or ())),
        reason=reason,
        dry_run=bool(data.get("dryRun")),
        healed_rows=int(data.get("healedRows") or 0),
        ongoing=data.get("ongoing"),
        undo=_undo(data.get("undo")),
    )


def _undo(told: Mapping[str, Any] | None) -> Undo | None:
    if told is None:
        return None
    names = ("total", "reversed", "kept", "refused")
    return Undo(**{name: int(told.get(name) or 0) for name in names})
