"""Fold and settler on real servers, and every fact of the others is lost: rows alone decide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import redis

from sluice.redis_keys import snapshot_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from sluice.settings import KafkaSettings

pytestmark = pytest.mark.slow


@pytest.fixture
def running(
    start_process: Callable[..., Any], kafka: KafkaSettings, redis_url: str, database_url: str
) -> None:
    env = {
        "SLUICE_KAFKA_BOOTSTRAP": kafka.kafka_bootstrap,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_DATABASE_URL": database_url,
    }
    start_process("fold", env, "SLUICE_METRICS_PORT")
    start_process("settler", env, "SLUICE_METRICS_PORT")


@pytest.fixture
def shown(redis_url: str, job_id: UUID) -> Iterator[Callable[[], dict[str, Any]]]:
    """Returns a function: the snapshot that viewers see; its version never falls."""
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    versions = [0]

    def read() -> dict[str, Any]:
        body = client.hget(snapshot_key(job_id), "body")
        snapshot: dict[str, Any] = json.loads(str(body)) if body else {"status": "", "version": 0}
        assert snapshot["version"] >= versions[-1]
        versions.append(snapshot["version"])
        return snapshot

    yield read
    client.close()


@pytest.mark.usefixtures("running")
def test_a_pause_a_resume_and_a_cancel_are_shown_and_counted(
    eventually: Callable[..., Any],
    kinds: Callable[[], list[str]],
    shown: Callable[[], dict[str, Any]],
    ledger: Any,
) -> None:
    ledger.add_parse()
    ledger.add_chunk(0, failed=10)
    eventually(lambda: ledger.job()["status"] == "processing")
    ledger.control("pause")
    eventually(lambda: ledger.job()["status"] == "paused")
    eventually(lambda: shown()["status"] == "paused")
    ledger.control("run")
    eventually(lambda: ledger.job()["status"] == "processing")
    eventually(lambda: shown()["status"] == "processing")

    ledger.control("cancel")
    eventually(lambda: ledger.job()["status"] == "cancelled")
    job = ledger.job()
    assert (job["inserted_rows"], job["failed_rows"], job["unprocessed_rows"]) == (990, 10, 1900)
    assert (job["total_rows"], job["total_is_estimate"]) == (2900, True)
    last = eventually(lambda: s if (s := shown())["status"] == "cancelled" else None)
    assert last["version"] == job["version"]
    assert last["data"]["summary"]["unprocessedRows"] == 1900
    repaired = {"job-paused", "job-resumed", "job-cancelled", "chunk-written"}
    eventually(lambda: repaired <= set(kinds()))


def dead_letter_of(log: list[Any]) -> tuple[str, int, int, str]:
    headers, body = next(each for each in log if "chunk-dead-lettered" in each[0]["ce_type"])
    return headers["sluice-repair"], body["replay"], body["attempts"], body["code"]


@pytest.mark.usefixtures("running")
def test_a_job_with_dead_chunks_fails_and_a_retry_brings_it_to_its_end(
    eventually: Callable[..., Any],
    kinds: Callable[[], list[str]],
    results: Callable[[str], list[Any]],
    shown: Callable[[], dict[str, Any]],
    ledger: Any,
) -> None:
    ledger.add_parse()
    ledger.add_chunk(0, failed=10)
    ledger.add_dead_chunk(1, replay=2)
    eventually(lambda: "chunk-dead-lettered" in kinds())
    assert dead_letter_of(results("imports.results")) == ("1", 2, 4, "DEADLOCK")
    assert ledger.job()["status"] == "processing", "its sheet is not read to the end yet"

    ledger.add_parse(total_rows=3000, total_chunks=3)
    ledger.add_chunk(2)
    eventually(lambda: ledger.job()["status"] == "failed")
    job = ledger.job()
    assert job["failure_code"] == "CHUNKS_DEAD_LETTERED"
    assert (job["inserted_rows"], job["failed_rows"], job["unprocessed_rows"]) == (1990, 10, 1000)
    failed = eventually(lambda: s if (s := shown())["status"] == "failed" else None)
    assert failed["data"]["summary"]["deadBatches"] == 1
    assert failed["data"]["failure"]["code"] == "CHUNKS_DEAD_LETTERED"
    assert ledger.letters() == {1: "open"}

    ledger.retry()
    again = eventually(lambda: s if (s := shown())["status"] == "pending" else None)
    assert again["version"] > failed["version"]
    eventually(lambda: "job-retried" in kinds())
    assert ledger.job()["status"] == "pending", "the old end is not the end any more"
    assert ledger.letters() == {1: "replaying"}

    ledger.add_chunk(1)
    eventually(lambda: ledger.job()["status"] == "completed_with_errors")
    healed = eventually(lambda: s if (s := shown())["status"] == "completed_with_errors" else None)
    assert healed["data"]["run"] == 2
    assert healed["data"]["summary"]["unprocessedRows"] == 0
    eventually(lambda: ledger.letters() == {1: "healed"})
    eventually(lambda: kinds().count("job-finished") == 2)
