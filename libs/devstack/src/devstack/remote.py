"""A running stack of another process: the same requests as a `Stack` of our own."""

from typing import Any

from devstack import control
from devstack.errors import StackError
from devstack.locations import stack_folder
from devstack.stack import with_readiness
from devstack.state import read_state
from devstack.supervisor import InstanceStatus


class AttachedStack:
    """The stack of this name that `up` started."""

    def __init__(self, name: str) -> None:
        """Find the stack.

        Raises:
            StackError: it is not up.
        """
        self.name = name
        self.folder = stack_folder(name)
        state = self._state()
        if "control" not in state:
            raise StackError(f"the stack {name} is not up: start it with `python -m devstack up`")
        self._control: dict[str, Any] = state["control"]

    @property
    def kafka_bootstrap(self) -> str:
        return str(self._state()["kafka"])

    @property
    def database_url(self) -> str:
        return str(self._state()["postgres"])

    @property
    def redis_url(self) -> str:
        return str(self._state()["redis"])

    @property
    def gateway(self) -> str:
        return str(self._state()["gateway"])

    @property
    def upload_api(self) -> str:
        return str(self._state()["uploadApi"])

    @property
    def login(self) -> tuple[str, str]:
        state = self._state()
        return str(state["user"]), str(state["password"])

    def start(self, name: str) -> None:
        self._ask("start", name)

    def stop(self, name: str) -> None:
        self._ask("stop", name)

    def restart(self, name: str) -> None:
        self._ask("restart", name)

    def kill(self, name: str, number: int) -> None:
        self._ask("kill", name, int(number))

    def pause(self, name: str) -> None:
        self._ask("pause", name)

    def resume(self, name: str) -> None:
        self._ask("resume", name)

    def wait_ready(self, name: str) -> None:
        self._ask("wait_ready", name)

    def processes(self) -> list[InstanceStatus]:
        return [InstanceStatus.from_json(raw) for raw in self._ask("processes")]

    def status(self) -> dict[str, Any]:
        return with_readiness(self._state())

    def _state(self) -> dict[str, Any]:
        return read_state(self.folder)

    def _ask(self, operation: str, *arguments: Any) -> Any:
        return control.ask(self._control["port"], self._control["token"], operation, *arguments)
