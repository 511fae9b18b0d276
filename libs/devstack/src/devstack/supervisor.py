"""Keeps the processes of a stack running: one thread that starts, watches and ends them all."""

import contextlib
import logging
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from devstack.errors import ServiceNotReadyError, StackError
from devstack.instance import Instance, Phase
from devstack.liveness import LivenessPolicy, LivenessWatch
from devstack.process import ProcessIdentity, last_lines
from devstack.service_spec import ServiceSpec

log = logging.getLogger(__name__)
T = TypeVar("T")

TICK_S = 0.05
READY_WITHIN_S = 90.0
# One crash at start may be a race with what it needs; three are its own fault.
CRASHES_UNTIL_GIVEN_UP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceStatus:
    """What is known about one process, as it goes into `state.json`."""

    name: str
    service: str
    phase: Phase
    paused: bool
    pid: int | None
    started: str | None
    restarts: int
    ready_url: str
    stop_signal: int
    log: str
    why_not_ready: str
    past_cpu_s: float
    past_peak_rss_bytes: int
    live_url: str = ""

    @property
    def identity(self) -> ProcessIdentity | None:
        if self.pid is None or self.started is None:
            return None
        return ProcessIdentity(self.pid, self.started)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        return cls(**raw)


def _status(instance: Instance) -> InstanceStatus:
    identity = instance.identity
    return InstanceStatus(
        name=instance.name,
        service=instance.spec.name,
        phase=instance.phase,
        paused=instance.paused,
        pid=identity.pid if identity else None,
        started=identity.started if identity else None,
        restarts=instance.restarts,
        ready_url=instance.ready_url,
        stop_signal=int(instance.spec.stop_signal),
        log=str(instance.log),
        why_not_ready=instance.why_not_ready,
        past_cpu_s=instance.past_cpu_s,
        past_peak_rss_bytes=instance.past_peak_rss_bytes,
        live_url=instance.live_url,
    )


