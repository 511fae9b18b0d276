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


def state_of(database: str) -> tuple[object, ...] | None:
    sql = "SELECT role, disabled, token_generation, password_hash FROM sluice.users"
    with psycopg.connect(database) as conn:
        return conn.execute(sql).fetchone()


def test_a_user_is_looked_after_and_every_change_ends_their_tokens(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLUICE_NEW_PASSWORD", "correct horse")
    assert run(["user", "add", "anna"]) == 0
    assert run(["user", "set-role", "anna", "admin"]) == 0
    assert run(["user", "disable", "anna"]) == 0
    assert run(["token", "anna"]) == 2
    capsys.readouterr()
    assert run(["user", "list"]) == 0
    told = capsys.readouterr().out.splitlines()[1].split()
    assert told[:4] == ["anna", "admin", "disabled", "password"]
    assert run(["user", "enable", "anna"]) == 0
    monkeypatch.setenv("SLUICE_NEW_PASSWORD", "battery staple")
    assert run(["user", "set-password", "anna"]) == 0
    role, disabled, generation, password_hash = state_of(database) or (None,) * 4
    assert (role, disabled, generation) == ("admin", False, 3)
    assert PasswordHasher().verify(str(password_hash), "battery staple")
    capsys.readouterr()
    assert run(["token", "anna"]) == 0
    keeper = TokenKeeper(TokenSettings.from_env(SECRET))
    assert keeper.verify(capsys.readouterr().out.strip()).generation == 3


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "command", [["disable"], ["enable"], ["set-role", "admin"], ["set-password"]], ids=str
)
def test_nobody_is_changed_by_a_wrong_name(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLUICE_NEW_PASSWORD", "correct horse")
    verb, *values = command
    assert run(["user", verb, "nobody", *values]) == 2
    assert "there is no user 'nobody'" in capsys.readouterr().err


def test_without_a_secret_tokens_come_from_the_provider(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLUICE_JWT_SECRET")
    monkeypatch.setenv("SLUICE_JWKS_URL", "https://idp.test/keys")
    monkeypatch.setenv("SLUICE_JWKS_ISSUER", "https://idp.test")
    monkeypatch.setenv("SLUICE_JWKS_AUDIENCE", "sluice")
    assert run(["token", "anna"]) == 2
    assert "identity provider" in capsys.readouterr().err
