"""The only place where the writer's parts are made and joined."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from sluice.clock import SystemClock
from sluice.kafka import topic_names
from sluice.kafka.loop import RecordFeed
from sluice.kafka.producer import RecordProducer
from sluice.kafka.retry_policy import CHUNK_LADDER
from sluice.kafka.waiting_notices import WaitingNotices
from sluice.liveness import Heartbeat
from writer.adapters.import_target import TargetValidation
from writer.adapters.postgres_dead_letters import DeadLetters
from writer.adapters.postgres_rejected import RejectedRows
from writer.adapters.postgres_session import CLIENT, PostgresSession
from writer.adapters.postgres_starts import ChunkStarts
from writer.adapters.redis_recent import RecentInRedis
from writer.adapters.redis_waiting import WaitingInRedis
from writer.domain.dead_letter_budget import DeadLetterBudget
from writer.entrypoints import forward_retries
from writer.entrypoints.confirmed_facts import ConfirmedFacts
from writer.entrypoints.consume_rows_chunked import GROUP, ChunkConsumer, Parts
from writer.entrypoints.failed_chunks import FailedChunks
from writer.entrypoints.forward_retries import ForwarderThread, RetryForwarder
from writer.entrypoints.halt import HaltWatch
from writer.entrypoints.housekeeping import Housekeeping
from writer.entrypoints.patience import Patience
from writer.entrypoints.records_in_hand import care_of
from writer.entrypoints.undo_imports import STALE_AFTER_S, UNDO_SESSION, UndoWorker
from writer.write_batch import BatchWriter

if TYPE_CHECKING:
    from writer.settings import WriterSettings

FORWARDER_LEAVES_WITHIN_S = 5.0
UNDO_LEAVES_WITHIN_S = 2.0
"""What it has in hand then is not committed, and waits for another worker."""


@dataclass(frozen=True, slots=True)
class Application:
    """The running writer, and beside it the forwarder and the undo worker."""

    consumer: ChunkConsumer
    forwarder: ForwarderThread
    undos: UndoWorker
    hearts: tuple[Heartbeat, ...]

    def run(self) -> int:
        """Run until `stop`; return the process's exit code."""
        self.forwarder.start()
        self.undos.start()
        self.consumer.run()
        self.undos.stop()
        self.forwarder.stop()
        self.forwarder.join(FORWARDER_LEAVES_WITHIN_S)
        self.undos.join(UNDO_LEAVES_WITHIN_S)
        return 1 if self.forwarder.has_failed else 0

    def stop(self) -> None:
        """End soon; may be called from a signal handler."""
        self.consumer.stop()
        self.forwarder.stop()
        self.undos.stop()

    def not_live(self) -> str:
        """Return why the process should be ended, or nothing."""
        parts: tuple[Heartbeat | UndoWorker, ...] = (*self.hearts, self.undos)
        return next((why for part in parts if (why := part.not_live())), "")


def build(settings: WriterSettings) -> Application:
    """Join the parts; nothing is connected that cannot wait for its server."""
    clock = SystemClock(settings.clock_shift_s)
    consumer, heart = _consumer(settings, clock)
    beside = Heartbeat(clock)
    forwarder = RetryForwarder(
        feed=RecordFeed(settings, forward_retries.GROUP, CHUNK_LADDER.topics),
        producer=RecordProducer(settings, f"{CLIENT}-retry"),
        heart=beside,
        clock=clock,
    )
    thread = ForwarderThread(forwarder, consumer.stop)
    return Application(consumer, thread, _undo_worker(settings, clock), (heart, beside))


def _undo_worker(settings: WriterSettings, clock: SystemClock) -> UndoWorker:
    return UndoWorker(
        session=PostgresSession(settings, UNDO_SESSION),
        outlet=RecordProducer(settings, f"{CLIENT}-undo"),
        heart=Heartbeat(clock, STALE_AFTER_S),
        clock=clock,
        worker=_worker_name(),
    )


def _worker_name() -> str:
    return f"{CLIENT}:{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def _consumer(settings: WriterSettings, clock: SystemClock) -> tuple[ChunkConsumer, Heartbeat]:
    heart = Heartbeat(clock)
    session = PostgresSession(settings)
    care = care_of(settings.writer_fetch_records, settings.writer_chunks_per_transaction)
    feed = RecordFeed(settings, GROUP, [topic_names.CHUNKS], care=care)
    facts = ConfirmedFacts(RecordProducer(settings, CLIENT), feed)
    worker = _worker_name()
    beside_kafka = WaitingInRedis(settings.redis_url.get_secret_value(), worker)
    notices = WaitingNotices(CLIENT, worker, facts.say, clock, beside_kafka)
    patience = Patience(feed, notices, heart, clock)
    letters = DeadLetters(session, DeadLetterBudget())
    parts = Parts(
        feed=feed,
        facts=facts,
        patience=patience,
        halt=HaltWatch(session, patience, notices, clock),
        housekeeping=Housekeeping(session, clock),
        failed=FailedChunks(letters, facts, patience, clock),
        starts=ChunkStarts(session),
        session=session,
        writer=BatchWriter(
            session=session,
            validation=TargetValidation(),
            rejected=RejectedRows(settings.max_stored_errors),
            clock=clock,
            moved=heart.moved,
        ),
        recent=RecentInRedis(settings.redis_url.get_secret_value(), clock),
        notices=notices,
        heart=heart,
        clock=clock,
    )
    return ChunkConsumer(parts, settings), heart
