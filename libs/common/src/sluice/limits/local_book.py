"""What this process itself has granted: what it goes by while Redis is away. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

MAX_SUBJECTS = 50_000

Place = tuple[str, str]
"""A policy's name and whom it limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    cost: int
    until_s: float


class LocalBook:
    """Grants with their end; also those that Redis gave, and those that are just asked for.

    So when Redis dies in the middle of many askings, nothing that it may have granted is granted
    a second time.
    """

    def __init__(self, max_subjects: int = MAX_SUBJECTS) -> None:
        self._max_subjects = max_subjects
        self._entries: OrderedDict[Place, dict[str, _Entry]] = OrderedDict()

    def put(self, place: Place, take_id: str, cost: int, until_s: float) -> None:
        """Note a grant, or an asking; again: prolong it."""
        self._entries.setdefault(place, {})[take_id] = _Entry(cost=cost, until_s=until_s)
        self._entries.move_to_end(place)
        while len(self._entries) > self._max_subjects:
            self._entries.popitem(last=False)

    def drop(self, place: Place, take_id: str) -> None:
        """Forget a grant; one that is not there is no fault."""
        entries = self._entries.get(place)
        if entries is None:
            return
        entries.pop(take_id, None)
        if not entries:
            del self._entries[place]

    def used(self, place: Place, now_s: float, but: str = "") -> tuple[int, float]:
        """Return what others than `but` have, and in how many seconds the first of it ends."""
        entries = self._entries.get(place, {})
        for take_id in [name for name, entry in entries.items() if entry.until_s <= now_s]:
            del entries[take_id]
        others = [entry for name, entry in entries.items() if name != but]
        ends_s = min((entry.until_s for entry in others), default=now_s)
        return sum(entry.cost for entry in others), ends_s - now_s

    def held(self, place: Place) -> list[str]:
        """Return the ids of the grants, whether or not they have ended."""
        return list(self._entries.get(place, {}))
