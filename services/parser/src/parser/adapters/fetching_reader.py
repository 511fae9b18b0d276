"""Step 2: a reader whose file has to come from afar first: reading children have no network."""

from __future__ import annotations

import threading
from contextlib import suppress
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Final

from parser.adapters.sheet_reader import Fetching, NotFetched, SheetReader
from sluice.errors import Outage
from sluice.storage import ReadableFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from parser.adapters.read_order import ReadOrder
    from parser.adapters.sheet_reader import Frame
    from sluice.clock import Clock
    from sluice.confinement.reader_limits import ReaderLimits

SIGN_EVERY_S: Final = 1.0
"""How often a transfer says that it moves: one that stands still is ended as a silent child is."""
MOVES, ENDED = b"moves", b"ended"


class FetchingReader:
    """A thread that brings the file to this machine; then one child process reading it."""

    def __init__(
        self,
        lend: Callable[[Callable[[], bool]], ReadableFile],
        order_of: Callable[[ReadableFile], ReadOrder],
        limits: ReaderLimits,
        clock: Clock,
    ) -> None:
        """Begin; `lend` brings the file while the function that it is given says so."""
        self.limits = limits
        self.pipe: Connection
        self.pipe, self._news = Pipe(duplex=False)
        self._order_of = order_of
        self._clock = clock
        self._signed_at_s = clock.monotonic_s()
        self._child: SheetReader | None = None
        self._lock = threading.Lock()
        self._is_wanted = True
        self._outcome: ReadableFile | Exception | None = None
        self._thread = threading.Thread(target=self._fetch, args=(lend,), name="fetch", daemon=True)
        self._thread.start()

    def next_frame(self) -> Frame:
        """Return the next frame; waits for it, so ask when the pipe is readable."""
        if self._child is not None:
            return self._child.next_frame()
        if self.pipe.recv_bytes() == MOVES:
            return Fetching()
        if not isinstance(self._outcome, ReadableFile):
            return NotFetched(self._outcome or RuntimeError("a transfer without an outcome"))
        file, self._outcome = self._outcome, None
        try:
            self._child = SheetReader(self._order_of(file))
        finally:
            file.close()  # the child has it: the room is given back with its end
        self.pipe.close()
        self.pipe = self._child.pipe
        return Fetching()

    def kill(self) -> None:
        """End the transfer, or the child, whatever it does."""
        with self._lock:
            self._is_wanted = False
            file, self._outcome = self._outcome, None
        if self._child is not None:
            self._child.kill()
            return
        self.pipe.close()
        if isinstance(file, ReadableFile):
            file.close()

    def join(self, timeout_s: float) -> None:
        """Wait for the end of the transfer, however it ends."""
        self._thread.join(timeout_s)

    def _fetch(self, lend: Callable[[Callable[[], bool]], ReadableFile]) -> None:
        outcome: ReadableFile | Exception
        try:
            outcome = lend(self._moves)
        except OSError as error:
            outcome = Outage("storage", f"no room for the file on this machine ({error.strerror})")
        except Exception as error:  # noqa: BLE001 - the loop raises it, in its own thread
            outcome = error
        with self._lock:
            if self._is_wanted:
                self._outcome = outcome
            elif isinstance(outcome, ReadableFile):
                outcome.close()
        with self._news:
            self._say(ENDED)

    def _moves(self) -> bool:
        now_s = self._clock.monotonic_s()
        if now_s - self._signed_at_s >= SIGN_EVERY_S:
            self._signed_at_s = now_s
            self._say(MOVES)
        return self._is_wanted

    def _say(self, news: bytes) -> None:
        with suppress(OSError):  # nobody listens any more
            self._news.send_bytes(news)
