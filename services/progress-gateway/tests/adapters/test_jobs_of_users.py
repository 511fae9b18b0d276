"""Which jobs a stream of many is of, in a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from progress_gateway.adapters.job_views import JobViews
from progress_gateway.domain.stream_choice import StreamScope
from sluice.db.pool import open_pool
from sluice.settings import DatabaseSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 200


@pytest.fixture
def views(database_url: str) -> Iterator[JobViews]:
    settings = DatabaseSettings.from_env({"SLUICE_DATABASE_URL": database_url})
    with open_pool(settings, "test") as pool:
        yield JobViews(pool)


def jobs_of(views: JobViews, user_id: UUID, scope: StreamScope) -> list[str]:
    return asyncio.run(views.jobs_of([(user_id, scope)]))[user_id, scope]


@pytest.mark.parametrize("change", ["role = 'user'", "disabled = true"])
def test_all_jobs_are_for_those_who_are_operators_by_now(
    ledger: Any, views: JobViews, change: str
) -> None:
    operator, own = uuid4(), uuid4()
    ledger.add_user(operator, "operator")
    assert jobs_of(views, operator, StreamScope.ALL) == [str(ledger.job_id)]
    ledger.add_job(own)
    ledger.conn.execute("UPDATE sluice.jobs SET owner_id = %s WHERE job_id = %s", [operator, own])
    ledger.conn.execute(f"UPDATE sluice.users SET {change} WHERE user_id = %s", [operator])
    assert jobs_of(views, operator, StreamScope.ALL) == [str(own)]


def test_a_running_job_stays_however_many_newer_ones_have_ended(
    ledger: Any, views: JobViews
) -> None:
    ledger.set_job(status="processing")
    newer = [uuid4() for _ in range(MOST)]
    for job_id in newer:
        ledger.add_job(job_id)
    ledger.conn.execute(
        "UPDATE sluice.jobs SET status = 'completed', finished_at = now() WHERE job_id = ANY(%s)",
        [newer],
    )
    found = jobs_of(views, ledger.owner, StreamScope.MINE)
    assert (found[0], len(found)) == (str(ledger.job_id), MOST)


def test_all_who_ask_at_once_get_what_is_theirs(ledger: Any, views: JobViews) -> None:
    """Owners theirs, those a job is shared with it in the wider scope, and operators all."""
    operator, friend, stranger, other = (uuid4() for _ in range(4))
    own, mine, visible = str(ledger.job_id), StreamScope.MINE, StreamScope.VISIBLE
    ledger.add_user(operator, "operator")
    for user_id in (friend, stranger):
        ledger.add_user(user_id)
    ledger.add_job(other)
    ledger.conn.execute("UPDATE sluice.jobs SET owner_id = %s WHERE job_id = %s", [friend, other])
    ledger.conn.execute(
        "INSERT INTO sluice.job_shares (job_id, user_id, permission, shared_by, expires_at)"
        " VALUES (%s, %s, 'view', %s, NULL), (%s, %s, 'view', %s, now() - interval '1 second')",
        [own, friend, ledger.owner, own, stranger, ledger.owner],
    )
    expected = {
        (ledger.owner, mine): {own},
        (friend, mine): {str(other)},
        (friend, visible): {own, str(other)},
        (friend, StreamScope.ALL): {str(other)},
        (stranger, visible): set(),
        (operator, StreamScope.ALL): {own, str(other)},
    }
    found = asyncio.run(views.jobs_of(list(expected)))
    assert {asked: set(jobs) for asked, jobs in found.items()} == expected
    assert {len(jobs) for jobs in found.values()} == {0, 1, 2}
