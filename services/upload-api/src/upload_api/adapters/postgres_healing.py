"""Opens a job for the dead letters that are sent again: behind its gate, once, with its fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.db.statements import statement
from sluice.job_status import JobStatus
from upload_api.adapters.gate_patience import patiently
from upload_api.adapters.locked_jobs import lock_job, pass_with_root
from upload_api.adapters.publish_job_controlled import put_job_retried
from upload_api.domain.dead_letters import (
    MAX_REPLAYS,
    Letter,
    LetterJob,
    LetterState,
    Outcome,
    Verdict,
    verdict_of,
    verdict_of_alone,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sluice.db.pool import Connection

PACKAGE = "upload_api"
Decided = dict[int, tuple[Verdict, int]]
"""By letter: what is to be done with it, and its replay count from now on."""


def open_for(
    conn: Connection,
    replay_id: UUID,
    job_id: UUID | None,
    letters: Sequence[Letter],
    now: datetime,
) -> Decided:
    """Decide on letters of one job and bring the job to where they can be written.

    The ledger forgets all dead chunks that this replay still has to send, at once: with only some
    of them forgotten a fast job would fail again before the others are sent. A failed job begins
    its next run, which emits the forgotten chunks as well; the copies meet in the ledger.

    Raises:
        GateBusy: the job's gate was not free in time; nothing was done.
    """
    if job_id is None:
        with conn.transaction():
            return _note(conn, replay_id, {x: verdict_of_alone(x) for x in letters})
    return patiently(conn, job_id, lambda: _open_once(conn, replay_id, job_id, letters, now))


def _open_once(
    conn: Connection, replay_id: UUID, job_id: UUID, letters: Sequence[Letter], now: datetime
) -> Decided:
    with conn.transaction():
        pass_with_root(conn, job_id)
        job = _locked(conn, job_id)
        written = _written(conn, job_id, letters)
        verdicts = {x: verdict_of(x, job, is_written=x.chunk_no in written) for x in letters}
        sends = any(verdict.outcome is Outcome.SENT for verdict in verdicts.values())
        if job is not None and sends:
            _forget(conn, replay_id, job_id)
            if job.status is JobStatus.FAILED:
                _start_next_run(conn, job_id, job.run, now)
        return _note(conn, replay_id, verdicts)


def _locked(conn: Connection, job_id: UUID) -> LetterJob | None:
    found = lock_job(conn, job_id)
    if found is None:
        return None
    return LetterJob(
        status=found.status,
        desired=found.desired,
        run=found.run,
        is_undone=found.is_undone,
        kin=found.kin,
    )


def _written(conn: Connection, job_id: UUID, letters: Iterable[Letter]) -> set[int]:
    chunks = [letter.chunk_no for letter in letters if letter.chunk_no is not None]
    rows = conn.execute(statement(PACKAGE, "written_of"), {"job_id": job_id, "chunks": chunks})
    return {row[0] for row in rows}


def _forget(conn: Connection, replay_id: UUID, job_id: UUID) -> None:
    values = {"replay_id": replay_id, "job_id": job_id, "max_replays": MAX_REPLAYS}
    chunks = [row[0] for row in conn.execute(statement(PACKAGE, "waiting_chunks"), values)]
    conn.execute(statement(PACKAGE, "forget_dead_chunks"), {"job_id": job_id, "chunks": chunks})


def _start_next_run(conn: Connection, job_id: UUID, run: int, now: datetime) -> None:
    values = {"job_id": job_id, "seen_run": run}
    row = conn.execute(statement(PACKAGE, "start_next_run"), values).fetchone()
    if row is None:
        raise RuntimeError("a locked job was changed by another")
    put_job_retried(conn, job_id, row[0], row[1], "replay", now)


def _note(conn: Connection, replay_id: UUID, verdicts: dict[Letter, Verdict]) -> Decided:
    """Bring the letters' states in line; return the verdicts with the replay counts."""
    sent = [x.dead_letter_id for x, v in verdicts.items() if v.outcome is Outcome.SENT]
    values = {"ids": sent, "reason": f"replay {replay_id}"}
    counts: dict[int, int] = dict(
        conn.execute(statement(PACKAGE, "mark_replaying"), values).fetchall()
    )
    decided: Decided = {}
    for letter, verdict in verdicts.items():
        if verdict.outcome is Outcome.PARKED:
            _set_state(conn, letter, LetterState.PARKED, verdict.reason)
        elif verdict.outcome is Outcome.ALREADY_WRITTEN:
            _set_state(conn, letter, LetterState.HEALED, None)
        count = counts.get(letter.dead_letter_id, letter.replay_count)
        decided[letter.dead_letter_id] = verdict, count
    return decided


def _set_state(conn: Connection, letter: Letter, state: LetterState, reason: str | None) -> None:
    values = {"dead_letter_id": letter.dead_letter_id, "state": str(state), "reason": reason}
    conn.execute(statement(PACKAGE, "set_letter_state"), values)
