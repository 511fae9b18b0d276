from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from devstack.databases import PostgresServer
from sluice.db.pool import connection_of, is_busy, is_outage, open_pool
from sluice.errors import Outage
from sluice.settings import DatabaseSettings


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database() as url:
        yield url


def test_a_server_that_only_reads_is_an_outage(database_url: str) -> None:
    """As a standby is, which a failover leaves us connected with."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        name = sql.Identifier(conn.info.dbname)
        conn.execute("CREATE TABLE numbers (n int)")
        conn.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name)
        )
    pool = open_pool(DatabaseSettings.from_env({"SLUICE_DATABASE_URL": database_url}), "test")
    try:
        with pytest.raises(Outage, match="read-only"), connection_of(pool) as conn:
            conn.execute("INSERT INTO numbers VALUES (1)")
    finally:
        pool.close()


@pytest.mark.parametrize(
    ("error", "away", "busy"),
    [
        (psycopg.OperationalError("no route"), True, False),
        (psycopg.errors.AdminShutdown(), True, False),
        (psycopg.errors.ReadOnlySqlTransaction(), True, False),
        (psycopg.errors.LockNotAvailable(), False, True),
        (psycopg.errors.QueryCanceled(), False, True),
        (psycopg.errors.IdleInTransactionSessionTimeout(), False, True),
        (psycopg.errors.SerializationFailure(), False, True),
        (psycopg.errors.UndefinedTable(), False, False),
        (psycopg.ProgrammingError("no sqlstate"), False, False),
    ],
)
def test_an_error_says_whether_the_server_is_away_or_busy(
    error: psycopg.Error, away: bool, busy: bool
) -> None:
    assert (is_outage(error), is_busy(error)) == (away, busy)
