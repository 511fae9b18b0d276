"""Step 4: the fold, from the facts of a job to its progress, in any order and any repetition.

Every part of the state is a set (a bitmap), a maximum or a minimum over the facts seen, or a sum
over distinct chunks; so the state depends on the set of facts only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntFlag
from typing import TYPE_CHECKING

from progress_gateway.domain.chunk_trouble import (
    WRITTEN_RANK,
    ChunkTrouble,
    trouble_of,
    with_trouble,
    without_chunk,
)
from sluice.events import (
    ChunkDeadLettered,
    ChunkRetrying,
    ChunkWritten,
    ImportResumed,
    ImportWaiting,
    JobCancelled,
    JobFinished,
    JobPaused,
    JobResumed,
    JobRetried,
    ParsingFailed,
    ParsingStarted,
    SheetParsed,
    WritingFailed,
)
from sluice.job_status import (
    Desired,
    Failure,
    JobFacts,
    JobStatus,
    LedgerSums,
    Manifest,
    decide_status,
)

if TYPE_CHECKING:
    from sluice.events import Fact

MESSAGE_MAX_CHARS = 300
"""A table value stays under 1 KB, because recovery time follows the changelog's bytes."""


class Mark(IntFlag):
    """The facts that can be seen once in a run."""

    SHEET_PARSED = 1
    PARSING_FAILED = 2
    WRITING_FAILED = 4
    FINISHED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMarks:
    """What was seen of one run: its marks, and the epochs that began to parse (a bitmap)."""

    run: int
    marks: int = 0
    epochs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """What `job-finished` said of a run."""

    run: int
    status: JobStatus
    total_rows: int
    total_is_estimate: bool
    ledger: LedgerSums


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Control:
    """The newest thing that people asked of a job; it counts for its own run only."""

    seq: int = 0
    run: int = 0
    desired: Desired = Desired.RUN


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """All that is known of a job from its facts; `run` 0 means: nothing yet."""

    run: int = 0
    started_run: int = 0
    """The newest run that a parser has begun."""
    chunks: int = 0
    """Bitmap of the written chunks."""
    troubles: tuple[ChunkTrouble, ...] = ()
    """Of the chunks that are not written, by chunk."""
    inserted: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    covered_bytes: int = 0
    """Of the inflated sheet, behind the written chunks."""
    bytes_total: int = 0
    estimated_rows: int = 0
    manifest: Manifest | None = None
    runs: tuple[RunMarks, ...] = ()
    """By run, ascending."""
    failure_run: int = 0
    failure: Failure | None = None
    """Of the newest run that failed."""
    end: RunEnd | None = None
    """Of the newest run that finished."""
    started_at_ms: int = 0
    """When the first fact of the job was stated; 0: unknown."""
    finished_at_ms: int = 0
    """When `end` was stated; 0: unknown."""
    control: Control = Control()

    @property
    def written_chunks(self) -> int:
        return self.chunks.bit_count()

    @property
    def version(self) -> int:
        """The sum of the ranks of all that was seen: rises with every visible change.

        It depends on the set of facts only, so it comes back to the same number after the state
        was lost and folded again.
        """
        seen = sum(of.marks.bit_count() + of.epochs.bit_count() for of in self.runs)
        failed = sum(trouble.rank for trouble in self.troubles)
        return self.written_chunks * WRITTEN_RANK + failed + self.run + self.control.seq + seen

    @property
    def desired(self) -> Desired:
        return self.control.desired if self.control.run == self.run else Desired.RUN

    @property
    def own_troubles(self) -> tuple[ChunkTrouble, ...]:
        """Those of the newest run: it tries again whatever failed before it."""
        return tuple(each for each in self.troubles if each.run == self.run)

    def marks_of(self, run: int) -> RunMarks:
        return next((of for of in self.runs if of.run == run), RunMarks(run=run))


_CONTROLS: dict[type[Fact], Desired] = {
    JobPaused: Desired.PAUSE,
    JobResumed: Desired.RUN,
    JobCancelled: Desired.CANCEL,
    JobRetried: Desired.RUN,
}


def fold(  # noqa: C901, PLR0911 - a table
    state: JobProgress, fact: Fact, stated_at_ms: int = 0
) -> JobProgress:
    """Return the state with one more fact; a fact seen before changes nothing.

    Args:
        state: what is known so far.
        fact: one of `sluice.events.RESULT_FACTS`.
        stated_at_ms: when the fact was stated (`ce_time`), Unix milliseconds; 0 when unknown.
    """
    if isinstance(fact, ImportWaiting | ImportResumed):
        return state  # true for some seconds only: kept in Redis, see sluice.waiting
    began = _earliest(state.started_at_ms, stated_at_ms)
    state = replace(state, run=max(state.run, fact.run), started_at_ms=began)
    match fact:
        case ChunkWritten():
            return _with_chunk(state, fact)
        case ParsingStarted():
            return _with_parsing_started(state, fact)
        case SheetParsed():
            return _with_manifest(state, fact)
        case ParsingFailed():
            return _with_failure(state, fact, Mark.PARSING_FAILED)
        case WritingFailed():
            return _with_failure(state, fact, Mark.WRITING_FAILED)
        case JobFinished():
            return _with_end(state, fact, stated_at_ms)
        case ChunkRetrying() | ChunkDeadLettered():
            return _with_trouble(state, fact)
        case JobPaused() | JobResumed() | JobCancelled() | JobRetried():
            return _with_control(state, fact)
        case _:
            raise TypeError(f"the fold does not know {type(fact).__name__}: add it to `fold`")


