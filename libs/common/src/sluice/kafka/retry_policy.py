"""The ladder of a record that fails for now: 2 s, 4 s, 8 s later, then the dead letters; no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from sluice.kafka.topic_names import CHUNKS_RETRY


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStep:
    """A topic on which a record waits, and for how long."""

    topic: str
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLadder:
    """The steps by rising delay; the first delivery is attempt 1."""

    steps: tuple[RetryStep, ...]

    @property
    def max_attempts(self) -> int:
        return 1 + len(self.steps)

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(step.topic for step in self.steps)

    @property
    def slowest(self) -> RetryStep:
        """Where a record waits that was not tried: for something that lasts."""
        return self.steps[-1]

    def step_after(self, attempts: int) -> RetryStep | None:
        """Return where a record goes that failed so many times; None: it is dead."""
        return self.steps[attempts - 1] if 1 <= attempts <= len(self.steps) else None

    def delay_of(self, topic: str) -> float:
        """Return how long a record waits on a topic; LookupError for one that is no step."""
        for step in self.steps:
            if step.topic == topic:
                return step.delay_s
        raise LookupError(f"{topic} is no step of the ladder")


CHUNK_LADDER = RetryLadder(
    steps=tuple(
        RetryStep(topic=topic, delay_s=delay_s)
        for topic, delay_s in zip(CHUNKS_RETRY, (2.0, 4.0, 8.0), strict=True)
    )
)


def wait_left_s(delay_s: float, appended_ms: int, now_ms: int) -> float:
    """Return how long a record that the broker appended then has still to wait.

    Between nothing and the whole delay, however wrong one of the two clocks is: it can shorten a
    wait and never lengthen it.
    """
    return min(max(delay_s - (now_ms - appended_ms) / 1000, 0.0), delay_s)
