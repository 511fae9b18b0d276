from collections.abc import Iterator

import psycopg
import pytest
from argon2 import PasswordHasher

from cli.__main__ import run
from devstack.databases import PostgresServer
from sluice.auth.tokens import TokenKeeper
from sluice.db.migrate import migrate
from sluice.settings import TokenSettings

SECRET = {"SLUICE_JWT_SECRET": "a-secret-of-this-test-32-characters"}


@pytest.fixture
def database(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    def build(url: str) -> None:
        migrate(url)

    with postgres_server.database(postgres_server.template("migrated", build)) as url:
        monkeypatch.setenv("SLUICE_DATABASE_URL", url)
        monkeypatch.setenv("SLUICE_JWT_SECRET", SECRET["SLUICE_JWT_SECRET"])
        yield url


def test_a_user_is_added_with_a_password_from_the_environment(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_NEW_PASSWORD", "correct horse")
    assert run(["user", "add", "olga", "--role", "operator"]) == 0
    with psycopg.connect(database) as conn:
        row = conn.execute("SELECT username, role, password_hash FROM sluice.users").fetchone()
    assert row is not None
    assert row[:2] == ("olga", "operator")
    assert PasswordHasher().verify(row[2], "correct horse")


@pytest.mark.usefixtures("database")
def test_a_token_is_printed_for_a_known_user_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLUICE_NEW_PASSWORD", "correct horse")
    assert run(["user", "add", "anna"]) == 0
    capsys.readouterr()
    assert run(["token", "anna"]) == 0
    keeper = TokenKeeper(TokenSettings.from_env(SECRET))
    assert keeper.verify(capsys.readouterr().out.strip()).username == "anna"
    assert run(["token", "nobody"]) == 2


@pytest.mark.usefixtures("database")
def test_a_short_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_NEW_PASSWORD", "short")
    assert run(["user", "add", "anna"]) == 2
