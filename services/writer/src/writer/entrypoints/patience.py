"""Waiting for what is in the way: at rest, in the group, alive, and with a word to the people."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import structlog

from sluice.errors import Outage, SluiceError, Transient, UnknownVersion
from writer import metrics
from writer.domain.repeats import RepeatPolicy, wait_s

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sluice.clock import Clock
    from sluice.kafka.loop import RecordFeed
    from sluice.kafka.waiting_notices import WaitingNotices
    from sluice.liveness import Heartbeat

log = structlog.get_logger(__name__)
T = TypeVar("T")

PROBE_STEP_S = 0.5
BREATH_S = 5.0
"""Whoever is busy for longer polls in between: rebalances wait for each member."""
LEAVE_WITHIN_S = 6.0
"""What is in hand when the process shall end is brought to its end, if that takes no longer."""
STARTING = "starting"
WAITS_FOR = {
    "postgres": ("postgresql", "the database cannot be reached"),
    "kafka": ("kafka", "the message broker does not answer"),
}
NEWER = ("operator", "a newer release sent this; the writers want upgrading")
BUSY = ("postgresql", "the database is busy with something else")


class Stopping(Exception):
    """The process was told to end while it waited."""


class Patience:
    """Does what may have to wait. `stop` may be called from a signal handler."""

    def __init__(
        self,
        feed: RecordFeed,
        notices: WaitingNotices,
        heart: Heartbeat,
        clock: Clock,
        policy: RepeatPolicy | None = None,
    ) -> None:
        self._feed = feed
        self._notices = notices
        self._heart = heart
        self._clock = clock
        self._policy = policy or RepeatPolicy()
        self._polled_at_s = clock.monotonic_s()
        self._leave_at_s: float | None = None
        self.jobs_in_hand: dict[UUID, int] = {}
        """Whose people are told, each job with its run."""
        self.not_ready = STARTING

    def stop(self) -> None:
        """End soon: waits are given up, what is in hand is brought to its end."""
        if self._leave_at_s is None:
            self._leave_at_s = self._clock.monotonic_s() + LEAVE_WITHIN_S

    @property
    def is_stopping(self) -> bool:
        return self._leave_at_s is not None

    @property
    def must_leave(self) -> bool:
        """The process shall end, and has used up its time."""
        return self._leave_at_s is not None and self._clock.monotonic_s() > self._leave_at_s

    def polled(self) -> None:
        """Note that the feed was asked for records just now."""
        self._polled_at_s = self._clock.monotonic_s()
        self._heart.beat()
        if self.not_ready == STARTING:
            self.not_ready = ""

    def breathe(self) -> None:
        """Poll in the middle of long work, so that the group does not wait for us."""
        self._heart.beat()
        if self._clock.monotonic_s() - self._polled_at_s < BREATH_S:
            return
        self._feed.rest("breathing", "a batch takes long")
        self._feed.keep_alive(0)
        self._feed.go_on("breathing")
        self.polled()

    def until_done(self, act: Callable[[], T]) -> T:
        """Do it, and where something is in the way wait with the feed at rest and do it again.

        Raises:
            Stopping: the process shall end.
            SluiceError: another one than those that waiting helps against.
        """
        failures = 0
        while True:
            try:
                done = act()
            except (Outage, Transient, UnknownVersion) as error:
                failures += 1
                if self.is_stopping:
                    raise Stopping from error
                self._rest(error, wait_s(self._policy, failures))
            else:
                if failures:
                    self.end_rest("waiting")
                    self._notices.go_on(self.jobs_in_hand)
                return done

    def _rest(self, error: SluiceError, pause_s: float) -> None:
        why = str(error)
        if self.not_ready != why:
            log.warning("nothing is read", why=why)
        dependency, reason = _told(error)
        self._notices.waits(self.jobs_in_hand.items(), dependency, reason)
        self.stand("waiting", why, pause_s)

    def stand(self, reason: str, why: str, for_s: float) -> None:
        """Read nothing for so long, for this reason, and stay in the group.

        Raises:
            Stopping: the process shall end.
        """
        self.not_ready = why
        metrics.RESTING.set(1)
        self._heart.progress(None)
        self._feed.rest(reason, why)
        until_s = self._clock.monotonic_s() + for_s
        while (left_s := until_s - self._clock.monotonic_s()) > 0:
            if self.is_stopping:
                raise Stopping
            self._feed.keep_alive(min(left_s, PROBE_STEP_S))
            self.polled()

    def end_rest(self, reason: str) -> None:
        """Read again what `stand` stopped for this reason."""
        log.info("records are read again")
        self.not_ready = ""
        metrics.RESTING.set(0)
        self._feed.go_on(reason)


def _told(error: SluiceError) -> tuple[str, str]:
    """Return the dependency and the sentence that people see: no address, no driver's text."""
    if isinstance(error, Outage):
        return WAITS_FOR.get(error.dependency, (error.dependency, "it cannot be reached"))
    return NEWER if isinstance(error, UnknownVersion) else BUSY
