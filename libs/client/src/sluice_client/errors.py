"""How a call can fail: refused by the server, or not answered."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

KEY_IN_USE = "IDEMPOTENCY_KEY_IN_USE"
"""The code of a refusal that ends by itself: an upload with the same key is on its way."""
TEMPORARY = frozenset({502, 503, 504})
"""A gateway answers 502 or 504 where its server broke off: nobody knows what was done by then."""


class SluiceClientError(Exception):
    """What every error of this package is."""


@dataclass(kw_only=True, eq=False)
class ApiProblem(SluiceClientError):
    """The server refused: `code` is for programs, `detail` for people (RFC 9457)."""

    status: int
    code: str
    detail: str
    title: str = ""
    instance: str = ""
    """Names the request in the server's log."""
    retry_after_s: float = 0.0
    """What the server asks to wait; 0: it does not say."""
    members: dict[str, Any] = field(default_factory=dict)
    """The whole answer: some codes have members of their own."""

    def __str__(self) -> str:
        return f"{self.detail} [{self.code}]" if self.code else self.detail

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle: an exception is made again from `args`, and this one has names only."""
        told = {part.name: getattr(self, part.name) for part in fields(self)}
        return partial(type(self), **told), ()

    @property
    def is_temporary(self) -> bool:
        """The same request may be granted in a while."""
        return self.status in TEMPORARY or self.code == KEY_IN_USE


class Unreachable(SluiceClientError):
    """There was no answer: with `was_sent` nobody knows whether it was done."""

    def __init__(self, message: str, *, was_sent: bool = True) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class StreamBroken(SluiceClientError):
    """The stream ended, or never began, before the job did."""
