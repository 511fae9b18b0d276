"""The topics, as data, and the idempotent command that creates them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # not in its __all__

from sluice.errors import Outage
from sluice.kafka import topic_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sluice.settings import KafkaSettings

DAY_MS = 24 * 60 * 60 * 1000
FOLD_APP = "sluice-progress-fold"
FOLD_CHANGELOG = f"{FOLD_APP}-job_progress-changelog"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """One topic: how it is spread, how long it keeps, what else differs from the default."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


def topic_specs(settings: KafkaSettings) -> tuple[TopicSpec, ...]:
    """Return every topic that must exist before a service starts.

    The fold's changelog is co-partitioned with `imports.results`, whose number of partitions must
    therefore never change. Dead letters are kept far longer than the chunks they were.
    """
    jobs, results = settings.jobs_partitions, settings.results_partitions
    records = {"max.message.bytes": str(topic_names.MAX_RECORD_BYTES)}
    # A wait is counted from the broker's clock, not from the sender's
    waiting = {"message.timestamp.type": "LogAppendTime"}
    return (
        _kept(topic_names.JOBS, jobs, 7),
        _kept(topic_names.JOBS_DLQ, jobs, 30, records),
        _kept(topic_names.CHUNKS, settings.chunks_partitions, 3, records),
        *(_kept(name, jobs, 3, records | waiting) for name in topic_names.CHUNKS_RETRY),
        _kept(topic_names.CHUNKS_DLQ, jobs, 30, records),
        _kept(topic_names.RESULTS, results, 7),
        _kept(topic_names.JOB_EVENTS, jobs, 30),
        TopicSpec(name=FOLD_CHANGELOG, partitions=results, config=_COMPACTED),
    )


_COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "60000",
    "segment.bytes": str(4 * 1024 * 1024),
    "min.cleanable.dirty.ratio": "0.1",
}
"""Small segments: the fold's recovery time follows the changelog's length."""


def _kept(
    name: str, partitions: int, days: int, config: Mapping[str, str] | None = None
) -> TopicSpec:
    retention = {"retention.ms": str(days * DAY_MS)}
    return TopicSpec(name=name, partitions=partitions, config=retention | dict(config or {}))


def create_topics(settings: KafkaSettings, specs: Sequence[TopicSpec]) -> list[str]:
    """Create the topics that are missing; return their names. Safe to run at any time.

    Raises:
        Outage: the brokers cannot be reached, or do not answer in 30 s.
        KafkaException: they refuse.
    """
    admin = AdminClient(settings.client_config("create-topics"))
    new = [
        NewTopic(
            spec.name,
            num_partitions=spec.partitions,
            replication_factor=settings.replication_factor,
            config=dict(spec.config),
        )
        for spec in specs
    ]
    created = []
    for name, future in admin.create_topics(new, request_timeout=30).items():
        try:
            future.result()
            created.append(name)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                continue
            if error.args[0].retriable() or error.args[0].code() == KafkaError._TIMED_OUT:  # noqa: SLF001
                raise Outage("kafka", error.args[0].str()) from error
            raise
    return created


def partition_counts(settings: KafkaSettings, topics: Sequence[str]) -> dict[str, int]:
    """Return how many partitions each existing topic has."""
    metadata = AdminClient(settings.client_config("topics")).list_topics(timeout=10)
    return {
        name: len(metadata.topics[name].partitions) for name in topics if name in metadata.topics
    }
