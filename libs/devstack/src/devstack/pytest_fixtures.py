"""Pytest plugin: real servers for a test run, started only when a test needs them.

Name it once, in the root `conftest.py`: `pytest_plugins = ["devstack.pytest_fixtures"]`.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis

from devstack.databases import PostgresServer
from devstack.docker_compose import engine_failure
from devstack.endpoints import PARTS, VARIABLES, Part
from devstack.errors import InfrastructureMissingError, StackError
from devstack.install import missing_programs
from devstack.locations import project_root
from devstack.s3_server import S3Server
from devstack.services import SluiceOptions
from devstack.stack import Stack

MARKERS = {
    "postgres_server": "postgres",
    "kafka_bootstrap": "broker",
    "redis_url": "redis",
    "s3": "s3",
    "stack": "stack",
    "container_engine": "docker",
}
_PARTS_OF_FIXTURE: dict[str, tuple[Part, ...]] = {
    "postgres_server": ("postgres",),
    "kafka_bootstrap": ("kafka",),
    "redis_url": ("redis",),
}
_DATABASE_OF_ONE_TEST = 15
"""The last of those that Redis has unless told otherwise."""
_NEEDED = pytest.StashKey[set[Part]]()


class Infra:
    """The servers of this test run. The first request starts all that the run's tests need."""

    def __init__(self, needed: set[Part], resources: ExitStack) -> None:
        self._needed = needed
        self._resources = resources
        self._stack: Stack | None = None
        self._failures: dict[Part, StackError] = {}

    def address(self, part: Part) -> str:
        """The address of a part, started now unless it was.

        Skips the test when this machine has no such server, or fails it when CI or
        REQUIRE_INFRA is set; fails when the server is there and does not start.
        """
        return self.with_parts(part).endpoints.address(part)

    def with_parts(self, *parts: Part) -> Stack:
        """The run's stack with these parts, for tests that stop or kill one of them.

        Such a test leaves the part running again.
        """
        if self._stack is None:
            name = f"test-{os.getpid()}"
            self._stack = self._resources.enter_context(Stack.ephemeral(name, parts=()))
            with suppress(StackError):  # told below, to those tests that need what is missing
                self._stack.ensure(sorted(self._needed))
        for part in parts:
            self._ensure(self._stack, part)
        return self._stack

    def own_stack(self) -> Stack:
        """A stack with all parts that no other test has to do with.

        Services that go on running read their topics, and so would take what other tests produce.
        """
        name = f"test-{os.getpid()}-stack"
        stack = self._resources.enter_context(Stack.ephemeral(name, parts=()))
        with suppress(StackError):  # as above
            stack.ensure(PARTS)
        for part in PARTS:
            self._ensure(stack, part)
        return stack

    def _ensure(self, stack: Stack, part: Part) -> None:
        if part not in self._failures:
            try:
                stack.ensure([part])
            except StackError as error:
                self._failures[part] = error
        if (failure := self._failures.get(part)) is not None:
            unavailable(failure)


def unavailable(why: StackError) -> None:
    """Skip on a laptop that lacks a server; fail where servers are promised, or are broken."""
    promised = os.environ.get("CI") or os.environ.get("REQUIRE_INFRA")
    if promised or not isinstance(why, InfrastructureMissingError):
        pytest.fail(f"infrastructure is required here, and missing: {why}", pytrace=False)
    pytest.skip(str(why))


@pytest.fixture(scope="session")
def infra(request: pytest.FixtureRequest) -> Iterator[Infra]:
    """The run's servers; ends them with the session."""
    with ExitStack() as resources:
        yield Infra(request.session.stash.get(_NEEDED, set()), resources)


@pytest.fixture(scope="session")
def postgres_server(infra: Infra) -> Iterator[PostgresServer]:
    """A PostgreSQL on which a test creates databases of its own."""
    server = PostgresServer(infra.address("postgres"))
    yield server
    server.close()


@pytest.fixture
def empty_database(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database that only this test uses."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def kafka_bootstrap(infra: Infra) -> str:
    """The broker's `host:port`; topics are the test's to create (and to name uniquely)."""
    return infra.address("kafka")


@pytest.fixture(scope="session")
def redis_url(infra: Infra) -> str:
    """The URL of a Redis that all tests of the run share: prefix keys, or flush."""
    return infra.address("redis")


@pytest.fixture
def empty_redis_url(infra: Infra, redis_url: str) -> Iterator[str]:
    """The URL of an empty database of that Redis, for a test that counts all that is there.

    Skips the test where Redis is given: its database is somebody's, and one for all workers.
    What the run's other tests leave is in another one: processes that were killed are remembered
    for a day. Channels are one for all databases.
    """
    if infra.with_parts("redis").endpoints.by_part["redis"].source == "environment":
        pytest.skip(f"would empty database {_DATABASE_OF_ONE_TEST} of the Redis that is given")
    url = urlsplit(redis_url)._replace(path=f"/{_DATABASE_OF_ONE_TEST}").geturl()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture(scope="session")
def s3(infra: Infra) -> S3Server:
    """A server of the S3 API that all tests of the run share: take a prefix of your own."""
    return infra.with_parts().start_s3()


@pytest.fixture(scope="session")
def stack(infra: Infra) -> Stack:
    """The whole of Sluice: schema, topics and all services, on servers of their own.

    Its target files are copies in `targets` of its folder, so that tests may add some; every span
    of it is in `traces.jsonl` beside them.
    """
    running = infra.own_stack()
    targets = running.folder / "targets"
    shutil.copytree(project_root() / "targets", targets)
    env = {
        "SLUICE_TARGETS_DIR": str(targets),
        "SLUICE_TRACES": (running.folder / "traces.jsonl").as_uri(),
        "SLUICE_TRACES_CHUNK_RATIO": "1",
    }
    running.start_sluice(SluiceOptions(env=env))
    return running


@pytest.fixture(scope="session")
def container_engine() -> None:
    """Skips the test, with the reason, when no container engine answers."""
    if (why := engine_failure()) is not None:
        pytest.skip(f"needs a container engine: {why}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by the fixtures it uses, before `-m` chooses among them."""
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if name in MARKERS:
                item.add_marker(MARKERS[name])


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which parts the chosen tests need, so that they start together."""
    used: set[str] = set()
    for item in session.items:
        used.update(getattr(item, "fixturenames", ()))
    session.stash[_NEEDED] = {part for name in used for part in _PARTS_OF_FIXTURE.get(name, ())}


def pytest_report_header(config: Any) -> list[str]:
    del config
    return ["infrastructure: " + ", ".join(f"{part} {planned_source(part)}" for part in PARTS)]


def planned_source(part: Part) -> str:
    """Which road a part would take, as far as can be said without starting it."""
    if os.environ.get(VARIABLES[part]):
        return f"from {VARIABLES[part]}"
    if os.environ.get("STACK") == "docker":
        return "in Docker"
    missing = [program.name for program in missing_programs([part])]
    return f"not native (no {', no '.join(missing)})" if missing else "native"
