"""A stack on the run's real servers: what tests do to a part, and what is left after the end."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from devstack.errors import StackError
from devstack.locations import stack_folder, stacks_folder
from devstack.ports import is_free
from devstack.process import ProcessIdentity
from devstack.pytest_fixtures import Infra
from devstack.service_spec import ServiceSpec
from devstack.stack import Stack
from devstack.state import read_state

Eventually = Callable[[Callable[[], object]], None]
MakeScript = Callable[..., ServiceSpec]

_OWNS_A_STACK = """
import sys, time
from devstack.stack import Stack
with Stack.ephemeral(sys.argv[1], parts={"redis"}) as stack:
    print(stack.processes()[0].pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def own_stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stacks of this test alone, away from those of the project."""
    for variable in ("SLUICE_KAFKA_BOOTSTRAP", "SLUICE_DATABASE_URL", "SLUICE_REDIS_URL", "STACK"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SLUICE_STACKS", str(tmp_path / "stacks"))
    return tmp_path / "stacks"


def test_two_stacks_live_side_by_side_and_leave_nothing(own_stacks: Path, infra: Infra) -> None:
    infra.with_parts("redis")  # skips where there is no Redis
    with (
        Stack.ephemeral("test-one", parts={"redis"}) as one,
        Stack.ephemeral("test-two", parts={"redis"}) as two,
    ):
        assert one.redis_url != two.redis_url
        assert one.status()["partsReady"] == two.status()["partsReady"] == {"redis": True}
        pids = [each.identity for each in (*one.processes(), *two.processes())]
        ports = [*one.ports.given.values(), *two.ports.given.values()]
    assert len(pids) == 2
    assert not any(identity and identity.is_alive() for identity in pids)
    assert all(is_free(port) for port in ports)
    assert list(own_stacks.iterdir()) == []


def test_a_name_that_is_up_cannot_be_taken_again(own_stacks: Path) -> None:
    with (
        Stack.ephemeral("test-one", parts=()),
        pytest.raises(StackError, match="test-one is up already"),
        Stack.ephemeral("test-one", parts=()),
    ):
        pass


def test_services_may_be_made_from_what_the_stack_has(
    own_stacks: Path, script: MakeScript, infra: Infra
) -> None:
    infra.with_parts("redis")
    code = (
        "import os, pathlib, sys, time\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "(folder / 'seen').write_text(os.environ['SLUICE_REDIS_URL'])\n"
        "(folder / sys.argv[2]).touch()\n"
        "time.sleep(600)\n"
    )

    def services(stack: Stack) -> list[ServiceSpec]:
        return [script("reader", code, env=stack.endpoints.environment())]

    with Stack.ephemeral("test-one", parts={"redis"}, services=services) as stack:
        assert (own_stacks.parent / "seen").read_text() == stack.redis_url


def test_the_state_can_be_read_by_its_owner_alone(own_stacks: Path) -> None:
    with Stack.ephemeral("test-one", parts=()) as stack:
        stack.write_state()
        mode = (stack.folder / "state.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_what_a_killed_test_run_left_is_removed_by_the_next(
    own_stacks: Path, infra: Infra, eventually: Eventually
) -> None:
    infra.with_parts("redis")
    argv = [sys.executable, "-c", _OWNS_A_STACK, "test-dead"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        redis = ProcessIdentity.of(int(run.stdout.readline()))
        run.kill()
    assert redis is not None
    assert stack_folder("test-dead").exists()
    with Stack.ephemeral("test-next", parts=()):
        assert [folder.name for folder in stacks_folder().iterdir()] == ["test-next"]
        assert not redis.is_alive()


def test_a_full_disk_is_told_before_anything_starts(
    own_stacks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_LEAST_FREE_MIB", "999999999")
    with (
        pytest.raises(StackError, match="make room"),
        Stack.ephemeral("test-one", parts=()),
    ):
        pass


@pytest.mark.usefixtures("postgres_server")
def test_a_database_starts_also_where_its_account_cannot_reach_the_folder(
    own_stacks: Path, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("PostgreSQL runs as ourselves here")
    tmp_path.chmod(0o700)
    with Stack.ephemeral("test-one", parts={"postgres"}) as stack:
        home = Path((stack.folder / "postgres.home").read_text())
        assert (home / "data" / "PG_VERSION").exists()
        assert stack.status()["partsReady"] == {"postgres": True}
    assert not home.exists()


@pytest.mark.usefixtures("postgres_server")
def test_a_killed_database_comes_back_with_its_data(infra: Infra) -> None:
    stack = infra.with_parts("postgres")
    if stack.endpoints.by_part["postgres"].source != "native":
        pytest.skip("only a database of our own may be killed")
    with psycopg.connect(stack.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    stack.kill("postgres", signal.SIGKILL)
    stack.wait_ready("postgres")
    with psycopg.connect(stack.database_url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        connection.execute("DROP TABLE kept")


@pytest.mark.usefixtures("postgres_server")
def test_a_paused_database_answers_again_when_it_is_resumed(infra: Infra) -> None:
    stack = infra.with_parts("postgres")
    if stack.endpoints.by_part["postgres"].source != "native":
        pytest.skip("only a database of our own may be paused")
    with psycopg.connect(stack.database_url) as connection:
        stack.pause("postgres")
        assert not stack.status()["partsReady"]["postgres"]
        stack.resume("postgres")
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert state_of(stack)["phase"] == "ready"


def state_of(stack: Stack) -> dict[str, object]:
    return read_state(stack.folder)
