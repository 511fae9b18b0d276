"""librdkafka's own log, rate-limited: it writes some 20 lines a second while a broker is away."""

from __future__ import annotations

import logging

from sluice.clock import SystemClock

EVERY_S = 10.0


class _OncePer(logging.Filter):
    """Lets one line through in `every_s` seconds and says how many it held back."""

    def __init__(self, every_s: float) -> None:
        super().__init__()
        self._every_s = every_s
        self._clock = SystemClock()
        self._next_s = 0.0
        self._held_back = 0

    def filter(self, record: logging.LogRecord) -> bool:
        now_s = self._clock.monotonic_s()
        if now_s < self._next_s:
            self._held_back += 1
            return False
        if self._held_back:
            record.msg = f"{record.getMessage()} (and {self._held_back} lines before)"
            record.args = ()
        self._next_s, self._held_back = now_s + self._every_s, 0
        return True


def client_logger(name: str) -> logging.Logger:
    """Return a logger for one Kafka client."""
    logger = logging.getLogger(f"sluice.kafka.{name}")
    if not any(isinstance(held, _OncePer) for held in logger.filters):
        logger.addFilter(_OncePer(EVERY_S))
    return logger
