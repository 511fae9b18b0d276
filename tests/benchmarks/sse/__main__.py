"""`make bench-sse`: many viewers of running imports on one gateway process.

Uploads `JOBS` workbooks while no parser runs, opens the streams (three for each viewer, four of
five of one job, the others of all jobs that the viewer may see), lets the parser go, and asks
PostgreSQL when each chunk was committed (`track_commit_timestamp`). Ends with 1 when a viewer saw
its job go backwards, missed rows, saw not exactly one end, or a slot was not given back. Results
are kept in docs/benchmarks/sse.json.

Environment: `CLIENTS` (500), `JOBS` (4), `ROWS` (250,000 each), `PROCESSES` of viewers (1), and
what services are told.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil
import redis
from tests.benchmarks.commit_times import commits_of, part_workbook, stack_with_commit_times
from tests.benchmarks.raw_results import keep_results
from tests.benchmarks.sse.audience import STREAMS_EACH, audience
from tests.benchmarks.sse.delays import commit_delays, faults_of, spread_ms
from tests.benchmarks.sse.viewers import Plan
from tests.road_client import RoadClient

from devstack import SluiceOptions
from devstack.accounting import snapshot
from sluice import redis_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.sse.delays import Commits, Seen

    from devstack import Stack

STUCK_S = 200.0
LAST_MESSAGES_S = 3.0
SLOTS_WITHIN_S = 15.0
GATEWAY = "progress-gateway"
IDENTITY = ("clients", "jobs", "rows")
TERMINAL = {"completed", "completed_with_errors", "failed", "cancelled"}


def main() -> int:
    clients = int(os.environ.get("CLIENTS", "500"))
    rows, jobs = int(os.environ.get("ROWS", "250000")), int(os.environ.get("JOBS", "4"))
    paths = [part_workbook(rows, number) for number in range(jobs)]
    limits = {"SLUICE_MAX_STREAMS": str(STREAMS_EACH)}
    with stack_with_commit_times("bench-sse", SluiceOptions(env=limits)) as stack:
        stack.stop("parser")
        client = RoadClient(stack.gateway, *stack.login)
        job_ids = [client.upload(path, "orders") for path in paths]
        found = _watched_run(stack, client, job_ids, clients)
        found["slots_left"] = _slots_left(stack)
    result = {"clients": clients, "jobs": jobs, "rows": rows} | found
    keep_results("sse", [result], IDENTITY)
    print(json.dumps(result, indent=1))
    return 1 if result["faults"] or result["slots_left"] else 0


def _watched_run(
    stack: Stack, client: RoadClient, job_ids: Sequence[str], clients: int
) -> dict[str, Any]:
    """Open the streams, let the jobs run, and return what was seen and what it took."""
    streams = audience(stack, job_ids, clients)
    idle_mb = _resident_mb(stack)
    with _viewers(stack, streams) as viewers:
        open_mb = _resident_mb(stack)
        before, begin_s = snapshot(stack.processes()), time.monotonic()
        stack.start("parser")
        _wait_for_ends(client, job_ids)
        wall_s = time.monotonic() - begin_s
        time.sleep(LAST_MESSAGES_S)
        used = (snapshot(stack.processes()) - before).by_name
        told = viewers.seen()
    commits = commits_of(stack.database_url, job_ids)
    watched = [viewer for each in told for viewer in each["viewers"]]
    messages = sum(len(seen["at_s"]) for viewer in watched for seen in viewer["seen"].values())
    gateway_s = used[GATEWAY].cpu_s
    viewers_s = sum(each["cpu_s"] for each in told)
    all_s = sum(use.cpu_s for use in used.values())
    return {
        "wall_s": round(wall_s, 2),
        "messages": messages,
        "received_mb": round(sum(viewer["bytes"] for viewer in watched) / 1e6, 1),
        "commit_to_client_ms": spread_ms(_delays(watched, commits)),
        "of_one_job_ms": spread_ms(_delays([v for v in watched if v["of"]], commits)),
        "of_all_jobs_ms": spread_ms(_delays([v for v in watched if not v["of"]], commits)),
        "end_to_client_ms": spread_ms(_end_delays(watched, commits)),
        "gateway_cpu_s": round(gateway_s, 2),
        "gateway_core_share": round(gateway_s / wall_s, 2),
        "gateway_us_per_message": round(gateway_s / max(messages, 1) * 1e6, 1),
        "gateway_kb_per_client": round((open_mb - idle_mb) * 1024 / clients, 1),
        "gateway_peak_mb": round(used[GATEWAY].peak_rss_bytes / 2**20, 1),
        "viewers_cpu_s": round(viewers_s, 2),
        "viewers_share_of_cpu": round(viewers_s / (viewers_s + all_s), 3),
        "cpu_s": {name: round(use.cpu_s, 2) for name, use in used.items()},
        "faults": _faults(watched, commits),
    }


def _resident_mb(stack: Stack) -> float:
    pid = next(each.pid for each in stack.processes() if each.service == GATEWAY)
    return float(psutil.Process(pid).memory_info().rss / 2**20)


class Viewers:
    """The processes of viewers, whose streams are open."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]], plans: Sequence[Plan]) -> None:
        self._processes = processes
        self._plans = plans

    def seen(self) -> list[dict[str, Any]]:
        """End the streams that are open still, and return what each process has seen."""
        for process in self._processes:
            process.communicate("end\n", timeout=60)
        return [json.loads(Path(plan.file).read_text("utf-8")) for plan in self._plans]


