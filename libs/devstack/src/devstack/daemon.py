"""The process behind `up`: owns a stack and everything in it until it is told to end."""

import json
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import Any, Literal, Self, get_args

from devstack import s3_server
from devstack.control import ControlServer, Operation
from devstack.endpoints import PARTS, Part
from devstack.errors import StackError
from devstack.services import SluiceOptions, port_names
from devstack.stack import Stack

# Begins the last thing that a daemon says when it fails; `up` tells it once, as its own error.
ERROR = "error: "
Storage = Literal["folder", "s3"]
_PORTS_OF_PART: Mapping[Part, tuple[str, ...]] = {
    "kafka": ("kafka", "kafka-controller"),
    "postgres": ("postgres",),
    "redis": ("redis",),
}
STORAGES: tuple[Storage, ...] = get_args(Storage)


class _ToldToEndError(BaseException):
    """A signal asked the daemon to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlan:
    """What `up` asks its daemon for; crosses to it as JSON."""

    name: str = "demo"
    ports: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[Part, ...] = PARTS
    with_services: bool = True
    parsers: int = 1
    writers: int = 1
    storage: Storage = "folder"

    @property
    def port_names(self) -> list[str]:
        """The names by which a port of this stack can be asked for."""
        names = [name for part in self.parts for name in _PORTS_OF_PART[part]]
        if self.with_services:
            names += [s3_server.NAME] if self.storage == "s3" else []
            names += port_names(SluiceOptions(parsers=self.parsers, writers=self.writers))
        return names

    def as_state(self) -> dict[str, Any]:
        """What the stack writes down of it, as it will be read."""
        return dict(json.loads(self.to_json()))

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        raw = json.loads(text)
        return cls(**{**raw, "parts": tuple(raw["parts"])})


def run(plan: StackPlan) -> int:
    """Run the stack of `plan` until SIGTERM or SIGINT; gives the exit code."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _end)
    say = _teller()
    try:
        stack = Stack(plan.name, ports=plan.ports, say=say)
    except StackError as error:
        say(f"{ERROR}{error}")
        return 1
    server = _serve(stack)
    try:
        _bring_up(stack, plan)
        say(f"the stack {plan.name} is up")
        threading.Event().wait()
    except StackError as error:
        stack.extra_state["error"] = str(error)
        say(f"{ERROR}{error}")
        return 1
    except _ToldToEndError:
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        failed = "error" in stack.extra_state
        stack.phase = "failed" if failed else "down"
        stack.extra_state.pop("control", None)
        server.close()
        stack.close()
    return 0


def _bring_up(stack: Stack, plan: StackPlan) -> None:
    stack.extra_state["plan"] = plan.as_state()
    stack.write_state()
    stack.ensure(plan.parts)
    if plan.with_services:
        env = stack.start_s3().environment() if plan.storage == "s3" else {}
        stack.start_sluice(SluiceOptions(parsers=plan.parsers, writers=plan.writers, env=env))
    stack.phase = "ready"
    stack.write_state()


def _serve(stack: Stack) -> ControlServer:
    token = secrets.token_urlsafe(24)
    operations: dict[str, Operation] = {
        "start": stack.start,
        "stop": stack.stop,
        "restart": stack.restart,
        "kill": stack.kill,
        "pause": stack.pause,
        "resume": stack.resume,
        "wait_ready": stack.wait_ready,
        "processes": lambda: [process.as_json() for process in stack.processes()],
    }
    server = ControlServer(token, operations)
    stack.extra_state["control"] = {"port": server.port, "token": token}
    return server


def _end(_number: int, _frame: FrameType | None) -> None:
    raise _ToldToEndError


def _teller() -> Callable[[str], None]:
    def say(line: str) -> Any:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    return say
