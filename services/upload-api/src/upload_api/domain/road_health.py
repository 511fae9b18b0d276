"""How the parts of the road do, from what each has said of itself: pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sluice.processes import Process

SERVICES = (
    "upload-api",
    "parser",
    "writer",
    "progress-fold",
    "progress-settler",
    "progress-gateway",
)
"""One process of each at least has to be there, or no import gets to its end."""
SHOWN_SILENT_S = 600.0
"""So long a process that died is shown beside those that took its place."""
HOURS = 24
NOBODY_TELLS = "Redis is away, where the processes say that they are there"


class PartState(StrEnum):
    """What is known of a part."""

    UP = "up"
    WAITING = "waiting"
    """A process is there and waits for something."""
    SILENT = "silent"
    """It was there within a day, and has said nothing for a while."""
    MISSING = "missing"
    AWAY = "away"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A service with its processes, or something that all rest on."""

    name: str
    state: PartState
    reason: str = ""
    since_s: float | None = None
    """Of what all rest on: for so long this process has seen it so."""
    instances: tuple[Process, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterClass:
    """Dead letters with one class: how many wait, and how many came in each of 24 hours."""

    error_class: str
    open: int
    parked: int
    hours: tuple[int, ...]
    """Oldest first; the last one is the hour until now."""


def service_parts(processes: Sequence[Process] | None) -> list[Part]:
    """Return the services by what their processes said; None: nobody can tell."""
    if processes is None:
        return [Part(name=name, state=PartState.UNKNOWN, reason=NOBODY_TELLS) for name in SERVICES]
    return [
        _service(name, [each for each in processes if each.service == name]) for name in SERVICES
    ]


def _service(name: str, processes: Sequence[Process]) -> Part:
    up = [process for process in processes if process.is_up]
    if not up:
        state = PartState.SILENT if processes else PartState.MISSING
        return Part(name=name, state=state, instances=tuple(processes))
    reason = next((process.waits_for for process in up if process.waits_for), "")
    lately = [each for each in processes if each.is_up or each.silent_s < SHOWN_SILENT_S]
    state = PartState.WAITING if reason else PartState.UP
    return Part(name=name, state=state, reason=reason, instances=tuple(lately))


def open_streams(processes: Sequence[Process] | None) -> int | None:
    """Return how many streams are open at all gateways; None where nobody can tell."""
    told = [p.open_streams for p in processes or () if p.is_up and p.open_streams is not None]
    return sum(told) if told else None


class Standings:
    """Since when something answers, or does not; as this process has seen it."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[bool, float]] = {}

    def part(self, name: str, reason: str, now_s: float) -> Part:
        """Note what was just seen of something that all rest on; a reason: it does not answer."""
        answers = not reason
        was, since_s = self._seen.get(name, (answers, now_s))
        if was is not answers:
            since_s = now_s
        self._seen[name] = (answers, since_s)
        state = PartState.UP if answers else PartState.AWAY
        return Part(name=name, state=state, reason=reason, since_s=now_s - since_s)


def letter_classes(counts: Iterable[tuple[str, str, int, int]]) -> list[LetterClass]:
    """Return the classes of dead letters, those with most that wait first.

    Args:
        counts: class, state, age in whole hours, and how many.
    """
    waiting: dict[str, dict[str, int]] = {}
    came: dict[str, list[int]] = {}
    for error_class, state, age_h, count in counts:
        states = waiting.setdefault(error_class, {})
        states[state] = states.get(state, 0) + count
        hours = came.setdefault(error_class, [0] * HOURS)
        if 0 <= age_h < HOURS:
            hours[HOURS - 1 - age_h] += count
    classes = [_letter_class(name, waiting[name], hours) for name, hours in came.items()]
    return sorted(classes, key=lambda each: (-each.open - each.parked, each.error_class))


def _letter_class(name: str, states: Mapping[str, int], hours: Sequence[int]) -> LetterClass:
    return LetterClass(
        error_class=name,
        open=states.get("open", 0),
        parked=states.get("parked", 0),
        hours=tuple(hours),
    )
