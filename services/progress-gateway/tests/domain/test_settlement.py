"""What becomes of a job's row."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_gateway.domain.job_record import JobRecord, ParseRecord
from progress_gateway.domain.settlement import settlement_of
from sluice.job_status import Desired, Failure, JobStatus, LedgerSums, Manifest

MANIFEST = Manifest(total_rows=3000, total_chunks=3)
RECORD = JobRecord(
    job_id=UUID(int=7),
    run=1,
    control_seq=0,
    status=JobStatus.PENDING,
    desired=Desired.RUN,
    version=0,
    target="orders",
    file_name="a.xlsx",
    estimated_rows=2500,
    own_ledger=LedgerSums(),
)
PARSE = ParseRecord(run=1, epoch=1, bytes_total=1000)
AGAIN = replace(
    RECORD,
    run=2,
    started_run=1,
    parse=PARSE,
    own_ledger=LedgerSums(written_chunks=2, inserted=2000),
)
LEDGERS = st.builds(
    LedgerSums,
    written_chunks=st.integers(0, 3),
    dead_chunks=st.integers(0, 3),
    inserted=st.integers(0, 700),
    updated=st.integers(0, 700),
    skipped=st.integers(0, 700),
    failed=st.integers(0, 700),
)


@given(
    LEDGERS,
    st.sampled_from([None, MANIFEST]),
    st.sampled_from(Desired),
    st.sampled_from([None, Failure(code="DISK_FULL", message="m")]),
)
def test_in_every_terminal_state_the_rows_add_up(
    ledger: LedgerSums, manifest: Manifest | None, desired: Desired, failure: Failure | None
) -> None:
    parse = replace(PARSE, manifest=manifest)
    record = replace(
        RECORD, own_ledger=ledger, desired=desired, parse=parse, writing_failure=failure
    )
    settlement = settlement_of(record)
    row = settlement.row()
    done = row["inserted"] + row["updated"] + row["skipped"] + row["failed"]
    if settlement.status.is_terminal:
        assert done + row["unprocessed"] == row["total_rows"]
        assert row["total_is_estimate"] is (manifest is None)
    if settlement.status in {JobStatus.COMPLETED, JobStatus.COMPLETED_WITH_ERRORS}:
        assert ledger.dead_chunks == 0


@pytest.mark.parametrize(
    ("record", "retrying", "status", "begins"),
    [
        (RECORD, False, JobStatus.PENDING, False),
        (RECORD, True, JobStatus.RETRYING, False),
        (replace(RECORD, parse=PARSE), False, JobStatus.PROCESSING, True),
        (replace(RECORD, parse=PARSE, status=JobStatus.PAUSED), False, JobStatus.PROCESSING, True),
        (replace(RECORD, parse=PARSE, started_run=1), True, JobStatus.RETRYING, False),
        (replace(RECORD, desired=Desired.PAUSE), True, JobStatus.PAUSED, False),
        (replace(RECORD, desired=Desired.CANCEL), True, JobStatus.CANCELLED, False),
        (AGAIN, False, JobStatus.PENDING, False),
        (replace(AGAIN, parse=replace(PARSE, run=2)), False, JobStatus.PROCESSING, True),
    ],
)
def test_the_status_and_whether_a_run_begins(
    record: JobRecord, retrying: bool, status: JobStatus, begins: bool
) -> None:
    settlement = settlement_of(record, retrying=retrying)
    assert (settlement.status, settlement.begins) == (status, begins)


def test_the_failure_of_an_older_run_is_not_this_runs() -> None:
    failed = replace(PARSE, failure=Failure(code="FILE_BROKEN", message="m"))
    assert settlement_of(replace(AGAIN, parse=failed)).status is JobStatus.PENDING


def test_a_job_that_has_ended_stays_as_it_ended() -> None:
    ended = replace(AGAIN, status=JobStatus.FAILED, version=70_000)
    settlement = settlement_of(ended)
    assert (settlement.status, settlement.failure is not None) == (JobStatus.FAILED, True)
