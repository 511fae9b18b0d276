"""Whether a job may be written for: read under its gate, decided here."""

from __future__ import annotations

from dataclasses import dataclass

from sluice.job_status import Desired, JobStatus


@dataclass(frozen=True, slots=True)
class JobState:
    """What the writer reads of a job under its gate."""

    desired: Desired
    status: JobStatus
    run: int
    has_failure: bool
    """A failure of this run is on record, whether or not the status says so yet."""
    is_undone: bool = False
    """Its rows are being taken back, or were."""


def why_skip(state: JobState | None) -> str:
    """Return why chunks of this job are passed over; empty when it goes on.

    A skipped chunk leaves no ledger row: resume and retry bring it again. Of a completed job only
    copies can come, and the ledger answers those.
    """
    if state is None:
        return "unknown"
    if state.is_undone or state.status is JobStatus.UNDONE:
        return "undone"
    if state.desired is not Desired.RUN:
        return "cancelled" if state.desired is Desired.CANCEL else "paused"
    if state.has_failure or state.status is JobStatus.FAILED:
        return "failed"
    if state.status is JobStatus.CANCELLED:
        return "cancelled"
    return ""


def why_skip_root(state: JobState | None) -> str:
    """Return why no line of this root may be written any more; empty while one may."""
    if state is None:
        return "its root is unknown"
    if state.is_undone or state.status in {JobStatus.UNDONE, JobStatus.CANCELLED}:
        return "its root is undone or cancelled"
    return ""
