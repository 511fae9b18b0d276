import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from sluice.auth.provider_keys import COOLDOWN_S, ProviderKeys
from sluice.auth.tokens import MAX_TOKEN_BYTES, TokenInvalid, TokenKeeper
from sluice.errors import Outage, SettingsError
from sluice.settings import TokenSettings

SECRET = "a-secret-of-this-test-32-characters"
NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - checked by a real clock
OURS: dict[str, Any] = {
    "iss": "sluice",
    "aud": "sluice",
    "sub": str(uuid4()),
    "iat": NOW,
    "exp": NOW + timedelta(hours=1),
}
KEEPER = TokenKeeper(TokenSettings.from_env({"SLUICE_JWT_SECRET": SECRET}))


def signed(claims: dict[str, Any], secret: str = SECRET, **headers: Any) -> str:
    return jwt.encode(claims, secret, "HS256", headers=headers or None)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in OURS.items() if key != name}


def test_a_token_of_ours_tells_its_user_its_end_and_its_generation() -> None:
    user_id = uuid4()
    token, expires_at = KEEPER.issue(user_id, "anna", NOW, 7)
    claims = KEEPER.verify(token)
    assert (claims.user_id, claims.username, claims.generation) == (user_id, "anna", 7)
    assert claims.expires_at == expires_at == NOW + timedelta(hours=24)


def test_two_sign_ins_at_once_are_two_tokens() -> None:
    """Signing out names a token: it must not end another session of the same second."""
    user_id = uuid4()
    assert KEEPER.issue(user_id, "anna", NOW)[0] != KEEPER.issue(user_id, "anna", NOW)[0]


@pytest.mark.parametrize(
    "token",
    [
        "",
        "abc",
        "a.b.c",
        signed(OURS, "another-secret-of-32-characters-xx"),
        jwt.encode(OURS, "", "none"),
        jwt.encode(OURS, SECRET * 2, "HS512"),
        signed(OURS | {"exp": NOW - timedelta(seconds=61)}),
        signed(OURS | {"iat": NOW + timedelta(hours=1)}),
        signed(OURS | {"nbf": NOW + timedelta(hours=1)}),
        signed(OURS | {"iss": "somebody"}),
        signed(OURS | {"aud": "somebody"}),
        signed(OURS | {"sub": "not a uuid"}),
        signed(OURS | {"exp": 10**30}),
        signed(OURS | {"gen": "x"}),
        *[signed(without(name)) for name in OURS],
        signed(OURS, typ="logout+jwt"),
        signed(OURS | {"name": "x" * MAX_TOKEN_BYTES}),
    ],
    ids=lambda token: token[:24] or "empty",
)
def test_what_is_not_exactly_a_token_of_ours_is_refused(token: str) -> None:
    with pytest.raises(TokenInvalid):
        KEEPER.verify(token)


