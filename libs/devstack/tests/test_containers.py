"""The road through Docker: proven wherever a container engine answers."""

import pytest

from devstack import probes
from devstack.containers import ContainerRoad
from devstack.docker_compose import engine_failure
from devstack.endpoints import PARTS
from devstack.errors import PartUnavailableError


@pytest.mark.usefixtures("container_engine")
def test_kafka_postgres_and_redis_start_from_testcontainers() -> None:
    road = ContainerRoad()
    try:
        found = road.start(PARTS)
        assert {endpoint.part for endpoint in found} == set(PARTS)
        assert [probes.failure(endpoint.probe, 10) for endpoint in found] == [None] * len(PARTS)
    finally:
        road.stop()


def test_without_an_engine_the_road_is_closed_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert engine_failure() == "docker is not installed"
    with pytest.raises(PartUnavailableError, match="docker is not installed"):
        ContainerRoad().start({"redis"})
