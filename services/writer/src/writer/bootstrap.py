"""The only place where the writer's parts are made and joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.clock import SystemClock
from sluice.kafka import topic_names
from sluice.kafka.loop import RecordFeed
from sluice.kafka.producer import RecordProducer
from writer.adapters.import_target import TargetValidation
from writer.adapters.postgres_rejected import RejectedRows
from writer.adapters.postgres_session import CLIENT, PostgresSession
from writer.adapters.redis_recent import RecentInRedis
from writer.entrypoints.consume_rows_chunked import GROUP, ChunkConsumer
from writer.write_batch import BatchWriter

if TYPE_CHECKING:
    from writer.settings import WriterSettings


def build(settings: WriterSettings) -> ChunkConsumer:
    """Return the writer's loop; nothing is connected that cannot wait for its server."""
    clock = SystemClock(settings.clock_shift_s)
    session = PostgresSession(settings)
    writer = BatchWriter(
        session=session,
        validation=TargetValidation(),
        rejected=RejectedRows(settings.max_stored_errors),
        clock=clock,
    )
    return ChunkConsumer(
        feed=RecordFeed(settings, GROUP, [topic_names.CHUNKS]),
        producer=RecordProducer(settings, CLIENT),
        session=session,
        writer=writer,
        recent=RecentInRedis(settings.redis_url.get_secret_value(), clock),
        clock=clock,
        settings=settings,
    )
