"""What upload-api counts; names begin with `sluice_`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

UPLOADS = Counter("sluice_uploads_total", "Uploads that became a job")
UPLOADED_BYTES = Counter("sluice_uploaded_bytes_total", "Bytes of uploads that became a job")
UPLOADS_IN_HAND = Gauge("sluice_uploads_in_hand", "Uploads whose bodies are coming in")
STORAGE_FREE = Gauge(
    "sluice_storage_free_bytes", "Room for uploads on the disk; NaN where storage is no disk"
)
TARGETS_REFUSED = Gauge(
    "sluice_targets_refused", "1 while the target files have faults and old ones serve"
)
TARGETS_LOADS = Counter(
    "sluice_targets_loads_total", "Times that target files were read because they changed"
)
REPLAYED = Counter(
    "sluice_dlq_replayed_letters_total", "Letters of replays by outcome", ["outcome"]
)
