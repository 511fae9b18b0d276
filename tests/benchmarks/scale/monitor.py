"""Looks at a running stack now and then: consumer lag, and memory of what has ended by the end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psutil

from devstack.accounting import peak_rss_bytes
from sluice.errors import Outage
from sluice.kafka import topic_names
from sluice.ops.lag import ConsumerLag
from sluice.settings import KafkaSettings

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from devstack import Stack

EVERY_S = 0.4
READER = "reading child"


class Monitor:
    """A thread that looks while a `with` block runs."""

    def __init__(self, stack: Stack) -> None:
        bootstrap = {"SLUICE_KAFKA_BOOTSTRAP": stack.kafka_bootstrap}
        self._lag = ConsumerLag(KafkaSettings.from_env(bootstrap))
        self._parsers = [
            p.pid for p in stack.processes() if p.service.startswith("parser") and p.pid
        ]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor")
        self.largest_lag: dict[str, int] = {}
        """By topic, in records."""
        self.reader_peak_mb = 0.0
        """Of the largest process below a parser: such end with their job, and nobody asks then."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(EVERY_S):
            self._look_at_readers()
            self._look_at_lag()

    def _look_at_readers(self) -> None:
        for parser in self._parsers:
            try:
                below = psutil.Process(parser).children(recursive=True)
            except psutil.NoSuchProcess:
                continue
            peaks = [peak_rss_bytes(child.pid) / 2**20 for child in below]
            self.reader_peak_mb = max([self.reader_peak_mb, *peaks])

    def _look_at_lag(self) -> None:
        try:
            found = self._lag.read()
        except Outage:
            return
        for place, records in found.items():
            if place.topic in {topic_names.CHUNKS, topic_names.RESULTS}:
                self.largest_lag[place.topic] = max(records, self.largest_lag.get(place.topic, 0))
