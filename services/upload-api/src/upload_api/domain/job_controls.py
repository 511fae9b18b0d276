"""What pause, resume, cancel and retry do to a job, or why they cannot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sluice.job_status import Desired, JobStatus
from upload_api.domain.kin import ALONE, Kin, why_not_again
from upload_api.domain.undo_rules import STANDS_UNDONE


class Control(StrEnum):
    """What somebody may ask of a job."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledJob:
    """What a control depends on."""

    status: JobStatus
    desired: Desired
    run: int
    is_undone: bool = False
    """An undo of it was asked for, or of the job that it corrects."""
    kin: Kin = ALONE


class ControlRefused(Exception):
    """The job's state does not allow it; the message says why, and what would be possible."""


_WANTED = {
    Control.PAUSE: Desired.PAUSE,
    Control.RESUME: Desired.RUN,
    Control.CANCEL: Desired.CANCEL,
    Control.RETRY: Desired.RUN,
}
_RETRYABLE = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


def changes(control: Control, job: ControlledJob, seen_run: int) -> bool:
    """Tell whether a control changes the job; False when it is as wanted already.

    Args:
        control: what is asked.
        job: the job as it is, behind its gate.
        seen_run: the run that whoever asks knows of; a retry starts exactly the next one.

    Raises:
        ControlRefused: the state does not allow it.
    """
    if control is Control.RETRY:
        _check_retry(job, seen_run)
        return True
    if job.status.is_terminal:
        raise ControlRefused(f"The job is {job.status}: it cannot be {_DONE[control]} any more.")
    if job.desired is Desired.CANCEL and control is not Control.CANCEL:
        raise ControlRefused("The job is being cancelled: wait for its end, then retry it.")
    return job.desired is not _WANTED[control]


_DONE = {Control.PAUSE: "paused", Control.RESUME: "resumed", Control.CANCEL: "cancelled"}


def _check_retry(job: ControlledJob, seen_run: int) -> None:
    if job.is_undone:
        raise ControlRefused(STANDS_UNDONE)
    if job.run != seen_run:
        raise ControlRefused(f"The job was retried meanwhile: it is {job.status} in run {job.run}.")
    if job.status not in _RETRYABLE:
        raise ControlRefused(
            f"The job is {job.status}: only a failed or a cancelled one can be retried."
        )
    bound = why_not_again(job.kin)
    if bound:
        raise ControlRefused(bound)


def wanted(control: Control) -> Desired:
    """Return what a control makes desired of the job."""
    return _WANTED[control]
