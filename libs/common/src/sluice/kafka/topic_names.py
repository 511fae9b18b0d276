"""The topics' names; `topics.py` says how each is created."""

JOBS = "imports.jobs"
JOBS_DLQ = "imports.jobs.dlq"
CHUNKS = "imports.chunks"
CHUNKS_RETRY = ("imports.chunks.retry.2s", "imports.chunks.retry.4s", "imports.chunks.retry.8s")
"""By rising delay; a record waits on each in turn."""
CHUNKS_DLQ = "imports.chunks.dlq"
RESULTS = "imports.results"
JOB_EVENTS = "imports.job-events"

MAX_RECORD_BYTES = 2 * 1024 * 1024
"""Key, value and headers: a chunk is 1 MiB of cells, and what Arrow adds to them."""
