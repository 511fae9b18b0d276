"""Step 4: the facts that the fold lacks, made again from the rows they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    ]


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
