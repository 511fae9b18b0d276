"""Step 2: what a parser is told of how much it does at once, and of its patience."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserPolicy:
    """How many jobs are parsed at once, and when an outstanding chunk counts as lost."""

    slots: int = 5
    lost_after_s: float = 300.0
    held_off_s: float = 10.0
    """So long a job waits whose file is out of reach."""
