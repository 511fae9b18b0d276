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


def test_the_url_of_a_database_keeps_the_options_of_the_server() -> None:
    server = PostgresServer("postgresql://u:p@h:5/main?sslmode=disable")
    assert server.url_of("other") == "postgresql://u:p@h:5/other?sslmode=disable"
