"""Connections to PostgreSQL that notice a dead server and never wait for ever."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from sluice.errors import Outage
from sluice.metrics import POOLS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sluice.settings import DatabaseSettings

CONNECT_TIMEOUT_S = 5
SESSION_DEFAULTS: Mapping[str, str] = {
    "statement_timeout": "30s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "5s",
    # Rows are written by COPY and found by key: no plan of ours gains from compiling
    "jit": "off",
}
"""A stopped process must not hold a ledger row for longer than this."""

Connection = psycopg.Connection[TupleRow]


def connection_options(client: str, session: Mapping[str, str]) -> dict[str, Any]:
    """Return psycopg's keyword arguments for a connection of `client`."""
    return {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": f"sluice-{client}",
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
        "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
    }


def connect(
    settings: DatabaseSettings, client: str, session: Mapping[str, str] = SESSION_DEFAULTS
) -> Connection:
    """Open one connection in autocommit mode; transactions are explicit.

    Raises:
        Outage: the server cannot be reached.
    """
    url = settings.database_url.get_secret_value()
    try:
        return psycopg.connect(url, autocommit=True, **connection_options(client, session))
    except psycopg.OperationalError as error:
        raise outage_of(error) from error


def open_pool(
    settings: DatabaseSettings, client: str, session: Mapping[str, str] = SESSION_DEFAULTS
) -> ConnectionPool[Connection]:
    """Open a pool of autocommit connections; it starts without waiting for the server."""
    pool: ConnectionPool[Connection] = ConnectionPool(
        settings.database_url.get_secret_value(),
        kwargs={"autocommit": True} | connection_options(client, session),
        min_size=1,
        max_size=settings.database_pool_size,
        timeout=5.0,
        max_lifetime=1800,
        check=ConnectionPool.check_connection,
        open=True,
    )
    POOLS.watch(pool)
    return pool


@contextmanager
def connection_of(pool: ConnectionPool[Connection]) -> Iterator[Connection]:
    """Lend a connection, and turn an unreachable server into an `Outage`."""
    try:
        with pool.connection() as conn:
            yield conn
    except psycopg.Error as error:
        if is_outage(error):
            raise outage_of(error) from error
        raise


_OUTAGE_STATES = ("08", "57P01", "57P02", "57P03", "53100", "53200", "53300", "25006")
"""Connection lost, shutting down or starting, disk full, out of memory or of connections,
read-only. Source: PostgreSQL's appendix "Error Codes"."""
_BUSY_STATES = ("40", "55P03", "57014", "25P03")
"""Given up for others, a lock or a statement that took too long, and a process that stood still."""


def is_outage(error: psycopg.Error) -> bool:
    """Tell whether an error means that the server is away, and not that we asked wrongly."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    # Not by its class: to psycopg a read-only server is an internal error
    return error.sqlstate.startswith(_OUTAGE_STATES)


def is_busy(error: psycopg.Error) -> bool:
    """Tell whether the server did not come to it: the same may be answered when asked again."""
    return (error.sqlstate or "").startswith(_BUSY_STATES)


def outage_of(error: psycopg.Error) -> Outage:
    """Return the outage that an error means; its text names no secret."""
    first_line = next(iter(str(error).splitlines()), "no answer")
    return Outage("postgres", first_line)
