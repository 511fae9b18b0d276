"""What the fold has seen, as it says itself in Redis; and its hints that a job wants settling."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import redis
import structlog
from redis.exceptions import RedisError

from progress_gateway.domain.progress_codec import progress_from_json
from progress_gateway.domain.progress_status import retrying_of
from sluice import redis_keys
from sluice.background import BackgroundThread

if TYPE_CHECKING:
    from collections.abc import Callable

    from progress_gateway.domain.job_record import JobRecord
    from progress_gateway.domain.progress import JobProgress
    from sluice.clock import Clock

log = structlog.get_logger(__name__)

TIMEOUT_S = 2.0
RECONNECT_S = 1.0
REST_S = 5.0
"""One timeout in so long: a Redis that hangs must not hold up every job of a pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldView:
    """What the settler can tell of the fold's view of a job."""

    is_known: bool = False
    """Redis answered; without it nobody knows what the fold lacks."""
    state: JobProgress | None = None
    """None: the fold has seen nothing of the job, or nobody knows."""
    is_waiting: bool = False
    """A worker says that a dependency is away."""

    def version_for(self, record: JobRecord) -> int:
        """Return the version that the fold will show once it knows the job's newest control.

        So a viewer who is told from rows, because the fact is late, sees the control as news.
        """
        if self.state is None:
            return 0
        controls = max(0, record.control_seq - self.state.control.seq)
        return self.state.version + controls + max(0, record.run - self.state.run)

    def is_retrying(self, run: int) -> bool:
        """Tell whether a dependency is away, or an attempt of this run is to come."""
        state = self.state
        if self.is_waiting or state is None or state.run != run:
            return self.is_waiting
        return retrying_of(state) is not None


class FoldStates:
    """Reads the fold's states; one that hangs is not asked again for some seconds."""

    def __init__(self, redis_url: str, clock: Clock) -> None:
        self._clock = clock
        self._rests_until_s = 0.0
        self._redis = redis.Redis.from_url(
            redis_url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            decode_responses=True,
        )

    def read(self, job_id: UUID) -> FoldView:
        """Return what the fold has of a job, and whether the job waits."""
        if self._clock.monotonic_s() < self._rests_until_s:
            return FoldView()
        keys = [redis_keys.fold_state_key(job_id), redis_keys.waiting_key(job_id)]
        try:
            text, waiting = self._redis.mget(keys)
        except (RedisError, OSError) as error:
            self._rests_until_s = self._clock.monotonic_s() + REST_S
            log.warning("the fold's states cannot be read", reason=str(error))
            return FoldView()
        return FoldView(
            is_known=True,
            state=progress_from_json(json.loads(str(text))) if text else None,
            is_waiting=waiting is not None,
        )

    def close(self) -> None:
        self._redis.close()


class SettlingHints:
    """Listens for the jobs that want settling, in a thread of its own; a lost hint costs 1 s."""

    def __init__(self, redis_url: str, on_hint: Callable[[UUID], None]) -> None:
        self._redis = redis.Redis.from_url(
            redis_url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            decode_responses=True,
        )
        self._on_hint = on_hint
        self._stopping = threading.Event()
        self._thread = BackgroundThread("settling-hints", self._run)

    def start(self) -> None:
        self._thread.start()

    def not_live(self) -> str:
        """Return why the process should be started again, or nothing."""
        return self._thread.not_live()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(2 * TIMEOUT_S)
        self._redis.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except (RedisError, OSError) as error:
                log.warning("hints are not heard", reason=str(error))
                self._stopping.wait(RECONNECT_S)

    def _listen(self) -> None:
        channel = self._redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # theirs
        with channel:
            channel.subscribe(redis_keys.WANTS_SETTLING)
            while not self._stopping.is_set():
                message = channel.get_message(timeout=0.5)
                if message is not None:
                    self._hear(str(message["data"]))

    def _hear(self, text: str) -> None:
        try:
            self._on_hint(UUID(text))
        except ValueError:
            log.warning("a hint names no job", length=len(text))
