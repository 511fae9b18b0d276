"""The keys of a company's own identity provider: fetched, kept, and fetched again on rotation."""

from __future__ import annotations

import time
from typing import Any

import jwt
from jwt.exceptions import PyJWKClientConnectionError, PyJWKClientError

from sluice.errors import Outage

KEPT_S = 600.0
"""A key that the provider withdraws is refused this much later at most."""
COOLDOWN_S = 10.0
"""Tokens with unknown key ids cost the provider one request in so long, however many come."""
TIMEOUT_S = 3.0
AWAY_S = 5.0
"""A provider that did not answer is left alone for so long: no queue of waiting threads."""
ALGORITHMS = ("RS256", "ES256")
_KEY_TYPES = frozenset({"RSA", "EC"})


class ProviderKeys:
    """Finds the key of a token by its `kid`; blocks while it fetches, so it belongs in a thread."""

    def __init__(self, url: str, cooldown_s: float = COOLDOWN_S) -> None:
        self._client = _Client(
            url, lifespan=KEPT_S, timeout=TIMEOUT_S, cooldown_duration=cooldown_s
        )

    def key_of(self, kid: str) -> jwt.PyJWK | None:
        """Return the public key of this id, or None when the provider has none.

        Raises:
            Outage: it has to be asked, and does not answer.
        """
        try:
            key = self._client.get_signing_key(kid)
        except PyJWKClientConnectionError as error:
            raise Outage("the identity provider", "its keys cannot be fetched") from error
        except (PyJWKClientError, jwt.PyJWKSetError):
            return None
        return key if key.key_type in _KEY_TYPES else None


class _Client(jwt.PyJWKClient):
    """Does not ask again at once when there was no answer."""

    _away_until_s = 0.0

    def fetch_data(self) -> Any:
        if time.monotonic() < self._away_until_s:
            raise PyJWKClientConnectionError("there was no answer a moment ago")
        try:
            return super().fetch_data()
        except PyJWKClientConnectionError:
            self._away_until_s = time.monotonic() + AWAY_S
            raise
