"""The parser's metrics; names begin with `sluice_`."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SET_ASIDE = Counter(
    "sluice_parser_dead_letters_total", "Records of imports.jobs that nobody can read"
)
WAITING = Gauge("sluice_parser_waiting", "1 while nothing is read, such as in an outage")
