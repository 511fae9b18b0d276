"""What corrections and an undo make of a job that has ended: in the fold, and in its row."""

from __future__ import annotations

import itertools
from dataclasses import replace
from uuid import UUID

import pytest

from progress_gateway.domain.after_end import Healing, Undoing
from progress_gateway.domain.job_record import JobRecord, ParseRecord, version_of_record
from progress_gateway.domain.missing import Lacking, lacking
from progress_gateway.domain.progress import JobProgress, fold
from progress_gateway.domain.progress_status import (
    is_fragment,
    ledger_of,
    looks_finished,
    status_of,
)
from progress_gateway.domain.restatement import LedgerFacts, restated_facts
from progress_gateway.domain.settlement import finished_facts, settlement_of
from progress_gateway.domain.settlement_after_end import healed_facts, settlement_after_end
from progress_gateway.domain.snapshot import snapshot_of, view_of_progress, view_of_record
from sluice.events import ChunkWritten, Fact, ParsingStarted, SheetParsed
from sluice.job_status import Desired, JobStatus, LedgerSums, Manifest

JOB, FIRST, SECOND = UUID(int=7), UUID(int=8), UUID(int=9)
RECORD = JobRecord(
    job_id=JOB,
    run=1,
    control_seq=0,
    status=JobStatus.COMPLETED_WITH_ERRORS,
    desired=Desired.RUN,
    version=0,
    target="orders",
    file_name="a.xlsx",
    estimated_rows=2500,
    own_ledger=LedgerSums(written_chunks=1, inserted=900, updated=20, failed=80),
    started_run=1,
    covered_bytes=300,
    parse=ParseRecord(
        run=1, epoch=1, bytes_total=300, manifest=Manifest(total_rows=1000, total_chunks=1)
    ),
)
THIRTY = Healing(correction_id=FIRST, inserted=25, skipped=5)
FIFTY = Healing(correction_id=SECOND, inserted=40, updated=10)
HEALED = replace(RECORD, healings=(THIRTY, FIFTY))
RUNNING = Undoing(batch=2, total=900, reversed=200, kept=3)
UNDONE = Undoing(batch=6, done=True, total=900, reversed=890, kept=3, refused=7)


def folded(*facts: Fact) -> JobProgress:
    state = JobProgress()
    for fact in facts:
        state = fold(state, fact)
    return state


def road() -> list[Fact]:
    """Return the facts of the job up to its end."""
    chunk = ChunkWritten(
        job_id=JOB,
        run=1,
        chunk_no=0,
        rows=1000,
        inserted=900,
        updated=20,
        skipped=0,
        failed=80,
        first_line=2,
        last_line=1001,
        covered_bytes=300,
    )
    return [
        ParsingStarted(job_id=JOB, run=1, epoch=1, bytes_total=300, estimated_rows=2500),
        chunk,
        SheetParsed(job_id=JOB, run=1, total_rows=1000, total_chunks=1, bytes_total=300),
        finished_facts(settlement_of(RECORD))[0],
    ]


def test_healed_rows_leave_the_failed_ones_and_the_sum_stays() -> None:
    state = folded(*road(), *healed_facts(RECORD, [THIRTY]))
    assert status_of(state) is JobStatus.COMPLETED_WITH_ERRORS, "its correction goes on"
    assert ledger_of(state) == LedgerSums(
        written_chunks=1, inserted=925, updated=20, skipped=5, failed=50
    )
    data = snapshot_of(view_of_progress(str(JOB), state))["data"]
    assert (data["processedRows"], data["failedRows"], data["healedRows"]) == (1000, 50, 30)


def test_of_the_facts_of_one_correction_the_one_with_most_rows_counts() -> None:
    facts = healed_facts(RECORD, [replace(THIRTY, inserted=n) for n in (3, 25, 10)])
    for order in itertools.permutations(facts):
        assert folded(*road(), *order).healings == (THIRTY,)


def test_a_root_with_nothing_left_to_heal_is_completed_and_its_end_is_a_new_event() -> None:
    settlement = settlement_after_end(HEALED)
    assert settlement.status is JobStatus.COMPLETED
    row = settlement.row()
    assert (row["inserted"], row["updated"], row["skipped"]) == (965, 30, 5)
    assert (row["failed"], row["healed"], row["unprocessed"]) == (0, 80, 0)
    first, last = (finished_facts(each)[1] for each in (settlement_of(RECORD), settlement))
    assert first.ce_id() != last.ce_id()
    assert (last.status, last.healed) == (JobStatus.COMPLETED, 80)


@pytest.mark.parametrize(
    ("status", "healings", "expected"),
    [
        (JobStatus.COMPLETED_WITH_ERRORS, (THIRTY,), JobStatus.COMPLETED_WITH_ERRORS),
        (JobStatus.FAILED, (THIRTY, FIFTY), JobStatus.FAILED),
        (JobStatus.CANCELLED, (THIRTY, FIFTY), JobStatus.CANCELLED),
    ],
)
def test_a_status_that_healing_does_not_change(
    status: JobStatus, healings: tuple[Healing, ...], expected: JobStatus
) -> None:
    record = replace(RECORD, status=status, healings=healings)
    assert settlement_after_end(record).status is expected


