"""How long a crashed process waits before it is started again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """Delays that double from `first_s` to `longest_s`, forgotten after `healthy_after_s`."""

    first_s: float = 0.2
    longest_s: float = 10.0
    healthy_after_s: float = 30.0

    def delay_s(self, previous_s: float | None, lived_s: float) -> float:
        """The next delay, after a life of `lived_s` that followed a delay of `previous_s`."""
        if previous_s is None or lived_s >= self.healthy_after_s:
            return self.first_s
        return min(previous_s * 2, self.longest_s)
