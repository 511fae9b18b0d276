"""Step 4: how often all viewers of a job are told, by what telling them costs: pure."""

from __future__ import annotations

from progress_gateway.domain.turns import GAP_S

MAX_GAP_S = 1.0
SHARE = 0.5
"""So much of one core a process may spend on telling; the rest is for opening, reading, ending."""


def gap_s(messages: int, message_s: float) -> float:
    """Return how long a job's news wait for each other in a process.

    A viewer gets the newest state whatever the gap, so fewer messages cost nobody a row; more than
    the process can send would cost everybody the time that they wait for each other.

    Args:
        messages: what one round of news of all running jobs comes to, over all viewers.
        message_s: the CPU time that one took lately.
    """
    return min(MAX_GAP_S, max(GAP_S, messages * message_s / SHARE))
