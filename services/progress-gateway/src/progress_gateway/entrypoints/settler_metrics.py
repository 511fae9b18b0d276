"""What the settler counts."""

from __future__ import annotations

from prometheus_client import Counter

FINISHED = Counter("sluice_jobs_finished", "Jobs brought to their end", ["status"])
RESTATED = Counter("sluice_facts_restated", "Facts that the fold lacked, stated again", ["name"])
