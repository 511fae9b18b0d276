"""The spans of one import, whichever process made them, are one tree: from upload to viewer."""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Workbook
    from tests.road_client import RoadClient

    from devstack import Stack

CHUNKS = 3
STRANGE = "0af7651916cd43dd8448eb211c80319c"
STUCK_S = 60.0
AT_LEAST_ONE = {"write batch", "validate", "write", "COMMIT", "send imports.job-events"}
FOR_EACH_CHUNK = {"send imports.chunks", "process imports.chunks", "fold chunk-written"}
ONCE = {
    "POST /api/upload/excel",
    "send imports.jobs",
    "parse",
    "fold parsing-started",
    "fold sheet-parsed",
    "settle",
    "fold job-finished",
    "send SSE completed",
}


def spans_of(stack: Stack, job_id: str) -> list[dict[str, Any]]:
    """Return the spans of the trace that a job's upload began."""
    path = stack.folder / "traces.jsonl"
    spans = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    of_job = (
        span["traceId"] for span in spans if span["attributes"].get("sluice.job.id") == job_id
    )
    trace_id = next(of_job, None)
    return [span for span in spans if span["traceId"] == trace_id]


def until_complete(stack: Stack, job_id: str) -> list[dict[str, Any]]:
    """Return the spans once each process has exported its own: it does so every second."""
    ends_s = time.monotonic() + STUCK_S
    while True:
        spans = spans_of(stack, job_id)
        names = Counter(span["name"] for span in spans)
        chunks = all(names[name] >= CHUNKS for name in FOR_EACH_CHUNK)
        if (names.keys() >= ONCE | AT_LEAST_ONE and chunks) or time.monotonic() > ends_s:
            return spans
        time.sleep(0.2)


def ancestors(span: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    while (parent := span["parentSpanId"]) is not None:
        span = by_id[parent]
        yield span["name"]


def test_an_import_is_one_tree_of_known_spans(
    stack: Stack, client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    job_id = client.upload(orders(CHUNKS * 1_000).path, "orders")
    client.follow(job_id)
    spans = until_complete(stack, job_id)
    names = Counter(span["name"] for span in spans)
    for expected, wanted in ((ONCE, 1), (FOR_EACH_CHUNK, CHUNKS)):
        for name in expected:
            # A fact that the fold has lacked for 2 s is stated, and folded, once more
            folded_again = name.startswith("fold") and names[name] > wanted
            assert names[name] == wanted or folded_again, (name, names)
    for name in AT_LEAST_ONE:
        assert 1 <= names[name] <= CHUNKS, name
    by_id = {span["spanId"]: span for span in spans}
    assert len(by_id) == len(spans)
    roots = [span for span in spans if span["parentSpanId"] is None]
    assert [root["name"] for root in roots] == ["POST /api/upload/excel"]
    for span in spans:
        assert span is roots[0] or "POST /api/upload/excel" in ancestors(span, by_id)
        assert span["endTimeUnixNano"] >= span["startTimeUnixNano"]
        assert span["error"] is None, span["name"]
    seen = next(span for span in spans if span["name"] == "send SSE completed")
    assert "settle" in ancestors(seen, by_id)
    commit = next(span for span in spans if span["name"] == "COMMIT")
    assert list(ancestors(commit, by_id)) == [
        "write",
        "write batch",
        "process imports.chunks",
        "send imports.chunks",
        "parse",
        "POST /api/upload/excel",
    ]
    linked = sum(len(span["links"]) for span in spans if span["name"] == "write batch")
    assert linked == CHUNKS - names["write batch"]


def test_an_upload_of_nobody_is_not_traced(
    stack: Stack, client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    """Or anybody could fill the queue of spans, whatever share is sampled."""
    told = {"traceparent": f"00-{STRANGE}-b7ad6b7169203331-01"}
    refused = httpx.post(f"{stack.upload_api}/api/upload/excel", headers=told)
    assert refused.status_code == 401
    # Behind it, so that what the process exports of this it would have exported of that
    job_id = client.upload(orders(CHUNKS * 1_000).path, "orders")
    client.follow(job_id)
    until_complete(stack, job_id)
    assert STRANGE not in (stack.folder / "traces.jsonl").read_text()
