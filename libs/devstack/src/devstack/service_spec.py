"""What the supervisor is told about a process: how to start it, when it is ready, how it ends."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.process import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """One kind of process, run in `replicas` copies.

    `ready` and `live` are URLs for `probes.failure`: a process that is not live is killed and
    started again; an empty `live` is not asked. `{port}` in `argv`, in values of `env` and in these
    becomes the copy's own of `ports` (as many as replicas, or none). What does not end within
    `stop_within_s` of its stop signal is killed. `death_signal` is what it gets when its
    supervisor dies: nobody would be left to kill a service that is deaf to a gentler one.
    """

    name: str
    argv: tuple[str, ...]
    ready: str
    live: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    replicas: int = 1
    ports: tuple[int, ...] = ()
    inherit_env: bool = True
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 15.0
    death_signal: signal.Signals = signal.SIGKILL
    run_as: Account | None = None
    cwd: Path | None = None

    def __post_init__(self) -> None:
        if self.ports and len(self.ports) != self.replicas:
            raise ValueError(f"{self.name}: {self.replicas} replicas, {len(self.ports)} ports")

    def instance_names(self) -> list[str]:
        """`writer` for one copy, `writer-1`, `writer-2` … for several."""
        if self.replicas == 1:
            return [self.name]
        return [f"{self.name}-{number}" for number in range(1, self.replicas + 1)]

    def filled(self, index: int, text: str) -> str:
        """`text` with the port of the copy number `index` (from 0) in its place."""
        return text.replace("{port}", str(self.ports[index])) if self.ports else text
