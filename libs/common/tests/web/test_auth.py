import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from psycopg_pool import ConnectionPool
from starlette.requests import HTTPConnection

from devstack.databases import PostgresServer
from sluice.auth.access import Right, User
from sluice.auth.tokens import ProviderSubject, TokenClaims, TokenKeeper
from sluice.clock import SystemClock
from sluice.db.migrate import migrate
from sluice.db.pool import Connection, open_pool
from sluice.settings import DatabaseSettings, TokenSettings
from sluice.web.auth import CACHE_S, Authenticator, token_of
from sluice.web.problems import Problem

KEEPER = TokenKeeper(
    TokenSettings.from_env({"SLUICE_JWT_SECRET": "a-secret-of-this-test-32-characters"})
)


class SteppedClock(SystemClock):
    def __init__(self) -> None:
        super().__init__()
        self.at_s = 0.0

    def monotonic_s(self) -> float:
        return self.at_s


@pytest.fixture
def pool(postgres_server: PostgresServer) -> Iterator[ConnectionPool[Connection]]:
    def build(url: str) -> None:
        migrate(url)

    with postgres_server.database(postgres_server.template("migrated", build)) as url:
        opened = open_pool(DatabaseSettings.from_env({"SLUICE_DATABASE_URL": url}), "test")
        yield opened
        opened.close()


def asking(header: str = "", cookie: str = "", query: str = "") -> HTTPConnection:
    headers = [(b"authorization", header.encode())] if header else []
    headers += [(b"cookie", f"sluice_token={cookie}".encode())] if cookie else []
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": headers,
        "query_string": query.encode(),
    }
    return HTTPConnection(scope)


def add_user(pool: ConnectionPool[Connection], name: str, role: str = "user") -> User:
    sql = "INSERT INTO sluice.users (username, role) VALUES (%s, %s) RETURNING user_id"
    with pool.connection() as conn:
        row = conn.execute(sql, [name, role]).fetchone()
    assert row is not None
    return User(user_id=row[0], username=name, role=role)


def add_job(pool: ConnectionPool[Connection], owner: User) -> UUID:
    job_id = uuid4()
    sql = """INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,
                file_name, file_url, file_size_bytes, file_sha256)
             VALUES (%s, %s, 'records', '{}', 'insert', '{}', 'a.xlsx', 'file:///a', 1, '')"""
    with pool.connection() as conn:
        conn.execute(sql, [job_id, owner.user_id])
    return job_id


def token_for(user_id: UUID) -> str:
    return KEEPER.issue(user_id, "anna", datetime.now(UTC))[0]  # noqa: TID251 - checked by a real clock


@pytest.mark.parametrize(
    ("request_", "token"),
    [
        (asking(header="Bearer abc", cookie="no", query="token=no"), ("abc", "header")),
        (asking(header="bearer abc"), ("abc", "header")),
        (asking(header="Basic abc", cookie="def"), ("def", "cookie")),
        (asking(cookie="def", query="token=no"), ("def", "cookie")),
        (asking(query="token=ghi"), ("ghi", "query")),
        (asking(), None),
        (asking(header="Bearer "), None),
    ],
)
def test_a_token_comes_from_the_header_the_cookie_or_the_address(
    request_: HTTPConnection, token: tuple[str, str] | None
) -> None:
    assert token_of(request_) == token


def test_a_token_in_the_address_can_be_switched_off() -> None:
    assert token_of(asking(query="token=ghi"), in_query=False) is None


