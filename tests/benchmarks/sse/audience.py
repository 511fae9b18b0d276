"""People who watch: each may see the jobs of another, and opens as many streams as one may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from sluice.auth.tokens import TokenKeeper
from sluice.clock import SystemClock
from sluice.settings import TokenSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devstack import Stack

STREAMS_EACH = 3
"""What `SLUICE_MAX_STREAMS` allows by default."""
ALL_JOBS_EVERY = 5
"""One stream of five is of all jobs that its viewer may see, the others of one job."""
_USERS = """
INSERT INTO sluice.users (username)
SELECT 'viewer ' || number FROM generate_series(1, %s) AS number RETURNING user_id, username
"""
_SHARES = """
INSERT INTO sluice.job_shares (job_id, user_id, permission, shared_by)
SELECT job_id, viewer, 'view', owner_id
  FROM sluice.jobs, unnest(%s::uuid[]) AS viewer WHERE job_id = ANY(%s::uuid[])
"""


def audience(stack: Stack, job_ids: Sequence[str], clients: int) -> list[tuple[str, str]]:
    """Make the viewers; return (job, token) of each stream, with no job for one of all."""
    with psycopg.connect(stack.database_url, autocommit=True) as conn:
        people = conn.execute(_USERS, [-(-clients // STREAMS_EACH)]).fetchall()
        conn.execute(_SHARES, [[user_id for user_id, _ in people], list(job_ids)])
    secret = {"SLUICE_JWT_SECRET_FILE": str(stack.folder / "jwt.secret")}
    keeper, now = TokenKeeper(TokenSettings.from_env(secret)), SystemClock().now()
    tokens = [keeper.issue(user_id, name, now)[0] for user_id, name in people]
    return [
        (
            "" if number % ALL_JOBS_EVERY == 0 else job_ids[number % len(job_ids)],
            tokens[number // STREAMS_EACH],
        )
        for number in range(clients)
    ]
