"""The parser's metrics; names begin with `sluice_`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SET_ASIDE = Counter(
    "sluice_parser_dead_letters_total", "Records of imports.jobs that nobody can read"
)
WAITING = Gauge("sluice_parser_waiting", "1 in an outage, or while a file is out of reach")
ACTIVE = Gauge("sluice_parser_active_parses", "Files that are being read")
OUTSTANDING = Gauge(
    "sluice_parser_outstanding_chunks", "Chunks of them that are sent and have no outcome yet"
)
CHUNKS = Counter("sluice_parser_chunks_total", "Chunks sent, copies after a crash included")
PARSES = Counter(
    "sluice_parser_parses_total",
    "Parses by how they ended: whole, failed, given_up (paused, cancelled, lost), reader_died",
    ["outcome"],
)
