"""Migrations are applied once, whoever applies them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sluice.db.migrate import migrate

if TYPE_CHECKING:
    from devstack.databases import PostgresServer


def test_a_role_whose_schema_comes_first_finds_what_it_has_applied(
    postgres_server: PostgresServer,
) -> None:
    """A role named `sluice` applied all migrations anew and failed: nothing could be upgraded."""
    with postgres_server.database() as url:
        as_named_role = f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dsluice,public"
        assert len(migrate(as_named_role)) > 5
        assert migrate(as_named_role) == []
