"""A job behind its gate, as it stands there with its kin."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sluice.db import job_gate
from sluice.db.statements import statement
from sluice.job_status import Desired, JobStatus
from upload_api.domain.kin import Kin

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection

PACKAGE = "upload_api"


class LockedJob(NamedTuple):
    """A job whose row is locked."""

    status: JobStatus
    desired: Desired
    run: int
    owner_id: UUID
    is_undone: bool
    kin: Kin


def pass_with_root(conn: Connection, job_id: UUID) -> None:
    """Take the job's gate alone, and then that of its root together with others.

    A correction's gate comes first, here as in the writers. What is decided here of a correction
    stands until the commit: nobody undoes, retries or erases its root meanwhile.
    """
    job_gate.pass_alone(conn, job_id)
    row = conn.execute(statement(PACKAGE, "root_of"), {"job_id": job_id}).fetchone()
    if row is not None and row[0] is not None:
        job_gate.pass_together(conn, row[0])


def lock_job(conn: Connection, job_id: UUID) -> LockedJob | None:
    """Lock a job's row behind its gate; None: it was erased."""
    row = conn.execute(statement(PACKAGE, "lock_job"), {"job_id": job_id}).fetchone()
    if row is None:
        return None
    status, desired, run, owner_id, is_undone, root_id, root_status, is_corrected_now = row
    return LockedJob(
        status=JobStatus(status),
        desired=Desired(desired),
        run=run,
        owner_id=owner_id,
        is_undone=is_undone,
        kin=Kin(
            root_id=root_id,
            root_status=None if root_status is None else JobStatus(root_status),
            is_corrected_now=is_corrected_now,
        ),
    )
