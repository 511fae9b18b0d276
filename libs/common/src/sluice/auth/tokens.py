"""Sign-in tokens: JSON Web Tokens of our own (HS256), or of a company's identity provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from uuid import UUID

import jwt

from sluice.auth.provider_keys import ALGORITHMS, ProviderKeys

if TYPE_CHECKING:
    from sluice.settings import TokenSettings

ALGORITHM = "HS256"
ISSUER = "sluice"
AUDIENCE = "sluice"
MAX_TOKEN_BYTES = 8 * 1024
LEEWAY_S = 30
ID_BYTES = 16
REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
TYPES = frozenset({None, "JWT", "at+jwt"})
MAX_NAME = 200


class TokenInvalid(Exception):
    """The token is not one of ours, was changed, or has expired; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSubject:
    """Whom an identity provider means; the name is for people alone."""

    issuer: str
    subject: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenClaims:
    """What a valid token says; either `user_id` or `provided` names its user."""

    user_id: UUID | None
    provided: ProviderSubject | None = None
    username: str
    expires_at: datetime
    generation: int | None = None
    """Of the user when it was made; None: the provider's tokens know none."""


def digest_of(token: str) -> bytes:
    """Return what a token is remembered by; the token itself is kept nowhere."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


class TokenKeeper:
    """Makes and checks tokens."""

    def __init__(self, settings: TokenSettings, provider: ProviderKeys | None = None) -> None:
        secret = settings.jwt_secret
        self._secret = secret.get_secret_value() if secret is not None else None
        self._lifetime = timedelta(hours=settings.token_hours)
        self._name_claim = settings.jwks_username_claim
        self._expected = {"issuer": settings.jwks_issuer, "audience": settings.jwks_audience}
        self._provider = provider
        if provider is None and settings.jwks_url:
            self._provider = ProviderKeys(settings.jwks_url)

    @property
    def can_issue(self) -> bool:
        """Whether there is a secret to sign with; without one only the provider signs in."""
        return self._secret is not None

    def issue(
        self, user_id: UUID, username: str, now: datetime, generation: int = 0
    ) -> tuple[str, datetime]:
        """Return a token and when it expires."""
        if self._secret is None:
            raise ValueError("there is no secret to sign tokens with")
        expires_at = now + self._lifetime
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "name": username,
            "gen": generation,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            # Two sign-ins within a second are two tokens: ending one leaves the other
            "jti": token_hex(ID_BYTES),
        }
        return jwt.encode(claims, self._secret, ALGORITHM), expires_at

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a token; may ask the identity provider for its keys.

        Raises:
            TokenInvalid: it is not valid.
            Outage: the provider's keys are needed, and it does not answer.
        """
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenInvalid("the token is too long")
        try:
            header = jwt.get_unverified_header(token)
            if header.get("typ") not in TYPES:
                raise TokenInvalid("the token is of another type")
            # Each algorithm has one kind of key: a public key never serves as our secret
            if header.get("alg") in ALGORITHMS and self._provider is not None:
                return self._verify_provided(token, header)
            return self._verify_own(token)
        except jwt.ExpiredSignatureError:
            raise TokenInvalid("the token has expired") from None
        except (jwt.InvalidTokenError, ValueError, OverflowError, TypeError) as error:
            raise TokenInvalid("the token is not valid") from error

    def _verify_own(self, token: str) -> TokenClaims:
        if self._secret is None:
            raise TokenInvalid("the token is not valid")
        claims = _decoded(token, self._secret, (ALGORITHM,), issuer=ISSUER, audience=AUDIENCE)
        return TokenClaims(
            user_id=UUID(claims["sub"]),
            username=str(claims.get("name", "")),
            expires_at=_moment(claims["exp"]),
            generation=int(claims.get("gen", 0)),
        )

    def _verify_provided(self, token: str, header: dict[str, Any]) -> TokenClaims:
        kid = header.get("kid")
        if self._provider is None or not isinstance(kid, str):
            raise TokenInvalid("the token names no key")
        key = self._provider.key_of(kid)
        if key is None:
            raise TokenInvalid("the identity provider has no such key")
        claims = _decoded(token, key, ALGORITHMS, **self._expected)
        subject = str(claims["sub"])
        name = str(claims.get(self._name_claim) or claims.get("email") or subject)
        shown = "".join(c if c.isprintable() else "?" for c in name)[:MAX_NAME]
        return TokenClaims(
            user_id=None,
            provided=ProviderSubject(issuer=claims["iss"], subject=subject, name=shown),
            username=shown,
            expires_at=_moment(claims["exp"]),
        )


def _decoded(token: str, key: Any, algorithms: tuple[str, ...], **expected: Any) -> dict[str, Any]:
    return jwt.decode(
        token,
        key,
        algorithms=list(algorithms),
        leeway=LEEWAY_S,
        options={"require": REQUIRED},
        **expected,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
