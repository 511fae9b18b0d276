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
MAX_RECORD_BYTES = 2 * 1024 * 1024
"""A chunk is at most 512 KiB of cells, a single row at most 768 KiB, plus Arrow's frame."""
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
    therefore never change. It is compacted in small segments: recovery time follows its length.
    """
    results = settings.results_partitions
    compacted = {
        "cleanup.policy": "compact",
        "segment.ms": "60000",
        "segment.bytes": str(4 * 1024 * 1024),
        "min.cleanable.dirty.ratio": "0.1",
    }
    return (
        TopicSpec(
            name=topic_names.JOBS,
            partitions=settings.jobs_partitions,
            config={"retention.ms": str(7 * DAY_MS)},
        ),
        TopicSpec(
            name=topic_names.CHUNKS,
            partitions=settings.chunks_partitions,
            config={
                "retention.ms": str(3 * DAY_MS),
                "max.message.bytes": str(MAX_RECORD_BYTES),
            },
        ),
        TopicSpec(
            name=topic_names.RESULTS,
            partitions=results,
            config={"retention.ms": str(7 * DAY_MS)},
        ),
        TopicSpec(
            name=topic_names.JOB_EVENTS,
            partitions=settings.jobs_partitions,
            config={"retention.ms": str(30 * DAY_MS)},
        ),
        TopicSpec(name=FOLD_CHANGELOG, partitions=results, config=compacted),
    )


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
