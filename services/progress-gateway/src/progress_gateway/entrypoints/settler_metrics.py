"""What the settler counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

FINISHED = Counter("sluice_jobs_finished_total", "Jobs brought to their end", ["status"])
JOB_S = Histogram(
    "sluice_job_duration_seconds",
    "From the upload to the end of a job's first run",
    ["status"],
    buckets=(0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600),
)
RESTATED = Counter(
    "sluice_facts_restated_total", "Facts that the fold lacked, stated again", ["name"]
)
WAITING = Gauge("sluice_settler_waiting", "1 while nothing is settled, such as in an outage")
