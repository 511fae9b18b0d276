"""The last ids and errors of a job; without Redis nothing waits."""

from __future__ import annotations

import json
import time
from uuid import uuid4

import redis
from services.writer.tests.writer_world import ITEMS, batch_of, chunks_of

from sluice.clock import SystemClock
from sluice.job_layout import JobLayout, MappedColumn
from sluice.redis_keys import recent_key
from writer.adapters.import_target import TargetValidation
from writer.adapters.redis_recent import RecentInRedis
from writer.domain.prepared import PreparedBatch, StoredJob
from writer.domain.rejections import Rejection


def prepared(rows: list[tuple[str | None, ...]]) -> PreparedBatch:
    job_id = uuid4()
    columns = tuple(
        MappedColumn(index=i, header=c.name, field=c.name) for i, c in enumerate(ITEMS.columns)
    )
    layout = JobLayout(sheet="s", header_line=1, estimated_rows=0, columns=columns)
    validation = TargetValidation()
    plan = validation.plan(
        StoredJob(
            job_id=job_id,
            mode="insert",
            target_definition=ITEMS.to_json(),
            layout=layout.model_dump(by_alias=True),
        )
    )
    chunks = [held.chunk for held in batch_of(chunks_of(job_id, rows, 1_000)).chunks]
    return validation.prepare(plan, chunks)


def test_the_last_thousand_ids_and_the_errors_are_kept(redis_url: str) -> None:
    batch = prepared([(str(k), "n", "x" if k < 20 else "1") for k in range(1_500)])
    recent = RecentInRedis(redis_url, SystemClock())
    recent.add(batch, batch.rejections)
    recent.close()
    with redis.Redis.from_url(redis_url) as look:
        found = json.loads(look.get(recent_key(batch.plan.job_id)) or b"")
    assert found["ids"] == list(range(500, 1_500))
    assert [text.split(":")[0] for text in found["errors"]] == [f"Row {n}" for n in range(17, 22)]
    assert len(found["firstErrors"]) == 10
    assert found["firstErrors"][0] == "Row 2: amount: found 'x', expected a whole number"


def test_ids_are_those_of_rows_that_were_taken(redis_url: str) -> None:
    batch = prepared([("1", "n", "1"), ("2", "n", "1"), ("3", "n", "x")])
    refused = Rejection(sheet_line=3, chunk_no=0, code="DUPLICATE_KEY", message="m")
    recent = RecentInRedis(redis_url, SystemClock())
    recent.add(batch, (*batch.rejections, refused))
    recent.close()
    with redis.Redis.from_url(redis_url) as look:
        found = json.loads(look.get(recent_key(batch.plan.job_id)) or b"")
    assert found["ids"] == [1]


def test_without_redis_nothing_waits() -> None:
    batch = prepared([("1", "n", "1")])
    recent = RecentInRedis("redis://127.0.0.1:1/0", SystemClock())
    started = time.monotonic()
    for _ in range(100):
        recent.add(batch, ())
    assert time.monotonic() - started < 5
