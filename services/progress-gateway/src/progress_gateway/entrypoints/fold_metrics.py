"""What the fold counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

FACTS = Counter("sluice_fold_facts_total", "Facts folded, repeated ones included", ["name"])
SKIPPED = Counter("sluice_fold_skipped_total", "Records of imports.results that could not be read")
WAITING = Gauge("sluice_fold_waiting", "1 while no facts are followed, or no snapshot gets out")