def test_while_a_correction_goes_on_the_status_stays() -> None:
    record = replace(HEALED, is_in_correction=True)
    assert settlement_after_end(record, ends=False).status is JobStatus.COMPLETED_WITH_ERRORS


def test_every_step_of_the_healing_is_newer_than_the_one_before() -> None:
    state = folded(*road())
    steps = [state.version]
    for fact in [
        *healed_facts(RECORD, [replace(THIRTY, inserted=1), THIRTY, FIFTY]),
        finished_facts(settlement_after_end(HEALED))[0],
    ]:
        state = fold(state, fact)
        steps.append(state.version)
    assert steps == sorted(set(steps))
    assert status_of(state) is JobStatus.COMPLETED


@pytest.mark.parametrize("seen", range(5))
def test_the_row_is_given_the_version_that_the_fold_comes_to(seen: int) -> None:
    known = folded(*road()[:seen], *healed_facts(RECORD, [THIRTY]))
    settlement = settlement_after_end(HEALED, known)
    for fact in [*healed_facts(HEALED, HEALED.healings), finished_facts(settlement)[0]]:
        known = fold(known, fact)
    assert settlement.version >= known.version
    whole = folded(*road(), *healed_facts(HEALED, HEALED.healings), finished_facts(settlement)[0])
    assert whole.version >= version_of_record(replace(HEALED, status=JobStatus.COMPLETED))


def test_the_fold_and_the_row_tell_the_same_of_a_healed_job() -> None:
    end = finished_facts(settlement_after_end(HEALED))[0]
    state = folded(*road(), *healed_facts(HEALED, HEALED.healings), end)
    row = replace(HEALED, status=JobStatus.COMPLETED)
    assert view_of_progress(str(JOB), state) == view_of_record(row)


def test_what_is_left_of_a_forgotten_job_is_stated_again_before_it_is_shown() -> None:
    fragment = folded(*healed_facts(RECORD, [THIRTY]))
    assert is_fragment(fragment)
    record = replace(RECORD, healings=(THIRTY,), is_in_correction=True)
    lacks = lacking(record, {0}, fragment)
    assert lacks == Lacking(
        chunks=frozenset({0}), parsing_started=True, sheet_parsed=True, finished=True
    )
    end = [fact for fact in restated_facts(record, lacks, LedgerFacts()) if fact.run == 1][-1]
    assert end == road()[-1], "the end before the correction, to the letter"
    assert not is_fragment(fold(fragment, end))


def test_the_fold_lacks_what_a_correction_wrote_and_the_end_that_counts_it() -> None:
    ended = folded(*road())
    assert lacking(HEALED, {0}, ended) == Lacking(healings=(THIRTY, FIFTY), finished=True)
    state = fold(ended, healed_facts(HEALED, [THIRTY])[0])
    assert lacking(HEALED, {0}, state).healings == (FIFTY,)
    for fact in restated_facts(HEALED, lacking(HEALED, {0}, state), LedgerFacts()):
        state = fold(state, fact)
    assert not lacking(HEALED, {0}, state)
    assert len(lacking(HEALED, {0}, ended).names()) == 3


def test_an_undo_is_shown_as_it_goes_and_ends_with_the_job_undone() -> None:
    record = replace(RECORD, undoing=RUNNING)
    state = folded(*road())
    assert lacking(record, {0}, state) == Lacking(undoing=True)
    for fact in restated_facts(record, lacking(record, {0}, state), LedgerFacts()):
        state = fold(state, fact)
    snapshot = snapshot_of(view_of_progress(str(JOB), state))
    assert snapshot["status"] == "completed_with_errors"
    assert snapshot["data"]["undo"] == {
        "state": "running",
        "total": 900,
        "reversed": 200,
        "kept": 3,
        "refused": 0,
    }

    record = replace(RECORD, undoing=UNDONE)
    settlement = settlement_after_end(record, state)
    assert (settlement.status, settlement.row()["undone"]) == (JobStatus.UNDONE, 890)
    record = replace(record, status=JobStatus.UNDONE)
    lacks = lacking(record, {0}, state)
    assert lacks == Lacking(undoing=True, finished=True)
    undone, end = restated_facts(record, lacks, LedgerFacts())
    state = fold(state, undone)
    assert looks_finished(state), "the settler is called for"
    state = fold(state, end)
    assert not looks_finished(state)
    assert settlement.version == state.version
    snapshot = snapshot_of(view_of_progress(str(JOB), state))
    assert (snapshot["type"], snapshot["status"]) == ("undone", "undone")
    assert (snapshot["data"]["percentage"], snapshot["data"]["undo"]["state"]) == (100.0, "done")
    assert view_of_progress(str(JOB), state) == view_of_record(record)


def test_the_outside_is_not_told_of_a_dry_run() -> None:
    dry = replace(RECORD, dry_run=True)
    facts = finished_facts(settlement_of(dry))
    assert [(fact.TOPIC, fact.dry_run) for fact in facts] == [("imports.results", True)]
    correction = finished_facts(settlement_of(replace(RECORD, correction_of=FIRST)))
    assert [fact.correction_of for fact in correction] == [FIRST, FIRST]
