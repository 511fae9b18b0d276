import psycopg
import pytest

from devstack.databases import PostgresServer


def test_a_template_is_built_once_and_each_clone_is_alone(postgres_server: PostgresServer) -> None:
    built: list[str] = []

    def build(url: str) -> None:
        built.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (number int)")

    for _ in range(2):
        template = postgres_server.template("test_databases", build)
        with postgres_server.database(template) as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
            connection.execute("INSERT INTO kept VALUES (1)")
    assert len(built) == 1


def test_a_database_is_dropped_although_a_session_is_left_in_it(
    postgres_server: PostgresServer,
) -> None:
    url = postgres_server.create_database()
    left = psycopg.connect(url)
    postgres_server.drop_database(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)
    left.close()


def databases_of(server: PostgresServer) -> set[str]:
    with psycopg.connect(server.url) as connection:
        return {
            url
            for (name,) in connection.execute("SELECT datname FROM pg_database")
            for url in [server.url_of(name)]
        }


def test_a_closed_database_lets_nobody_in_and_is_dropped_with_others(
    postgres_server: PostgresServer,
) -> None:
    server = PostgresServer(postgres_server.url)
    with server.database() as first:
        left = psycopg.connect(first)
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(first)
    left.close()
    assert first in databases_of(server)
    server.close()
    assert first not in databases_of(server)


def test_closed_databases_do_not_pile_up(postgres_server: PostgresServer) -> None:
    server = PostgresServer(postgres_server.url, closed_kept=2)
    closed = []
    for _ in range(2):
        with server.database() as url:
            closed.append(url)
    assert not databases_of(server) & set(closed)


def test_closed_databases_that_hold_much_of_the_disk_are_dropped_sooner(
    postgres_server: PostgresServer,
) -> None:
    server = PostgresServer(postgres_server.url, closed_bytes=1)
    with server.database() as url:
        pass
    assert url not in databases_of(server)


def test_the_url_of_a_database_keeps_the_options_of_the_server() -> None:
    server = PostgresServer("postgresql://u:p@h:5/main?sslmode=disable")
    assert server.url_of("other") == "postgresql://u:p@h:5/other?sslmode=disable"
