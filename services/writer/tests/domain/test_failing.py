"""The decisions about what fails: budgets, locked tables, names and states of dead letters."""

from __future__ import annotations

from uuid import UUID

import pytest

from sluice.db.dead_letters import letter_state
from sluice.errors import Poison, Transient
from sluice.events import rows_chunked
from sluice.kafka.dead_letter import Failure
from writer.domain.dead_chunk import ChunkName, name_of_key
from writer.domain.dead_letter_budget import (
    DeadLetterBudget,
    JobOutcomes,
    must_halt,
    why_over_budget,
)
from writer.domain.failures import failure_of
from writer.domain.locked_targets import LockedTargets, LockPolicy, Turn
from writer.domain.sqlstate import repeats_in_place, transient_code

JOB = UUID(int=1)
BUDGET = DeadLetterBudget()


@pytest.mark.parametrize(
    ("written", "dead", "in_a_row", "is_over"),
    [
        (1_000, 4, 4, False),
        (1_000, 5, 5, True),
        (0, 4, 4, False),
        (95, 5, 1, True),
        (96, 5, 1, False),
        (10, 4, 1, False),
        (1_000_000, 50_000, 1, False),
    ],
)
def test_a_job_has_five_in_a_row_or_five_percent(
    written: int, dead: int, in_a_row: int, is_over: bool
) -> None:
    outcomes = JobOutcomes(written=written, dead=dead, last_in_a_row=in_a_row)
    assert bool(why_over_budget(BUDGET, outcomes)) is is_over


def test_three_jobs_over_their_budget_halt_the_writers() -> None:
    assert [must_halt(BUDGET, jobs) for jobs in (0, 2, 3, 9)] == [False, False, True, True]


def test_a_locked_table_is_probed_once_in_eight_seconds() -> None:
    targets = LockedTargets()
    assert targets.turn(JOB, 0.0) is Turn.WRITE
    targets.locked(JOB, 2, 1.0)
    assert targets.turn(JOB, 8.9) is Turn.DEFER
    assert targets.turn(JOB, 9.0) is Turn.PROBE
    assert targets.turn(JOB, 9.1) is Turn.DEFER, "one probe is given out at a time"
    assert targets.turn(UUID(int=2), 9.1) is Turn.WRITE, "another job does not suffer"
    assert targets.waiting(9.1) == {JOB: 2}
    assert targets.free(JOB)
    assert not targets.free(JOB)
    assert targets.turn(JOB, 9.2) is Turn.WRITE


def test_a_lock_that_lasts_too_long_is_given_up() -> None:
    targets = LockedTargets(LockPolicy(longest_s=20.0))
    targets.locked(JOB, 1, 0.0)
    for probe_s in (8.0, 16.0):
        assert targets.turn(JOB, probe_s) is Turn.PROBE
        targets.locked(JOB, 1, probe_s)
    assert targets.turn(JOB, 24.0) is Turn.GIVE_UP


def test_a_job_that_others_write_by_now_is_not_said_to_wait() -> None:
    targets = LockedTargets()
    targets.locked(JOB, 1, 0.0)
    targets.turn(JOB, 7.0)
    assert targets.waiting(37.0) == {JOB: 1}
    assert targets.waiting(37.1) == {}
    assert targets.turn(JOB, 37.2) is Turn.WRITE


def test_a_key_names_its_chunk_or_nothing() -> None:
    assert name_of_key(rows_chunked.record_key(JOB, 12)) == ChunkName(job_id=JOB, chunk_no=12)
    for key in (b"", b"a", b":1", f"{JOB}:".encode(), f"{JOB}:-1".encode(), f"{JOB}:9999999999"):
        assert name_of_key(key if isinstance(key, bytes) else key.encode()) is None
    assert name_of_key(f"{JOB}:\u0663".encode()) is None, "a digit of another script is none"


def test_a_letter_that_was_replayed_three_times_is_parked() -> None:
    assert [letter_state(count) for count in (0, 2, 3, 4)] == ["open", "open", "parked", "parked"]


def test_what_is_told_of_a_failure_holds_no_value() -> None:
    assert failure_of(Transient("DeadlockDetected 40P01", "DEADLOCK")).code == "DEADLOCK"
    assert failure_of(Poison("CHUNK_UNDECODABLE", "not a chunk")).code == "CHUNK_UNDECODABLE"
    with pytest.raises(ValueError, match="secret") as elsewhere:
        int("secret")
    assert failure_of(elsewhere.value) == Failure(
        code="UNEXPECTED", message="ValueError in an unknown place"
    )
    with pytest.raises(AttributeError) as ours:
        name_of_key(None)  # type: ignore[arg-type]  # on purpose
    told = failure_of(ours.value).message
    assert told.startswith("AttributeError in writer.domain.dead_chunk:")


def test_what_took_thirty_seconds_is_not_repeated_in_place() -> None:
    assert [repeats_in_place(state) for state in ("40P01", "55P03", "57014")] == [True, True, False]
    assert transient_code("57014") == "STATEMENT_TIMEOUT"
