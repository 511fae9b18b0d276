"""Controls of a job, each one transaction behind the job's gate.

Whoever passes the gate later reads what is desired now, and whoever passed before has committed:
so from the commit of a cancel on the ledger of the job is final.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sluice.db.statements import statement
from upload_api.adapters.gate_patience import patiently
from upload_api.adapters.locked_jobs import lock_job, pass_with_root
from upload_api.adapters.postgres_audit import put_audit
from upload_api.adapters.postgres_slots import take_slot
from upload_api.adapters.publish_job_controlled import put_job_controlled
from upload_api.domain.job_controls import Control, ControlledJob, ControlRefused, changes, wanted

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sluice.db.pool import Connection
    from upload_api.adapters.postgres_audit import Actor

PACKAGE = "upload_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAsked:
    """What somebody asks of a job; `seen_run` is the run that they know of."""

    job_id: UUID
    control: Control
    seen_run: int
    actor: Actor
    max_unfinished: int


def control_job(conn: Connection, asked: ControlAsked, now: datetime) -> bool:
    """Do what is asked; return whether it changed anything.

    Raises:
        ControlRefused: the job's state does not allow it.
        NoSlotFree: its owner has too many unfinished jobs for one more.
        GateBusy: the gate was not free in time.
    """
    return patiently(conn, asked.job_id, lambda: _control_once(conn, asked, now))


def _control_once(conn: Connection, asked: ControlAsked, now: datetime) -> bool:
    with conn.transaction():
        pass_with_root(conn, asked.job_id)
        found = lock_job(conn, asked.job_id)
        if found is None:
            raise ControlRefused("The job was erased meanwhile.")
        job = ControlledJob(
            status=found.status,
            desired=found.desired,
            run=found.run,
            is_undone=found.is_undone,
            kin=found.kin,
        )
        if not changes(asked.control, job, asked.seen_run):
            return False
        if asked.control is Control.RETRY:
            take_slot(conn, found.owner_id, asked.max_unfinished)
            run, control_seq = _start_next_run(conn, asked)
        else:
            run, control_seq = _set_desired(conn, asked)
        put_job_controlled(conn, asked.control, asked.job_id, run, control_seq, now)
        details = {"control": asked.control, "run": run, "controlSeq": control_seq}
        put_audit(conn, "job_controlled", asked.actor, asked.job_id, details)
    return True


def _set_desired(conn: Connection, asked: ControlAsked) -> tuple[int, int]:
    values = {"job_id": asked.job_id, "desired": wanted(asked.control)}
    return _run_and_seq(conn, "set_desired", values)


def _start_next_run(conn: Connection, asked: ControlAsked) -> tuple[int, int]:
    values = {"job_id": asked.job_id, "seen_run": asked.seen_run, "chunks": None}
    conn.execute(statement(PACKAGE, "forget_dead_chunks"), values)
    conn.execute(statement(PACKAGE, "retry_dead_letters"), values)
    return _run_and_seq(conn, "start_next_run", values)


def _run_and_seq(conn: Connection, name: str, values: dict[str, object]) -> tuple[int, int]:
    row = conn.execute(statement(PACKAGE, name), values).fetchone()
    if row is None:
        raise RuntimeError("a locked job was changed by another")
    return row[0], row[1]
