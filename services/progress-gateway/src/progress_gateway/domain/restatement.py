"""Step 4: the facts that the fold lacks, made again from the rows they rest on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from progress_gateway.domain.settlement import finished_facts, settlement_of
from progress_gateway.domain.settlement_after_end import healed_facts, undone_fact
from sluice.events import (
    JobCancelled,
    JobPaused,
    JobResumed,
    JobRetried,
    ParsingFailed,
    ParsingStarted,
    SheetParsed,
    WritingFailed,
)
from sluice.job_status import Desired

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.domain.missing import Lacking
    from sluice.events import ChunkDeadLettered, ChunkWritten, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """What the ledger's rows of some chunks say as facts."""

    written: Sequence[ChunkWritten] = ()
    dead: Sequence[ChunkDeadLettered] = ()


def restated_facts(record: JobRecord, lacks: Lacking, ledger: LedgerFacts) -> list[Fact]:
    """Return the facts that the fold lacks, in the road's order; control comes first."""
    dead = [fact for fact in ledger.dead if fact.chunk_no in lacks.dead]
    return [
        *_control(record, lacks),
        *_opening(record, lacks),
        *ledger.written,
        *dead,
        *_closing(record, lacks),
        *_after_end(record, lacks),
    ]


def _after_end(record: JobRecord, lacks: Lacking) -> Iterator[Fact]:
    yield from healed_facts(record, lacks.healings)
    undoing = record.undoing
    if lacks.undoing and undoing is not None:
        yield undone_fact(record, undoing)
    if lacks.finished:
        # While a correction goes on, the end is the one before it: the next comes with its own end
        ended = replace(record, healings=()) if record.is_in_correction else record
        yield finished_facts(settlement_of(ended))[0]


def _control(record: JobRecord, lacks: Lacking) -> Iterator[Fact]:
    """Yield the newest control; those before it do not count any more."""
    if not lacks.control:
        return
    kind: type[JobPaused | JobResumed | JobCancelled | JobRetried]
    match record.desired:
        case Desired.PAUSE:
            kind = JobPaused
        case Desired.CANCEL:
            kind = JobCancelled
        case Desired.RUN:
            kind = JobRetried if lacks.new_run else JobResumed
    yield kind(job_id=record.job_id, run=record.run, control_seq=record.control_seq)


def _opening(record: JobRecord, lacks: Lacking) -> Iterator[Fact]:
    parse = record.parse
    if lacks.parsing_started and parse is not None:
        yield ParsingStarted(
            job_id=record.job_id,
            run=parse.run,
            epoch=parse.epoch,
            bytes_total=parse.bytes_total,
            estimated_rows=record.estimated_rows,
        )


def _closing(record: JobRecord, lacks: Lacking) -> Iterator[Fact]:
    parse = record.parse
    if lacks.sheet_parsed and parse is not None and parse.manifest is not None:
        yield SheetParsed(
            job_id=record.job_id,
            run=parse.run,
            total_rows=parse.manifest.total_rows,
            total_chunks=parse.manifest.total_chunks,
            bytes_total=parse.bytes_total,
        )
    if lacks.parsing_failed and parse is not None and parse.failure is not None:
        yield ParsingFailed(
            job_id=record.job_id,
            run=parse.run,
            code=parse.failure.code,
            message=parse.failure.message,
        )
    if lacks.writing_failed and record.writing_failure is not None:
        yield WritingFailed(
            job_id=record.job_id,
            run=record.run,
            code=record.writing_failure.code,
            message=record.writing_failure.message,
        )
