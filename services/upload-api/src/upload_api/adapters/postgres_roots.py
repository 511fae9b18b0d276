"""The job that a correction corrects: always the root, whichever of its corrections was named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.rows import dict_row

from sluice.db.statements import statement
from sluice.job_status import JobStatus
from upload_api.domain.corrections import CorrectedJob

if TYPE_CHECKING:
    from uuid import UUID

    from sluice.db.pool import Connection


def find_root(conn: Connection, job_id: UUID) -> CorrectedJob | None:
    """Return the root of a job, which may be the job itself; None when there is no such job."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement("upload_api", "find_root"), {"job_id": job_id}).fetchone()
    if row is None:
        return None
    return CorrectedJob(**row | {"status": JobStatus(row["status"])})
