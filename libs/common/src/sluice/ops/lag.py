"""How far each consumer group is behind its topics, as the brokers tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # not in its __all__

from sluice.errors import Outage
from sluice.kafka import topic_names
from sluice.kafka.client_log import client_logger
from sluice.kafka.topics import FOLD_APP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sluice.settings import KafkaSettings

ANSWER_S = 5.0
GROUPS: Mapping[str, tuple[str, ...]] = {
    "sluice-parser": (topic_names.JOBS,),
    "sluice-writer": (topic_names.CHUNKS,),
    "sluice-writer-retry": topic_names.CHUNKS_RETRY,
    FOLD_APP: (topic_names.RESULTS,),
}
"""Who reads what."""


class GroupTopic(NamedTuple):
    """One topic as one group reads it."""

    group: str
    topic: str


class ConsumerLag:
    """Asks the brokers; joins no group and commits nothing. Not safe for several threads."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._admin: Any = AdminClient(settings.client_config("lag"), logger=client_logger("lag"))
        # To ask by AdminClient ends the process (SIGSEGV in librdkafka) where a broker has just
        # started and loads its groups yet; a consumer asks again
        self._consumers = {
            group: Consumer(
                settings.client_config("lag") | {"group.id": group, "enable.auto.commit": False},
                logger=client_logger("lag"),
            )
            for group in GROUPS
        }
        spec: Any = OffsetSpec
        self._latest, self._earliest = spec.latest(), spec.earliest()

    def read(self) -> dict[GroupTopic, int]:
        """Return how many records each group has not finished; a topic that is not there lacks.

        Raises:
            Outage: the brokers do not answer.
        """
        try:
            partitions = self._partitions()
            known = [each for found in partitions.values() for each in found]
            ends = self._offsets(known, self._latest)
            begins = self._offsets(known, self._earliest)
            lags: dict[GroupTopic, int] = {}
            for group, topics in GROUPS.items():
                asked = [each for topic in topics for each in partitions.get(topic, ())]
                for topic, partition, offset in self._committed(group, asked):
                    at = (topic, partition)
                    # What retention has deleted is nobody's to read any more
                    left = ends[at] - max(offset, begins[at])
                    key = GroupTopic(group, topic)
                    lags[key] = lags.get(key, 0) + max(0, left)
        except KafkaException as error:
            raise Outage("kafka", error.args[0].str()) from error
        return lags

    def _partitions(self) -> dict[str, list[TopicPartition]]:
        found = self._admin.list_topics(timeout=ANSWER_S).topics
        return {
            name: [TopicPartition(name, number) for number in found[name].partitions]
            for name in {topic for topics in GROUPS.values() for topic in topics}
            if name in found
        }

    def _offsets(self, partitions: list[TopicPartition], spec: Any) -> dict[tuple[str, int], int]:
        asked = dict.fromkeys(partitions, spec)
        futures = self._admin.list_offsets(asked, request_timeout=ANSWER_S)
        return {
            (place.topic, place.partition): future.result().offset
            for place, future in futures.items()
        }

    def _committed(
        self, group: str, partitions: list[TopicPartition]
    ) -> list[tuple[str, int, int]]:
        if not partitions:
            return []
        found = self._consumers[group].committed(partitions, timeout=ANSWER_S)
        return [(each.topic, each.partition, each.offset) for each in found]
