"""Finds the road to each part: the environment, this machine's own programs, or Docker."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from devstack import probes
from devstack.endpoints import PARTS, Endpoint, Part, given_endpoints
from devstack.errors import (
    InfrastructureMissingError,
    PartUnavailableError,
    ServiceNotReadyError,
    StackError,
)
from devstack.install import missing_message, missing_programs
from devstack.native_kafka import native_kafka
from devstack.native_postgres import ensure_database, native_postgres
from devstack.native_redis import native_redis
from devstack.ports import PortBook
from devstack.service_spec import ServiceSpec
from devstack.supervisor import Supervisor

NATIVE: Mapping[Part, Callable[[Path, PortBook], tuple[ServiceSpec, Endpoint]]] = {
    "kafka": native_kafka,
    "postgres": native_postgres,
    "redis": native_redis,
}
INFRA_READY_WITHIN_S = 60.0


class ContainersRoad(Protocol):
    """Starts parts as containers: the compose file's, or testcontainers."""

    def start(self, parts: Collection[Part]) -> list[Endpoint]:
        """Start these parts and give their addresses; raises PartUnavailableError."""
        ...

    def stop(self) -> None:
        """End what `start` started."""
        ...


@dataclass(slots=True)
class Infrastructure:
    """Starts parts by the first road that is open; one line says when a road was closed."""

    folder: Path
    ports: PortBook
    supervisor: Supervisor
    containers: ContainersRoad
    environ: Mapping[str, str]
    say: Callable[[str], None] = print
    kafka_doors: Sequence[str] = ()
    uses_containers: bool = field(default=False, init=False)

    def start(self, wanted: Collection[Part]) -> list[Endpoint]:
        """The addresses of all wanted parts, each ready.

        Raises:
            StackError: no road led to one of them; the message names all that is missing.
        """
        given = given_endpoints(self.environ, wanted)
        for endpoint in given:
            if (why := probes.failure(endpoint.probe, 5.0)) is not None:
                raise StackError(f"the {endpoint.part} given in the environment fails: {why}")
        left = set(wanted) - {endpoint.part for endpoint in given}
        order = "docker" if self.environ.get("STACK") == "docker" else "native"
        found = given
        closed: dict[Part, str] = {}
        if order == "native" and left:
            native, closed = self._native(left)
            found = [*found, *native]
            left -= {endpoint.part for endpoint in native}
        if left:
            try:
                found = [*found, *self._docker(left, closed)]
            except StackError:
                # Half of what was asked is nothing: the next call must be able to start again.
                for part in sorted(set(wanted) - left - {endpoint.part for endpoint in given}):
                    self.supervisor.remove(part)
                raise
        return found

    def stop(self) -> None:
        if self.uses_containers:
            self.containers.stop()

    def _native(self, wanted: Collection[Part]) -> tuple[list[Endpoint], dict[Part, str]]:
        """Start what this machine can; gives also why the others could not be."""
        closed: dict[Part, str] = {}
        started: dict[Part, Endpoint] = {}
        for part in (part for part in PARTS if part in wanted):
            try:
                spec, endpoint = self._road(part)(self.folder, self.ports)
            except PartUnavailableError as error:
                closed[part] = str(error)
            else:
                self.supervisor.add([spec])
                started[part] = endpoint
        for part in list(started):
            try:
                self.supervisor.wait_ready([part], INFRA_READY_WITHIN_S)
            except ServiceNotReadyError as error:
                self.supervisor.remove(part)
                closed[part] = str(error)
                del started[part]
        if "postgres" in started:
            ensure_database(started["postgres"].address)
        return list(started.values()), closed

    def _road(self, part: Part) -> Callable[[Path, PortBook], tuple[ServiceSpec, Endpoint]]:
        if part == "kafka" and self.kafka_doors:
            return partial(native_kafka, doors=self.kafka_doors)
        return NATIVE[part]

    def _docker(self, wanted: Collection[Part], closed: Mapping[Part, str]) -> Sequence[Endpoint]:
        for part, why in closed.items():
            self.say(f"{part}: not native ({why}); trying Docker")
        try:
            found = self.containers.start(wanted)
            self.uses_containers = True
            for endpoint in found:
                self._await(endpoint)
        except PartUnavailableError as error:
            raise _no_road(wanted, closed, str(error)) from error
        return found

    def _await(self, endpoint: Endpoint) -> None:
        deadline = time.monotonic() + INFRA_READY_WITHIN_S
        while (why := probes.failure(endpoint.probe, 1.0)) is not None:
            if time.monotonic() > deadline:
                raise PartUnavailableError(f"the container of {endpoint.part} stays silent: {why}")
            time.sleep(0.5)


def _no_road(wanted: Collection[Part], closed: Mapping[Part, str], docker: str) -> StackError:
    if missing := missing_programs(wanted):
        return InfrastructureMissingError(f"{missing_message(missing)} (Docker: {docker})")
    if not closed:
        return InfrastructureMissingError(f"STACK=docker is set, and: {docker}")
    reasons = "; ".join(f"{part}: {why}" for part, why in closed.items())
    return StackError(f"could not be started: {reasons} (Docker: {docker})")
