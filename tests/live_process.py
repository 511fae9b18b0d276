"""A service started as a process by a test, between real servers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from typing import Any

DEADLINE_S = 150.0
"""Beyond it a process is stuck, not slow, however busy the machine is."""
LEAVE_S = 5.0


def until(condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """Poll until the condition holds; return what it returned."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {deadline_s} s: {what}")


def service_env(**settings: str) -> dict[str, str]:
    """Return this process's environment with these `SLUICE_*` settings and no others."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
    env |= {"SLUICE_ENVIRONMENT": "test", "SLUICE_LOG_FORMAT": "console"}
    return env | {f"SLUICE_{name.upper()}": value for name, value in settings.items()}


def end_all(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Tell all that still run to end, and kill those that do not.

    A consumer that was killed stays a member of its group until its session times out, and for
    these 10 s the next test's gets no partitions.
    """
    left = [process for process in processes if process.poll() is None]
    for process in left:
        process.terminate()
    until_s = time.monotonic() + LEAVE_S
    for process in left:
        try:
            process.wait(max(until_s - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class LiveProcess:
    """`python -m MODULE`, with the pages of its ops server."""

    def __init__(self, env: Mapping[str, str], *module: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *module], env={**env, "SLUICE_METRICS_PORT": str(self.port)}
        )

    def page(self, name: str) -> tuple[int, str]:
        """Return status and text of `readyz`, `livez` or `metrics`; (0, "") when none answers."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/{name}", timeout=2
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def wait_ready(self) -> None:
        until(lambda: self.page("readyz")[0] == 200, "the process is ready")

    def terminate(self, within_s: float) -> int:
        """Send SIGTERM; return the exit code, or raise after so long."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
