"""Step 4: the fold's process, a Faust app that follows `imports.results` over a pure fold.

The settings and the shape are those that 100,000 events through 20 kills with -9 left whole: at
least once, one event at a time, every topic there before the start. An exception in an agent would
skip its event, so whatever is not a record's own fault ends the process, which is started again.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faust
import structlog
from aiokafka.codec import has_lz4, has_zstd

from progress_gateway.entrypoints.fold_desk import PARTITION, FoldDesk
from progress_gateway.entrypoints.fold_metrics import FACTS, SKIPPED, WAITING
from sluice import tracing
from sluice.errors import Outage, SettingsError
from sluice.failpoints import failpoint
from sluice.kafka import topic_names
from sluice.kafka.topics import FOLD_APP, FOLD_CHANGELOG
from sluice.liveness import Heartbeat
from sluice.metrics import stage
from sluice.tracing import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from progress_gateway.adapters.snapshot_writer import SnapshotWriter
    from progress_gateway.settings import FoldSettings
    from sluice.clock import Clock

log = structlog.get_logger(__name__)

TABLE = "job_progress"
GATHER_S = 0.005
"""So long a publication waits for the other facts of the same transaction."""
LOOK_S = 0.25
"""How often an idle fold asks itself whether it follows."""
LINGER_S = 0.1
"""So long a change of the table waits for others: a request for each cost a third of an event.
Nobody waits for it but the next commit of offsets."""
BEAT_S = 1.0
BACKOFF_S = 0.5
FORGET_S = 60.0
REPUBLISH_S = 2.0
"""A flushed Redis has every unfinished job again after this long."""
KEEP_ENDED_S = 24 * 60 * 60.0
EXIT_BUG = 70


def make_app(settings: FoldSettings) -> faust.App:
    """Return the Faust app, without agents.

    Raises:
        SettingsError: this installation cannot read what our producers may compress, whatever
            our own setting: theirs may differ, or have been another when the log was written.
    """
    if not (has_lz4() and has_zstd()):
        raise SettingsError("facts may be in lz4 or zstd: install aiokafka[lz4] (cramjam)")
    brokers = [f"kafka://{address}" for address in settings.kafka_bootstrap.split(",")]
    return faust.App(
        FOLD_APP,
        broker=brokers,
        broker_credentials=_credentials(settings),
        processing_guarantee="at_least_once",
        web_enabled=False,
        topic_disable_leader=True,
        topic_partitions=settings.results_partitions,
        topic_replication_factor=settings.replication_factor,
        topic_allow_declare=False,
        table_standby_replicas=0,
        broker_commit_interval=0.5,
        broker_session_timeout=10,
        broker_heartbeat_interval=2,
        stream_wait_empty=False,
        producer_acks=-1,
        producer_linger=LINGER_S,
        consumer_auto_offset_reset="earliest",
        worker_redirect_stdouts=False,
        # Faust makes this folder whatever the store; ours is memory and leaves it empty.
        datadir=str(Path(tempfile.gettempdir(), FOLD_APP)),
    )


def _credentials(settings: FoldSettings) -> Any:
    protocol = settings.kafka_security_protocol
    if protocol == "PLAINTEXT":
        return None
    context = None
    if protocol.endswith("SSL"):
        context = ssl.create_default_context(cafile=settings.kafka_ssl_ca_location)
    if protocol == "SSL":
        return faust.SSLCredentials(context)
    password = settings.kafka_sasl_password
    return faust.SASLCredentials(
        username=settings.kafka_sasl_username,
        password=password.get_secret_value() if password is not None else None,
        mechanism=settings.kafka_sasl_mechanism,
        ssl_context=context,
    )


@dataclass(slots=True, kw_only=True)
class FoldApp:
    """The app, and what its agent and timers share."""

    app: faust.App
    table: Any
    desk: FoldDesk
    writer: SnapshotWriter
    clock: Clock
    heart: Heartbeat
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a job is to be published now."""
    waits_for: str = "starting"
    """Why facts are not followed now; written by the app's loop, read by the ops server."""

    def look(self) -> bool:
        """Note and tell whether facts are followed: partitions are here, the table is whole."""
        if self.app.rebalancing or not self.app.consumer.assignment():
            self.waits_for = "no partitions yet"
        else:
            self.waits_for = "the table is being recovered" if self.app.in_recovery else ""
        if self.waits_for:
            WAITING.set(1)
        return not self.waits_for

    def recovered(self) -> int:
        """Return how far the table's recovery has come."""
        tables: Any = self.app.tables
        return int(sum(tables.recovery.active_offsets.values()))


def build_fold(settings: FoldSettings, writer: SnapshotWriter, clock: Clock) -> FoldApp:
    """Wire the agent and the timers to a new app."""
    app = make_app(settings)
    source = app.topic(
        topic_names.RESULTS,
        key_serializer="raw",
        key_type=bytes,
        value_serializer="raw",
        value_type=bytes,
    )
    table: Any = app.Table(TABLE, partitions=settings.results_partitions, key_type=str)
    if table.changelog_topic_name != FOLD_CHANGELOG:
        raise RuntimeError(
            f"the table's changelog is {table.changelog_topic_name}, the topics command creates "
            f"{FOLD_CHANGELOG}: make them agree"
        )
    fold = FoldApp(
        app=app,
        table=table,
        desk=FoldDesk(table),
        writer=writer,
        clock=clock,
        heart=Heartbeat(clock, settings.stale_after_s),
    )
    _add_agent(fold, source)
    _add_timers(fold)
    return fold