def _earliest(one_ms: int, other_ms: int) -> int:
    return min(one_ms, other_ms) if one_ms and other_ms else one_ms or other_ms


def _with_chunk(state: JobProgress, fact: ChunkWritten) -> JobProgress:
    bit = 1 << fact.chunk_no
    if state.chunks & bit:
        return state
    return replace(
        state,
        started_run=max(state.started_run, fact.run),
        chunks=state.chunks | bit,
        troubles=without_chunk(state.troubles, fact.chunk_no),
        inserted=state.inserted + fact.inserted,
        updated=state.updated + fact.updated,
        skipped=state.skipped + fact.skipped,
        failed=state.failed + fact.failed,
        covered_bytes=state.covered_bytes + fact.covered_bytes,
    )


def _with_trouble(state: JobProgress, fact: ChunkRetrying | ChunkDeadLettered) -> JobProgress:
    if state.chunks >> fact.chunk_no & 1:
        return state
    return replace(state, troubles=with_trouble(state.troubles, trouble_of(fact)))


def _with_control(
    state: JobProgress, fact: JobPaused | JobResumed | JobCancelled | JobRetried
) -> JobProgress:
    asked = Control(seq=fact.control_seq, run=fact.run, desired=_CONTROLS[type(fact)])
    return replace(state, control=max(state.control, asked))


def _with_parsing_started(state: JobProgress, fact: ParsingStarted) -> JobProgress:
    return replace(
        state,
        started_run=max(state.started_run, fact.run),
        bytes_total=max(state.bytes_total, fact.bytes_total),
        estimated_rows=max(state.estimated_rows, fact.estimated_rows),
        runs=_marked(state, fact.run, epochs=1 << fact.epoch),
    )


def _with_manifest(state: JobProgress, fact: SheetParsed) -> JobProgress:
    """Take the totals; they are the file's, the same in every run."""
    known = state.manifest or Manifest(total_rows=0, total_chunks=0)
    return replace(
        state,
        started_run=max(state.started_run, fact.run),
        bytes_total=max(state.bytes_total, fact.bytes_total),
        manifest=Manifest(
            total_rows=max(known.total_rows, fact.total_rows),
            total_chunks=max(known.total_chunks, fact.total_chunks),
        ),
        runs=_marked(state, fact.run, marks=Mark.SHEET_PARSED),
    )


def _with_failure(
    state: JobProgress, fact: ParsingFailed | WritingFailed, mark: Mark
) -> JobProgress:
    state = replace(state, runs=_marked(state, fact.run, marks=mark))
    message = fact.message[:MESSAGE_MAX_CHARS]
    held = state.failure
    # Both failures of one run can be stated, by parser and writer: the greater code is shown
    if held is None or (fact.run, fact.code, message) > (
        state.failure_run,
        held.code,
        held.message,
    ):
        failure = Failure(code=fact.code, message=message)
        return replace(state, failure_run=fact.run, failure=failure)
    return state


def _with_end(state: JobProgress, fact: JobFinished, stated_at_ms: int) -> JobProgress:
    state = replace(state, runs=_marked(state, fact.run, marks=Mark.FINISHED))
    if state.end is not None and state.end.run >= fact.run:
        if state.end.run == fact.run:
            ended = _earliest(state.finished_at_ms, stated_at_ms)
            return replace(state, finished_at_ms=ended)
        return state
    end = RunEnd(
        run=fact.run,
        status=fact.status,
        total_rows=fact.total_rows,
        total_is_estimate=fact.total_is_estimate,
        ledger=LedgerSums(
            written_chunks=fact.written_chunks,
            dead_chunks=fact.dead_chunks,
            inserted=fact.inserted,
            updated=fact.updated,
            skipped=fact.skipped,
            failed=fact.failed,
        ),
    )
    return replace(state, end=end, finished_at_ms=stated_at_ms)


def _marked(
    state: JobProgress, run: int, *, marks: int = 0, epochs: int = 0
) -> tuple[RunMarks, ...]:
    held = state.marks_of(run)
    now = RunMarks(run=run, marks=held.marks | marks, epochs=held.epochs | epochs)
    others = [of for of in state.runs if of.run != run]
    return tuple(sorted([*others, now], key=lambda of: of.run))


def ledger_of(state: JobProgress) -> LedgerSums:
    """Return the sums over the chunks; where `job-finished` counted more, its count.

    Counts only grow, so the larger one is the newer one.
    """
    said = state.end.ledger if state.end is not None else LedgerSums()
    dead = sum(trouble.is_dead for trouble in state.own_troubles)
    return LedgerSums(
        written_chunks=max(state.written_chunks, said.written_chunks),
        dead_chunks=said.dead_chunks if ended_status(state) else dead,
        inserted=max(state.inserted, said.inserted),
        updated=max(state.updated, said.updated),
        skipped=max(state.skipped, said.skipped),
        failed=max(state.failed, said.failed),
    )


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
    return ended_status(state) is None and decide_status(facts_of(state)).is_terminal
