"""What is said of a real PostgreSQL that does not answer in time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from progress_gateway.adapters.job_views import JobViews
from progress_gateway.domain.stream_choice import StreamScope
from sluice.auth.access import OpenView
from sluice.db.pool import SESSION_DEFAULTS, open_pool
from sluice.errors import Outage
from sluice.settings import DatabaseSettings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

ASK: dict[str, Callable[[JobViews], Awaitable[object]]] = {
    "rights_of": lambda views: views.rights_of(
        [OpenView(user_id=uuid4(), job_id=uuid4(), token_digest=b"", generation=1)]
    ),
    "jobs_of": lambda views: views.jobs_of([(uuid4(), StreamScope.VISIBLE)]),
    "snapshots": lambda views: views.snapshots([str(uuid4())]),
    "contexts": lambda views: views.contexts([str(uuid4())]),
}


@pytest.mark.parametrize("setting", ["lock_timeout", "statement_timeout"])
def test_what_takes_too_long_is_an_outage_until_it_does_not(
    database_url: str, ledger: Any, setting: str
) -> None:
    settings = DatabaseSettings.from_env({"SLUICE_DATABASE_URL": database_url})
    with (
        open_pool(settings, "test", {**SESSION_DEFAULTS, setting: "50ms"}) as pool,
        psycopg.connect(database_url) as other,
    ):
        views = JobViews(pool)
        other.execute("LOCK TABLE sluice.jobs, sluice.users IN ACCESS EXCLUSIVE MODE")
        for ask in ASK.values():
            with pytest.raises(Outage, match="it is busy"):
                asyncio.run(_asked(ask, views))
        other.rollback()
        found = _in_time(views, ledger.owner)
        assert found[ledger.owner, StreamScope.MINE] == [str(ledger.job_id)]


def _in_time(views: JobViews, user: UUID) -> Any:
    """Ask again for a while: a busy machine takes longer than 50 ms over a question, too."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return asyncio.run(views.jobs_of([(user, StreamScope.MINE)]))
        except Outage:
            assert time.monotonic() < deadline


async def _asked(ask: Callable[[JobViews], Awaitable[object]], views: JobViews) -> None:
    await ask(views)
