"""Step 4: from when on a job may be told of again: pure, handed the time."""

from __future__ import annotations

GAP_S = 2 / 15
"""At most 8 messages a second for each viewer and job; its end does not wait for its turn."""
AHEAD = 0.5
"""So much of a gap may be taken before its time by a job that was at rest: most COMMITs of a job
are farther apart, and for the one that follows closely viewers waited longest."""
NEAREST_S = (1 - AHEAD) * GAP_S


def from_s(turn_s: float, gap_s: float) -> float:
    """Return from when on a job may be told of whose next turn is at `turn_s`."""
    return turn_s - AHEAD * gap_s


def next_turn_s(turn_s: float, now_s: float, gap_s: float) -> float:
    """Return the turn behind one that is taken now, in its time or in a hurry."""
    return min(max(turn_s, now_s), now_s + AHEAD * gap_s) + gap_s
