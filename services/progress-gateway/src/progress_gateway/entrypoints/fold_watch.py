"""Step 4: whether the fold follows, seen from outside its library: its known stalls show no error.

A thread asks the brokers how far the fold's group has committed and where the topic ends. What
stays behind without moving is a stall, whatever the library believes of itself.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog
from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition

from sluice.kafka import topic_names
from sluice.kafka.client_log import client_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluice.liveness import Heartbeat
    from sluice.settings import KafkaSettings

log = structlog.get_logger(__name__)

LOOK_S = 5.0
ANSWER_S = 5.0


class FoldWatch:
    """Tells the heart how far the group is; joins no group and commits nothing."""

    def __init__(
        self,
        settings: KafkaSettings,
        group: str,
        heart: Heartbeat,
        recovered: Callable[[], int] = lambda: 0,
        look_s: float = LOOK_S,
    ) -> None:
        """Get ready to look.

        Args:
            settings: where the brokers are, and how many partitions there are.
            group: the fold's.
            heart: gets the marks.
            recovered: how far the table's recovery is: while that moves, the group need not.
            look_s: how often to look.
        """
        self._partitions = [
            TopicPartition(topic_names.RESULTS, number)
            for number in range(settings.results_partitions)
        ]
        self._heart = heart
        self._recovered = recovered
        self._look_s = look_s
        self._stopping = threading.Event()
        self._consumer = Consumer(
            settings.client_config("fold-watch")
            | {"group.id": group, "enable.auto.commit": False, "allow.auto.create.topics": False},
            logger=client_logger("fold-watch"),
        )
        self._thread = threading.Thread(target=self._run, name="fold-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(2 * ANSWER_S)
        self._consumer.close()

    def _run(self) -> None:
        while not self._stopping.wait(self._look_s):
            try:
                self._heart.progress(self._mark())
            except KafkaException as error:
                # Nobody can tell, and a restart would not bring the brokers back
                self._heart.progress(None)
                log.warning("the fold's position cannot be asked for", reason=str(error))

    def _mark(self) -> tuple[int, ...] | None:
        """Return the position; None where nothing is left to read."""
        committed = self._consumer.committed(list(self._partitions), timeout=ANSWER_S)
        positions, lag = [], 0
        for partition in committed:
            low, high = self._consumer.get_watermark_offsets(partition, timeout=ANSWER_S)
            known = partition.offset > OFFSET_INVALID
            position = max(low, partition.offset) if known else low
            positions.append(position)
            lag += max(0, high - position)
        return (*positions, self._recovered()) if lag else None
