"""States that a job was paused, resumed, cancelled or retried, in the transaction that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sluice.db import outbox
from sluice.events import (
    JobCancelled,
    JobPaused,
    JobResumed,
    JobRetried,
    JobWakeup,
    to_record,
)
from upload_api.domain.job_controls import Control

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sluice.db.pool import Connection
    from sluice.events import Fact

SOURCE = "upload-api"


def put_job_controlled(
    conn: Connection, control: Control, job_id: UUID, run: int, control_seq: int, now: datetime
) -> None:
    """Put what a control means into the outbox of the caller's transaction."""
    if control is Control.PAUSE:
        _put(conn, JobPaused(job_id=job_id, run=run, control_seq=control_seq), now)
    elif control is Control.CANCEL:
        _put(conn, JobCancelled(job_id=job_id, run=run, control_seq=control_seq), now)
    elif control is Control.RESUME:
        _put(conn, JobResumed(job_id=job_id, run=run, control_seq=control_seq), now)
        _put(conn, JobWakeup(job_id=job_id, run=run, control_seq=control_seq), now)
    else:
        put_job_retried(conn, job_id, run, control_seq, "retry", now)


def put_job_retried(
    conn: Connection,
    job_id: UUID,
    run: int,
    control_seq: int,
    by: Literal["retry", "replay"],
    now: datetime,
) -> None:
    """State a new run, and wake a parser for it."""
    _put(conn, JobRetried(job_id=job_id, run=run, control_seq=control_seq, by=by), now)
    _put(conn, JobWakeup(job_id=job_id, run=run, control_seq=control_seq), now)


def _put(conn: Connection, fact: Fact, now: datetime) -> None:
    outbox.put(conn, fact.job_id, to_record(fact, source=SOURCE, now=now))
