"""Snapshots: the same public shape from the fold and from PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from progress_gateway.domain.chunk_trouble import WRITTEN_RANK
from progress_gateway.domain.job_record import JobRecord, ParseRecord, version_of_record
from progress_gateway.domain.progress import JobProgress, fold
from progress_gateway.domain.snapshot import (
    SoftState,
    percentage_of,
    snapshot_of,
    view_of_progress,
    view_of_record,
    with_waiting,
)
from sluice.events import (
    ChunkDeadLettered,
    ChunkRetrying,
    ChunkWritten,
    JobFinished,
    ParsingStarted,
    SheetParsed,
)
from sluice.job_status import Desired, Failure, JobStatus, LedgerSums, Manifest
from sluice.waiting import Waiting

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
    own_ledger=LedgerSums(written_chunks=1, inserted=990, failed=10),
    covered_bytes=300,
    parse=ParseRecord(run=1, epoch=1, bytes_total=1000),
)


def state() -> JobProgress:
    started = ParsingStarted(job_id=JOB, run=1, epoch=1, bytes_total=1000, estimated_rows=2500)
    chunk = ChunkWritten(
        job_id=JOB,
        run=1,
        chunk_no=0,
        rows=1000,
        inserted=990,
        updated=0,
        skipped=0,
        failed=10,
        first_line=2,
        last_line=1001,
        covered_bytes=300,
    )
    return fold(fold(JobProgress(), started, 1000), chunk, 2000)


def test_the_fold_and_postgres_tell_the_same_of_a_running_job() -> None:
    assert view_of_progress(str(JOB), state()) == view_of_record(RECORD)
    snapshot = snapshot_of(view_of_record(RECORD))
    assert snapshot["jobId"] == str(JOB)
    assert (snapshot["type"], snapshot["status"], snapshot["version"]) == (
        "progress",
        "processing",
        2 + WRITTEN_RANK,
    )
    assert (
        snapshot["data"]
        | {
            "totalRows": 2500,
            "totalIsEstimate": True,
            "processedRows": 1000,
            "successRows": 990,
            "failedRows": 10,
            "insertedRows": 990,
            "unprocessedRows": 1500,
            "percentage": 30.0,
            "currentBatch": 1,
            "rowsPerSecond": None,
            "estimatedTimeRemaining": None,
            "summary": None,
        }
        == snapshot["data"]
    )


def test_the_manifest_makes_totals_true_and_the_end_has_a_summary() -> None:
    parsed = SheetParsed(job_id=JOB, run=1, total_rows=1000, total_chunks=1, bytes_total=1000)
    end = JobFinished(
        job_id=JOB,
        run=1,
        status=JobStatus.COMPLETED_WITH_ERRORS,
        total_rows=1000,
        total_is_estimate=False,
        inserted=990,
        updated=0,
        skipped=0,
        failed=10,
        unprocessed=0,
        written_chunks=1,
        dead_chunks=0,
    )
    snapshot = snapshot_of(view_of_progress(str(JOB), fold(fold(state(), parsed), end, 4500)))
    assert (snapshot["type"], snapshot["status"]) == ("completed", "completed_with_errors")
    assert snapshot["data"]["totalIsEstimate"] is False
    assert snapshot["data"]["percentage"] == 100.0
    summary = snapshot["data"]["summary"]
    assert (summary["unprocessedRows"], summary["seconds"]) == (0, 3.5)
    assert summary["failureCode"] is None


def test_a_failed_row_says_why() -> None:
    failed = replace(
        RECORD,
        status=JobStatus.FAILED,
        settled_failure=Failure(code="DISK_FULL", message="Free some space."),
        elapsed_s=2.0,
    )
    snapshot = snapshot_of(view_of_record(failed))
    assert snapshot["type"] == "failed"
    assert snapshot["data"]["summary"]["failureCode"] == "DISK_FULL"
    assert snapshot["data"]["summary"]["seconds"] == 2.0


def test_batches_that_failed_are_named_until_they_are_written() -> None:
    failed = ChunkRetrying(
        job_id=JOB,
        run=1,
        chunk_no=3,
        first_line=3002,
        last_line=4001,
        attempt=2,
        max_attempts=4,
        delay_s=2.0,
        code="DEADLOCK",
    )
    dead = ChunkDeadLettered(
        job_id=JOB,
        run=1,
        chunk_no=1,
        rows=1000,
        first_line=1002,
        last_line=2001,
        attempts=4,
        code="BAD",
    )
    shown = snapshot_of(view_of_progress(str(JOB), fold(fold(state(), failed, 0), dead, 0)))
    assert shown["data"]["troubledBatches"] == [
        {"chunkNo": 1, "firstLine": None, "lastLine": None, "code": "BAD", "attempt": None},
        {"chunkNo": 3, "firstLine": 3002, "lastLine": 4001, "code": "DEADLOCK", "attempt": 2},
    ]


def test_the_time_left_is_told_by_the_bytes_that_are_left() -> None:
    snapshot = snapshot_of(view_of_record(RECORD), SoftState(rows_per_second=100.0))
    # 1,000 rows are 30 % of the bytes, so 2,333 are left, whatever the estimate says
    assert snapshot["data"]["estimatedTimeRemaining"] == 23.3


WAITING = Waiting(worker="writer-1", dependency="postgresql", reason="The database is away.")


def test_waiting_for_a_dependency_shows_over_the_facts() -> None:
    plain = snapshot_of(view_of_record(RECORD))
    shown = with_waiting(plain, WAITING)
    assert (shown["type"], shown["status"]) == ("retrying", "retrying")
    assert shown["version"] == plain["version"]
    data = shown["data"]
    assert (data["attempt"], data["waitingFor"], data["reason"]) == (
        None,
        "postgresql",
        "The database is away.",
    )
    assert data["processedRows"] == 1000
    assert with_waiting(plain, None) == plain


@pytest.mark.parametrize("status", [s for s in JobStatus if s.is_terminal] + [JobStatus.PAUSED])
def test_a_job_that_would_not_go_on_waits_for_nothing(status: JobStatus) -> None:
    plain = snapshot_of(view_of_record(replace(RECORD, status=status)))
    assert with_waiting(plain, WAITING) == plain


@pytest.mark.parametrize(
    ("status", "covered", "total", "shown"),
    [
        (JobStatus.PENDING, 0, 0, 0.0),
        (JobStatus.PROCESSING, 1, 3, 33.3),
        (JobStatus.PROCESSING, 3, 3, 99.9),
        (JobStatus.FAILED, 3, 3, 99.9),
        (JobStatus.COMPLETED, 0, 0, 100.0),
    ],
)
def test_the_bar(status: JobStatus, covered: int, total: int, shown: float) -> None:
    assert percentage_of(status, covered, total) == shown


def test_the_version_of_rows_counts_what_rows_can_know() -> None:
    parse = ParseRecord(
        run=1, epoch=4, bytes_total=9, manifest=Manifest(total_rows=1000, total_chunks=1)
    )
    done = replace(RECORD, parse=parse, status=JobStatus.COMPLETED)
    assert version_of_record(replace(RECORD, parse=None)) == WRITTEN_RANK + 1
    assert version_of_record(RECORD) == WRITTEN_RANK + 2
    assert version_of_record(done) == WRITTEN_RANK + 4
    assert version_of_record(replace(done, control_seq=3)) == WRITTEN_RANK + 7