@contextmanager
def _viewers(stack: Stack, streams: Sequence[tuple[str, str]]) -> Iterator[Viewers]:
    """Start the viewers and wait until each has its stream."""
    count = int(os.environ.get("PROCESSES", "1"))
    address = urlsplit(stack.gateway)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        plans = [
            Plan(
                host=address.hostname or "",
                port=address.port or 80,
                streams=tuple(streams[number::count]),
                file=str(Path(folder, f"{number}.json")),
            )
            for number in range(count)
        ]
        processes = [held.enter_context(_started(plan)) for plan in plans]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n", "not every stream was opened"
        yield Viewers(processes, plans)


@contextmanager
def _started(plan: Plan) -> Iterator[subprocess.Popen[str]]:
    argv = [sys.executable, "-m", "tests.benchmarks.sse.viewers"]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(plan)) + "\n")
        process.stdin.flush()
        try:
            yield process
        finally:
            process.kill()


def _wait_for_ends(client: RoadClient, job_ids: Sequence[str]) -> None:
    deadline_s = time.monotonic() + STUCK_S
    left = list(job_ids)
    while left:
        if client.job(left[0])["status"] in TERMINAL:
            left.pop(0)
            continue
        assert time.monotonic() < deadline_s, "an import is stuck"
        time.sleep(0.25)


def _delays(watched: Sequence[Seen], commits: dict[str, Commits]) -> list[float]:
    return [
        delay_s
        for viewer in watched
        for job_id, seen in viewer["seen"].items()
        for delay_s in commit_delays(commits[job_id], seen)
    ]


def _end_delays(watched: Sequence[Seen], commits: dict[str, Commits]) -> list[float]:
    return [
        seen["at_s"][-1] - commits[job_id].ended_at_s
        for viewer in watched
        for job_id, seen in viewer["seen"].items()
    ]


def _faults(watched: Sequence[Seen], commits: dict[str, Commits]) -> dict[str, int]:
    """Return how many viewers saw each fault; nothing when all is well."""
    found: Counter[str] = Counter()
    for viewer in watched:
        found.update(set(faults_of(viewer, commits)))
    return dict(found)


def _slots_left(stack: Stack) -> int:
    """Return how many slots are held when all viewers have gone."""
    deadline_s = time.monotonic() + SLOTS_WITHIN_S
    with redis.Redis.from_url(stack.redis_url) as store:
        while True:
            keys = store.keys(redis_keys.limit_key("streams", "*"))
            left = sum(int(store.zcard(key)) for key in keys)
            if not left or time.monotonic() > deadline_s:
                return left
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