class Supervisor:
    """Owns processes: starts them, restarts the crashed ones, ends all in reverse order.

    All of them are started by one thread that lives until `close`, because the death signal of
    a child is bound to the thread that started it, not to the process. Methods may be called
    from any thread; those that wait say so.
    """

    def __init__(
        self,
        logs: Path,
        *,
        base_env: Mapping[str, str] | None = None,
        on_change: Callable[[Sequence[InstanceStatus]], None] = lambda _: None,
        liveness: LivenessPolicy | None = None,
    ) -> None:
        self._logs = logs
        self._base_env = dict(base_env or {})
        self._on_change = on_change
        self._instances: dict[str, Instance] = {}
        self._waves: list[list[str]] = []
        self._operations: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._published: list[InstanceStatus] = []
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._thread.start()
        self._watch = LivenessWatch(self.statuses, self._end_hung, liveness or LivenessPolicy())

    def statuses(self) -> list[InstanceStatus]:
        with self._changed:
            return list(self._published)

    def add(self, specs: Iterable[ServiceSpec]) -> list[str]:
        """Start all copies of these services at once; gives their names, does not wait."""
        return self._ask(lambda: self._add(list(specs)))

    def remove(self, name: str) -> None:
        """Stop a service and forget it; waits for its end."""
        self.stop(name)
        for instance in self._named(name):
            self._ask(lambda gone=instance.name: self._instances.pop(gone))  # type: ignore[misc]  # lambda default

    def start(self, name: str, *, ready_within_s: float = READY_WITHIN_S) -> None:
        """Start what was stopped; waits until it is ready."""
        names = self._each(name, lambda instance, now: instance.start(now))
        self.wait_ready(names, ready_within_s)

    def stop(self, name: str, by: int | None = None) -> None:
        """End a service, by another signal than its own if asked, and keep it down; waits."""
        names = self._each(name, lambda instance, now: instance.stop(now, by))
        self._wait(names, lambda status: status.phase == "stopped")

    def restart(self, name: str, *, ready_within_s: float = READY_WITHIN_S) -> None:
        self.stop(name)
        self.start(name, ready_within_s=ready_within_s)

    def set_env(self, name: str, env: Mapping[str, str]) -> None:
        """Tell a service this, too, from its next start on."""
        self._each(name, lambda instance, _now: instance.set_env(env))

    def kill(self, name: str, number: int) -> None:
        """Send a signal; what ends of it is started again with backoff.

        After SIGKILL waits until the process is gone, so that `wait_ready` means its next life.
        """
        before = {status.name: status.pid for status in self.statuses()}
        names = self._each(name, lambda instance, _now: instance.signal(number))
        if number == signal.SIGKILL:
            self._wait(names, lambda status: status.pid != before[status.name])

    def pause(self, name: str) -> None:
        self._each(name, lambda instance, _now: instance.pause())

    def resume(self, name: str) -> None:
        self._each(name, lambda instance, _now: instance.resume())

    def wait_ready(self, names: Iterable[str], within_s: float = READY_WITHIN_S) -> None:
        """Wait until each of these is ready.

        Raises:
            ServiceNotReadyError: one was not within the deadline, or crashed three times.
        """
        wanted = set(names)
        deadline = time.monotonic() + within_s
        before = {status.name: status.restarts for status in self.statuses()}
        with self._changed:
            while late := [s for s in self._published if s.name in wanted and s.phase != "ready"]:
                for status in late:
                    if status.restarts - before[status.name] >= CRASHES_UNTIL_GIVEN_UP:
                        raise _not_ready(status, "does not stay up")
                left_s = deadline - time.monotonic()
                if left_s <= 0:
                    raise _not_ready(late[0], f"is not ready after {within_s:.0f} s")
                self._changed.wait(min(left_s, 0.5))

    def close(self) -> None:
        """End everything and wait: what was added at once ends at once, what came last first."""
        if not self._thread.is_alive():
            return
        self._watch.close()
        for wave in reversed(self._waves):
            left = {status.name for status in self.statuses()} & set(wave)
            for name in left:
                self._each(name, lambda instance, now: instance.stop(now))
            self._wait(left, lambda status: status.phase == "stopped")
        self._ask(self._end)
        self._thread.join()

    def _run(self) -> None:
        while not self._closing:
            try:
                operation = self._operations.get(timeout=TICK_S)
            except queue.Empty:
                pass
            else:
                operation()
            for instance in list(self._instances.values()):
                instance.tick(time.monotonic())
            self._publish()

    def _publish(self) -> None:
        current = [_status(instance) for instance in self._instances.values()]
        with self._changed:
            if current == self._published:
                return
            self._published = current
            self._changed.notify_all()
        self._on_change(current)

    def _ask(self, operation: Callable[[], T]) -> T:
        """Run `operation` on the supervising thread and give its result."""
        answer: Future[T] = Future()

        def run() -> None:
            try:
                result = operation()
            except Exception as error:  # noqa: BLE001 - carried to the asking thread
                answer.set_exception(error)
            else:
                self._publish()
                answer.set_result(result)

        if not self._thread.is_alive():
            raise StackError("this stack has been stopped")
        self._operations.put(run)
        return answer.result(timeout=60)

    def _add(self, specs: list[ServiceSpec]) -> list[str]:
        names: list[str] = []
        self._waves.append(names)  # also what an add that fails has started is told to end
        for spec in specs:
            for index, name in enumerate(spec.instance_names()):
                if name in self._instances:
                    raise StackError(f"{name} is already part of this stack")
                log = self._logs / f"{name}.log"
                instance = Instance(spec, index, name, log, self._base_env)
                self._instances[name] = instance
                names.append(name)
                instance.start(time.monotonic())
        return names

    def _end_hung(self, name: str, life: str, why: str) -> None:
        """Kill a process that hangs, if it still is the one that was asked."""

        def end(instance: Instance, _now: float) -> None:
            if instance.identity is not None and instance.identity.started == life:
                log.warning("%s hangs and is started again: %s", name, why)
                instance.signal(signal.SIGKILL)

        with contextlib.suppress(StackError):  # it was removed, or everything was
            self._each(name, end)

    def _end(self) -> None:
        self._closing = True

    def _named(self, name: str) -> list[Instance]:
        """The copies of a service, or the one copy of that name.

        Raises:
            StackError: nothing has this name.
        """
        found = [i for i in self._instances.values() if name in (i.name, i.spec.name)]
        if not found:
            raise StackError(f"no {name} here; there are: {', '.join(self._instances)}")
        return found

    def _each(self, name: str, act: Callable[[Instance, float], None]) -> list[str]:
        def run() -> list[str]:
            found = self._named(name)
            for instance in found:
                act(instance, time.monotonic())
            return [instance.name for instance in found]

        return self._ask(run)

    def _wait(self, names: Iterable[str], done: Callable[[InstanceStatus], bool]) -> None:
        wanted = set(names)
        with self._changed:
            while not all(done(s) for s in self._published if s.name in wanted):
                self._changed.wait(0.5)


def _not_ready(status: InstanceStatus, what: str) -> ServiceNotReadyError:
    log = Path(status.log)
    why = f" ({status.why_not_ready})" if status.why_not_ready else ""
    return ServiceNotReadyError(
        status.name,
        f"{status.name} {what}{why}; the end of {log}:\n{last_lines(log)}",
    )
