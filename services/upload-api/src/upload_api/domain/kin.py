"""A job and its kin: what a root and its corrections keep each other from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sluice.job_status import JobStatus

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """How the kin of a job stand, read behind the gates of the job and its root."""

    root_id: UUID | None = None
    """Of a correction: the job that it corrects."""
    root_status: JobStatus | None = None
    is_corrected_now: bool = False
    """A correction of the job has not ended."""


ALONE = Kin()
"""Of a job that corrects none, and that none corrects."""


def why_not_again(kin: Kin) -> str:
    """Return why a job cannot run again because of its kin; empty when it can.

    Writers pass over the chunks of a correction whose root is undone or cancelled, so it would
    never end; and a root that ran while it is corrected could be cancelled under the correction.
    """
    if kin.is_corrected_now:
        return "A correction of the job has not ended: wait for its end, or cancel it."
    if kin.root_status in {JobStatus.CANCELLED, JobStatus.UNDONE}:
        return f"The job corrects {kin.root_id}, which is {kin.root_status}: nothing is corrected."
    if kin.root_status is not None and not kin.root_status.is_terminal:
        return f"The job corrects {kin.root_id}, which is {kin.root_status}: wait for its end."
    return ""
