"""The settler as a process of its own, on real servers; no fold runs, so every fact is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sluice.events import JobFinished

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluice.settings import KafkaSettings

pytestmark = pytest.mark.slow
LOG = "imports.results"


@pytest.fixture
def env(kafka: KafkaSettings, redis_url: str, database_url: str) -> dict[str, str]:
    return {
        "SLUICE_KAFKA_BOOTSTRAP": kafka.kafka_bootstrap,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_DATABASE_URL": database_url,
    }


def names(records: list[Any]) -> list[str]:
    """Return the facts' names in order; one that a relay sent twice has one id, and counts once."""
    kinds = {headers["ce_id"]: headers["ce_type"] for headers, _ in records}
    return [kind.split(".")[-2] for kind in kinds.values()]


def test_a_job_whose_facts_were_all_lost_is_stated_again_and_finished_once(
    start_process: Callable[..., Any],
    eventually: Callable[..., Any],
    results: Callable[[str], list[Any]],
    env: dict[str, str],
    ledger: Any,
) -> None:
    ledger.add_parse(total_rows=3000, total_chunks=3)
    for chunk_no in range(3):
        ledger.add_chunk(chunk_no, failed=5)
    start_process("settler", env, "SLUICE_METRICS_PORT")
    start_process("settler", env, "SLUICE_METRICS_PORT")

    eventually(lambda: "job-finished" in names(results("imports.job-events")))
    job = ledger.job()
    assert job["status"] == "completed_with_errors"
    assert (job["inserted_rows"], job["failed_rows"], job["unprocessed_rows"]) == (2985, 15, 0)
    assert (job["total_rows"], job["total_is_estimate"]) == (3000, False)

    log = eventually(lambda: r if "job-finished" in names(r := results("imports.results")) else [])
    assert names(log).count("job-finished") == 1
    assert names(log)[-1] == "job-finished", "behind every chunk's fact"
    assert {b["chunkNo"] for h, b in log if "chunk-written" in h["ce_type"]} == {0, 1, 2}
    assert names(log)[:1] == ["parsing-started"]
    repaired = [h.get("sluice-repair") for h, _ in log]
    assert repaired[:-1] == ["1"] * (len(log) - 1)
    assert repaired[-1] is None
    assert names(results("imports.job-events")) == ["job-started", "job-finished"]


def test_a_running_job_gets_its_counters_and_what_the_fold_lacks(
    start_process: Callable[..., Any],
    eventually: Callable[..., Any],
    results: Callable[[str], list[Any]],
    env: dict[str, str],
    ledger: Any,
) -> None:
    ledger.add_parse()
    ledger.add_chunk(1)
    start_process("settler", env, "SLUICE_METRICS_PORT")
    eventually(lambda: ledger.job()["status"] == "processing")
    job = ledger.job()
    assert (job["inserted_rows"], job["total_rows"], job["unprocessed_rows"]) == (1000, 2900, 1900)
    assert job["started_at"] is not None
    eventually(lambda: "chunk-written" in names(results("imports.results")))

    ledger.fail("DISK_FULL")
    eventually(lambda: ledger.job()["status"] == "failed")
    job = ledger.job()
    assert (job["failure_code"], job["total_is_estimate"]) == ("DISK_FULL", True)
    assert job["inserted_rows"] + job["unprocessed_rows"] == job["total_rows"]
    eventually(lambda: names(results("imports.results")).count("job-finished") == 1)

    # The retry is a run of its own, with an end of its own
    ledger.conn.execute("DELETE FROM sluice.job_failures WHERE job_id = %s", [ledger.job_id])
    ledger.set_job(run=2, status="pending", desired="cancel")
    eventually(lambda: ledger.job()["status"] == "cancelled")
    eventually(lambda: names(results("imports.results")).count("job-finished") == 2)
    ids = [h["ce_id"] for h, _ in results("imports.results") if "job-finished" in h["ce_type"]]
    assert len(set(ids)) == 2


def test_a_root_heals_while_its_correction_runs_and_is_undone_in_the_end(
    start_process: Callable[..., Any],
    eventually: Callable[..., Any],
    results: Callable[[str], list[Any]],
    env: dict[str, str],
    ledger: Any,
    publish: Callable[..., None],
) -> None:
    ledger.add_parse(total_rows=1000, total_chunks=1)
    ledger.add_chunk(0, failed=30)
    start_process("settler", env, "SLUICE_METRICS_PORT")
    eventually(lambda: ledger.job()["status"] == "completed_with_errors")
    end = eventually(lambda: [b for h, b in results(LOG) if "job-finished" in h["ce_type"]])
    # The fold's part is played here: it knows the end and nothing before it
    publish(JobFinished.model_validate(end[0]))

    correction = ledger.add_correction()
    correction.add_parse()
    correction.add_chunk(0, rows=10)
    eventually(lambda: ledger.job()["healed_rows"] == 10)
    assert ledger.job()["status"] == "completed_with_errors"
    healed = eventually(lambda: [b for h, b in results(LOG) if "rows-healed" in h["ce_type"]])
    assert (healed[0]["correctionId"], healed[0]["inserted"]) == (str(correction.job_id), 10)
    assert "job-started" in eventually(lambda: names(results("imports.job-events")))

    correction.add_chunk(1, rows=20)
    correction.add_parse(total_rows=30, total_chunks=2)
    eventually(lambda: ledger.job()["status"] == "completed")
    assert correction.job()["status"] == "completed"
    eventually(lambda: names(results("imports.job-events")).count("job-finished") == 2)

    ledger.add_undo(state="done", total=1000, reversed=1000, batches=1)
    eventually(lambda: ledger.job()["status"] == "undone")
    eventually(lambda: names(results("imports.job-events")).count("job-finished") == 3)
    statuses = [b["status"] for h, b in results("imports.job-events") if "finished" in h["ce_type"]]
    assert statuses == ["completed_with_errors", "completed", "undone"]
    assert "rows-undone" in names(results(LOG)), "the writer's fact was lost: stated from its row"
    ids = [h["ce_id"] for h, _ in results("imports.job-events") if "finished" in h["ce_type"]]
    assert len(set(ids)) == 3
