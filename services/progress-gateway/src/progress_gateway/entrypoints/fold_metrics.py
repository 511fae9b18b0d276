"""What the fold counts."""

from __future__ import annotations

from prometheus_client import Counter

FACTS = Counter("sluice_fold_facts", "Facts folded, repeated ones included", ["name"])
SKIPPED = Counter("sluice_fold_skipped", "Records of imports.results that could not be read")
