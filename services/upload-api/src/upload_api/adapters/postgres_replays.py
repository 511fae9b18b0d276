"""Replays and their letters: chosen once, worked off batch by batch, by one process at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from sluice.db.statements import statement
from upload_api.adapters.postgres_audit import put_audit
from upload_api.adapters.postgres_dead_letters import filter_json, filter_values
from upload_api.domain.dead_letters import Letter, LetterState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sluice.db.pool import Connection
    from upload_api.adapters.postgres_audit import Actor
    from upload_api.domain.dead_letters import LetterFilter, Verdict

PACKAGE = "upload_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenReplay:
    """A replay whose row is held by the caller's transaction."""

    replay_id: UUID
    rate_per_s: float


def insert_replay(
    conn: Connection, wanted: LetterFilter, limit: int, rate_per_s: float, actor: Actor
) -> tuple[UUID, int]:
    """Choose the letters of a new replay, audited; return its id and how many they are."""
    replay_id = uuid4()
    selection = filter_json(wanted) | {"max": limit}
    values = filter_values(wanted) | {
        "replay_id": replay_id,
        "user_id": actor.user_id,
        "selection": Jsonb(selection),
        "rate_per_s": rate_per_s,
        "max": limit,
    }
    with conn.transaction():
        conn.execute(statement(PACKAGE, "insert_replay"), values)
        selected = conn.execute(statement(PACKAGE, "insert_replay_letters"), values).rowcount
        details = {"replayId": str(replay_id), "selection": selection, "letters": selected}
        put_audit(conn, "dlq_replayed", actor, wanted.job_id, details)
    return replay_id, selected


def get_replay(conn: Connection, replay_id: UUID) -> dict[str, Any] | None:
    """Return a replay with the counts of its outcomes."""
    with conn.cursor(row_factory=dict_row) as cursor:
        values = {"replay_id": replay_id}
        return cursor.execute(statement(PACKAGE, "get_replay"), values).fetchone()


def list_unsent(conn: Connection, replay_id: UUID, limit: int) -> list[dict[str, Any]]:
    """Return the first letters that were not sent, and why."""
    with conn.cursor(row_factory=dict_row) as cursor:
        values = {"replay_id": replay_id, "limit": limit}
        return cursor.execute(statement(PACKAGE, "list_unsent"), values).fetchall()


def take_replay(conn: Connection) -> TakenReplay | None:
    """Hold the next replay that is due until the transaction ends."""
    # The brokers are waited for meanwhile: longer than a session of ours may idle elsewhere
    conn.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")
    row = conn.execute(statement(PACKAGE, "take_replay")).fetchone()
    return TakenReplay(replay_id=row[0], rate_per_s=row[1]) if row else None


def next_due_s(conn: Connection) -> float | None:
    """Return in how many seconds a replay is due; None when there is none."""
    row = conn.execute(statement(PACKAGE, "next_replay_due")).fetchone()
    return row[0] if row else None


def waiting_letters(conn: Connection, replay_id: UUID, limit: int) -> list[Letter]:
    """Return the next letters of a replay."""
    values = {"replay_id": replay_id, "limit": limit}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(statement(PACKAGE, "waiting_letters"), values).fetchall()
    return [Letter(**row | {"state": LetterState(row["state"])}) for row in rows]


def note_outcomes(
    conn: Connection, replay: TakenReplay, outcomes: Mapping[int, Verdict], pause_s: float
) -> None:
    """Note what became of letters, and when the next ones are due."""
    for dead_letter_id, verdict in outcomes.items():
        values = {
            "replay_id": replay.replay_id,
            "dead_letter_id": dead_letter_id,
            "outcome": str(verdict.outcome),
            "reason": verdict.reason,
        }
        conn.execute(statement(PACKAGE, "note_outcome"), values)
    pace = {"replay_id": replay.replay_id, "pause_s": pause_s}
    conn.execute(statement(PACKAGE, "pace_replay"), pace)


def finish_replay(conn: Connection, replay_id: UUID) -> None:
    conn.execute(statement(PACKAGE, "finish_replay"), {"replay_id": replay_id})
