"""One supervised process: its phase, its crashes, and what its ended lives have used."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from devstack import probes
from devstack.backoff import BackoffPolicy
from devstack.process import ProcessIdentity, descendants, inherited_env, spawn
from devstack.service_spec import ServiceSpec

Phase = Literal["starting", "ready", "stopping", "stopped", "backoff"]

PROBE_EVERY_S = 0.1
PROBE_TIMEOUT_S = 1.0


@dataclass(slots=True)
class Instance:
    """One copy of a service. Every method is called on the supervising thread only."""

    spec: ServiceSpec
    index: int
    name: str
    log: Path
    base_env: Mapping[str, str]
    policy: BackoffPolicy = field(default_factory=BackoffPolicy)
    phase: Phase = "stopped"
    paused: bool = False
    wanted: bool = False
    restarts: int = 0
    why_not_ready: str = ""
    past_cpu_s: float = 0.0
    past_peak_rss_bytes: int = 0
    identity: ProcessIdentity | None = None
    _process: subprocess.Popen[bytes] | None = None
    _started_at: float = 0.0
    _delay_s: float | None = None
    _retry_at: float = 0.0
    _probe_at: float = 0.0
    _kill_at: float = 0.0

    @property
    def ready_url(self) -> str:
        return self.spec.filled(self.index, self.spec.ready)

    @property
    def live_url(self) -> str:
        return self.spec.filled(self.index, self.spec.live)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, now: float) -> None:
        """Want it running; without effect when it already is."""
        if self._process is None:
            self._spawn(now)
        self.wanted = True

    def stop(self, now: float, by: int | None = None) -> None:
        """Ask it to end by its stop signal, or another; later than `stop_within_s` it is killed."""
        self.wanted = False
        if self._process is None:
            self.phase = "stopped"
            return
        if self.phase == "stopping":
            return
        self.resume()
        self._send(by or self.spec.stop_signal)
        self.phase, self._kill_at = "stopping", now + self.spec.stop_within_s

    def signal(self, number: int) -> None:
        """Send a signal to the process itself; what follows of it is treated as its own doing."""
        self._send(number)

    def set_env(self, env: Mapping[str, str]) -> None:
        """Tell its next life this, too."""
        self.spec = replace(self.spec, env={**self.spec.env, **env})

    def pause(self) -> None:
        """Stand still with everything below (the backends of PostgreSQL have own groups)."""
        if self._process is not None:
            self.paused = True
            for identity in [*descendants(self._process.pid), *self._self()]:
                identity.signal(signal.SIGSTOP)

    def resume(self) -> None:
        if self._process is not None and self.paused:
            self.paused = False
            for identity in [*self._self(), *descendants(self._process.pid)]:
                identity.signal(signal.SIGCONT)

    def tick(self, now: float) -> None:
        """Notice an end, a readiness, a deadline; start again what crashed."""
        if self._process is not None and self._has_ended():
            self._reap(now)
        if self._process is None:
            if self.phase == "backoff" and now >= self._retry_at:
                self._spawn(now)
        elif self.phase == "stopping" and now >= self._kill_at:
            self._kill_group()
        elif self.phase == "starting" and not self.paused and now >= self._probe_at:
            self._probe_at = now + PROBE_EVERY_S
            self.why_not_ready = probes.failure(self.ready_url, PROBE_TIMEOUT_S) or ""
            if not self.why_not_ready:
                self.phase = "ready"

    def _spawn(self, now: float) -> None:
        spec = self.spec
        own = {key: spec.filled(self.index, value) for key, value in spec.env.items()}
        env = {**self.base_env, **own}
        try:
            self._process = spawn(
                [spec.filled(self.index, part) for part in spec.argv],
                env=inherited_env(env) if spec.inherit_env else env,
                log=self.log,
                death_signal=spec.death_signal,
                run_as=spec.run_as,
                cwd=spec.cwd,
            )
        except OSError as error:
            self._process = None
            self._crashed(now, f"cannot be started: {error}")
            return
        self.identity = ProcessIdentity.of(self._process.pid)
        self.phase, self.paused = "starting", False
        self._started_at, self._probe_at = now, now

    def _has_ended(self) -> bool:
        assert self._process is not None  # noqa: S101 - narrows the type
        # WNOWAIT leaves the zombie: its pid and its group cannot be used again until _reap.
        seen = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return seen is not None

    def _reap(self, now: float) -> None:
        assert self._process is not None  # noqa: S101 - narrows the type
        process = self._process
        self._kill_group()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.past_cpu_s += usage.ru_utime + usage.ru_stime
        self.past_peak_rss_bytes = max(self.past_peak_rss_bytes, usage.ru_maxrss * 1024)
        self._process, self.identity, self.paused = None, None, False
        if self.wanted:
            self._crashed(now, f"ended with code {process.returncode}")
        else:
            self.phase = "stopped"

    def _crashed(self, now: float, why: str) -> None:
        self._delay_s = self.policy.delay_s(self._delay_s, now - self._started_at)
        self.phase, self._retry_at, self.why_not_ready = "backoff", now + self._delay_s, why
        self.restarts += 1

    def _self(self) -> list[ProcessIdentity]:
        return [self.identity] if self.identity else []

    def _send(self, number: int) -> None:
        if self._process is not None and not self._has_ended():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    def _kill_group(self) -> None:
        """End the process and whatever it left in its group; called before it is reaped."""
        assert self._process is not None  # noqa: S101 - narrows the type
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
