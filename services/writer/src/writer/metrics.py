"""The writer's metrics; names begin with `sluice_`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

ROWS = Counter("sluice_writer_rows_total", "Rows by what became of them", ["outcome"])
CHUNKS = Counter(
    "sluice_writer_chunks_total", "Chunks: written, known before, skipped, undecodable", ["outcome"]
)
BATCH_S = Histogram(
    "sluice_writer_batch_seconds",
    "From cells to a committed transaction",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
RESTING = Gauge("sluice_writer_resting", "1 while nothing is read, such as in an outage")
FAILED_JOBS = Counter("sluice_writer_failed_jobs_total", "Jobs that could not go on", ["code"])
