"""A correction and its root, an undo and its job: settled together, under their gates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from progress_gateway.adapters import settlements
from progress_gateway.adapters.job_records import jobs_changed_after_end, read_job
from progress_gateway.domain.after_end import Healing, Undoing
from progress_gateway.domain.settlement_after_end import settlement_after_end
from sluice.db import job_gate
from sluice.job_status import JobStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progress_gateway.domain.settlement import Settlement

NOW = datetime(2026, 11, 25, tzinfo=UTC)
LOG, OUTSIDE = "imports.results", "imports.job-events"


@pytest.fixture
def conn(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        yield conn


def finish(conn: psycopg.Connection[Any], ledger: Any) -> Settlement | None:
    record = read_job(conn, ledger.job_id)
    assert record is not None
    return settlements.finish(
        conn,
        ledger.job_id,
        stated_chunks=record.ledger.written_chunks,
        fold_version=0,
        root_state=None,
        now=NOW,
    )


@pytest.fixture
def root(ledger: Any, conn: psycopg.Connection[Any]) -> Any:
    """A job of 1,000 rows that has ended with 30 of them rejected."""
    ledger.add_parse(total_rows=1000, total_chunks=1)
    ledger.add_chunk(0, failed=30)
    assert finish(conn, ledger) is not None
    assert ledger.job()["status"] == "completed_with_errors"
    ledger.conn.execute("DELETE FROM sluice.outbox")
    return ledger


def correct(root: Any, rows: int, failed: int = 0) -> Any:
    correction = root.add_correction()
    correction.add_parse(total_rows=rows, total_chunks=1)
    correction.add_chunk(0, rows=rows, failed=failed)
    return correction


def test_a_root_is_healed_in_the_transaction_that_ends_its_correction(
    root: Any, conn: psycopg.Connection[Any]
) -> None:
    correction = correct(root, rows=30)
    assert root.job()["status"] == "completed_with_errors"
    assert finish(conn, correction) is not None

    job = root.job()
    assert (job["status"], job["healed_rows"]) == ("completed", 30)
    assert (job["inserted_rows"], job["failed_rows"], job["unprocessed_rows"]) == (1000, 0, 0)
    healed, end, outside = root.stated()
    assert (healed[0], healed[1]["inserted"]) == (LOG, 30)
    assert healed[1]["correctionId"] == str(correction.job_id)
    assert (end[0], outside[0]) == (LOG, OUTSIDE)
    assert (outside[1]["status"], outside[1]["healed"]) == ("completed", 30)
    said = {topic: body for topic, body in correction.stated() if "status" in body}
    assert said[OUTSIDE]["correctionOf"] == str(root.job_id)


def test_rows_that_fail_again_stay_open_and_a_second_correction_heals_the_rest(
    root: Any, conn: psycopg.Connection[Any]
) -> None:
    finish(conn, correct(root, rows=30, failed=10))
    job = root.job()
    assert (job["status"], job["healed_rows"]) == ("completed_with_errors", 20)
    assert (job["inserted_rows"], job["failed_rows"]) == (990, 10)
    finish(conn, correct(root, rows=10))
    job = root.job()
    assert (job["status"], job["healed_rows"], job["failed_rows"]) == ("completed", 30, 0)
    assert job["inserted_rows"] == 1000
    ends = [body["healed"] for topic, body in root.stated() if topic == OUTSIDE]
    assert ends == [20, 30]


def test_a_correction_that_heals_nothing_says_nothing_of_its_root(
    root: Any, conn: psycopg.Connection[Any]
) -> None:
    before = root.job()
    finish(conn, correct(root, rows=5, failed=5))
    assert root.stated() == []
    after = root.job()
    assert (after["status"], after["version"]) == (before["status"], before["version"])


def test_while_it_goes_on_the_counters_of_the_root_follow_and_its_status_stays(
    root: Any, conn: psycopg.Connection[Any]
) -> None:
    assert jobs_changed_after_end(conn) == []
    correction = correct(root, rows=30)
    assert jobs_changed_after_end(conn) == [root.job_id]
    record = read_job(conn, root.job_id)
    assert record is not None
    assert (record.is_in_correction, record.healed_rows) == (True, 30)
    settlements.refresh_ended(conn, settlement_after_end(record, ends=False))
    job = root.job()
    assert (job["status"], job["healed_rows"]) == ("completed_with_errors", 30)
    assert job["inserted_rows"] == 1000
    live = job["version"]
    finish(conn, correction)
    assert root.job()["version"] > live
    assert jobs_changed_after_end(conn) == []
    record = read_job(conn, root.job_id)
    assert record is not None
    assert record.healings == (Healing(correction_id=correction.job_id, inserted=30),)


def test_a_leader_that_was_followed_puts_nothing_old_back(
    root: Any, conn: psycopg.Connection[Any]
) -> None:
    correction = correct(root, rows=30, failed=10)
    record = read_job(conn, root.job_id)
    assert record is not None
    stale = settlement_after_end(record, ends=False)
    assert settlements.refresh_ended(conn, stale)
    finish(conn, correction)
    finish(conn, correct(root, rows=10))
    settled = root.job()
    assert (settled["status"], settled["healed_rows"]) == ("completed", 30)
    assert not settlements.refresh_ended(conn, stale)
    root.set_job(status="completed_with_errors")
    assert not settlements.refresh_ended(conn, stale), "by its counters too"
    assert root.job() | {"status": "completed"} == settled


def test_a_root_that_was_retried_meanwhile_only_hears_of_its_healed_rows(
    root: Any, conn: psycopg.Connection[Any]
) -> None:
    correction = correct(root, rows=30)
    root.set_job(run=2, status="processing")
    finish(conn, correction)
    assert root.job()["status"] == "processing"
    assert [topic for topic, _ in root.stated()] == [LOG]


def test_a_writer_in_the_gate_of_the_root_is_waited_for(
    root: Any, conn: psycopg.Connection[Any], database_url: str
) -> None:
    correction = correct(root, rows=30)
    conn.execute("SET lock_timeout = '200ms'")
    with psycopg.connect(database_url) as writer:
        job_gate.pass_together(writer, root.job_id)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            finish(conn, correction)
        assert correction.job()["status"] == "pending", "both or neither"
    assert finish(conn, correction) is not None
    assert root.job()["status"] == "completed"


def test_an_undo_is_settled_once_it_is_done(root: Any, conn: psycopg.Connection[Any]) -> None:
    root.add_undo(total=970, reversed=500, kept=2, batches=1)
    assert jobs_changed_after_end(conn) == [root.job_id]
    record = read_job(conn, root.job_id)
    assert record is not None
    assert record.undoing == Undoing(batch=1, total=970, reversed=500, kept=2)
    assert settlements.settle_undo(conn, root.job_id, None, NOW) is None
    assert root.job()["status"] == "completed_with_errors"

    root.add_undo(state="done", reversed=968, batches=2)
    settlement = settlements.settle_undo(conn, root.job_id, None, NOW)
    assert settlement is not None
    job = root.job()
    assert (job["status"], job["undone_rows"], job["inserted_rows"]) == ("undone", 968, 970)
    assert jobs_changed_after_end(conn) == []
    (log, body), (outside, _) = root.stated()
    assert (log, outside) == (LOG, OUTSIDE)
    assert (body["status"], body["undone"]) == ("undone", 968)
    assert settlements.settle_undo(conn, root.job_id, None, NOW) is None, "once"
    assert settlement.status is JobStatus.UNDONE


def test_a_dry_run_says_nothing_outside(ledger: Any, conn: psycopg.Connection[Any]) -> None:
    ledger.set_job(dry_run=True)
    ledger.add_parse(total_rows=1000, total_chunks=1)
    ledger.add_chunk(0)
    record = read_job(conn, ledger.job_id)
    assert record is not None
    assert finish(conn, ledger) is not None
    assert [(topic, body["dryRun"]) for topic, body in ledger.stated()] == [(LOG, True)]
    (fact,) = settlements.chunk_facts(conn, ledger.job_id, [0])
    assert fact.dry_run


def test_a_duplicate_names_the_line_that_stayed_in_the_end(
    ledger: Any, conn: psycopg.Connection[Any]
) -> None:
    """Lines of one key came from the last to the first: each displaced the one before it."""
    ledger.add_parse(total_rows=1000, total_chunks=1)
    ledger.add_chunk(0, failed=8)
    for line in range(3, 11):
        message = f"order_id: also on row {line - 1}, and the first of them is kept"
        conn.execute(
            """INSERT INTO sluice.rejected_rows
                 (job_id, sheet_line, error_no, chunk_no, field, code, message, other_line)
               VALUES (%s, %s, 0, 0, 'order_id', 'DUPLICATE_KEY', %s, %s)""",
            [ledger.job_id, line, message, line - 1],
        )
    assert finish(conn, ledger) is not None
    rows = conn.execute("SELECT other_line, message FROM sluice.rejected_rows").fetchall()
    assert rows == [(2, "order_id: also on row 2, and the first of them is kept")] * 8
