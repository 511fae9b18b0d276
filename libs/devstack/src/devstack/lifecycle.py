"""`up`, `down` and `status`: what the command line and scripts do with a stack by its name."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import Popen
from typing import Any

from devstack.daemon import ERROR, StackPlan
from devstack.docker_compose import ComposeRoad
from devstack.errors import StackError
from devstack.leftovers import remove_folder
from devstack.locations import stack_folder
from devstack.locks import FileLock
from devstack.ports import PortBook
from devstack.process import ProcessIdentity, spawn_detached
from devstack.stack import with_readiness
from devstack.state import read_state, write_state
from devstack.strays import end_strays

UP_WITHIN_S = 900.0  # a first fetch of Kafka, or of images, over a slow line
DOWN_WITHIN_S = 90.0
_POLL_S = 0.1
_OURS = frozenset({"control", "supervisor", "plan"})
"""What stands in a stack's state for `up` and `down` alone."""


def up(plan: StackPlan | None = None, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Start a stack in the background and wait until all of it is ready; gives its status.

    A stack that is up already is left as it is; one line says so where another was asked for.

    Raises:
        StackError: it could not be started; nothing of it is left running.
    """
    plan = plan or StackPlan()
    _check_ports(plan)
    folder = stack_folder(plan.name)
    if _supervisor(read_state(folder)) is not None:
        return _already_up(folder, plan, say)
    log = folder / "logs" / "supervisor.log"
    daemon = _spawn_daemon(plan, folder, log)
    try:
        error = _follow(daemon, folder, log, say)
    except BaseException:  # also Ctrl-C: no half of a stack stays behind
        daemon.terminate()
        daemon.wait()
        raise
    if daemon.poll() is not None:
        code = daemon.returncode
        raise StackError(
            f"the stack {plan.name} is not up: {error or f'its daemon ended ({code})'}"
        )
    daemon.returncode = 0  # it outlives us on purpose: no warning that it still runs
    return status(plan.name)


def down(name: str = "demo", *, delete: bool = False) -> None:
    """End a stack and whatever a crashed one has left; its data stays unless `delete`."""
    folder = stack_folder(name)
    if not folder.exists():
        return
    state = read_state(folder)
    if (supervisor := _supervisor(state)) is not None and not state.get("ephemeral"):
        supervisor.signal(signal.SIGTERM)
        if not _ended(supervisor, DOWN_WITHIN_S):
            supervisor.signal(signal.SIGKILL)
            _ended(supervisor, DOWN_WITHIN_S)
        state = read_state(folder)
    lock = FileLock(folder / "lock")
    if not lock.try_acquire():
        raise StackError(f"the stack {name} is held by another process (a test run?): end that")
    try:
        _clear_after_crash(name, folder, state)
    finally:
        if delete:
            remove_folder(folder)
        lock.release()


def status(name: str = "demo") -> dict[str, Any]:
    """The stack's addresses, login, processes and readiness, asked of each right now.

    `phase` is `starting`, `ready`, `failed` or `down`.
    """
    state = read_state(stack_folder(name))
    if _supervisor(state) is None:
        left: dict[str, Any] = {
            key: state[key] for key in ("folder", "logs", "error") if key in state
        }
        phase = "failed" if "error" in state else "down"
        return {**left, "name": name, "phase": phase}
    shown = {key: value for key, value in state.items() if key not in _OURS}
    return with_readiness(shown)


def _supervisor(state: Mapping[str, Any]) -> ProcessIdentity | None:
    """The process that runs a stack, if it is alive."""
    raw = state.get("supervisor")
    identity = ProcessIdentity(raw["pid"], raw["started"]) if raw else None
    return identity if identity is not None and identity.is_alive() else None


def _check_ports(plan: StackPlan) -> None:
    names = plan.port_names
    for name in plan.ports:
        if name not in names:
            raise StackError(f"this stack has no port {name}; there are: {', '.join(names)}")


def _spawn_daemon(plan: StackPlan, folder: Path, log: Path) -> Popen[bytes]:
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        log.parent.mkdir(exist_ok=True)
        log.touch(mode=0o600)
    except OSError as refusal:
        raise StackError(
            f"{folder} cannot be written ({refusal.strerror}): whose is it? SLUICE_STACKS names"
            " another folder for stacks"
        ) from refusal
    argv = [sys.executable, "-m", "devstack", "daemon", plan.to_json()]
    try:
        return spawn_detached(argv, log)
    except OSError as refusal:
        raise StackError(f"{sys.executable} cannot be run ({refusal.strerror})") from refusal


def _already_up(folder: Path, plan: StackPlan, say: Callable[[str], None]) -> dict[str, Any]:
    deadline = time.monotonic() + UP_WITHIN_S
    while read_state(folder).get("phase") == "starting" and time.monotonic() < deadline:
        time.sleep(_POLL_S)  # another `up` is at it
    asked = plan.as_state()
    runs = read_state(folder).get("plan", asked)
    if other := [n.removeprefix("with_") for n in asked if runs.get(n) != asked[n]]:
        say(
            f"the stack {plan.name} is up already, with other {', '.join(other)} than asked for,"
            f" and stays so: `sluice down --name {plan.name}`, then this again"
        )
    return status(plan.name)


def _follow(daemon: Popen[bytes], folder: Path, log: Path, say: Callable[[str], None]) -> str:
    """Repeat what the daemon says until it is ready or has ended; gives the error it ended with."""
    repeated = 0
    deadline = time.monotonic() + UP_WITHIN_S
    while True:
        ended = daemon.poll() is not None
        told, _, error = f"\n{_text(log)}".partition(f"\n{ERROR}")
        lines = told.splitlines()[1:]
        for line in lines[repeated:]:
            say(line)
        repeated = len(lines)
        if ended or _is_ready(folder, daemon.pid):
            return error.strip()
        if time.monotonic() > deadline:
            raise StackError(f"the stack is not ready after {UP_WITHIN_S:.0f} s; see {log}")
        time.sleep(_POLL_S)


def _is_ready(folder: Path, pid: int) -> bool:
    state = read_state(folder)
    return state.get("phase") == "ready" and state["supervisor"]["pid"] == pid


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def _ended(identity: ProcessIdentity, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while identity.is_alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _clear_after_crash(name: str, folder: Path, state: Mapping[str, Any]) -> None:
    end_strays(state)
    if "docker" in state.get("sources", {}).values() and state.get("phase") != "down":
        ComposeRoad(name, PortBook(remembered=state.get("ports", {})), os.devnull).stop()
    if state and state.get("phase") not in ("down", "failed"):
        kept = {k: v for k, v in state.items() if k not in _OURS}
        write_state(folder, {**kept, "phase": "down", "processes": []})
