"""The topics' names; `topics.py` says how each is created."""

JOBS = "imports.jobs"
CHUNKS = "imports.chunks"
RESULTS = "imports.results"
JOB_EVENTS = "imports.job-events"
