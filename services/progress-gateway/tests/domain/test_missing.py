"""What the settler states again, and when."""

from __future__ import annotations

from uuid import UUID

from progress_gateway.domain.job_record import JobRecord, ParseRecord
from progress_gateway.domain.missing import Lacking, RepairMemory, lacking
from progress_gateway.domain.progress import JobProgress, fold
from sluice.events import ParsingStarted
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
    ledger=LedgerSums(written_chunks=2),
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


def test_a_fact_on_its_way_is_waited_for_and_a_lost_one_stated_every_half_minute() -> None:
    memory, names = RepairMemory(), frozenset({"0", "1"})
    assert memory.due(names, 0.0) == frozenset()
    assert memory.due(frozenset({"1", "2"}), 2.0) == {"1"}
    memory.stated({"1"}, 2.0)
    assert memory.due(frozenset({"1", "2"}), 4.0) == {"2"}
    assert memory.due(frozenset({"1"}), 31.0) == frozenset()
    assert memory.due(frozenset({"1"}), 32.0) == {"1"}
