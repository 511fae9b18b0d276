"""Ends a process that hangs: waiting for its end would never notice one that stands still."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from devstack import probes


class Watched(Protocol):
    """What the watch needs to know of a process."""

    @property
    def name(self) -> str: ...
    @property
    def phase(self) -> str: ...
    @property
    def paused(self) -> bool: ...
    @property
    def started(self) -> str | None: ...
    @property
    def live_url(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LivenessPolicy:
    """Asked every `every_s`; so many failed answers in a row (of `timeout_s` each) are a hang."""

    every_s: float = 5.0
    timeout_s: float = 2.0
    failures: int = 6


@dataclass(slots=True)
class LivenessBook:
    """Failed answers in a row by process; another life of the same process begins at none."""

    policy: LivenessPolicy
    _failed: dict[str, tuple[str, int]] = field(default_factory=dict)

    def hangs(self, name: str, life: str, failure: str | None) -> bool:
        """Note an answer; tell whether it was the one too many."""
        held_life, count = self._failed.pop(name, (life, 0))
        if failure is None:
            return False
        count = count + 1 if held_life == life else 1
        if count >= self.policy.failures:
            return True
        self._failed[name] = (life, count)
        return False


class LivenessWatch:
    """A thread that asks every ready process whether it lives, and has those ended that do not.

    A paused process is meant to stand still; one that starts or stops has its own deadline.
    """

    def __init__(
        self,
        processes: Callable[[], Sequence[Watched]],
        end: Callable[[str, str, str], None],
        policy: LivenessPolicy,
    ) -> None:
        """`end` gets the name, the life and what the process said, or that it said nothing."""
        self._processes = processes
        self._end = end
        self._policy = policy
        self._book = LivenessBook(policy)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="liveness", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(self._policy.every_s):
            for process in self._processes():
                self._ask(process)

    def _ask(self, process: Watched) -> None:
        if not process.live_url or process.phase != "ready" or process.paused:
            return
        failure = probes.failure(process.live_url, self._policy.timeout_s)
        life = process.started or ""
        if self._book.hangs(process.name, life, failure):
            self._end(process.name, life, failure or "")
