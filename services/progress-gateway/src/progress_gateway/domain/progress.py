"""Step 4: the fold, from the facts of a job to its progress, in any order and any repetition.

Every part of the state is a set (a bitmap), a maximum or a minimum over the facts seen, or a sum
over distinct chunks; so the state depends on the set of facts only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntFlag
from typing import TYPE_CHECKING

from progress_gateway.domain.after_end import (
    Healing,
    Undoing,
    healed_rows,
    healing_of,
    undoing_of,
    with_healing,
)
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
    RowsHealed,
    RowsUndone,
    SheetParsed,
    WritingFailed,
)
from sluice.job_status import (
    Desired,
    Failure,
    JobStatus,
    LedgerSums,
    Manifest,
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
    UNDONE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMarks:
    """What was seen of one run: its marks, and the epochs that began to parse (a bitmap)."""

    run: int
    marks: int = 0
    epochs: int = 0
    healed: int = 0
    """The most healed rows that an end of the run counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """What `job-finished` said of a run; it ends anew once it is healed, and once it is undone."""

    run: int
    status: JobStatus
    total_rows: int
    total_is_estimate: bool
    ledger: LedgerSums
    healed: int = 0

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Of two ends the one with the higher rank counts."""
        return self.run, self.status is JobStatus.UNDONE, self.healed


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
    """The newest one of the newest run that finished."""
    started_at_ms: int = 0
    """When the first fact of the job was stated; 0: unknown."""
    finished_at_ms: int = 0
    """When the run of `end` first ended; 0: unknown."""
    control: Control = Control()
    healings: tuple[Healing, ...] = ()
    """By correction."""
    undoing: Undoing | None = None
    dry_run: bool = False

    @property
    def written_chunks(self) -> int:
        return self.chunks.bit_count()

    @property
    def version(self) -> int:
        """The sum of the ranks of all that was seen: rises with every visible change.

        It depends on the set of facts only, so it comes back to the same number after the state
        was lost and folded again.
        """
        seen = sum(of.marks.bit_count() + of.epochs.bit_count() + of.healed for of in self.runs)
        failed = sum(trouble.rank for trouble in self.troubles)
        after_end = healed_rows(self.healings) + (self.undoing.batch if self.undoing else 0)
        ranks = self.written_chunks * WRITTEN_RANK + failed + self.run + self.control.seq
        return ranks + seen + after_end

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
        case RowsHealed():
            healings = with_healing(state.healings, healing_of(fact))
            return replace(state, healings=healings)
        case RowsUndone():
            return _with_undoing(state, undoing_of(fact))
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
        dry_run=state.dry_run or fact.dry_run,
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
    undone = Mark.UNDONE if fact.status is JobStatus.UNDONE else 0
    state = replace(
        state,
        dry_run=state.dry_run or fact.dry_run,
        finished_at_ms=_first_end_ms(state, fact, stated_at_ms),
        runs=_marked(state, fact.run, marks=Mark.FINISHED | undone, healed=fact.healed),
    )
    end = _end_of(fact)
    if state.end is not None and state.end.rank >= end.rank:
        return state
    return replace(state, end=end)


def _first_end_ms(state: JobProgress, fact: JobFinished, stated_at_ms: int) -> int:
    """Return when the newest run ended first: what comes after its end takes none of its time."""
    if state.end is None or state.end.run < fact.run:
        return stated_at_ms
    if state.end.run > fact.run:
        return state.finished_at_ms
    return _earliest(state.finished_at_ms, stated_at_ms)


def _end_of(fact: JobFinished) -> RunEnd:
    return RunEnd(
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
        healed=fact.healed,
    )


def _with_undoing(state: JobProgress, undoing: Undoing) -> JobProgress:
    held = state.undoing
    return replace(state, undoing=undoing if held is None else max(held, undoing))


def _marked(
    state: JobProgress, run: int, *, marks: int = 0, epochs: int = 0, healed: int = 0
) -> tuple[RunMarks, ...]:
    held = state.marks_of(run)
    now = RunMarks(
        run=run,
        marks=held.marks | marks,
        epochs=held.epochs | epochs,
        healed=max(held.healed, healed),
    )
    others = [of for of in state.runs if of.run != run]
    return tuple(sorted([*others, now], key=lambda of: of.run))
