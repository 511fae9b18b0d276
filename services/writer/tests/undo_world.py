"""Undo workers without Kafka, and imports to take back, on a real PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from services.writer.tests.writer_world import World

from sluice.clock import SystemClock
from sluice.events import Record
from sluice.liveness import Heartbeat
from sluice.settings import DatabaseSettings
from writer.adapters.postgres_scan import Watch
from writer.adapters.postgres_session import PostgresSession
from writer.entrypoints.undo_imports import UNDO_SESSION, UndoWorker

QUIET = Watch(breathe=lambda: None, is_stopping=lambda: False)


@dataclass
class Told:
    """The facts that were stated."""

    records: list[Record] = field(default_factory=list)

    def send(self, record: Record) -> None:
        self.records.append(record)

    def poll(self) -> None: ...

    def confirm(self, within_s: float) -> None: ...

    def ids(self) -> list[str]:
        return [dict(record.headers)["ce_id"].decode() for record in self.records]

    def facts(self) -> list[dict[str, Any]]:
        return [json.loads(record.value) for record in self.records]


def undo_worker(url: str, told: Told, batch_rows: int = 10, **session: str) -> UndoWorker:
    """Return a worker that was never there before."""
    settings = DatabaseSettings.from_env({"SLUICE_DATABASE_URL": url})
    clock = SystemClock()
    return UndoWorker(
        session=PostgresSession(settings, UNDO_SESSION | session),
        outlet=told,
        heart=Heartbeat(clock),
        clock=clock,
        worker=f"test:{uuid4()}",
        batch_rows=batch_rows,
    )


def ask(world: World, job: UUID) -> None:
    """Ask for an undo, as upload-api does behind the gate."""
    world.conn.execute(
        "INSERT INTO sluice.undos (job_id, requested_by)"
        " SELECT job_id, owner_id FROM sluice.jobs WHERE job_id = %s",
        [job],
    )


def die(world: World) -> None:
    """Let the lease of a dead worker run out."""
    world.conn.execute("UPDATE sluice.undos SET lease_until = clock_timestamp() - interval '1s'")


def counts(world: World, job: UUID) -> tuple[Any, ...]:
    """Return (state, total, reversed, kept, refused)."""
    return world.rows(
        "SELECT state, total, reversed, kept, refused FROM sluice.undos WHERE job_id = %s", job
    )[0]


def stayed(world: World, job: UUID) -> list[tuple[Any, ...]]:
    """Return (line, outcome, reason, key) of what the undo's list still has."""
    return world.rows(
        "SELECT sheet_line, outcome, reason, row_key FROM sluice.undo_rows WHERE job_id = %s"
        " ORDER BY sheet_line, row_table, row_tid",
        job,
    )


def undo(world: World, job: UUID, batch_rows: int = 10, **session: str) -> Told:
    """Ask for an undo and have one worker do it; return what it told."""
    ask(world, job)
    return go_on(world, batch_rows, **session)


def go_on(world: World, batch_rows: int = 10, **session: str) -> Told:
    """Have a new worker do what there is to do, the lease of an earlier one being over."""
    die(world)
    told = Told()
    worker = undo_worker(world.url, told, batch_rows, **session)
    try:
        assert worker.step()
    finally:
        worker.close()
    return told
