"""Step 4: what a job's progress says: its counts, and the status to show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from progress_gateway.domain.after_end import healed_ledger
from sluice.job_status import JobFacts, JobStatus, LedgerSums, decide_status

if TYPE_CHECKING:
    from progress_gateway.domain.chunk_trouble import ChunkTrouble
    from progress_gateway.domain.progress import JobProgress


def ledger_of(state: JobProgress) -> LedgerSums:
    """Return the sums over chunks and corrections; where `job-finished` counted more, its count.

    Counts of rows that are in only grow, so the larger one is the newer one. Rows that failed
    are the others of those that were handled: healed ones leave their number.
    """
    said = state.end.ledger if state.end is not None else LedgerSums()
    own = LedgerSums(
        inserted=state.inserted, updated=state.updated, skipped=state.skipped, failed=state.failed
    )
    healed = healed_ledger(own, state.healings)
    known = LedgerSums(
        written_chunks=max(state.written_chunks, said.written_chunks),
        dead_chunks=said.dead_chunks if ended_status(state) else _dead_chunks(state),
        inserted=max(healed.inserted, said.inserted),
        updated=max(healed.updated, said.updated),
        skipped=max(healed.skipped, said.skipped),
    )
    handled = max(own.processed_rows, said.processed_rows)
    return replace(known, failed=max(0, handled - known.success_rows))


def _dead_chunks(state: JobProgress) -> int:
    return sum(trouble.is_dead for trouble in state.own_troubles)


def facts_of(state: JobProgress) -> JobFacts:
    """Return what the status depends on: a failure counts for its own run only."""
    return JobFacts(
        desired=state.desired,
        retrying=retrying_of(state) is not None,
        started=state.run > 0 and state.started_run == state.run,
        manifest=state.manifest,
        ledger=ledger_of(state),
        failure=state.failure if state.failure_run == state.run else None,
    )


def retrying_of(state: JobProgress) -> ChunkTrouble | None:
    """Return the chunk that has been tried most often and will be tried again."""
    coming = [trouble for trouble in state.own_troubles if not trouble.is_dead]
    return max(coming, key=lambda each: (each.rank, -each.chunk_no), default=None)


def ended_status(state: JobProgress) -> JobStatus | None:
    """Return the terminal status of the newest run, once `job-finished` said it."""
    end = state.end
    return end.status if end is not None and end.run == state.run else None


def status_of(state: JobProgress) -> JobStatus:
    """Return the status to show; only `job-finished` of the newest run makes it terminal."""
    ended = ended_status(state)
    if ended is not None:
        return ended
    decided = decide_status(facts_of(state))
    return JobStatus.PROCESSING if decided.is_terminal else decided


def looks_finished(state: JobProgress) -> bool:
    """Tell whether the settler has an end to write."""
    ended = ended_status(state)
    if state.undoing is not None and state.undoing.done:
        return ended is not JobStatus.UNDONE
    return ended is None and decide_status(facts_of(state)).is_terminal


def is_fragment(state: JobProgress) -> bool:
    """Tell whether all but the newest of a job has been forgotten.

    Rows are healed and undone after an end, at times long after. Such a state is nothing to show:
    the settler states the rest again.
    """
    return state.end is None and bool(state.healings or state.undoing)