class Provider:
    """An identity provider that publishes its keys, and counts who asks."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.asked = 0
        self.is_away = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                body = b"" if outer.is_away else json.dumps({"keys": outer.published()}).encode()
                self.send_response(503 if outer.is_away else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    def published(self) -> list[dict[str, Any]]:
        algorithms: dict[str, Any] = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm}
        return [
            algorithms[name].to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "alg": name}
            for kid, (name, key) in self.keys.items()
        ]

    def add_key(self, kid: str, algorithm: str = "RS256") -> None:
        made: Any = (
            rsa.generate_private_key(65537, 2048)
            if algorithm == "RS256"
            else ec.generate_private_key(ec.SECP256R1())
        )
        self.keys[kid] = (algorithm, made)

    def token(self, kid: str, **claims: Any) -> str:
        algorithm, key = self.keys[kid]
        told = (
            OURS | {"iss": "https://idp.test", "sub": "42", "preferred_username": "anna"} | claims
        )
        return jwt.encode(told, key, algorithm, headers={"kid": kid})

    def keeper(self, cooldown_s: float = COOLDOWN_S) -> TokenKeeper:
        url = f"http://127.0.0.1:{self.server.server_port}/keys"
        environ = {
            "SLUICE_ENVIRONMENT": "test",
            "SLUICE_JWKS_URL": url,
            "SLUICE_JWKS_ISSUER": "https://idp.test",
            "SLUICE_JWKS_AUDIENCE": "sluice",
        }
        return TokenKeeper(TokenSettings.from_env(environ), ProviderKeys(url, cooldown_s))


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    made.add_key("one")
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_providers_token_names_its_subject(provider: Provider, algorithm: str) -> None:
    provider.add_key("k", algorithm)
    claims = provider.keeper().verify(provider.token("k"))
    assert claims.user_id is None
    assert claims.provided is not None
    told = claims.provided
    assert (told.issuer, told.subject, told.name) == ("https://idp.test", "42", "anna")


def test_keys_are_fetched_once_and_unknown_ones_cost_the_provider_no_flood(
    provider: Provider,
) -> None:
    keeper = provider.keeper()
    for _ in range(5):
        keeper.verify(provider.token("one"))
    assert provider.asked == 1
    provider.add_key("two")
    for _ in range(5):
        with pytest.raises(TokenInvalid):
            keeper.verify(provider.token("two"))
    assert provider.asked == 1, "within the cooldown of the first fetch"


def test_a_rotated_key_is_fetched_after_the_cooldown(provider: Provider) -> None:
    keeper = provider.keeper(cooldown_s=0.0)
    keeper.verify(provider.token("one"))
    provider.add_key("two")
    assert keeper.verify(provider.token("two")).provided is not None
    assert provider.asked == 2


def test_a_provider_that_is_away_is_an_outage_and_is_left_alone_for_a_while(
    provider: Provider,
) -> None:
    provider.is_away = True
    keeper = provider.keeper()
    for _ in range(3):
        with pytest.raises(Outage):
            keeper.verify(provider.token("one"))
    assert provider.asked == 1


def _public_key_as_secret(provider: Provider) -> str:
    """The algorithm-confusion attack: signed by HMAC with what everybody can fetch."""
    public = provider.published()[0]["n"]
    return jwt.encode(OURS | {"iss": "https://idp.test"}, public, "HS256", headers={"kid": "one"})


@pytest.mark.parametrize(
    "make",
    [
        _public_key_as_secret,
        lambda provider: provider.token("one", aud="another-app"),
        lambda provider: provider.token("one", iss="https://other.test"),
        lambda provider: provider.token("one", exp=NOW - timedelta(seconds=61)),
        lambda provider: jwt.encode(OURS, provider.keys["one"][1], "RS256"),
        lambda provider: jwt.encode(
            OURS | {"iss": "https://idp.test"},
            provider.keys["one"][1],
            "RS512",
            headers={"kid": "one"},
        ),
        lambda _provider: signed(OURS),
    ],
    ids=["public key as secret", "audience", "issuer", "expired", "no kid", "RS512", "ours"],
)
def test_what_the_provider_did_not_sign_for_us_is_refused(
    provider: Provider, make: Callable[[Provider], str]
) -> None:
    keeper, token = provider.keeper(), make(provider)
    with pytest.raises(TokenInvalid):
        keeper.verify(token)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "SLUICE_JWT_SECRET is not set"),
        ({"SLUICE_JWT_SECRET": ""}, "SLUICE_JWT_SECRET: "),
        ({"SLUICE_JWT_SECRET": "short"}, "SLUICE_JWT_SECRET: "),
        ({"SLUICE_JWT_SECRET": "s" * 32}, "SLUICE_JWT_SECRET: "),
        ({"SLUICE_JWT_SECRET": "change-me-this-secret-is-for-a-local-demo-only"}, "well-known"),
        ({"SLUICE_JWKS_URL": "https://idp.test/keys"}, "SLUICE_JWKS_ISSUER"),
        ({"SLUICE_JWKS_URL": "http://idp.test/keys"}, "https"),
    ],
)
def test_where_work_is_real_a_start_without_a_real_secret_is_refused(
    environ: dict[str, str], told: str
) -> None:
    with pytest.raises(SettingsError, match=told) as refused:
        TokenSettings.from_env(environ)
    assert environ.get("SLUICE_JWT_SECRET", "") in {"", "short"} or (
        environ["SLUICE_JWT_SECRET"] not in str(refused.value)
    )


def test_a_start_tells_all_its_faults_in_one_message() -> None:
    environ = {"SLUICE_JWT_SECRET": "s" * 32, "SLUICE_TOKEN_HOURS": "0", "SLUICE_LOG_LEVEL": "X"}
    with pytest.raises(SettingsError) as refused:
        TokenSettings.from_env(environ)
    for variable in environ:
        assert variable in str(refused.value)


def test_the_demo_may_use_its_own_well_known_secret() -> None:
    secret = "change-me-this-secret-is-for-a-local-demo-only"
    TokenSettings.from_env({"SLUICE_ENVIRONMENT": "demo", "SLUICE_JWT_SECRET": secret})
