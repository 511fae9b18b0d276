"""The audit: who did what, from where; append-only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from psycopg.types.json import Jsonb

from sluice.db.statements import statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sluice.db.pool import Connection

Action = Literal[
    "job_created",
    "job_controlled",
    "dlq_viewed",
    "dlq_replayed",
    "dlq_discarded",
    "dlq_resumed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where a request came from."""

    ip: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, and from where."""

    user_id: UUID
    caller: Caller


def put_audit(
    conn: Connection,
    action: Action,
    actor: Actor,
    job_id: UUID | None,
    details: Mapping[str, Any],
) -> None:
    """Keep it in the caller's transaction: what was not done was not audited, and the reverse."""
    values = {
        "action": action,
        "user_id": actor.user_id,
        "job_id": job_id,
        "ip": actor.caller.ip,
        "user_agent": actor.caller.user_agent,
        "details": Jsonb(dict(details)),
    }
    conn.execute(statement("upload_api", "insert_audit"), values)
