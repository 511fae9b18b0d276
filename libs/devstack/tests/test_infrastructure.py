"""The order of the roads, with real servers behind them and a stand-in for the container engine."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devstack import install
from devstack.endpoints import Endpoint, Part
from devstack.errors import InfrastructureMissingError, PartUnavailableError, StackError
from devstack.infrastructure import Infrastructure
from devstack.install import REDIS
from devstack.ports import PortBook
from devstack.supervisor import Supervisor


@dataclass
class Engine:
    """Has "containers" at the addresses it is given, or does not answer."""

    addresses: Mapping[Part, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def start(self, parts: Collection[Part]) -> list[Endpoint]:
        self.asked += sorted(parts)
        if not set(parts) <= set(self.addresses):
            raise PartUnavailableError("no engine answers")
        return [Endpoint(part, self.addresses[part], "docker") for part in parts]

    def stop(self) -> None:
        self.asked.append("stop")


@dataclass
class Roads:
    """Makes an Infrastructure and keeps what it says."""

    folder: Path
    supervisor: Supervisor
    said: list[str] = field(default_factory=list)

    def __call__(self, engine: Engine, **environ: str) -> Infrastructure:
        ports, said = PortBook(), self.said.append
        return Infrastructure(self.folder, ports, self.supervisor, engine, environ, said)


@pytest.fixture
def roads(tmp_path: Path, supervisor: Supervisor) -> Roads:
    return Roads(tmp_path, supervisor)


@pytest.fixture
def only_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where no program is installed but Redis."""
    found = REDIS.find()
    if found is None:
        pytest.skip("no redis-server here")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "redis-server").symlink_to(found)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(install, "JVMS", programs)


def test_a_part_that_is_given_is_used_and_nothing_is_started(roads: Roads, redis_url: str) -> None:
    engine = Engine()
    found = roads(engine, SLUICE_REDIS_URL=redis_url).start({"redis"})
    assert found == [Endpoint("redis", redis_url, "environment")]
    assert (engine.asked, roads.supervisor.statuses(), roads.said) == ([], [], [])


def test_a_part_that_is_given_and_silent_is_an_error_not_a_reason_to_start_one(
    roads: Roads,
) -> None:
    with pytest.raises(StackError, match="redis given in the environment fails"):
        roads(Engine(), SLUICE_REDIS_URL="redis://127.0.0.1:1/0").start({"redis"})
    assert roads.supervisor.statuses() == []


@pytest.mark.usefixtures("only_redis")
def test_where_native_is_closed_one_line_says_so_and_docker_is_taken(
    roads: Roads, kafka_bootstrap: str
) -> None:
    engine = Engine({"kafka": kafka_bootstrap})
    found = {endpoint.part: endpoint.source for endpoint in roads(engine).start({"kafka", "redis"})}
    assert found == {"kafka": "docker", "redis": "native"}
    assert engine.asked == ["kafka"]
    assert len(roads.said) == 1
    assert roads.said[0].startswith("kafka: not native (java")


@pytest.mark.usefixtures("only_redis")
def test_where_no_road_is_open_one_message_names_it_and_nothing_keeps_running(
    roads: Roads,
) -> None:
    infrastructure = roads(Engine())
    with pytest.raises(InfrastructureMissingError, match=r"missing on this machine: java"):
        infrastructure.start({"kafka", "redis"})
    assert roads.supervisor.statuses() == []
    assert [found.part for found in infrastructure.start({"redis"})] == ["redis"]


def test_docker_can_be_chosen(roads: Roads, redis_url: str) -> None:
    engine = Engine({"redis": redis_url})
    infrastructure = roads(engine, STACK="docker")
    assert [found.source for found in infrastructure.start({"redis"})] == ["docker"]
    infrastructure.stop()
    assert engine.asked == ["redis", "stop"]
    assert roads.supervisor.statuses() == []
