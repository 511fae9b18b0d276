"""librdkafka's settings for a consumer that commits only what is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sluice.settings import KafkaSettings

SESSION_TIMEOUT_MS = 10_000
"""A dead member's partitions are free after this long; the default, 45 s, is felt by users."""


def consumer_config(settings: KafkaSettings, group: str) -> dict[str, Any]:
    """Return the settings of one consumer of a group.

    Tuned: nothing is fetched while 3 MB are queued (librdkafka's default of 64 MB breaks the memory
    goals): a writer that is behind gets several chunks by one request, not each by its own;
    cooperative rebalancing keeps the other partitions running; members are dynamic, so a killed
    process is replaced within the session timeout. Out of range starts at the earliest record:
    chunks that Kafka dropped are produced again from the file. A fetch that finds nothing is
    answered as soon as something comes, and after 0.25 s: 50 a second and consumer, as there were,
    took a third of the broker's CPU. A queue that was full is filled again after 20 ms, not after
    librdkafka's second.
    """
    return settings.client_config(group) | {
        "group.id": group,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "allow.auto.create.topics": False,
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": SESSION_TIMEOUT_MS,
        "heartbeat.interval.ms": 2_000,
        "max.poll.interval.ms": 300_000,
        "queued.max.messages.kbytes": 3 * 1024,
        "fetch.max.bytes": 8 * 1024 * 1024,
        "fetch.wait.max.ms": 250,
        "fetch.queue.backoff.ms": 20,
        "topic.metadata.refresh.interval.ms": 30_000,
    }