def test_a_known_user_is_found_and_a_disabled_one_refused_soon(
    pool: ConnectionPool[Connection],
) -> None:
    clock = SteppedClock()
    authenticator = Authenticator(pool, KEEPER, clock)
    anna = add_user(pool, "anna")
    request = asking(header=f"Bearer {token_for(anna.user_id)}")
    assert asyncio.run(authenticator.user_of(request)) == anna
    with pool.connection() as conn:
        conn.execute("UPDATE sluice.users SET disabled = true")
    assert asyncio.run(authenticator.user_of(request)) == anna, "from the cache"
    clock.at_s += CACHE_S
    with pytest.raises(Problem) as refused:
        asyncio.run(authenticator.user_of(request))
    assert (refused.value.status, refused.value.code) == (401, "USER_UNKNOWN")


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (asking(), "TOKEN_MISSING"),
        (asking(header="Bearer abc"), "TOKEN_INVALID"),
        (asking(header=f"Bearer {token_for(uuid4())}"), "USER_UNKNOWN"),
    ],
)
def test_who_is_not_known_is_told_how_to_sign_in(
    pool: ConnectionPool[Connection], request_: HTTPConnection, code: str
) -> None:
    with pytest.raises(Problem) as refused:
        asyncio.run(Authenticator(pool, KEEPER, SystemClock()).user_of(request_))
    assert (refused.value.status, refused.value.code) == (401, code)
    assert refused.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_rights_decide_between_404_403_and_go_on(pool: ConnectionPool[Connection]) -> None:
    authenticator = Authenticator(pool, KEEPER, SystemClock())
    anna, bert = add_user(pool, "anna"), add_user(pool, "bert")
    operator = add_user(pool, "olga", "operator")
    job_id = add_job(pool, anna)

    def right(user: User, job: UUID, at_least: Right) -> Right | int:
        try:
            return asyncio.run(authenticator.require_right(user, job, at_least))
        except Problem as problem:
            return problem.status

    assert right(anna, job_id, Right.OWN) is Right.OWN
    assert right(operator, job_id, Right.VIEW) is Right.VIEW
    assert right(operator, job_id, Right.CONTROL) == 403
    assert right(bert, job_id, Right.VIEW) == 403
    assert right(anna, uuid4(), Right.VIEW) == 404


def test_who_signed_out_is_refused_everywhere_soon(pool: ConnectionPool[Connection]) -> None:
    clock = SteppedClock()
    here, elsewhere = (Authenticator(pool, KEEPER, clock) for _ in range(2))
    anna = add_user(pool, "anna")
    request = asking(header=f"Bearer {token_for(anna.user_id)}")
    for authenticator in (here, elsewhere):
        asyncio.run(authenticator.user_of(request))
    asyncio.run(here.sign_out(request))
    for authenticator in (here, elsewhere):
        clock.at_s += CACHE_S
        with pytest.raises(Problem) as refused:
            asyncio.run(authenticator.user_of(request))
        assert refused.value.code == "USER_UNKNOWN"
    other = asking(header=f"Bearer {KEEPER.issue(anna.user_id, 'a', later())[0]}")
    assert asyncio.run(here.user_of(other)) == anna, "another token of theirs is as good as before"


def later() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=5)  # noqa: TID251 - checked by a real clock


def test_a_new_generation_ends_all_tokens_before_it(pool: ConnectionPool[Connection]) -> None:
    anna = add_user(pool, "anna")
    request = asking(header=f"Bearer {token_for(anna.user_id)}")
    with pool.connection() as conn:
        conn.execute("UPDATE sluice.users SET token_generation = 1")
    with pytest.raises(Problem):
        asyncio.run(Authenticator(pool, KEEPER, SystemClock()).user_of(request))


def test_a_cookie_alone_changes_nothing_for_a_foreign_page(
    pool: ConnectionPool[Connection],
) -> None:
    anna = add_user(pool, "anna")
    token = token_for(anna.user_id)
    request = asking(cookie=token)
    request.scope["method"] = "POST"
    request.scope["headers"].append((b"sec-fetch-site", b"cross-site"))
    authenticator = Authenticator(pool, KEEPER, SystemClock())
    with pytest.raises(Problem) as refused:
        asyncio.run(authenticator.user_of(request))
    assert refused.value.code == "FOREIGN_ORIGIN"
    with_header = asking(header=f"Bearer {token}")
    with_header.scope.update(method="POST")
    assert asyncio.run(authenticator.user_of(with_header)) == anna


def test_a_providers_user_is_recorded_at_first_sight_and_takes_nobodys_name(
    pool: ConnectionPool[Connection],
) -> None:
    anna = add_user(pool, "anna")
    provided = ProviderSubject(issuer="https://idp.test", subject="42", name="anna")
    keeper = StubKeeper(provided)
    found = asyncio.run(
        Authenticator(pool, keeper, SystemClock()).user_of(asking(header="Bearer x"))  # type: ignore[arg-type]  # a stub
    )
    assert (found.username, found.role) == ("anna (42)", "user")
    assert found.user_id != anna.user_id
    again = asyncio.run(
        Authenticator(pool, keeper, SystemClock()).user_of(asking(header="Bearer y"))  # type: ignore[arg-type]  # a stub
    )
    assert again == found


class StubKeeper:
    """Takes every token for one of a provider's user."""

    def __init__(self, provided: ProviderSubject) -> None:
        self._provided = provided

    def verify(self, _token: str) -> TokenClaims:
        return TokenClaims(
            user_id=None, provided=self._provided, username="anna", expires_at=later()
        )
