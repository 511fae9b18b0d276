"""Work beside a process's main one: a thread whose end by a bug shows on `/livez`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog

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
