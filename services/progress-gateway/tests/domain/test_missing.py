"""What the settler states again, and when."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from progress_gateway.domain.job_record import JobRecord, ParseRecord, version_of_record
from progress_gateway.domain.missing import Lacking, RepairMemory, lacking
from progress_gateway.domain.progress import JobProgress, fold
from progress_gateway.domain.restatement import LedgerFacts, restated_facts
from sluice.events import (
    ChunkDeadLettered,
    ChunkRetrying,
    JobCancelled,
    JobPaused,
    JobResumed,
    JobRetried,
    ParsingStarted,
)
from sluice.job_status import Desired, Failure, JobStatus, LedgerSums, Manifest

JOB = UUID(int=7)
RECORD = JobRecord(
    job_id=JOB,
    run=1,
    control_seq=0,
    status=JobStatus.PROCESSING,
    desired=Desired.RUN,
    version=0,
    target="orders",
    file_name="a.xlsx",
    estimated_rows=2500,
    own_ledger=LedgerSums(written_chunks=2),
    parse=ParseRecord(
        run=1, epoch=2, bytes_total=1000, manifest=Manifest(total_rows=2, total_chunks=2)
    ),
    writing_failure=Failure(code="DISK_FULL", message="m"),
)


def test_an_empty_fold_lacks_all_that_postgres_knows() -> None:
    assert lacking(RECORD, {0, 1}, JobProgress()) == Lacking(
        chunks=frozenset({0, 1}), parsing_started=True, sheet_parsed=True, writing_failed=True
    )


def test_an_epoch_seen_is_not_the_epoch_that_is_missing() -> None:
    fact = ParsingStarted(job_id=JOB, run=1, epoch=1, bytes_total=1000, estimated_rows=2500)
    assert lacking(RECORD, (), fold(JobProgress(), fact)).parsing_started
    fact = fact.model_copy(update={"epoch": 2})
    assert not lacking(RECORD, (), fold(JobProgress(), fact)).parsing_started


DEAD = ChunkDeadLettered(
    job_id=JOB,
    run=1,
    chunk_no=1,
    attempts=4,
    code="DEADLOCK",
    rows=1000,
    first_line=2,
    last_line=1001,
)


def test_a_dead_letter_is_missing_while_the_fold_knows_an_attempt_only() -> None:
    attempt = ChunkRetrying(
        job_id=JOB, run=1, chunk_no=1, attempt=4, max_attempts=4, delay_s=8.0, code="DEADLOCK"
    )
    state = fold(JobProgress(), attempt)
    assert lacking(RECORD, (), state, [DEAD]).dead == {1}
    assert not lacking(RECORD, (), fold(state, DEAD), [DEAD]).dead
    replayed = DEAD.model_copy(update={"replay": 1})
    assert lacking(RECORD, (), fold(state, DEAD), [replayed]).dead == {1}


@pytest.mark.parametrize(
    ("desired", "run", "kind"),
    [
        (Desired.PAUSE, 1, JobPaused),
        (Desired.RUN, 1, JobResumed),
        (Desired.CANCEL, 2, JobCancelled),
        (Desired.RUN, 2, JobRetried),
    ],
)
def test_a_lost_control_is_stated_again_as_what_the_row_says(
    desired: Desired, run: int, kind: type[JobPaused]
) -> None:
    record = replace(RECORD, desired=desired, run=run, control_seq=3)
    lacks = lacking(record, (), JobProgress())
    fact = restated_facts(record, lacks, LedgerFacts())[0]
    assert fact == kind(job_id=JOB, run=run, control_seq=3)
    assert not lacking(record, (), fold(JobProgress(), fact)).control


def test_the_facts_that_rows_tell_bring_the_fold_to_no_less_than_their_version() -> None:
    record = replace(RECORD, run=2, control_seq=5, desired=Desired.PAUSE)
    state = JobProgress()
    for fact in restated_facts(
        record, lacking(record, (), state, [DEAD]), LedgerFacts(dead=[DEAD])
    ):
        state = fold(state, fact)
    without_chunks = replace(record, own_ledger=LedgerSums())
    assert state.version >= version_of_record(without_chunks)


def test_a_fact_on_its_way_is_waited_for_and_a_lost_one_stated_every_half_minute() -> None:
    memory, names = RepairMemory(), frozenset({"0", "1"})
    assert memory.due(names, 0.0) == frozenset()
    assert memory.due(frozenset({"1", "2"}), 2.0) == {"1"}
    memory.stated({"1"}, 2.0)
    assert memory.due(frozenset({"1", "2"}), 4.0) == {"2"}
    assert memory.due(frozenset({"1"}), 31.0) == frozenset()
    assert memory.due(frozenset({"1"}), 32.0) == {"1"}
