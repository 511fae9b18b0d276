"""How a call can fail: refused by the server, or not answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KEY_IN_USE = "IDEMPOTENCY_KEY_IN_USE"
"""The code of a refusal that ends by itself: an upload with the same key is on its way."""
UNAVAILABLE = 503


class SluiceClientError(Exception):
    """What every error of this package is."""


@dataclass(slots=True, kw_only=True)
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

    @property
    def is_temporary(self) -> bool:
        """The same request may be granted in a while."""
        return self.status == UNAVAILABLE or self.code == KEY_IN_USE


class Unreachable(SluiceClientError):
    """There was no answer: with `was_sent` nobody knows whether it was done."""

    def __init__(self, message: str, *, was_sent: bool = True) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class StreamBroken(SluiceClientError):
    """The stream ended, or never began, before the job did."""
