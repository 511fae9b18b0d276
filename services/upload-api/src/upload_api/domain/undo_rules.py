"""Whether an import may be taken back, and what a job that is being taken back refuses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sluice.job_status import JobStatus

STANDS_UNDONE = "The job is being undone, or was: import the whole file again."


class UndoReason(StrEnum):
    """Why an undo is refused."""

    NOT_ENDED = "NOT_ENDED"
    DRY_RUN = "DRY_RUN"
    CORRECTION = "CORRECTION"
    CORRECTION_RUNS = "CORRECTION_RUNS"
    NO_LINEAGE = "NO_LINEAGE"
    REPLACED_NOT_KEPT = "REPLACED_NOT_KEPT"


class UndoRefused(Exception):
    """The import cannot be taken back; the message says why, and what would be possible."""

    def __init__(self, reason: UndoReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class AlreadyUndone(Exception):
    """The undo has come to its end before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoableJob:
    """What an undo depends on, read behind the job's gate."""

    status: JobStatus
    dry_run: bool
    is_correction: bool
    mode: str
    target_definition: Mapping[str, Any]
    updated_rows: int
    """By the ledger: of the job and its corrections."""
    has_open_correction: bool
    undo_state: str | None


def begins_undo(job: UndoableJob) -> bool:
    """Tell whether an undo begins; False when it runs already.

    Raises:
        UndoRefused: the import cannot be taken back.
        AlreadyUndone: it was.
    """
    if job.undo_state == "done":
        raise AlreadyUndone
    if job.undo_state is not None:
        return False
    if job.dry_run:
        raise UndoRefused(UndoReason.DRY_RUN, "The job is a dry run: it wrote nothing.")
    if job.is_correction:
        raise UndoRefused(
            UndoReason.CORRECTION,
            "The job is a correction: undo the job that it corrects, which takes its rows along.",
        )
    if not job.status.is_terminal:
        raise UndoRefused(
            UndoReason.NOT_ENDED, f"The job is {job.status}: cancel it or wait for its end."
        )
    if job.has_open_correction:
        raise UndoRefused(
            UndoReason.CORRECTION_RUNS, "A correction of the job runs: wait for its end."
        )
    _check_target(job)
    return True


def _check_target(job: UndoableJob) -> None:
    definition = job.target_definition
    if definition.get("kind") != "records" and not definition.get("lineage", True):
        raise UndoRefused(
            UndoReason.NO_LINEAGE,
            "The target gives up lineage (`lineage: false`): nobody can tell which rows of the "
            "table the import wrote.",
        )
    keeps = bool(definition.get("keep_replaced", False))
    if job.mode == "upsert" and job.updated_rows > 0 and not keeps:
        raise UndoRefused(
            UndoReason.REPLACED_NOT_KEPT,
            f"The import updated {job.updated_rows:,} rows whose old values are not kept: a target "
            "with `keep_replaced: true` keeps those of its next imports.",
        )
