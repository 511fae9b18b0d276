"""The writer's metrics; names begin with `sluice_`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

ROWS = Counter("sluice_writer_rows_total", "Rows by what became of them", ["outcome"])
CHUNKS = Counter(
    "sluice_writer_chunks_total",
    "Chunks: written, known before, skipped, deferred (its table is locked), undecodable",
    ["outcome"],
)
RETRIES = Counter(
    "sluice_writer_retries_total", "Chunks that failed and come again", ["attempt", "code"]
)
DEAD_LETTERS = Counter("sluice_writer_dead_letters_total", "Records given up", ["code"])
FORWARDED = Counter("sluice_writer_forwarded_total", "Records whose wait is over", ["topic"])
ROADS = Counter(
    "sluice_writer_batches_total", "Batches written, by the road that the database took", ["road"]
)
RESTING = Gauge("sluice_writer_resting", "1 while nothing is read, such as in an outage")
HALTED = Gauge("sluice_writer_halted", "1 while the writer stands still for an operator")
FAILED_JOBS = Counter("sluice_writer_failed_jobs_total", "Jobs that could not go on", ["code"])
UNDONE = Counter("sluice_writer_undone_rows_total", "Rows of undone imports", ["outcome"])
