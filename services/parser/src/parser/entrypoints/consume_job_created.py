"""Step 2 begins: a record on `imports.jobs` wakes the parser; the work is claimed in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from confluent_kafka import Consumer, KafkaException

from parser.metrics import SET_ASIDE
from sluice.errors import Poison, UnknownVersion
from sluice.events import JOB_FACTS, decode
from sluice.failpoints import failpoint
from sluice.kafka.client_log import client_logger
from sluice.kafka.consumer_config import consumer_config
from sluice.kafka.loop import take
from sluice.kafka.records import header_map
from sluice.kafka.topic_names import JOBS

if TYPE_CHECKING:
    from collections.abc import Callable

    from confluent_kafka import Message

    from sluice.settings import KafkaSettings

GROUP = "sluice-parser"
BATCH = 100
log = structlog.get_logger(__name__)


class JobWakeups:
    """Tells that there may be work; a lost or late record costs one look into the database."""

    def __init__(
        self, settings: KafkaSettings, set_aside: Callable[[Message, Poison], None]
    ) -> None:
        """`set_aside` dead-letters a record that can never be read, or raises `Outage`."""
        self._consumer = Consumer(
            consumer_config(settings, GROUP), logger=client_logger("consumer.parser")
        )
        self._consumer.subscribe([JOBS])
        self._set_aside = set_aside
        self._unread: list[tuple[Message, Poison]] = []
        self._uncommitted: list[Message] = []

    def wait(self, timeout_s: float) -> bool:
        """Wait for a record for so long; True when one came."""
        messages = take(self._consumer, BATCH, timeout_s)
        good = [message for message in messages if message.error() is None]
        self._uncommitted += good
        wakeups = [message for message in good if self._is_wakeup(message)]
        return bool(wakeups)

    def settle(self) -> None:
        """Commit what has come, once each record that nobody can read is a dead letter.

        Raises:
            Outage: a record could not be set aside; nothing is committed, and nothing is lost.
        """
        while self._unread:
            self._set_aside(*self._unread[-1])
            self._unread.pop()
            SET_ASIDE.inc()
        self._commit()

    def close(self) -> None:
        self._consumer.close()

    def _commit(self) -> None:
        if self._uncommitted:
            failpoint("parser.before_offset")
        try:
            while self._uncommitted:
                self._consumer.commit(message=self._uncommitted[0], asynchronous=True)
                self._uncommitted.pop(0)
        except KafkaException as error:
            log.info("a wake-up will be seen again", reason=error.args[0].str())
            self._uncommitted.clear()

    def _is_wakeup(self, message: Message) -> bool:
        try:
            decode(JOB_FACTS, header_map(message), message.value() or b"")
        except UnknownVersion:
            return True  # a newer release's wake-up is still one
        except Poison as error:
            self._unread.append((message, error))
            return False
        return True
