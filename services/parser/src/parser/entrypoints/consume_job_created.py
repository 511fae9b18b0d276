"""Step 2 begins: a record on `imports.jobs` wakes the parser; the work is claimed in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from confluent_kafka import Consumer, KafkaException

from sluice.errors import Poison, UnknownVersion
from sluice.events import JOB_FACTS, decode
from sluice.failpoints import failpoint
from sluice.kafka.client_log import client_logger
from sluice.kafka.consumer_config import consumer_config
from sluice.kafka.records import header_map
from sluice.kafka.topic_names import JOBS

if TYPE_CHECKING:
    from confluent_kafka import Message

    from sluice.settings import KafkaSettings

GROUP = "sluice-parser"
BATCH = 100
log = structlog.get_logger(__name__)


class JobWakeups:
    """Tells that there may be work; a lost or late record costs one look into the database."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._consumer = Consumer(
            consumer_config(settings, GROUP), logger=client_logger("consumer.parser")
        )
        self._consumer.subscribe([JOBS])

    def wait(self, timeout_s: float) -> bool:
        """Wait for a record for so long; True when one came."""
        messages = self._consumer.consume(BATCH, timeout_s)
        good = [message for message in messages if message.error() is None]
        woken = [message for message in good if _is_wakeup(message)]
        if good:
            failpoint("parser.before_offset")
            self._commit(good)
        return bool(woken)

    def close(self) -> None:
        self._consumer.close()

    def _commit(self, messages: list[Message]) -> None:
        try:
            for message in messages:
                self._consumer.commit(message=message, asynchronous=True)
        except KafkaException as error:
            log.info("a wake-up will be seen again", reason=error.args[0].str())


def _is_wakeup(message: Message) -> bool:
    headers = header_map(message)
    try:
        decode(JOB_FACTS, headers, message.value() or b"")
    except UnknownVersion:
        return True  # a newer release's wake-up is still one
    except Poison as error:
        log.error(  # noqa: TRY400 - the record is at fault, no line of ours
            "a record that is no job event is left alone",
            topic=message.topic(),
            partition=message.partition(),
            offset=message.offset(),
            code=error.code,
        )
        return False
    return True
