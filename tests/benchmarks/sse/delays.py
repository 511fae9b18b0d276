"""How long after its COMMIT a chunk was seen by each viewer, and whether any saw what must not be.

A viewer sees a commit with the first message whose rows are no fewer than those of all commits up
to it. That counts what the fold, Redis, the gateway and its throttle take, for every commit,
whether a message of its own told of it or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

ENDS = frozenset({"completed", "failed", "cancelled", "undone"})

Seen = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Commits:
    """The commits of one job by time: when each was, and the rows of all up to it."""

    at_s: tuple[float, ...]
    rows: tuple[int, ...]
    ended_at_s: float

    @classmethod
    def of(cls, found: Sequence[tuple[float, int]], ended_at_s: float) -> Commits:
        """Return the commits of (moment, rows) pairs."""
        ordered = sorted(found)
        rows = tuple(accumulate(rows for _, rows in ordered))
        return cls(tuple(at_s for at_s, _ in ordered), rows, ended_at_s)


def commit_delays(commits: Commits, seen: Seen) -> list[float]:
    """Return for each commit how long it took until this viewer saw it.

    Commits from before the viewer's first message are left out: it was not there.
    """
    delays, message = [], 0
    at_s, rows = seen["at_s"], seen["rows"]
    for committed_at_s, committed_rows in zip(commits.at_s, commits.rows, strict=True):
        while message < len(rows) and rows[message] < committed_rows:
            message += 1
        if message == len(rows):
            break
        if committed_at_s >= at_s[0]:
            delays.append(at_s[message] - committed_at_s)
    return delays


def faults_of(viewer: Mapping[str, Any], commits: Mapping[str, Commits]) -> list[str]:
    """Return what this viewer must not have seen, or has not seen."""
    found = []
    jobs = [viewer["of"]] if viewer["of"] else list(commits)
    for job_id in jobs:
        seen = viewer["seen"].get(job_id)
        if seen is None:
            found.append("a job was never seen")
            continue
        found += _faults_of_job(seen, commits[job_id])
    if viewer["of"] and not viewer["ended"]:
        found.append("the stream did not end with its job")
    return found


def _faults_of_job(seen: Seen, commits: Commits) -> list[str]:
    checks = {
        "versions fell": not _rises(seen["versions"]),
        "rows fell": not _rises(seen["rows"]),
        "not one end": sum(event in ENDS for event in seen["events"]) != 1,
        "the end was not last": seen["events"][-1] not in ENDS,
        "rows were lost": seen["rows"][-1] != commits.rows[-1],
    }
    return [fault for fault, is_so in checks.items() if is_so]


def _rises(numbers: Sequence[int]) -> bool:
    return all(a <= b for a, b in pairwise(numbers))


def spread_ms(delays_s: Sequence[float]) -> dict[str, float]:
    """Return how delays are spread, in ms; nothing but their number when there are none."""
    ordered = sorted(delays_s)
    if not ordered:
        return {"of": 0}
    named = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p99.9": 99.9, "most": 100.0}
    found = {name: round(_percentile(ordered, at) * 1000, 1) for name, at in named.items()}
    return found | {"of": len(ordered)}


def _percentile(ordered: Sequence[float], percent: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
