"""How often a batch is repeated in place, how long an outage lasts, and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatPolicy:
    """Limits of repeating and of waiting; seconds.

    `exhausted_s`: a full disk, or no memory, is an outage for so long (somebody may be making
    room), then it fails the jobs whose turn it is, by name.
    """

    in_place: int = 3
    jitter_s: float = 0.05
    first_wait_s: float = 0.2
    longest_wait_s: float = 5.0
    exhausted_s: float = 60.0


def wait_s(policy: RepeatPolicy, failures: int) -> float:
    """Return how long to wait after so many failures in a row: 0.2, 0.4 … 5 s."""
    doubled = policy.first_wait_s * 2.0 ** min(failures - 1, 30)
    return min(doubled, policy.longest_wait_s)


def jitter_s(policy: RepeatPolicy, attempt: int, draw: float) -> float:
    """Return the pause before a repeat in place; `draw` is uniform in [0, 1).

    Two writers that met in a deadlock must not meet again.
    """
    return policy.jitter_s * attempt * draw
