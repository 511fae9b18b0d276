"""Which requests the audit keeps, decided by how they were answered. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sluice.audit.records import Action

AGAIN_S = 15 * 60.0
"""Somebody who polls a job or watches it again is one look in this time, in each process."""
REFUSED_AGAIN_S = 60.0
"""The same refusal again is one row in this time, so that nobody can fill the table."""
MAX_REMEMBERED = 50_000
_DOWNLOADS = ("/failed-rows.xlsx", "/failed-rows.csv")
_MORE_DOWNLOADS = ("/unprocessed-rows.xlsx", "/unprocessed-rows.csv")
_TOLD_ELSEWHERE = frozenset({"LOGIN_FAILED"})
"""Sign-ins are kept where the name is known."""
_ASKING_WHO = "/api/auth/me"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A request and how it was answered; `route` is the pattern, never the query."""

    method: str
    route: str
    status: int
    code: str
    user: str | None
    job: str | None
    ip: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What to write; the same `key` is not written again for `again_s`."""

    action: Action
    key: Hashable
    again_s: float


def kept_of(answered: Answered) -> Kept | None:
    """Return what the audit keeps of an answer, or None."""
    if answered.status in {401, 403}:
        return _refusal(answered)
    if answered.status < 400 and answered.user and answered.job and answered.method == "GET":  # noqa: PLR2004 - the first status that refuses
        is_download = answered.route.endswith(_DOWNLOADS + _MORE_DOWNLOADS)
        if is_download:
            return Kept(action="job_downloaded", key=None, again_s=0.0)
        return Kept(action="job_accessed", key=(answered.user, answered.job), again_s=AGAIN_S)
    return None


def _refusal(answered: Answered) -> Kept | None:
    asks_who = answered.route == _ASKING_WHO and answered.code == "TOKEN_MISSING"
    if asks_who or answered.code in _TOLD_ELSEWHERE:
        return None
    who = answered.user or answered.ip
    key = (who, answered.method, answered.route, answered.job, answered.code)
    return Kept(action="unauthorized_access", key=key, again_s=REFUSED_AGAIN_S)


class SeenLately:
    """Remembers keys for their time; forgets the oldest when there are too many."""

    def __init__(self, max_keys: int = MAX_REMEMBERED) -> None:
        self._max_keys = max_keys
        self._until_s: OrderedDict[Hashable, float] = OrderedDict()

    def has(self, key: Hashable, now_s: float) -> bool:
        return self._until_s.get(key, now_s) > now_s

    def add(self, key: Hashable, until_s: float) -> None:
        self._until_s[key] = until_s
        self._until_s.move_to_end(key)
        while len(self._until_s) > self._max_keys:
            self._until_s.popitem(last=False)
