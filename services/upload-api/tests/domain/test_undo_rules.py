"""Whether an import may be taken back."""

from dataclasses import replace

import pytest

from sluice.job_status import Desired, JobStatus
from upload_api.domain.dead_letters import Letter, LetterJob, LetterState, Outcome, verdict_of
from upload_api.domain.undo_rules import (
    AlreadyUndone,
    UndoableJob,
    UndoReason,
    UndoRefused,
    begins_undo,
)

UPSERT = UndoableJob(
    status=JobStatus.COMPLETED,
    dry_run=False,
    is_correction=False,
    mode="upsert",
    target_definition={"kind": "typed", "lineage": True, "keep_replaced": True},
    updated_rows=1_000,
    has_open_correction=False,
    undo_state=None,
)
REFUSED = {
    UndoReason.NOT_ENDED: replace(UPSERT, status=JobStatus.PAUSED),
    UndoReason.DRY_RUN: replace(UPSERT, dry_run=True),
    UndoReason.CORRECTION: replace(UPSERT, is_correction=True),
    UndoReason.CORRECTION_RUNS: replace(UPSERT, has_open_correction=True),
    UndoReason.NO_LINEAGE: replace(UPSERT, target_definition={"kind": "typed", "lineage": False}),
    UndoReason.REPLACED_NOT_KEPT: replace(UPSERT, target_definition={"kind": "typed"}),
}


@pytest.mark.parametrize("reason", UndoReason)
def test_each_reason_refuses_with_words(reason: UndoReason) -> None:
    with pytest.raises(UndoRefused) as refused:
        begins_undo(REFUSED[reason])
    assert refused.value.reason is reason
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("status", [s for s in JobStatus if s.is_terminal])
def test_an_ended_job_is_undone_whatever_its_end(status: JobStatus) -> None:
    assert begins_undo(replace(UPSERT, status=status))


def test_an_upsert_that_updated_nothing_needs_no_kept_rows() -> None:
    assert begins_undo(replace(UPSERT, target_definition={}, updated_rows=0))


def test_records_have_lineage_whatever_their_definition_says() -> None:
    assert begins_undo(
        replace(UPSERT, mode="insert", target_definition={"kind": "records", "lineage": False})
    )


def test_an_undo_that_runs_is_not_begun_again_whatever_became_of_the_job() -> None:
    for job in [UPSERT, *REFUSED.values()]:
        assert not begins_undo(replace(job, undo_state="running"))


def test_an_undone_job_is_not_undone_again() -> None:
    with pytest.raises(AlreadyUndone):
        begins_undo(replace(UPSERT, undo_state="done"))


def test_a_dead_letter_of_an_undone_job_is_not_sent_again() -> None:
    letter = Letter(
        dead_letter_id=1,
        topic="imports.chunks.dlq",
        partition=0,
        offset=0,
        original_topic="imports.chunks",
        job_id=None,
        chunk_no=1,
        state=LetterState.OPEN,
        replay_count=0,
    )
    job = LetterJob(status=JobStatus.FAILED, desired=Desired.RUN, run=1)
    assert verdict_of(letter, job, is_written=False).outcome is Outcome.SENT
    undone = replace(job, is_undone=True)
    assert verdict_of(letter, undone, is_written=False).outcome is Outcome.REFUSED
