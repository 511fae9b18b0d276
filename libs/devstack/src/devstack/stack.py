"""One stack: its parts and services, running under a supervisor in this process."""

import os
import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from devstack import probes
from devstack.containers import ContainerRoad
from devstack.docker_compose import ComposeRoad
from devstack.endpoints import PARTS, Endpoints, Part
from devstack.errors import StackError
from devstack.infrastructure import Infrastructure
from devstack.leftovers import ports_of_others, remove_dead_stacks, remove_folder
from devstack.locations import project_root, require_space, stack_folder
from devstack.locks import FileLock
from devstack.native_kafka import door_ports
from devstack.ports import PortBook
from devstack.preparation import prepare
from devstack.process import ProcessIdentity
from devstack.s3_server import S3Server, s3_server
from devstack.service_spec import ServiceSpec
from devstack.services import Placement, SluiceOptions, preparations, service_specs
from devstack.state import read_or_make_secret, read_state, write_state
from devstack.strays import end_strays
from devstack.supervisor import READY_WITHIN_S, InstanceStatus, Supervisor
from xlsx_reader import READER_NAME

ServicesFactory = Callable[["Stack"], Sequence[ServiceSpec]]


class Stack:
    """Kafka, PostgreSQL, Redis and services of one name, each reachable through this object.

    Made by `Stack.ephemeral` in tests; `up` makes one inside its daemon.
    """

    def __init__(
        self,
        name: str,
        *,
        ports: Mapping[str, int] | None = None,
        ephemeral: bool = False,
        kafka_doors: Sequence[str] = (),
        say: Callable[[str], None] = print,
    ) -> None:
        """Take the name, end what an earlier stack of this name left, start nothing yet.

        Each of `kafka_doors` is a further listener of a native Kafka, which sends its clients to
        the port that `door_ports` gives beside it: a proxy's.

        Raises:
            StackError: a stack of this name is up, or the disk is full.
        """
        self.name = name
        self.folder = stack_folder(name)
        self.phase = "starting"
        self.extra_state: dict[str, Any] = {}
        self.endpoints = Endpoints({})
        self._specs: list[ServiceSpec] = []
        self._writing = threading.Lock()
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._lock = self._claimed()
        before = read_state(self.folder)
        end_strays(before)
        self.ports = PortBook(
            asked=ports, remembered=before.get("ports"), taken=ports_of_others(self.folder)
        )
        self._ephemeral = ephemeral
        self._supervisor = asdict(ProcessIdentity.ours())
        self._say = say
        self.supervisor = Supervisor(
            self.folder / "logs",
            base_env={"SLUICE_STACK": name},
            on_change=lambda _: self.write_state(),
        )
        password = read_or_make_secret(self.folder / "postgres.password", secrets.token_urlsafe(18))
        self._infrastructure = Infrastructure(
            self.folder,
            self.ports,
            self.supervisor,
            ContainerRoad() if ephemeral else ComposeRoad(name, self.ports, password),
            os.environ,
            say,
            kafka_doors,
        )

    def _claimed(self) -> FileLock:
        """The lock on the stack's folder, which no other process holds and whose disk has room."""
        lock = FileLock(self.folder / "lock")
        if not lock.try_acquire():
            raise StackError(f"the stack {self.name} is up already (its folder is {self.folder})")
        try:
            require_space(self.folder)
        except StackError:
            lock.release()
            raise
        return lock

    @classmethod
    @contextmanager
    def ephemeral(  # noqa: PLR0913 - all but the name are rarely given
        cls,
        name: str,
        *,
        parts: Collection[Part] = PARTS,
        services: Sequence[ServiceSpec] | ServicesFactory = (),
        sluice: SluiceOptions | None = None,
        ports: Mapping[str, int] | None = None,
        kafka_doors: Sequence[str] = (),
        keep: bool = False,
    ) -> "Iterator[Stack]":
        """A stack that lives as long as the `with` block and leaves nothing (but for `keep`).

        `services` may be a function of the stack, called once its parts are ready; `sluice`
        adds the schema, the topics and Sluice's own services.

        Raises:
            StackError: no road led to a part, or a service did not become ready.
        """
        remove_dead_stacks()
        stack = cls(name, ports=ports, ephemeral=True, kafka_doors=kafka_doors)
        try:
            stack.ensure(parts)
            stack.add(services(stack) if callable(services) else services)
            if sluice is not None:
                stack.start_sluice(sluice)
            stack.phase = "ready"
            yield stack
        finally:
            stack.close()
            if not keep:
                remove_folder(stack.folder)

    @property
    def kafka_bootstrap(self) -> str:
        return self.endpoints.address("kafka")

    @property
    def database_url(self) -> str:
        return self.endpoints.address("postgres")

    @property
    def redis_url(self) -> str:
        return self.endpoints.address("redis")

    @property
    def gateway(self) -> str:
        """The URL of the progress gateway, once `start_sluice` is done."""
        return str(self.extra_state["gateway"])

    @property
    def upload_api(self) -> str:
        """The URL of the upload API, once `start_sluice` is done."""
        return str(self.extra_state["uploadApi"])

    @property
    def login(self) -> tuple[str, str]:
        """User and password that `start_sluice` has made."""
        return str(self.extra_state["user"]), str(self.extra_state["password"])

    def door_ports(self, door: str) -> tuple[int, int]:
        """Where a proxy of this Kafka door listens, and the broker's port it passes on to."""
        return door_ports(self.ports, door)

    def ensure(self, parts: Collection[Part]) -> None:
        """Start those of these parts that are not there yet, all at once, and wait.

        Raises:
            StackError: no road led to one of them.
        """
        lacking = [part for part in parts if part not in self.endpoints]
        if lacking:
            self.endpoints = self.endpoints.merged(self._infrastructure.start(lacking))
            self.write_state()

    def add(self, specs: Sequence[ServiceSpec], ready_within_s: float = READY_WITHIN_S) -> None:
        """Start services, all at once, and wait until each is ready.

        Raises:
            ServiceNotReadyError: with the last lines of the log of the one that is not.
        """
        self.supervisor.wait_ready(self.supervisor.add(specs), ready_within_s)

    def start_s3(self) -> S3Server:
        """Start a server of the S3 API, which forgets all files when it ends.

        Raises:
            ServiceNotReadyError: it did not become ready.
        """
        spec, server = s3_server(self.ports.port)
        self.add([spec])
        self.extra_state["s3"] = server.endpoint
        return server

    def start_sluice(self, options: SluiceOptions | None = None) -> None:
        """Prepare schema, topics and login, then start Sluice's services and wait for each.

        Raises:
            StackError: a preparation failed, or a service did not become ready.
        """
        options = options or SluiceOptions()
        placement = Placement(
            folder=self.folder,
            targets_dir=project_root() / "targets",
            port=self.ports.port,
            password=read_or_make_secret(self.folder / "login.password", secrets.token_urlsafe(12)),
        )
        read_or_make_secret(placement.secret_file, secrets.token_urlsafe(48))
        (self.folder / "files").mkdir(mode=0o700, exist_ok=True)
        self._say("preparing the schema, the topics and the login")
        prepare(preparations(self.endpoints, placement, options), self.folder / "logs")
        self._say("starting the services")
        self._specs = service_specs(self.endpoints, placement, options)
        self.add(self._specs)
        self.extra_state.update(
            uploadApi=placement.upload_api_url,
            gateway=placement.gateway_url,
            user=placement.user,
            password=placement.password,
            reader=READER_NAME,
        )
        self.write_state()

    def start(self, name: str) -> None:
        """Start a service or part that was stopped; waits until it is ready."""
        self.supervisor.start(name)

    def stop(self, name: str, by: int | None = None) -> None:
        """End a service or part and keep it down; waits for its end.

        `by` is a signal in place of its own: SIGKILL, or SIGQUIT for a PostgreSQL that crashes.
        """
        self.supervisor.stop(name, by)

    def set_env(self, name: str, env: Mapping[str, str]) -> None:
        """Tell a service this, too, from its next start on."""
        self.supervisor.set_env(name, env)

    def add_copy(self, service: str, name: str) -> None:
        """Start one more copy of a worker, under a name of its own; waits until it is ready."""
        spec = next(spec for spec in self._specs if spec.name == service)
        port = self.ports.port(f"{name}-metrics")
        self.add([replace(spec, name=name, replicas=1, ports=(port,))])

    def remove(self, name: str) -> None:
        """End what `add_copy` or `add` started, and forget it; waits for its end."""
        self.supervisor.remove(name)

    def restart(self, name: str) -> None:
        self.supervisor.restart(name)

    def kill(self, name: str, number: int) -> None:
        """Send a signal; what ends of it is started again with backoff. Does not wait."""
        self.supervisor.kill(name, number)

    def pause(self, name: str) -> None:
        """SIGSTOP it with everything below it."""
        self.supervisor.pause(name)

    def resume(self, name: str) -> None:
        self.supervisor.resume(name)

    def wait_ready(self, name: str, within_s: float = READY_WITHIN_S) -> None:
        """Wait until a service or part is (again) ready."""
        names = [s.name for s in self.processes() if name in (s.name, s.service)]
        self.supervisor.wait_ready(names, within_s)

    def processes(self) -> list[InstanceStatus]:
        """Each process with its pid, phase and count of restarts."""
        return self.supervisor.statuses()

    def status(self) -> dict[str, Any]:
        """The state with, for each part and process, whether it answers right now."""
        return with_readiness(self._state(self.processes()))

    def close(self) -> None:
        """End everything in reverse order; the folder stays."""
        self.supervisor.close()
        self._infrastructure.stop()
        self.write_state()
        self._lock.release()

    def _state(self, processes: Sequence[InstanceStatus]) -> dict[str, Any]:
        by_part = self.endpoints.by_part
        return {
            "name": self.name,
            "phase": self.phase,
            "folder": str(self.folder),
            "ephemeral": self._ephemeral,
            "supervisor": self._supervisor,
            **{part: found.address for part, found in by_part.items()},
            "sources": {part: found.source for part, found in by_part.items()},
            "ports": dict(self.ports.given),
            "logs": str(self.folder / "logs"),
            "processes": [process.as_json() for process in processes],
            **self.extra_state,
        }

    def write_state(self) -> None:
        """Write down what is known now, for `status`, `down` and the next `up`."""
        # Both the supervising thread and the owner's write: the last to write must know most.
        with self._writing:
            try:
                write_state(self.folder, self._state(self.processes()))
            except OSError as error:  # a full disk must not end the supervision
                self._say(f"{self.folder}/state.json cannot be written: {error}")


def with_readiness(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state with a probe of each part (`partsReady`) and process (`ready`), done now."""
    processes = [
        {**process, "ready": probes.failure(process["ready_url"]) is None}
        for process in state.get("processes", [])
    ]
    parts_ready = {
        part: probes.failure(f"kafka://{state[part]}" if part == "kafka" else state[part]) is None
        for part in state.get("sources", {})
    }
    return {**state, "processes": processes, "partsReady": parts_ready}
