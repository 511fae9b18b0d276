"""Sends dead letters again: batch by batch from a thread of its own, at the rate that was asked.

A letter is marked after the brokers have its record, so a crash in between sends it once more, and
the ledger takes care of that.
"""

from __future__ import annotations

import threading
from itertools import groupby
from typing import TYPE_CHECKING

import psycopg
import structlog

from sluice.background import BackgroundThread
from sluice.db.pool import connection_of
from sluice.errors import Outage
from sluice.failpoints import failpoint
from sluice.kafka import dead_letter
from upload_api.adapters.gate_patience import GateBusy
from upload_api.adapters.postgres_healing import open_for
from upload_api.adapters.postgres_replays import (
    finish_replay,
    next_due_s,
    note_outcomes,
    take_replay,
    waiting_letters,
)
from upload_api.domain.dead_letters import Outcome, Verdict, batch_of
from upload_api.metrics import REPLAYED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from psycopg_pool import ConnectionPool

    from sluice.clock import Clock
    from sluice.db.pool import Connection
    from sluice.kafka.producer import RecordProducer
    from upload_api.adapters.dead_letter_records import DeadLetterRecords, KeptRecord
    from upload_api.adapters.postgres_replays import TakenReplay
    from upload_api.domain.dead_letters import Letter

log = structlog.get_logger(__name__)
POLL_S = 1.0
"""How long a replay waits that another process took and could not go on with."""
SHORTEST_WAIT_S = 0.05
BACKOFF_MAX_S = 5.0
CONFIRMED_WITHIN_S = 4.0


class LetterReplayer:
    """Works replays off; `wake` it when there is a new one."""

    def __init__(
        self,
        pool: ConnectionPool[Connection],
        producer: RecordProducer,
        records: DeadLetterRecords,
        clock: Clock,
        on_restart: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._producer = producer
        self._records = records
        self._clock = clock
        self._on_restart = on_restart
        self._wake = threading.Event()
        self._stopping = False
        self._thread = BackgroundThread("letter-replayer", self._run)

    def start(self) -> None:
        self._thread.start()

    def not_live(self) -> str:
        """Return why the process should be started again, or nothing."""
        return self._thread.not_live()

    def wake(self) -> None:
        """Look for a replay soon: one was committed."""
        self._wake.set()

    def begin_stop(self) -> None:
        """Ask the thread to end after the batch in hand; never blocks."""
        self._stopping = True
        self._wake.set()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Stop after the batch in hand; what is left stays for the next process."""
        self.begin_stop()
        self._thread.join(timeout_s)
        self._records.close()

    def _run(self) -> None:
        backoff_s = POLL_S
        while not self._stopping:
            try:
                wait_s = 0.0 if self.step() else self._due_s()
                backoff_s = POLL_S
            except (Outage, GateBusy, psycopg.Error) as error:
                wait_s = backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)
                log.warning("a replay waits", reason=str(error).partition("\n")[0])
            if wait_s:
                self._wake.wait(wait_s)
                self._wake.clear()

    def _due_s(self) -> float:
        with connection_of(self._pool) as conn:
            due_s = next_due_s(conn)
        return POLL_S if due_s is None else min(max(due_s, SHORTEST_WAIT_S), POLL_S)

    def step(self) -> bool:
        """Send the next batch of the replay that is due; False when none is.

        Raises:
            Outage: PostgreSQL or Kafka is away; the letters wait.
            GateBusy: a job's gate was not free in time; the letters wait.
        """
        with connection_of(self._pool) as conn, conn.transaction():
            replay = take_replay(conn)
            if replay is None:
                return False
            letters = waiting_letters(conn, replay.replay_id, batch_of(replay.rate_per_s))
            if letters:
                outcomes = self._send(replay, letters)
                note_outcomes(conn, replay, outcomes, len(letters) / replay.rate_per_s)
            else:
                outcomes = {}
                finish_replay(conn, replay.replay_id)
        for verdict in outcomes.values():
            REPLAYED.labels(verdict.outcome).inc()
        return True

    def _send(self, replay: TakenReplay, letters: Sequence[Letter]) -> dict[int, Verdict]:
        """Send what is to be sent of a batch, and wait until the brokers have it."""
        outcomes: dict[int, Verdict] = {}
        try:
            for job_id, group in groupby(sorted(letters, key=_by_job), key=lambda x: x.job_id):
                outcomes |= self._send_of_job(replay.replay_id, job_id, list(group))
            self._producer.confirm(CONFIRMED_WITHIN_S)
        except BaseException:
            self._producer.drop_queued()
            raise
        failpoint("replay.after_ack")
        return outcomes

    def _send_of_job(
        self, replay_id: UUID, job_id: UUID | None, letters: list[Letter]
    ) -> dict[int, Verdict]:
        there = [x for x in letters if self._records.holds(x.topic, x.partition, x.offset)]
        outcomes = {x.dead_letter_id: _LOST for x in letters}
        with connection_of(self._pool) as conn:
            decided = open_for(conn, replay_id, job_id, there, self._clock.now())
        self._on_restart()
        for letter in there:
            verdict, count = decided[letter.dead_letter_id]
            outcomes[letter.dead_letter_id] = verdict
            if verdict.outcome is Outcome.SENT and not self._produce(letter, count):
                outcomes[letter.dead_letter_id] = _LOST
        return outcomes

    def _produce(self, letter: Letter, replay_count: int) -> bool:
        record = self._records.fetch(letter.topic, letter.partition, letter.offset)
        if record is None:
            return False
        headers = headers_of_replay(record, replay_count)
        self._producer.send_raw(letter.original_topic, record.key, record.value, headers)
        return True


_LOST = Verdict(outcome=Outcome.LOST, reason="Kafka has the record no more: retry the job instead")


def headers_of_replay(record: KeptRecord, replay_count: int) -> list[tuple[str, bytes | None]]:
    """Return the original's headers and the count; without an attempt the ladder begins anew."""
    original = [(n, v) for n, v in record.headers if not n.startswith(dead_letter.OURS)]
    return [*original, (dead_letter.REPLAY_COUNT, str(replay_count).encode())]


def _by_job(letter: Letter) -> str:
    return str(letter.job_id or "")
