"""`up`, `down` and `status` with a real daemon in its own process."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devstack.daemon import StackPlan
from devstack.errors import StackError
from devstack.lifecycle import down, status, up
from devstack.locations import stack_folder
from devstack.process import ProcessIdentity
from devstack.pytest_fixtures import Infra
from devstack.remote import AttachedStack
from devstack.state import read_state
from devstack.strays import recorded

Eventually = Callable[[Callable[[], object]], None]

NAME = "test-daemon"
PLAN = StackPlan(name=NAME, parts=("redis",), with_services=False)


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, infra: Infra) -> Iterator[list[str]]:
    """A place for stacks of this test alone; what `up` says is collected here."""
    infra.with_parts("redis")  # skips where there is no Redis
    for variable in ("SLUICE_KAFKA_BOOTSTRAP", "SLUICE_DATABASE_URL", "SLUICE_REDIS_URL", "STACK"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("SLUICE_STACKS", str(tmp_path / "stacks"))
    yield []
    down(NAME, delete=True)


def everyone() -> list[ProcessIdentity]:
    state = read_state(stack_folder(NAME))
    supervisor = ProcessIdentity(state["supervisor"]["pid"], state["supervisor"]["started"])
    return [supervisor, *recorded(state)]


def test_up_starts_status_tells_and_down_ends_everything(said: list[str]) -> None:
    assert status(NAME)["phase"] == "down"
    found = up(PLAN, said.append)
    assert found == status(NAME) | {"processes": found["processes"]}
    assert (found["phase"], found["partsReady"]) == ("ready", {"redis": True})
    assert not {"control", "plan"} & set(found)
    assert list(found["ports"]) == PLAN.port_names
    assert said == [f"the stack {NAME} is up"]
    processes = everyone()
    down(NAME)
    assert len(processes) == 2
    assert not any(process.is_alive() for process in processes)
    assert status(NAME)["phase"] == "down"


def test_a_second_up_leaves_the_stack_as_it_is(said: list[str]) -> None:
    up(PLAN, said.append)
    before = everyone()
    up(PLAN, said.append)
    assert everyone() == before
    assert said == [f"the stack {NAME} is up"]


def test_a_second_up_that_asks_for_another_stack_is_told_that_it_stays(said: list[str]) -> None:
    up(PLAN, said.append)
    before = everyone()
    up(replace(PLAN, writers=3), said.append)
    assert everyone() == before
    [_, told] = said
    assert "is up already, with other writers than asked for" in told
    assert f"`sluice down --name {NAME}`" in told


@pytest.mark.parametrize(
    ("plan", "name"),
    [(StackPlan(), "nope"), (StackPlan(), "uploadApi"), (StackPlan(), "s3"),
     (StackPlan(with_services=False), "gateway"), (StackPlan(writers=2), "writer-metrics-3")],
)  # fmt: skip
def test_a_port_that_the_stack_does_not_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plan: StackPlan, name: str
) -> None:
    monkeypatch.setenv("SLUICE_STACKS", str(tmp_path / "stacks"))
    with pytest.raises(StackError, match=rf"no port {name}; there are: kafka, kafka-controller,"):
        up(replace(plan, name=NAME, ports={name: 20_001}))
    assert not stack_folder(NAME).exists()


def test_the_same_ports_and_login_serve_again_after_down(said: list[str]) -> None:
    first = up(PLAN, said.append)
    down(NAME)
    assert up(PLAN, said.append)["redis"] == first["redis"]


def test_all_ends_when_the_supervisor_is_killed_and_up_starts_anew(
    said: list[str], eventually: Eventually
) -> None:
    up(PLAN, said.append)
    before = everyone()
    before[0].signal(signal.SIGKILL)
    eventually(lambda: not any(process.is_alive() for process in before))
    assert status(NAME)["phase"] == "down"
    assert up(PLAN, said.append)["phase"] == "ready"
    assert not set(before) & set(everyone())


def test_a_running_stack_takes_requests_from_other_processes(said: list[str]) -> None:
    up(PLAN, said.append)
    stack = AttachedStack(NAME)
    before = stack.processes()[0]
    stack.kill("redis", signal.SIGKILL)
    stack.wait_ready("redis")
    after = stack.processes()[0]
    assert (after.restarts, after.pid != before.pid) == (1, True)
    stack.stop("redis")
    assert stack.status()["partsReady"] == {"redis": False}
    stack.start("redis")
    assert stack.status()["partsReady"] == {"redis": True}
    with pytest.raises(StackError, match="no writer here; there are: redis"):
        stack.restart("writer")


def test_a_stack_that_cannot_start_says_why_and_leaves_nothing_running(said: list[str]) -> None:
    up(PLAN, said.append)
    taken = status(NAME)["ports"]["redis"]
    other = StackPlan(
        name="test-other", parts=("redis",), with_services=False, ports={"redis": taken}
    )
    with pytest.raises(StackError, match=f"test-other is not up: port {taken}, asked for redis"):
        up(other, said.append)
    assert status("test-other")["phase"] == "failed"
    assert read_state(stack_folder("test-other"))["processes"] == []
    down("test-other", delete=True)


def test_who_does_not_know_the_token_is_not_heard(said: list[str]) -> None:
    up(PLAN, said.append)
    stack = AttachedStack(NAME)
    stack._control["token"] = "guessed"
    with pytest.raises(StackError, match="does not answer"):
        stack.stop("redis")
    assert status(NAME)["partsReady"] == {"redis": True}


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_STACKS", str(tmp_path / "stacks"))
    stack_folder(NAME).mkdir(parents=True)
    (stack_folder(NAME) / "logs").touch()  # a file where a folder must be, also for root
    with pytest.raises(StackError, match=r"stacks/test-daemon cannot be written \(.*SLUICE_STACKS"):
        up(PLAN)


def test_a_python_that_cannot_be_run_is_not_told_as_the_folder_s_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_STACKS", str(tmp_path / "stacks"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(StackError, match=r"python cannot be run \(No such file"):
        up(PLAN)


def test_down_without_a_stack_is_nothing(said: list[str]) -> None:
    down("test-never")
    assert not stack_folder("test-never").exists()
    with pytest.raises(StackError, match="test-never is not up"):
        AttachedStack("test-never")
