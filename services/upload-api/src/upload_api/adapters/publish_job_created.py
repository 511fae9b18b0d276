"""Step 1: states that a job exists, in the transaction that makes it exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.db import outbox
from sluice.events import JobCreated, to_record

if TYPE_CHECKING:
    from datetime import datetime

    from sluice.db.pool import Connection
    from upload_api.adapters.postgres_jobs import NewJob


def put_job_created(conn: Connection, job: NewJob, now: datetime) -> None:
    """Put `job-created` into the outbox of the caller's transaction."""
    fact = JobCreated(
        job_id=job.job_id,
        run=1,
        target=job.target,
        file_name=job.file_name,
        file_size_bytes=job.file_size_bytes,
    )
    record = to_record(fact, source="upload-api", now=now, traceparent=job.traceparent)
    outbox.put(conn, job.job_id, record)
