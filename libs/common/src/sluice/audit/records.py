"""What the audit keeps of an act: who, what, which job, from where, when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sluice.db.pool import Connection

Action = Literal[
    "job_created",
    "job_accessed",
    "job_downloaded",
    "job_shared",
    "job_controlled",
    "job_undone",
    "job_erased",
    "unauthorized_access",
    "signed_in",
    "sign_in_failed",
    "signed_out",
    "dlq_viewed",
    "dlq_replayed",
    "dlq_discarded",
    "dlq_resumed",
    "audit_forgotten",
]
"""Details hold names, counts and codes: no cell value, no token, no password."""

_INSERT = """
INSERT INTO sluice.audit_log (action, user_id, job_id, ip, user_agent, request_id, details)
VALUES (%(action)s, %(user_id)s, %(job_id)s, %(ip)s, %(user_agent)s, %(request_id)s, %(details)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Where a request came from; the request id leads to its log lines and its answer."""

    ip: str | None
    user_agent: str | None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, and from where; nobody is known before they have signed in."""

    user_id: UUID | None
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
        "request_id": actor.caller.request_id,
        "details": Jsonb(dict(details)),
    }
    conn.execute(_INSERT, values)
