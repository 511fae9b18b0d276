"""The fold as a process of its own, on a real broker and a real Redis."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import redis

from progress_gateway.domain.chunk_trouble import WRITTEN_RANK
from sluice.events import ChunkWritten, JobFinished, ParsingStarted, SheetParsed
from sluice.job_status import JobStatus
from sluice.redis_keys import fold_state_key, snapshot_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sluice.settings import KafkaSettings

pytestmark = pytest.mark.slow


@pytest.fixture
def store(redis_url: str) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    yield client
    client.close()


@pytest.fixture
def env(kafka: KafkaSettings, redis_url: str) -> dict[str, str]:
    return {"SLUICE_KAFKA_BOOTSTRAP": kafka.kafka_bootstrap, "SLUICE_REDIS_URL": redis_url}


def chunk(job_id: UUID, chunk_no: int) -> ChunkWritten:
    return ChunkWritten(
        job_id=job_id,
        run=1,
        chunk_no=chunk_no,
        rows=1000,
        inserted=990,
        updated=0,
        skipped=0,
        failed=10,
        first_line=2 + 1000 * chunk_no,
        last_line=1001 + 1000 * chunk_no,
        covered_bytes=300,
    )


def snapshot(store: redis.Redis, job_id: UUID) -> dict[str, Any]:
    body = store.hget(snapshot_key(job_id), "body")
    return json.loads(str(body)) if body else {"version": 0, "data": {}}


def test_facts_become_a_snapshot_and_a_kill_leaves_the_same_version(
    start_process: Callable[..., Any],
    state_facts: Callable[..., None],
    eventually: Callable[..., Any],
    env: dict[str, str],
    store: redis.Redis,
    job_id: UUID,
) -> None:
    fold = start_process("fold", env, "SLUICE_METRICS_PORT")
    state_facts(
        ParsingStarted(job_id=job_id, run=1, epoch=1, bytes_total=3500, estimated_rows=9000),
        *(chunk(job_id, no) for no in range(5)),
        SheetParsed(job_id=job_id, run=1, total_rows=10_000, total_chunks=10, bytes_total=3500),
    )
    eventually(lambda: snapshot(store, job_id)["version"] == 5 * WRITTEN_RANK + 3)
    first = snapshot(store, job_id)
    assert first["status"] == "processing"
    assert first["data"]["processedRows"] == 5000
    assert first["data"]["percentage"] == 42.8

    fold.kill()
    store.delete(snapshot_key(job_id), fold_state_key(job_id))
    start_process("fold", env, "SLUICE_METRICS_PORT")
    eventually(lambda: snapshot(store, job_id)["version"] == 5 * WRITTEN_RANK + 3)
    state_facts(chunk(job_id, 4), *(chunk(job_id, no) for no in range(5, 10)))
    eventually(lambda: snapshot(store, job_id)["version"] == 10 * WRITTEN_RANK + 3)
    assert snapshot(store, job_id)["status"] == "processing", "only job-finished ends a job"

    state_facts(
        JobFinished(
            job_id=job_id,
            run=1,
            status=JobStatus.COMPLETED_WITH_ERRORS,
            total_rows=10_000,
            total_is_estimate=False,
            inserted=9900,
            updated=0,
            skipped=0,
            failed=100,
            unprocessed=0,
            written_chunks=10,
            dead_chunks=0,
        )
    )
    eventually(lambda: snapshot(store, job_id)["version"] == 10 * WRITTEN_RANK + 4)
    last = snapshot(store, job_id)
    assert (last["type"], last["status"]) == ("completed", "completed_with_errors")
    assert last["data"]["percentage"] == 100.0