def _add_agent(fold: FoldApp, source: Any) -> None:
    async def follow(stream: Any) -> None:
        async for event in stream.events():
            _take(fold, event)

    fold.app.agent(source, name="follow", concurrency=1)(follow)


def _take(fold: FoldApp, event: Any) -> None:
    """Fold one event; end the process on a bug, before the event can count as handled."""
    try:
        failpoint("fold.before_fold")
        now_s = fold.clock.now().timestamp()
        with stage("fold"), traced(event.headers) as headers:
            fact = fold.desk.take(headers, event.value, event.message.partition, now_s)
        if fold.desk.untold.wait_s(fold.clock.monotonic_s()) == 0.0:
            fold.news.set()
        if fact is None:
            SKIPPED.inc()
        else:
            FACTS.labels(fact.NAME).inc()
    except Exception:
        log.exception(
            "the fold has a bug: the process ends",
            partition=event.message.partition,
            offset=event.message.offset,
        )
        os._exit(EXIT_BUG)


@contextmanager
def traced(headers: Mapping[str, bytes]) -> Iterator[Mapping[str, bytes]]:
    """Have the span of a fact in hand; what shows it to viewers is below that one."""
    name = headers.get("ce_type", b"").decode(errors="replace").rpartition(".v")[0]
    parent = headers.get("traceparent", b"").decode(errors="replace")
    span = tracing.start(f"fold {name.rpartition('.')[2]}", parent, Kind.CONSUMER)
    if not span.is_recorded:
        yield headers
        return
    with tracing.held(span):
        yield {**headers, "traceparent": (span.traceparent or "").encode()}


def _add_timers(fold: FoldApp) -> None:
    async def publish() -> None:
        await _publish(fold)

    async def forget() -> None:
        await _forget(fold)

    async def beat() -> None:
        while not fold.app.should_stop:
            fold.heart.beat()
            await asyncio.sleep(BEAT_S)

    fold.app.task(publish)
    fold.app.task(forget)
    fold.app.task(beat)


async def _publish(fold: FoldApp) -> None:
    """Publish what changed as its time comes; and all that is unfinished, every 2 s."""
    next_all_s = 0.0
    while not fold.app.should_stop:
        await _wait_for_news(fold)
        if not fold.look():
            await asyncio.sleep(LOOK_S)
            continue
        now_s = fold.clock.monotonic_s()
        if now_s >= next_all_s:
            fold.desk.untold.note(fold.desk.unfinished())
            next_all_s = now_s + REPUBLISH_S
        if not await _flush(fold):
            await asyncio.sleep(BACKOFF_S)


async def _wait_for_news(fold: FoldApp) -> None:
    """Return when a job is to be published, or after a while without any."""
    wait_s = fold.desk.untold.wait_s(fold.clock.monotonic_s())
    fold.news.clear()
    if wait_s == 0.0:
        await asyncio.sleep(GATHER_S)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_S if wait_s is None else wait_s):
            await fold.news.wait()
            await asyncio.sleep(GATHER_S)


async def _forget(fold: FoldApp) -> None:
    """Drop what ended a day ago; after a restart the day begins again."""
    ended_since_s: dict[str, float] = {}
    while not fold.app.should_stop:
        await asyncio.sleep(FORGET_S)
        if fold.look():
            await _forget_ended(fold, ended_since_s)


async def _flush(fold: FoldApp) -> bool:
    """Publish the jobs whose time has come; False when Redis is away, and they stay untold."""
    if fold.desk.waits:
        waits = dict(fold.desk.waits)
        fold.desk.waits.clear()
        await fold.writer.show_waits(waits)
    told = fold.desk.untold.take_due(fold.clock.monotonic_s())
    if not told:
        WAITING.set(0)
        return True
    failpoint("fold.before_snapshot")
    now_s = fold.clock.now().timestamp()
    try:
        with stage("publish"):
            await fold.writer.publish(fold.desk.publications(told, now_s))
        WAITING.set(0)
    except Outage as outage:
        fold.desk.untold.put_back(told)
        WAITING.set(1)
        log.warning("snapshots wait", dependency=outage.dependency, reason=outage.reason)
        return False
    failpoint("fold.after_snapshot")
    return True


async def _forget_ended(fold: FoldApp, ended_since_s: dict[str, float]) -> None:
    """Delete old entries where a stream is not at hand: their tombstones are sent by hand."""
    now_s = fold.clock.monotonic_s()
    open_jobs = set(fold.desk.unfinished())
    ended = set(fold.table.keys()) - open_jobs
    for job_id in set(ended_since_s) - ended:
        del ended_since_s[job_id]
    old = [j for j in ended if now_s - ended_since_s.setdefault(j, now_s) >= KEEP_ENDED_S]
    if not old:
        return
    try:
        await fold.writer.forget(old)
    except Outage as outage:
        log.warning("old entries stay", dependency=outage.dependency, reason=outage.reason)
        return
    for job_id in old:
        encoded = fold.table.get(job_id)
        if encoded is None or job_id in fold.desk.untold.jobs:  # a fact came meanwhile
            continue
        fold.table.send_changelog(encoded[PARTITION], job_id, None, value_serializer="raw")
        del fold.table.data[job_id]
