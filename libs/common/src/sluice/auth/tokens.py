"""Sign-in tokens: JSON Web Tokens signed with one shared secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import jwt

if TYPE_CHECKING:
    from sluice.settings import TokenSettings

ALGORITHM = "HS256"
ISSUER = "sluice"
AUDIENCE = "sluice"
MAX_TOKEN_BYTES = 8 * 1024
LEEWAY_S = 30


class TokenInvalid(Exception):
    """The token is not one of ours, was changed, or has expired; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenClaims:
    """What a valid token says."""

    user_id: UUID
    username: str
    expires_at: datetime


class TokenKeeper:
    """Makes and checks tokens."""

    def __init__(self, settings: TokenSettings) -> None:
        self._secret = settings.jwt_secret.get_secret_value()
        self._lifetime = timedelta(hours=settings.token_hours)

    def issue(self, user_id: UUID, username: str, now: datetime) -> tuple[str, datetime]:
        """Return a token and when it expires."""
        expires_at = now + self._lifetime
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "name": username,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode(claims, self._secret, ALGORITHM), expires_at

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a token; raises `TokenInvalid`."""
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenInvalid("the token is too long")
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
            return TokenClaims(
                user_id=UUID(claims["sub"]),
                username=str(claims.get("name", "")),
                expires_at=datetime.fromtimestamp(claims["exp"], tz=UTC),
            )
        except jwt.ExpiredSignatureError:
            raise TokenInvalid("the token has expired") from None
        except (jwt.InvalidTokenError, ValueError) as error:
            raise TokenInvalid("the token is not valid") from error
