"""What the HTTP process counts."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

STREAMS = Gauge(
    "sluice_gateway_open_streams", "Open streams: of one job, or of all of a user's", ["of"]
)
MESSAGES = Counter("sluice_gateway_messages_total", "Messages sent on streams", ["event"])
COMMIT_TO_STREAM_S = Histogram(
    "sluice_gateway_commit_to_stream_seconds",
    "From the COMMIT of a chunk to the message that first shows it, on each stream",
    buckets=(0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60),
)
REDIS_AWAY = Gauge("sluice_gateway_redis_away", "1 while news come from PostgreSQL alone")
