"""The fold: whatever order facts come in, and however often, the state is the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_gateway.domain.chunk_trouble import DEAD, WRITTEN_RANK, rank_of
from progress_gateway.domain.progress import JobProgress, fold
from progress_gateway.domain.progress_codec import progress_from_json, progress_to_json
from progress_gateway.domain.progress_status import (
    ledger_of,
    looks_finished,
    retrying_of,
    status_of,
)
from progress_gateway.domain.snapshot import snapshot_of, view_of_progress
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
from sluice.job_status import JobStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sluice.events import Fact

JOB = UUID(int=7)
ENDS = (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)


def chunk(no: int, run: int = 1) -> ChunkWritten:
    return ChunkWritten(
        job_id=JOB,
        run=run,
        chunk_no=no,
        rows=1000,
        inserted=900 + no,
        updated=2,
        skipped=1,
        failed=97 - no,
        first_line=2 + 1000 * no,
        last_line=1001 + 1000 * no,
        covered_bytes=10 + no,
        dry_run=no == 11,
    )


def parsing_started(run: int, epoch: int) -> ParsingStarted:
    return ParsingStarted(job_id=JOB, run=run, epoch=epoch, bytes_total=1200, estimated_rows=9000)


def sheet_parsed(run: int) -> SheetParsed:
    return SheetParsed(job_id=JOB, run=run, total_rows=12_000, total_chunks=12, bytes_total=1200)


def finished(run: int, status: JobStatus = JobStatus.FAILED) -> JobFinished:
    return JobFinished(
        job_id=JOB,
        run=run,
        status=status,
        total_rows=12_000,
        total_is_estimate=False,
        inserted=10 * run,
        updated=0,
        skipped=0,
        failed=0,
        unprocessed=12_000 - 10 * run,
        written_chunks=run,
        dead_chunks=run % 2,
    )


def healed(correction: int, inserted: int, skipped: int = 0, run: int = 1) -> RowsHealed:
    return RowsHealed(
        job_id=JOB,
        run=run,
        correction_id=UUID(int=correction),
        inserted=inserted,
        updated=0,
        skipped=skipped,
    )


def undone(batch: int, *, done: bool = False) -> RowsUndone:
    return RowsUndone(
        job_id=JOB,
        run=1,
        batch=batch,
        total=900,
        reversed=90 * batch,
        kept=batch,
        refused=0,
        done=done,
    )


def ended_anew(number: int, run: int) -> JobFinished:
    """Return an end that counts healed rows, or that of an undo."""
    status = JobStatus.UNDONE if number == 11 else JobStatus.COMPLETED
    members = {"status": status, "healed": number, "inserted": 10 * run + number}
    return finished(run).model_copy(update=members)


def retrying(no: int, attempt: int = 2, run: int = 1, replay: int = 0) -> ChunkRetrying:
    return ChunkRetrying(
        job_id=JOB,
        run=run,
        chunk_no=no,
        replay=replay,
        attempt=attempt,
        max_attempts=4,
        delay_s=2.0 ** (attempt - 1),
        code="DEADLOCK",
        first_line=2 + 1000 * no,
        last_line=1001 + 1000 * no,
    )


def dead(no: int, run: int = 1, replay: int = 0) -> ChunkDeadLettered:
    return ChunkDeadLettered(
        job_id=JOB,
        run=run,
        chunk_no=no,
        replay=replay,
        attempts=4,
        code="DEADLOCK",
        rows=1000,
        first_line=2,
        last_line=1001,
    )


def control(seq: int) -> Fact:
    """Return the control of a number: each stands for one thing that happened."""
    kinds: list[type[JobPaused | JobResumed | JobCancelled | JobRetried]] = [
        JobPaused,
        JobResumed,
        JobCancelled,
        JobRetried,
    ]
    return kinds[seq % 4](job_id=JOB, run=1 + seq // 4, control_seq=seq)


def a_fact(kind: int, number: int, run: int) -> Fact:
    """Return the one fact of its identity: the same arguments give the same fact."""
    facts: list[Fact] = [
        chunk(number, 1 + number % 3),
        chunk(number, 1 + number % 3),
        parsing_started(run, number),
        sheet_parsed(run),
        ParsingFailed(job_id=JOB, run=run, code="FILE_BROKEN", message=f"run {run}"),
        WritingFailed(job_id=JOB, run=run, code="DISK_FULL", message=f"run {run}"),
        finished(run, ENDS[run % 3]),
        retrying(number, 2 + number % 3, run, number % 2),
        retrying(number % 3, 2 + number // 3, run),
        dead(number, run, number % 2),
        control(1 + number),
        ImportWaiting(
            job_id=JOB, run=run, worker="w", number=number, dependency="kafka", reason="r"
        ),
        ImportResumed(job_id=JOB, run=run, worker="w", number=number),
        healed(number % 3, 2 * (number // 3), number // 3),
        undone(1 + number, done=number == 11),
        ended_anew(number, run) if number else finished(run, ENDS[run % 3]),
    ]
    return facts[kind]


FACTS = st.lists(
    st.builds(a_fact, st.integers(0, 15), st.integers(0, 11), st.integers(1, 3)), max_size=60
)


def folded(facts: Iterable[Fact], state: JobProgress | None = None) -> JobProgress:
    state = state or JobProgress()
    for fact in facts:
        # Stated again means stated later: the earliest time counts
        state = fold(state, fact)
    return state


@given(FACTS, st.data())
def test_any_order_and_any_repetition_give_the_same_state(
    facts: list[Fact], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(facts + facts[: len(facts) // 2]))
    assert folded(again) == folded(facts)


@given(FACTS)
def test_the_version_never_falls_and_rises_with_whatever_is_shown(facts: list[Fact]) -> None:
    state, seen = JobProgress(), set[str]()
    for fact in facts:
        after = fold(state, fact)
        assert after.version >= state.version
        if fact.ce_id() in seen:
            assert after == state
        shown, was = (snapshot_of(view_of_progress(str(JOB), each)) for each in (after, state))
        if shown != was:
            assert after.version > state.version
        seen.add(fact.ce_id())
        state = after


@given(FACTS)
def test_the_bar_never_falls_and_is_full_only_at_the_end(facts: list[Fact]) -> None:
    state, shown = fold(JobProgress(), parsing_started(1, 1)), 0.0
    for fact in facts:
        state = fold(state, fact)
        view = view_of_progress(str(JOB), state)
        if status_of(state) not in {JobStatus.COMPLETED, JobStatus.UNDONE}:
            shown_now = min(view.percentage, 99.9)
            assert view.percentage < 100
            assert shown_now >= shown
            shown = shown_now


@given(FACTS)
def test_the_encoded_state_is_the_state(facts: list[Fact]) -> None:
    state = folded(facts)
    assert progress_from_json(json.loads(json.dumps(progress_to_json(state)))) == state


@given(FACTS)
def test_a_table_lost_in_the_middle_comes_back_to_the_same_version(facts: list[Fact]) -> None:
    half = folded(facts[: len(facts) // 2])
    restored = progress_from_json(progress_to_json(half))
    assert folded(facts, restored).version == folded(facts).version


def test_the_state_of_the_largest_job_is_under_one_kilobyte() -> None:
    facts: list[Fact] = [parsing_started(1, 3), *(chunk(n) for n in range(97))]
    facts += [chunk(n).model_copy(update={"failed": 0}) for n in range(97, 1049)]
    facts += [
        sheet_parsed(1),
        WritingFailed(job_id=JOB, run=1, code="DISK_FULL", message="m" * 1000),
        finished(1),
    ]
    state = fold(folded(facts), finished(1), 1_790_000_000_000)
    assert state.written_chunks == 1049
    assert len(json.dumps(progress_to_json(state), separators=(",", ":"))) < 1000


def test_a_fact_of_an_older_run_moves_counters_and_never_the_status() -> None:
    state = folded([parsing_started(1, 1), finished(1), parsing_started(2, 2)])
    assert status_of(state) is JobStatus.PROCESSING
    late = folded(
        [
            chunk(3, run=1),
            WritingFailed(job_id=JOB, run=1, code="DISK_FULL", message="of old"),
            finished(1),
        ],
        state,
    )
    assert status_of(late) is JobStatus.PROCESSING
    assert ledger_of(late).inserted == 903
    assert not looks_finished(late)


def test_only_job_finished_of_the_newest_run_ends_a_job() -> None:
    accounted = folded([parsing_started(1, 1), sheet_parsed(1), *(chunk(n) for n in range(12))])
    assert status_of(accounted) is JobStatus.PROCESSING
    assert looks_finished(accounted)
    ended = fold(accounted, finished(1, JobStatus.COMPLETED_WITH_ERRORS))
    assert status_of(ended) is JobStatus.COMPLETED_WITH_ERRORS
    assert not looks_finished(ended)


def test_a_retried_job_waits_until_its_new_run_begins() -> None:
    state = folded([parsing_started(1, 1), finished(1), finished(2, JobStatus.CANCELLED)])
    assert status_of(state) is JobStatus.CANCELLED


def test_the_end_counts_what_the_fold_has_not_seen() -> None:
    state = fold(folded([parsing_started(1, 1)]), finished(1, JobStatus.CANCELLED))
    view = view_of_progress(str(JOB), state)
    assert view.ledger.inserted == 10
    assert view.totals.unprocessed_rows == 11_990


def test_an_attempt_is_shown_until_its_chunk_is_written() -> None:
    state = folded([parsing_started(1, 1), retrying(3, 3), retrying(3, 2), retrying(5, 2)])
    assert status_of(state) is JobStatus.RETRYING
    data = snapshot_of(view_of_progress(str(JOB), state))["data"]
    assert (data["attempt"], data["maxAttempts"], data["reason"]) == (3, 4, "DEADLOCK")
    assert data["retrying"] == {
        "chunkNo": 3,
        "firstLine": 3002,
        "lastLine": 4001,
        "delaySeconds": 4.0,
    }
    state = folded([chunk(3), retrying(3, 4)], state)
    coming = retrying_of(state)
    assert coming is not None
    assert coming.chunk_no == 5
    assert status_of(folded([chunk(5)], state)) is JobStatus.PROCESSING


def test_dead_chunks_are_outcomes_and_a_job_with_them_fails() -> None:
    state = folded([parsing_started(1, 1), sheet_parsed(1), *(chunk(n) for n in range(11))])
    assert not looks_finished(state)
    state = folded([retrying(11, 4), dead(11)], state)
    assert ledger_of(state).dead_chunks == 1
    assert looks_finished(state)
    ended = finished(1).model_copy(update={"written_chunks": 11, "dead_chunks": 1})
    snapshot = snapshot_of(view_of_progress(str(JOB), fold(state, ended)))
    assert snapshot["status"] == "failed"
    assert snapshot["data"]["failure"]["code"] == "CHUNKS_DEAD_LETTERED"
    counts = snapshot["data"]["summary"]
    done = counts["insertedRows"] + counts["updatedRows"] + counts["skippedRows"]
    assert done + counts["failedRows"] + counts["unprocessedRows"] == counts["totalRows"]


def test_a_retry_begins_a_run_that_is_not_at_its_end() -> None:
    failed = folded([parsing_started(1, 1), sheet_parsed(1), chunk(0), dead(1), finished(1)])
    again = fold(failed, JobRetried(job_id=JOB, run=2, control_seq=1))
    assert status_of(again) is JobStatus.PENDING
    assert ledger_of(again).dead_chunks == 0, "it is tried again"
    assert again.version > failed.version
    assert status_of(folded([parsing_started(2, 2)], again)) is JobStatus.PROCESSING
    healed = folded([chunk(1, run=2), finished(2, JobStatus.COMPLETED)], again)
    assert status_of(healed) is JobStatus.COMPLETED


def test_a_replayed_chunk_is_above_its_dead_letter() -> None:
    state = folded([parsing_started(1, 1), dead(4), retrying(4, 2, replay=1), retrying(4, 4)])
    assert status_of(state) is JobStatus.RETRYING
    assert ledger_of(fold(state, dead(4, replay=1))).dead_chunks == 1


def test_the_newest_control_counts_whatever_order_they_come_in() -> None:
    paused, resumed = control(4), control(5)
    state = folded([parsing_started(2, 1), resumed, paused])
    assert status_of(state) is JobStatus.PROCESSING
    assert status_of(folded([parsing_started(2, 1), paused])) is JobStatus.PAUSED
    cancelled = fold(state, control(6))
    assert looks_finished(cancelled)
    assert status_of(cancelled) is JobStatus.PROCESSING, "only job-finished ends a job"


def test_a_control_of_an_older_run_does_not_hold_the_newer_one() -> None:
    state = folded([JobPaused(job_id=JOB, run=1, control_seq=1), parsing_started(2, 2)])
    assert status_of(state) is JobStatus.PROCESSING


@pytest.mark.parametrize("run", [1, 900, 5000])
def test_no_trouble_outranks_a_written_chunk(run: int) -> None:
    assert rank_of(run, 99, DEAD) < WRITTEN_RANK
    assert rank_of(run, 0, 2) < rank_of(run, 0, DEAD) < rank_of(run, 1, 2)


def test_a_state_of_the_release_before_is_read() -> None:
    old = {"run": 1, "startedRun": 1, "inserted": 5, "chunks": "AQ==", "runs": [[1, 0, "2"]]}
    state = progress_from_json(old)
    assert (state.written_chunks, state.troubles, state.control.seq) == (1, (), 0)
    assert (state.healings, state.undoing, state.dry_run) == ((), None, False)
    assert "healings" not in progress_to_json(state), "a plain job pays nothing"
    ended = old | {"end": [1, "failed", 9, True, [1, 0, 5, 0, 0, 0]]}
    assert progress_from_json(ended).end is not None
