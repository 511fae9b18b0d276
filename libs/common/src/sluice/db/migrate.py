"""Brings a database to the current schema; safe to run at any time, and by several at once."""

from __future__ import annotations

from importlib import resources

from yoyo import get_backend, read_migrations


def migrate(database_url: str) -> list[str]:
    """Apply the migrations that are missing; return their names, oldest first."""
    url = _in_public("postgresql+psycopg://" + database_url.split("://", 1)[1])
    with resources.as_file(resources.files("sluice.db") / "migrations") as folder:
        backend = get_backend(url)
        try:
            with backend.lock():
                missing = backend.to_apply(read_migrations(str(folder)))
                names = [migration.id for migration in missing]
                backend.apply_migrations(missing)
        finally:
            backend.connection.close()
    return names


def _in_public(url: str) -> str:
    """Return the address with the list of applied migrations in `public`, whoever connects.

    A role named `sluice` has the schema `sluice` first in its search path as soon as there is one:
    the list that the first run began in `public` was not found again, and all was applied anew.
    """
    return f"{url}{'&' if '?' in url else '?'}schema=public"
