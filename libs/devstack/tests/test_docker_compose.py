"""What the compose file is asked for; `docker` is a script that notes it."""

import os
from pathlib import Path

import pytest

from devstack.docker_compose import ComposeRoad
from devstack.errors import PartUnavailableError
from devstack.ports import PortBook

_DOCKER = """#!/bin/sh
[ "$1" = version ] && exit 0
echo "$@" >> "$NOTES"
echo "$SLUICE_KAFKA_PORT $SLUICE_POSTGRES_PORT $SLUICE_POSTGRES_PASSWORD" >> "$NOTES"
[ -z "$FAILS" ] || { echo "no space left" >&2; exit 1; }
"""


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    docker = tmp_path / "docker"
    docker.write_text(_DOCKER)
    docker.chmod(0o755)
    (tmp_path / "docker-compose.yml").touch()
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))
    monkeypatch.setenv("SLUICE_PROJECT_ROOT", str(tmp_path))
    return tmp_path / "notes"


def test_parts_come_up_on_ports_of_this_stack(notes: Path) -> None:
    ports = PortBook()
    found = ComposeRoad("demo", ports, "s3cret").start({"kafka", "postgres"})
    kafka, postgres = ports.port("kafka"), ports.port("postgres")
    assert [endpoint.address for endpoint in found] == [
        f"127.0.0.1:{kafka}",
        f"postgresql://sluice:s3cret@127.0.0.1:{postgres}/sluice",
    ]
    file = notes.parent / "docker-compose.yml"
    assert notes.read_text().splitlines() == [
        f"compose -p sluice-demo -f {file} up -d kafka postgres",
        f"{kafka} {postgres} s3cret",
    ]


def test_a_failure_closes_the_road_with_what_docker_said(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILS", "1")
    with pytest.raises(PartUnavailableError, match="no space left"):
        ComposeRoad("demo", PortBook(), "s3cret").start({"redis"})


def test_without_the_file_the_road_is_closed(notes: Path) -> None:
    (notes.parent / "docker-compose.yml").unlink()
    with pytest.raises(PartUnavailableError, match=r"docker-compose\.yml is not there"):
        ComposeRoad("demo", PortBook(), "s3cret").start({"redis"})


def test_the_data_stays_when_the_containers_end(notes: Path) -> None:
    ComposeRoad("demo", PortBook(), "s3cret").stop()
    assert " down --timeout 15" in notes.read_text()
    assert "-v" not in notes.read_text().split()
