"""The only place where the parser's parts are made and joined."""

from __future__ import annotations

import os
import socket
import tempfile
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

from csv_reader import Dialect
from parser.adapters.fetching_reader import FetchingReader
from parser.adapters.job_dead_letters import JobDeadLetters
from parser.adapters.postgres_parses import PostgresParses
from parser.adapters.publish_chunks import ChunkPublisher
from parser.adapters.read_order import ReadOrder
from parser.adapters.sheet_reader import SheetReader
from parser.domain.parser_policy import ParserPolicy
from parser.entrypoints.consume_job_created import JobWakeups
from parser.entrypoints.parse_jobs import ParserLoop
from sluice.clock import SystemClock
from sluice.confinement.child import layers_of_confinement, prepare_forkserver
from sluice.confinement.reader_limits import ReaderLimits
from sluice.db.pool import open_pool
from sluice.kafka.producer import RecordProducer
from sluice.kafka.waiting_notices import WaitingNotices
from sluice.liveness import Heartbeat
from sluice.ops_server import start_ops_server
from sluice.storage import open_storage

if TYPE_CHECKING:
    from parser.domain.claims import Claim
    from parser.entrypoints.parse_jobs import Reader
    from parser.settings import ParserSettings
    from sluice.clock import Clock
    from sluice.job_layout import JobLayout
    from sluice.storage import FileStorage, ReadableFile

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Application:
    """The running parser."""

    loop: ParserLoop
    wakeups: JobWakeups

    def run(self) -> None:
        try:
            self.loop.run()
        finally:
            self.wakeups.close()


def build(settings: ParserSettings) -> Application:
    """Join the parts; the fork server is started before any client has a thread."""
    prepare_forkserver("parser.adapters.sheet_child")
    layers = layers_of_confinement(_reader_limits(settings), _spill_dir(settings))
    log.info("readers are confined", layers=layers)
    clock = SystemClock(settings.clock_shift_s)
    pool = open_pool(settings, "parser")
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
    producer, heart = RecordProducer(settings, "parser"), Heartbeat(clock)
    publisher = ChunkPublisher(producer, clock)
    wakeups = JobWakeups(settings, JobDeadLetters(pool, producer, clock).set_aside)
    loop = ParserLoop(
        wakeups=wakeups,
        parses=PostgresParses(
            pool,
            worker,
            lease_s=settings.parser_lease_s,
            lost_after_s=settings.parser_lost_after_s,
            chunk_rows=settings.chunk_rows,
        ),
        publisher=publisher,
        open_reader=partial(_open_reader, open_storage(settings), clock, settings),
        notices=WaitingNotices("parser", worker, publisher.say, clock),
        clock=clock,
        heart=heart,
        policy=ParserPolicy(slots=settings.parser_slots, lost_after_s=settings.parser_lost_after_s),
    )
    start_ops_server(settings.http_host, settings.metrics_port, lambda: loop.outage, heart.not_live)
    return Application(loop, wakeups)


def _open_reader(
    storage: FileStorage,
    clock: Clock,
    settings: ParserSettings,
    claim: Claim,
    written: frozenset[int],
) -> Reader:
    order_of = partial(_order, settings, claim, written)
    if storage.is_here:
        return SheetReader(order_of(storage.lend(claim.file_url)))
    storage.size_of(claim.file_url)  # says within seconds that it is gone, or out of reach
    lend = partial(storage.lend, claim.file_url, claim.file_sha256)
    return FetchingReader(lend, order_of, _reader_limits(settings), clock)


def _order(
    settings: ParserSettings, claim: Claim, written: frozenset[int], file: ReadableFile
) -> ReadOrder:
    return ReadOrder(
        job_id=claim.job_id,
        run=claim.run,
        file=file,
        sheet=claim.layout.sheet,
        header_line=claim.layout.header_line,
        written=written,
        chunk_rows=claim.chunk_rows,
        chunker_version=claim.chunker_version,
        spill_dir=_spill_dir(settings),
        limits=_reader_limits(settings),
        dialect=_dialect_of(claim.layout),
    )


def _dialect_of(layout: JobLayout) -> Dialect | None:
    told = layout.dialect
    return (
        Dialect(**told.model_dump(exclude={"line_basis", "encoding_is_guess"}))
        if told is not None
        else None
    )


def _reader_limits(settings: ParserSettings) -> ReaderLimits:
    return ReaderLimits(
        memory_mib=settings.reader_memory_mib,
        cpu_s=settings.reader_cpu_s,
        cpu_s_per_mib=settings.reader_cpu_s_per_mib,
        wait_s=settings.reader_wait_s,
    )


def _spill_dir(settings: ParserSettings) -> str:
    return settings.spill_dir or tempfile.gettempdir()
