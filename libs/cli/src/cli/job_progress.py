"""What is known of a job at one moment, from the stream or from the polled job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

TERMINAL = frozenset({"completed", "completed_with_errors", "failed", "cancelled"})


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

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def percent(self) -> float:
        """The share that is done, 0 to 100; 100 only at the end."""
        if self.is_terminal and self.status.startswith("completed"):
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
    )
