"""Work beside a process's main one: a thread whose end by a bug shows on `/livez`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import structlog

from sluice.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)


class BackgroundThread:
    """A daemon thread that lives as long as the process, or has the process started again.

    An exception that nobody expects ends it. The main work could go on for long without it, with
    nothing published or replayed any more, so `not_live` says it.
    """

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self._name = name
        self._run_body = run
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, within_s: float) -> None:
        """Wait for its end; returns at once where it was never started."""
        if self._thread.is_alive():
            self._thread.join(within_s)

    def not_live(self) -> str:
        """Return why the process should be started again, or nothing."""
        return self._failure

    def _run(self) -> None:
        try:
            self._run_body()
        except Exception as error:
            log.exception("a background thread has ended", thread=self._name)
            self._failure = f"{self._name} has ended: {type(error).__name__}"


class PeriodicThread:
    """One turn after the other, with a rest between them; an outage costs a turn and is logged.

    Subclasses say what a turn is. Any other exception ends the thread, as `BackgroundThread` says.
    """

    def __init__(self, name: str, every_s: float) -> None:
        self._name = name
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = BackgroundThread(name, self._run)

    def turn(self) -> None:
        """Do what is to be done; may raise `Outage` or `psycopg.Error`."""
        raise NotImplementedError

    def leave(self) -> None:
        """Do what is to be done last; may raise as `turn`."""

    def start(self) -> None:
        self._thread.start()

    def not_live(self) -> str:
        """Return why the process should be started again, or nothing."""
        return self._thread.not_live()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End behind the turn in hand; waits for it, but not for longer than the timeout."""
        self._stop.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._try(self.turn)
            self._stop.wait(self._every_s)
        self._try(self.leave)

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except (Outage, psycopg.Error) as error:
            reason = str(error).partition("\n")[0]
            log.warning("background work waits", thread=self._name, reason=reason)
