"""Step 4: what becomes of a job that has ended, once corrections or an undo have changed it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from progress_gateway.domain.job_record import version_of_record
from progress_gateway.domain.progress import JobProgress, fold
from progress_gateway.domain.settlement import Settlement, finished_facts
from sluice.events import RowsHealed, RowsUndone
from sluice.job_status import JobStatus, row_totals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from progress_gateway.domain.after_end import Healing, Undoing
    from progress_gateway.domain.job_record import JobRecord
    from sluice.events import Fact


def settlement_after_end(
    record: JobRecord, state: JobProgress | None = None, *, ends: bool = True
) -> Settlement:
    """Decide the job anew from the sums over its own ledger and those of its corrections.

    Args:
        record: the job, read now; under its gate when its end is to be written anew.
        state: what the fold has of it, where that can be told: the version is the one that the
            fold comes to by the facts of this settlement.
        ends: the job ends anew; else a correction or an undo of it goes on.
    """
    settlement = Settlement(
        record=record,
        status=_status_after_end(record) if ends else record.status,
        totals=row_totals(record.manifest, record.ledger, record.estimated_rows),
        version=max(record.version, version_of_record(record)),
        started=False,
    )
    shown = state or JobProgress()
    told = [*_sums(record), *(finished_facts(settlement)[:1] if ends else [])]
    for fact in told:
        shown = fold(shown, fact)
    return replace(settlement, version=max(settlement.version, shown.version))


def _status_after_end(record: JobRecord) -> JobStatus:
    """Return the status; a failed job stays failed until it is retried or replayed."""
    if record.undoing is not None and record.undoing.done:
        return JobStatus.UNDONE
    healed = record.status is JobStatus.COMPLETED_WITH_ERRORS and not record.ledger.failed
    return JobStatus.COMPLETED if healed else record.status


def _sums(record: JobRecord) -> list[Fact]:
    undone = [] if record.undoing is None else [undone_fact(record, record.undoing)]
    return [*healed_facts(record, record.healings), *undone]


def healed_facts(record: JobRecord, healings: Iterable[Healing]) -> list[RowsHealed]:
    """Return what corrections of a job have written so far, on the job's own key."""
    return [
        RowsHealed(
            job_id=record.job_id,
            run=record.run,
            correction_id=each.correction_id,
            inserted=each.inserted,
            updated=each.updated,
            skipped=each.skipped,
        )
        for each in healings
        if each.healed
    ]


def undone_fact(record: JobRecord, undoing: Undoing) -> RowsUndone:
    return RowsUndone(
        job_id=record.job_id,
        run=record.run,
        batch=undoing.batch,
        total=undoing.total,
        reversed=undoing.reversed,
        kept=undoing.kept,
        refused=undoing.refused,
        done=undoing.done,
    )
