"""Kafka, PostgreSQL and Redis from the project's compose file, for the demo."""

import os
import shutil
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

from devstack.endpoints import Endpoint, Part
from devstack.errors import PartUnavailableError
from devstack.locations import project_root
from devstack.native_postgres import DATABASE, USER
from devstack.ports import PortBook

_UP_WITHIN_S = 600


def engine_failure() -> str | None:
    """None when a container engine answers, else why not."""
    docker = shutil.which("docker")
    if docker is None:
        return "docker is not installed"
    try:
        asked = subprocess.run(  # noqa: S603 - fixed argv
            [docker, "version", "--format", "{{.Server.Version}}"],
            capture_output=True, text=True, check=False, timeout=20,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "the Docker engine does not answer within 20 s"
    if asked.returncode:
        return f"no Docker engine answers ({asked.stderr.strip().splitlines()[-1:]})"
    return None


class ComposeRoad:
    """The compose project of one stack; its ports and password come from our environment."""

    def __init__(self, name: str, ports: PortBook, password: str) -> None:
        self._project = f"sluice-{name}"
        self._ports = ports
        self._password = password

    def start(self, parts: Collection[Part]) -> list[Endpoint]:
        """Bring up these services of the compose file.

        Raises:
            PartUnavailableError: no engine, no compose file, or `docker compose up` failed.
        """
        if (why := engine_failure()) is not None:
            raise PartUnavailableError(why)
        file = project_root() / "docker-compose.yml"
        if not file.exists():
            raise PartUnavailableError(f"{file} is not there")
        done = self._compose(file, ["up", "-d", *sorted(parts)])
        if done.returncode:
            raise PartUnavailableError(f"docker compose up failed: {done.stderr.strip()[-500:]}")
        return [Endpoint(part, self._address(part), "docker") for part in sorted(parts)]

    def stop(self) -> None:
        """End the containers; the data in named volumes stays for the next `up`."""
        file = project_root() / "docker-compose.yml"
        if file.exists() and shutil.which("docker"):
            self._compose(file, ["down", "--timeout", "15"])

    def _compose(self, file: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "SLUICE_KAFKA_PORT": str(self._ports.port("kafka")),
            "SLUICE_POSTGRES_PORT": str(self._ports.port("postgres")),
            "SLUICE_POSTGRES_PASSWORD": self._password,
            "SLUICE_REDIS_PORT": str(self._ports.port("redis")),
        }
        return subprocess.run(  # noqa: S603 - fixed argv
            ["docker", "compose", "-p", self._project, "-f", str(file), *arguments],  # noqa: S607 - found by engine_failure
            env=environment, capture_output=True, text=True, check=False, timeout=_UP_WITHIN_S,
        )  # fmt: skip

    def _address(self, part: Part) -> str:
        port = self._ports.port(part)
        return {
            "kafka": f"127.0.0.1:{port}",
            "postgres": f"postgresql://{USER}:{self._password}@127.0.0.1:{port}/{DATABASE}",
            "redis": f"redis://127.0.0.1:{port}/0",
        }[part]
